"""What differs between traces."""

from __future__ import annotations

import json
from typing import Any

import pytest
from opentelemetry import trace

import skyspan
from skyspan import diff, glob


def moves(move_ms: int, *, device: str = "stage", name: str = "move", **attributes: Any) -> skyspan.Trace:
    """A scan of three moves, which take so long."""
    spans: list[dict[str, Any]] = [{"name": "scan", "spanId": f"{1:016x}", "at": 0, "to": 4 * move_ms}]
    for number in range(3):
        kept = {"device_name": device, **attributes}
        spans.append(
            {
                "name": name,
                "spanId": f"{number + 2:016x}",
                "parentSpanId": f"{1:016x}",
                "at": number * move_ms,
                "to": (number + 1) * move_ms,
                "attributes": [{"key": key, "value": {"stringValue": value}} for key, value in kept.items()],
            }
        )
    for span in spans:
        span["traceId"] = f"{7:032x}"
        span["startTimeUnixNano"] = str(10**18 + span.pop("at") * 1_000_000)
        span["endTimeUnixNano"] = str(10**18 + span.pop("to") * 1_000_000)
    return skyspan.loads(json.dumps({"resourceSpans": [{"scopeSpans": [{"spans": spans}]}]}))


def test_what_is_slower_is_named() -> None:
    found = diff(moves(500), moves(600))
    assert found.differs
    assert [(time["name"], time["device"]) for time in found.slower] == [("move", "stage"), ("scan", None)]
    assert found.faster == [] and found.structure == [] and found.attributes == []
    with pytest.raises(AssertionError) as error:
        found.expect_same()
    assert str(error.value) == f"the traces differ\n\n{str(found).rstrip()}"
    assert "stage" in str(found)
    assert found.to_dict()["version"] == 1 and found.to_dict()["times"] == found.times
    assert repr(found) == "<TraceDiff of 4 spans and 4 spans: differs>"


@pytest.mark.parametrize(
    ("options", "differs"),
    [
        ({}, True),
        ({"slower": 0.25}, False),
        ({"tolerance": 0.3}, False),
        ({"tolerance": "300 ms"}, False),
        ({"times": False}, False),
    ],
)
def test_how_much_slower_is_allowed_may_be_said(options: dict[str, Any], differs: bool) -> None:
    assert diff(moves(500), moves(600), **options).differs is differs


def test_what_is_faster_is_a_difference_where_that_is_said() -> None:
    assert not diff(moves(600), moves(500)).differs
    found = diff(moves(600), moves(500), faster=0.05)
    assert found.differs and [time["name"] for time in found.faster] == ["move", "scan"]


def test_attributes_and_names_that_are_others_are_told() -> None:
    found = diff(moves(5, unit="mm"), moves(5, unit="µm"))
    assert len(found.attributes) >= 1 and '"µm"' in str(found)
    assert not diff(moves(5, unit="mm"), moves(5, unit="µm"), without=[glob("un*")]).differs
    assert not diff(moves(5, unit="mm"), moves(5, unit="µm"), attributes=False).differs
    renamed = diff(moves(5), moves(5, name="shift"))
    assert {change["kind"] for change in renamed.structure} == {"renamed"}
    assert not diff(moves(5), moves(5, name="shift"), structure=False, attributes=False, times=False).differs


def test_several_recordings_stand_on_either_side() -> None:
    before = [moves(ms) for ms in (500, 505, 495, 502)]
    after = (moves(ms) for ms in (550, 555, 545, 552))
    found = diff(before, after)
    assert found.differs and found.to_dict()["before"]["recordings"] == 4 and found.slower[0]["likelihood"] < 0.05
    # By chance it may be so.
    assert not diff([moves(500), moves(600)], [moves(600), moves(500)]).differs


def test_a_capture_is_compared_as_it_is_by_now(spans: skyspan.Spans) -> None:
    tracer = trace.get_tracer("work")
    tracer.start_span("work").end()
    first = spans.trace()
    diff(first, spans, times=False).expect_same()
    tracer.start_span("more").end()
    found = diff(first, spans, times=False)
    assert found.differs and "more" in str(found)


@pytest.mark.parametrize(
    ("before", "kind", "said"),
    [
        ("monday.json", TypeError, "expected a Trace or several for before, found 'monday.json': skyspan.read() reads one"),
        (5, TypeError, "expected a Trace or several for before, found 5"),
        ([5], TypeError, "expected a Trace in before, found 5"),
        ([], ValueError, "before has no trace: there is nothing to compare"),
    ],
)
def test_what_is_no_recording_is_told(before: Any, kind: type[Exception], said: str) -> None:
    with pytest.raises(kind) as error:
        diff(before, moves(5))
    assert said in str(error.value)


def test_options_that_make_no_sense_are_told() -> None:
    wrong: list[dict[str, Any]] = [{"slower": -1.0}, {"faster": float("nan")}]
    for options in wrong:
        with pytest.raises(ValueError, match="expected a part of 1"):
            diff(moves(5), moves(5), **options)
    nothing = skyspan.loads("[]", empty=True)
    assert not diff(nothing, nothing).differs
    assert diff(nothing, moves(5)).differs
