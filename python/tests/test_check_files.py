"""Check files, lint, and where the time goes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from opentelemetry import trace

import skyspan
from skyspan import check_file, checks, glob, lint, one, span

CHECKS = """
- name: the bank is quick
  spans: '{ name = "ask bank" }'
  each: {duration: ..=15 ms}
- spans: '{ status = error }'
  count: 1
"""


def test_a_check_file_is_an_expectation(shop: skyspan.Trace, tmp_path: Path) -> None:
    path = tmp_path / "shop.check.yaml"
    path.write_text(CHECKS)
    shop.expect(check_file(path), checks(CHECKS), one(span("order")))
    assert repr(checks("- spans: '{}'\n  count: 5")) == "checks(\"- spans: '{}'\\n  count: 5\")"
    path.write_text(CHECKS.replace("..=15 ms", "..=14 ms"))
    with pytest.raises(AssertionError) as error:
        shop.expect(check_file(path))
    assert "duration: expected at most 14 ms, found 15 ms" in str(error.value)


def test_a_check_file_that_is_none_is_told_with_its_place(tmp_path: Path) -> None:
    path = tmp_path / "wrong.check.yaml"
    path.write_text("- exit_status: sucess\n")
    with pytest.raises(ValueError, match="wrong.check.yaml:1:16: expected an exit status.*did you mean `success`"):
        check_file(path)
    with pytest.raises(ValueError, match="1:1: expected a list of expectations"):
        checks("exit_status: success\n")
    with pytest.raises(FileNotFoundError) as error:
        check_file(tmp_path / "none.yaml")
    assert error.value.filename == str(tmp_path / "none.yaml")


def test_what_is_blessed_holds(shop: skyspan.Trace) -> None:
    ended = shop.ended()
    for text in [ended.bless(), ended.bless(times=0.2), ended.bless(times=0, exact=True)]:
        ended.expect(checks(text))
    assert "ms\n" not in ended.bless() and "100 ms" in ended.bless(times=0.2)
    with pytest.raises(ValueError, match="expected the part of 1"):
        shop.bless(times=-1)


OPTIONS: list[dict[str, Any]] = [{}, {"times": 0.0, "exact": True}, {"times": 0.2}, {"without": [glob("*"), "none"]}]


def test_what_is_blessed_as_python_is_code_that_holds(shop: skyspan.Trace) -> None:
    for options in OPTIONS:
        code = shop.bless(as_="python", **options)
        blessed = eval(code, dict(vars(skyspan)))
        shop.expect(blessed)
        with pytest.raises(AssertionError):
            shop.ended().expect(blessed)
    code = shop.bless(as_="python", times=0, exact=True)
    assert '.status("error", "card declined at 3")' in code and 'lasting="15 ms"' in code and ".open()" in code
    assert "sizes=anything()" in shop.bless(as_="python")


AWKWARD: dict[str, Any] = {
    "class": 1,
    "status": "x",
    "a.b": None,
    "Ünïcode": "café",
    "quotes": "both ' and \" and \\",
    "lines": "a\nb\t\u2028",
    "emoji": "👩‍🔬",
    "whole": 5.0,
    "huge": 10**30,
    "small": -1.5e-300,
    "no": False,
    "none": [],
    "names": ["a", "b"],
    "nested": {"a": [1, {"b": None}]},
    "password": "hunter2",
    "start_time": 1_764_500_000.5,
    "group": "set-3fa9c1",
    "text": "x" * 200,
}


def test_whatever_attributes_have_is_code(spans: skyspan.Spans) -> None:
    tracer = trace.get_tracer("shop")
    for key, value in AWKWARD.items():
        tracer.start_span("span", attributes={key: value}).end()
    tracer.start_span('a "name" of\nlines', kind=trace.SpanKind.PRODUCER).end()
    code = spans.trace().bless(as_="python", exact=True)
    spans.expect(eval(code, dict(vars(skyspan))))
    assert "hunter2" not in code
    for said in ['attributes={"class": 1}', "no=False", "whole=5.0", "start_time=between(1e8)", 'group=glob("set-*")']:
        assert said in code, code


def test_python_reads_no_deeper_code_than_is_blessed(spans: skyspan.Spans) -> None:
    tracer = trace.get_tracer("deep")
    context = None
    for depth in range(120):
        span = tracer.start_span("span", context)
        context = trace.set_span_in_context(span)
        span.end()
        if depth == 90:
            spans.expect(eval(spans.trace().bless(as_="python"), dict(vars(skyspan))))
    with pytest.raises(ValueError, match="the trace is 119 levels deep, and Python reads code of 90"):
        spans.trace().bless(as_="python")


def test_what_cannot_be_blessed_is_told(shop: skyspan.Trace) -> None:
    wrong: Any = "ruby"
    with pytest.raises(ValueError, match='expected "check" or "python" for as_, found "ruby"'):
        shop.bless(as_=wrong)
    with pytest.raises(ValueError, match="`without` goes together with"):
        shop.bless(without=["customer"])
    with pytest.raises(ValueError, match="expected the part of 1"):
        shop.bless(as_="python", times=float("nan"))
    assert skyspan.loads("[]", empty=True).bless(as_="python") == "forest([\n])\n"


def test_rules_that_are_broken_are_told(shop: skyspan.Trace) -> None:
    broken = {finding["rule"]["name"] for finding in shop.lint()}
    assert "unended" in broken
    assert shop.check(lint()) is not None
    shop.expect(lint(without=sorted(broken)))
    with pytest.raises(ValueError, match='no rule is called "unendedd"; did you mean "unended"'):
        lint(without=["unendedd"])
    wrong: Any = "bad"
    with pytest.raises(ValueError, match='expected "error", "warning" or "info"'):
        lint(deny=wrong)


def test_where_the_time_goes_is_told(shop: skyspan.Trace) -> None:
    statistics = shop.statistics()
    assert "charge" in str(statistics)
    assert statistics.to_dict()["version"] == 1
    assert "internal" not in str(shop.statistics("customer"))


def test_what_good_traces_have_in_common_is_learned(shop: skyspan.Trace, tmp_path: Path) -> None:
    learned = skyspan.learn([shop, shop, shop], mutants=60)
    shop.expect(learned.expectation(), checks(str(learned)))
    assert "rules from 3 traces" in learned.summary
    assert learned.to_dict()["traces"] == 3 and learned.to_dict()["rules"]
    path = tmp_path / "shop.check.yaml"
    path.write_text("# Ours.\n" + CHECKS)
    learned.write_into(path)
    assert path.read_text().startswith("# Ours.\n" + CHECKS)
    shop.expect(check_file(path))
    assert "duration" not in str(skyspan.learn([shop], times=False, mutants=0))
    with pytest.raises(ValueError, match="found none"):
        skyspan.learn([])
