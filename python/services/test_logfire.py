"""Beside logfire, which owns the global provider and wraps every span: its spans are the test's, with its own manners."""

from __future__ import annotations

import logfire
import pytest

from logfire.testing import CaptureLogfire

from skyspan import Spans, every, exactly, none, one, span

logfire.configure(send_to_logfire=False, console=False)


def test_spans_and_messages_of_logfire_are_caught(spans: Spans) -> None:
    with logfire.span("order {number}", number=7):
        logfire.info("reserved {row}", row=3)
        with logfire.span("charge"):
            pass
    order = span("order {number}", number=7, attributes={"logfire.msg": "order 7"})
    spans.expect(
        one(order.is_root()),
        one(span("reserved {row}", row=3, attributes={"logfire.span_type": "log"}).parent(order)),
        one(span("charge").parent(order)),
        none(span(status="error")),
        # What logfire sends ahead of a span that is open is no span of the program.
        none(span(attributes={"logfire.span_type": "pending_span"})),
        every(span()).ended(),
        exactly(3, span()),
    )


def test_what_raises_is_recorded(spans: Spans) -> None:
    with pytest.raises(ValueError), logfire.span("charge"):
        raise ValueError("no such card")
    spans.expect(one(span("charge", status="error").exception(ValueError, "no such card")))


def test_each_test_has_its_own(spans: Spans) -> None:
    assert len(spans) == 0
    with logfire.span("alone"):
        pass
    spans.expect(one(span("alone")), exactly(1, span()))


@pytest.fixture
def configured_anew() -> None:
    """As `logfire.testing.capfire` does: the provider is another one from here on."""
    logfire.configure(send_to_logfire=False, console=False)


def test_a_provider_that_is_set_by_a_fixture_is_listened_to(spans: Spans, configured_anew: None) -> None:
    with logfire.span("late"):
        pass
    spans.expect(exactly(1, span("late")), exactly(1, span()))


def test_its_own_fixture_stands_beside(spans: Spans, capfire: CaptureLogfire) -> None:
    with logfire.span("order {number}", number=7):
        pass
    assert [kept["name"] for kept in capfire.exporter.exported_spans_as_dict()] == ["order {number}"]
    spans.expect(one(span("order {number}", number=7)), exactly(1, span()))
