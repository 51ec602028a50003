"""What is wrong in a test is told as ValueError or TypeError, with the place and what to do, before any trace is looked at."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from typing import Any

import pytest

import skyspan
from skyspan import between, event, every, forest, json, link_to, one, percentile, regex, share, some, span, total, tree

untyped: Any = skyspan


def deep(levels: int) -> skyspan.SpanExpectation:
    expectation = span("a")
    for _ in range(levels):
        expectation = span("a").child(expectation)
    return expectation


def nested(levels: int) -> list[Any]:
    value: list[Any] = []
    for _ in range(levels):
        value = [value]
    return value


#: What is written, the error, and a part of what it says.
WRONG: list[tuple[Callable[[], Any], type[Exception], str]] = [
    (lambda: regex("set("), ValueError, '"set(" is no regular expression: '),
    (lambda: tree("plan\n     set"), ValueError, "line 2, column 6: expected at most 2 spaces before a name"),
    (lambda: tree("plan\n  set  msg.args=[5"), ValueError, "  |                   ^"),
    (lambda: span("a", lasting="5 parsecs"), ValueError, "expected a unit: h, min, s, ms, µs or ns"),
    (lambda: span("a").lasting(-1), ValueError, "-1 s is no duration"),
    (lambda: span("a").lasting(float("nan")), ValueError, "nan s is no duration"),
    (lambda: span("a").lasting(datetime.timedelta(seconds=-1)), ValueError, "is negative"),
    (lambda: span("a").lasting(), ValueError, "expected a duration"),
    (lambda: span("a").lasting(1, at_most=2), ValueError, "a duration alone means exactly so long"),
    (lambda: span("a").lasting(at_most=1, below=2), ValueError, "at_most and below exclude each other"),
    (lambda: span("a").lasting(at_most="1 s..2 s"), ValueError, 'expected one duration such as "1.5 s"'),
    (lambda: span("a").lasting(untyped.span("b")), TypeError, "expected a duration: seconds, a timedelta, or a text"),
    (lambda: span("a").lasting(True), TypeError, "expected a duration"),
    (lambda: span("a").starting_at(datetime.datetime(2026, 1, 1)), ValueError, "has no time zone"),
    (lambda: span("a").starting_at("yesterday"), ValueError, "expected a time since 1970"),
    (lambda: span("a").starting_at(-1), ValueError, "expected nanoseconds since 1970"),
    (lambda: untyped.span("a", status="bad"), ValueError, 'expected "error", "ok" or "unset" for a status, found \'bad\''),
    (lambda: untyped.span("a", kind="bad"), ValueError, "for a kind, found 'bad'"),
    (lambda: span("a").status("ok", "fine"), ValueError, 'only the status "error" has a description'),
    (lambda: span("a", b=object()), TypeError, "expected what an attribute can be"),
    (lambda: span("a", b=nested(1_000)), ValueError, "nested deeper than 100"),
    (lambda: span("a", b=str), TypeError, "expected what an attribute can be"),
    (lambda: untyped.span(5), TypeError, "expected a name: a str, glob(), regex()"),
    (lambda: untyped.span(between(1, 2)), TypeError, "expected a name"),
    (lambda: untyped.span("a", "b"), TypeError, "positional"),
    (lambda: between(1, above=0), ValueError, "at_least and above exclude each other"),
    (lambda: between(float("nan")), ValueError, "NaN"),
    (lambda: untyped.one_of(), ValueError, "one_of() of nothing"),
    (lambda: untyped.of_type("integer"), ValueError, "expected one of null, bool, int, float, str, list, map as a type"),
    (lambda: untyped.of_type(bytes), TypeError, "expected bool, int, float, str, list, dict, type(None)"),
    (lambda: untyped.json(at={"a": 1}), TypeError, "json() takes equal_to, having and without, not 'at'"),
    (lambda: untyped.json(having=5), TypeError, "having takes a dict"),
    (lambda: json(having={"a": object()}), TypeError, "expected what an attribute can be"),
    (lambda: untyped.value_that("is it", 5), TypeError, "expected a callable"),
    (lambda: untyped.span("a").that("is it", 5), TypeError, "expected a callable that takes a span"),
    (lambda: percentile(101, span("a")), ValueError, "expected a percentile from 0 to 100, found 101"),
    (lambda: share(span("a")).of(span("b")).at_most(-1), ValueError, "expected a share such as 0.5"),
    (lambda: share(span("a")).of(span("b")).within(), ValueError, "expected at_least, at_most, above or below"),
    (lambda: span("a").times(), ValueError, "expected a number"),
    (lambda: span("a").times(3, at_most=5), ValueError, "goes together with no bound"),
    (lambda: span("a").times(at_least=3, at_most=2), ValueError, "no number is at least 3 and at most 2"),
    (lambda: untyped.exactly(-1, span("a")), OverflowError, "negative"),
    (lambda: span("a").remote_parent("xyz"), ValueError, "'xyz' is no id of a span"),
    (lambda: deep(250), ValueError, "hold each other more than 200 deep"),
    (lambda: span("a").children([deep(200)]), ValueError, "more than 200 deep"),
    (lambda: every(span("b")).child(deep(200)), ValueError, "more than 200 deep"),
    (lambda: forest([deep(200)]), ValueError, "more than 200 deep"),
    (lambda: link_to(deep(200)), ValueError, "more than 200 deep"),
    (lambda: untyped.every(span("a")).before(span("b")), TypeError, "expected every(...) or some(...)"),
    (lambda: untyped.event(5), TypeError, "expected a name"),
    (lambda: event("a").after(), ValueError, "expected a duration"),
]


@pytest.mark.parametrize(("write", "kind", "said"), WRONG, ids=[said for _, _, said in WRONG])
def test_what_is_wrong_is_told_where_it_is_written(write: Callable[[], Any], kind: type[Exception], said: str) -> None:
    with pytest.raises(kind) as error:
        write()
    assert said in str(error.value)


#: What is no expectation.
NONE: list[tuple[Any, str]] = [
    (5, "expected an expectation such as one(span(...)), found 5"),
    ("span", "expected an expectation such as one(span(...)), found 'span'"),
    (some(span("a")), "alone expects nothing: say how they lie to others"),
    (total(span("a")), "total(span('a')) alone expects nothing: say .at_most(...)"),
]


@pytest.mark.parametrize(("wrong", "said"), NONE, ids=[said for _, said in NONE])
def test_what_is_no_expectation_is_told(wrong: Any, said: str, shop: skyspan.Trace) -> None:
    with pytest.raises(TypeError):
        shop.expect(one(span("order")), wrong)
    holds: list[Callable[[Any], object]] = [shop.expect, shop.check, skyspan.all_of]
    for held in holds:
        with pytest.raises(TypeError) as error:
            held(wrong)
        assert said in str(error.value)


def test_to_expect_nothing_is_no_test(shop: skyspan.Trace) -> None:
    with pytest.raises(TypeError, match="expected at least one expectation"):
        shop.expect()


class Interrupt(BaseException):
    """Nothing that anyone catches by accident."""


@pytest.mark.parametrize("kind", [KeyError, Interrupt])
def test_what_a_callable_raises_is_raised_as_it_was(kind: type[BaseException], shop: skyspan.Trace) -> None:
    error = kind("here")
    asked: list[Any] = []

    def ask(value: Any) -> bool:
        asked.append(value)
        raise error

    for expectation in [
        span("order", customer=ask),
        span("order").that("it is asked", ask),
        span("order", customer=skyspan.value_that("is asked", ask)),
        every(span()).that("it is asked", ask),
    ]:
        asked.clear()
        with pytest.raises(kind) as raised:
            shop.expect(expectation)
        assert raised.value is error
        assert len(asked) == 1, "after an error nothing more is asked"
    # The next check knows nothing of it.
    shop.expect(span("order"))


def test_a_callable_may_hold_something_against_a_trace_itself(shop: skyspan.Trace) -> None:
    def ask(order: skyspan.Span) -> bool:
        order.trace.expect(one(span("charge")))
        with pytest.raises(KeyError):
            order.trace.expect(span("order", customer={"bob": True}.__getitem__))
        return True

    shop.expect(span("order").that("all is well", ask))


def test_a_query_that_is_none_is_told_with_its_place(shop: skyspan.Trace) -> None:
    assert [found.name for found in shop.query('{ span.customer = "ada" }')] == ["order"]
    with pytest.raises(ValueError) as error:
        shop.query("{ naem = 1 }")
    assert "line 1, column 3: expected a value or a field, found `naem`" in str(error.value)
    assert "did you mean `name`?" in str(error.value)


def test_a_place_that_is_not_there_is_told(shop: skyspan.Trace) -> None:
    for at in [5, -6]:
        with pytest.raises(IndexError, match=f"there is no span {at}, as there are 5"):
            shop[at]
