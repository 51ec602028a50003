"""Traces from files and to them."""

from __future__ import annotations

import gzip
import warnings
from pathlib import Path
from typing import Any

import pytest

import skyspan
from skyspan import every, exactly, one, span

FIXTURES = Path(__file__).parents[2] / "fixtures"


def test_a_recording_of_bluesky_is_read() -> None:
    trace = skyspan.read(FIXTURES / "recordings" / "scan" / "spans.json")
    trace.expect(
        every(span("Bluesky RunEngine run", exit_status="success")),
        every(span("Ophyd Status")).has_attr("device_name"),
    )
    grouped = trace.grouped_by_run()
    assert len(grouped) == len(trace)
    assert len(grouped.roots) < len(trace.roots)
    grouped.expect(every(span("Bluesky RunEngine set")).ancestor(span("Bluesky RunEngine run")))


@pytest.mark.parametrize("format", ["console", "otlp", "otlp-proto", "jaeger", "zipkin"])
def test_what_is_written_is_read_again(format: Any, shop: skyspan.Trace, tmp_path: Path) -> None:
    path = tmp_path / "trace"
    shop.write(path, format)
    again = skyspan.read(path)
    again.expect(one(span("order", customer="ada").child(span("charge", status="error"))))
    assert again == skyspan.loads(shop.dump(format))
    packed = tmp_path / "trace.gz"
    packed.write_bytes(gzip.compress(path.read_bytes()))
    assert skyspan.read(str(packed)) == again
    assert all(isinstance(left_out, str) for left_out in shop.left_out(format))


def test_what_other_programs_show_is_written(shop: skyspan.Trace) -> None:
    assert "traceEvents" in shop.dump("perfetto")
    assert "speedscope" in shop.dump("speedscope")
    wrong: Any = "csv"
    with pytest.raises(ValueError, match='expected "console", "otlp", .*, found "csv"'):
        shop.dump(wrong)


def test_what_is_no_span_is_told(tmp_path: Path) -> None:
    log = tmp_path / "log"
    line = '{"name": "a", "context": {"trace_id": "0x00000000000000000000000000000001", "span_id": "0x0000000000000002"}}'
    log.write_text(f"Hello world!\n{line}\n")
    with pytest.warns(UserWarning, match='passed over 1 line that is no span, on line 1: "Hello world!"') as told:
        assert len(skyspan.read(log)) == 1
    assert told[0].filename == __file__
    with pytest.raises(ValueError, match="line 1, column 1: expected nothing but spans"):
        skyspan.read(log, strict=True)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert len(skyspan.loads(line)) == 1


def test_a_file_that_is_not_there_or_no_trace_is_told(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError) as error:
        skyspan.read(tmp_path / "none.json")
    assert error.value.filename == str(tmp_path / "none.json")
    (tmp_path / "plan.py").write_text("import bluesky\n")
    with pytest.raises(ValueError, match="plan.py"):
        skyspan.read(tmp_path / "plan.py")
    with pytest.raises(ValueError):
        skyspan.loads("")
    assert len(skyspan.loads("", empty=True)) == 0
    wrong: Any = 5
    with pytest.raises(TypeError, match="expected str or bytes, found 5"):
        skyspan.loads(wrong)


def test_a_trace_is_drawn_and_has_a_shape(shop: skyspan.Trace) -> None:
    assert str(shop) == shop.draw()
    shop.expect_tree(shop.tree_text())
    shop.expect_tree(shop.tree_text(durations=False, attributes="all"))
    assert "reserve" not in shop.draw(errors=True) and "reserve" not in shop.draw(slower="35 ms", unfolded=True)
    assert "\x1b" in shop.draw(color=True) and "ask bank" not in shop.draw(depth=2)
    wrong: Any = "some"
    with pytest.raises(ValueError, match='expected "key", "all" or "none" for attributes'):
        shop.draw(attributes=wrong)
    assert shop.shape() != shop.shape(times=True)
    assert "customer" not in shop.shape(without=["customer"])
    assert "customer=<x>" in shop.shape(replace={"customer": "<x>"}).replace('"', "")
    assert "<number>" in shop.shape(replace={skyspan.between(2, 3): "<number>"})
    assert "<name>" in shop.shape(replace={skyspan.glob("ada"): "<name>"})


def test_a_trace_is_a_page(shop: skyspan.Trace, tmp_path: Path) -> None:
    shop.write_html(tmp_path / "shop.html", title="An order")
    page = (tmp_path / "shop.html").read_text(encoding="utf-8")
    assert page == shop.to_html(title="An order")
    assert "<title>An order" in page and "reserve" in page
    mismatch = shop.check(one(span("pack")))
    assert mismatch is not None and mismatch.to_html() != shop.to_html()


def test_secrets_are_left_out(shop: skyspan.Trace) -> None:
    shop.redacted("customer").expect(one(span("order", customer=skyspan.other_than("ada"))))


def test_a_query_gives_spans_or_series(shop: skyspan.Trace) -> None:
    answer = shop.query("{ duration >= 30ms } | count() > 1")
    assert [found.name for found in answer] == ["order", "reserve", "charge"]
    assert (len(answer), answer[-1].name, answer.series) == (3, "charge", [])
    assert "3 spans in 1 trace" in str(answer)
    assert answer.to_dict()["version"] == 1
    series = shop.query("{ } | count_over_time() by (name)")
    assert (len(series.spans), repr(series)) == (0, f"<QueryAnswer of {len(series)} series>")
    assert len(series.series) == len(series) > 0


def test_spans_are_found_by_expectations(shop: skyspan.Trace) -> None:
    shop.ended().expect(exactly(4, span()))
    assert shop.defects and "audit" in shop.defects[0]
