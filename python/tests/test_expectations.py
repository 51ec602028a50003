"""The language of expectations: each word holds where it should and fails where it should, and is told as it was written."""

from __future__ import annotations

import re
from datetime import datetime, timedelta, timezone
from typing import Any
from unittest import mock

import pytest

import skyspan
from skyspan import (
    all_of,
    anything,
    at_least,
    at_most,
    at_once,
    between,
    event,
    every,
    exactly,
    forest,
    glob,
    if_any,
    json,
    link_elsewhere,
    link_to,
    median,
    none,
    of_type,
    one,
    one_of,
    other_than,
    percentile,
    regex,
    share,
    some,
    span,
    total,
    total_self_time,
    tree,
)

ORDER = span("order")
CHARGE = span("charge")
RESERVE = span("reserve")

#: What holds of the trace `shop`, and beside it what is nearly the same and does not.
PAIRS: list[tuple[Any, Any]] = [
    # Names.
    (span("order"), span("Order")),
    (span(glob("ord*")), span("ord*")),
    (span(regex("^(order|audit)$")), span(regex("^ord$"))),
    (one(span(re.compile("^ORDER$", re.IGNORECASE))), one(span(re.compile("^ORDER$")))),
    (exactly(5, span()), exactly(4, span(anything()))),
    # Attributes.
    (ORDER.attr("customer", "ada"), ORDER.attr("customer", "bob")),
    (span("order", customer="ada"), span("order", customer="Ada")),
    (span("order", items=3, weight=2.0, express=True), span("order", items=3, weight=2.5)),
    (span("order", attributes={"items": 3, "customer": "ada"}), span("order", attributes={"items": 4})),
    (ORDER.attr("sizes", [1, 2.5]), ORDER.attr("sizes", [1, 2.5, 3])),
    (ORDER.has_attr("items"), ORDER.has_attr("price")),
    (ORDER.no_attr("price"), ORDER.no_attr("items")),
    (
        ORDER.only_attrs(["customer", "items", "weight", "express", "sizes", "note"]),
        ORDER.only_attrs(["customer", "items"]),
    ),
    # Numbers are equal as in Python, and equal nothing but numbers.
    (span("order", weight=2), span("order", weight="2")),
    (span("order", items=3.0), span("order", items=3.5)),
    (span("order", sizes=[1.0, 2.5]), span("order", sizes=["1", 2.5])),
    (span("order", sizes=(1, 2.5)), span("order", sizes=(2.5, 1))),
    (none(span("order", express=1)), one(span("order", express=1))),
    # Patterns of values.
    (span("order", customer=glob("a*")), span("order", customer=glob("b*"))),
    (span("order", customer=regex("^a.a$")), span("order", customer=regex("^a$"))),
    (span("order", customer=re.compile("^A", re.I)), span("order", customer=re.compile("^A"))),
    (span("order", customer=anything()), span("order", price=anything())),
    (span("order", items=between(3, 5)), span("order", items=between(above=3))),
    (span("order", items=between(below=4)), span("order", items=between(at_most=2))),
    (span("order", customer=one_of("bob", "ada")), span("order", customer=one_of("bob", "eve"))),
    (span("order", customer=other_than("bob")), span("order", customer=other_than("ada"))),
    (span("order", items=of_type(int)), span("order", items=of_type(float))),
    (span("order", express=of_type(bool)), span("order", express=of_type(int))),
    (span("order", weight=of_type("float")), span("order", weight=of_type("int"))),
    (span("order", sizes=of_type(list)), span("order", sizes=of_type(dict))),
    (span("order", customer=of_type(str, glob("a*"))), span("order", customer=of_type(str, glob("b*")))),
    (span("order", items=of_type(int, between(0, 5))), span("order", items=of_type(int, between(4, 5)))),
    (span("order", items=lambda items: items > 2), span("order", items=lambda items: items > 3)),
    (span("order", items=pytest.approx(3.0000001)), span("order", items=pytest.approx(3.1))),
    (span("order", sizes=[1, pytest.approx(2.5)]), span("order", sizes=[1, pytest.approx(2.6)])),
    (span("order", customer="ad".__lt__), span("order", customer="zz".__lt__)),
    (span("order", customer=mock.ANY), span("order", price=mock.ANY)),
    (
        span("order", customer=skyspan.value_that("is short", lambda name: len(name) < 4)),
        span("order", customer=skyspan.value_that("is long", lambda name: len(name) > 4)),
    ),
    (
        span("order", note=json(having={"to.city": "Paris", "to.floors.1": 2}, without="to.street")),
        span("order", note=json(having={"to.city": "Rome"})),
    ),
    (
        span("order", note=json(equal_to={"to": {"city": "Paris", "floors": [1, 2]}})),
        span("order", note=json(without=["to.city"])),
    ),
    # Status, kind, end.
    (span("charge", status="error"), span("order", status="error")),
    (span("order", status="unset"), span("order", status="ok")),
    (CHARGE.status("error", "card declined at 3"), CHARGE.status("error", "card declined")),
    (CHARGE.status("error", glob("card declined *")), CHARGE.status("error", glob("card"))),
    (span("order", kind="server"), span("order", kind="client")),
    (CHARGE.kind("client"), CHARGE.kind("internal")),
    (span("audit").open(), ORDER.open()),
    (ORDER.ended(), span("audit").ended()),
    (CHARGE.exception(ValueError), CHARGE.exception(KeyError)),
    (CHARGE.exception("ValueError", "no such card"), CHARGE.exception(ValueError, glob("lost*"))),
    # Times.
    (RESERVE.lasting("30 ms"), RESERVE.lasting(0.031)),
    (RESERVE.lasting(0.03), RESERVE.lasting(timedelta(milliseconds=29))),
    (RESERVE.lasting(timedelta(milliseconds=30)), RESERVE.lasting("31 ms")),
    (RESERVE.lasting("..=30 ms"), RESERVE.lasting("..30 ms")),
    (span("reserve", lasting="..=30 ms"), span("reserve", lasting="1 s..")),
    (RESERVE.lasting(at_least=0.01, at_most="30 ms"), RESERVE.lasting(at_least=0.01, below="30 ms")),
    (RESERVE.lasting(above=0), RESERVE.lasting(above="30 ms")),
    (RESERVE.starting("10 ms"), RESERVE.starting(at_most="9 ms")),
    (RESERVE.ending("40 ms"), RESERVE.ending(at_least="41 ms")),
    (RESERVE.starting_at(1_010_000_000), RESERVE.starting_at(1_010_000_001)),
    (
        ORDER.ending_at(datetime(1970, 1, 1, 0, 0, 1, 100_000, tzinfo=timezone.utc)),
        ORDER.ending_at("1970-01-01T00:00:01.2Z"),
    ),
    (CHARGE.self_time("25 ms"), CHARGE.self_time("40 ms")),
    (span("ask bank").on_critical_path(), span("audit").on_critical_path()),
    # Relatives.
    (ORDER.child(CHARGE), ORDER.child(span("ask bank"))),
    (ORDER.no_child(span("ask bank")), ORDER.no_child(CHARGE)),
    (ORDER.nth_child(1, RESERVE), ORDER.nth_child(2, RESERVE)),
    (ORDER.no_nth_child(2, RESERVE), ORDER.no_nth_child(1, RESERVE)),
    (ORDER.descendant(span("ask bank")), RESERVE.descendant(span("ask bank"))),
    (RESERVE.no_descendant(span()), ORDER.no_descendant(span("ask bank"))),
    (CHARGE.parent(ORDER), CHARGE.parent(span("audit"))),
    (CHARGE.no_parent(span("audit")), CHARGE.no_parent(ORDER)),
    (span("ask bank").ancestor(ORDER), span("ask bank").ancestor(RESERVE)),
    (span("ask bank").no_ancestor(RESERVE), span("ask bank").no_ancestor(ORDER)),
    (CHARGE.sibling(RESERVE), CHARGE.sibling(span("audit"))),
    (CHARGE.no_sibling(span("audit")), CHARGE.no_sibling(RESERVE)),
    (CHARGE.previous_sibling(RESERVE), RESERVE.previous_sibling(CHARGE)),
    (RESERVE.no_previous_sibling(span()), CHARGE.no_previous_sibling(RESERVE)),
    (RESERVE.next_sibling(CHARGE), CHARGE.next_sibling(RESERVE)),
    (CHARGE.no_next_sibling(span()), RESERVE.no_next_sibling(CHARGE)),
    (ORDER.is_root(), CHARGE.is_root()),
    (CHARGE.has_parent(), ORDER.has_parent()),
    (ORDER.children([CHARGE, RESERVE]), ORDER.children([RESERVE])),
    (ORDER.children_in_order([RESERVE, CHARGE]), ORDER.children_in_order([CHARGE, RESERVE])),
    (ORDER.children_at_least([CHARGE]), ORDER.children_at_least([CHARGE, span("pack")])),
    (ORDER.children_at_least_in_order([RESERVE, CHARGE]), ORDER.children_at_least_in_order([CHARGE, RESERVE])),
    (exactly(4, span().but(span("audit"))), exactly(4, span().but(span("order")).but(span("audit")))),
    # Events and links.
    (RESERVE.event(event("locked", row=7)), RESERVE.event(event("locked", row=8))),
    (RESERVE.event(event("locked", attributes={"row": 7})), RESERVE.event(event("locked").attr("row", "7"))),
    (RESERVE.event(event(glob("lock*")).after("10 ms")), RESERVE.event(event("locked").after(at_most="9 ms"))),
    (RESERVE.no_event(event("lost")), RESERVE.no_event(event())),
    (RESERVE.events([event("locked"), event("unlocked")]), RESERVE.events([event("unlocked"), event("locked")])),
    (RESERVE.events_in_any_order([event("unlocked"), event("locked")]), RESERVE.events_in_any_order([event("locked")])),
    (RESERVE.events_at_least([event("unlocked")]), RESERVE.events_at_least([event("lost")])),
    (
        RESERVE.events_at_least_in_order([event("locked"), event("unlocked")]),
        RESERVE.events_at_least_in_order([event("unlocked"), event("locked")]),
    ),
    (CHARGE.link(link_to(RESERVE).attr("why", "retry")), CHARGE.link(link_to(ORDER))),
    (CHARGE.link(link_elsewhere()), RESERVE.link(link_elsewhere())),
    (CHARGE.no_link(link_to(ORDER)), CHARGE.no_link(link_to(RESERVE))),
    (CHARGE.links([link_to(RESERVE), link_elsewhere()]), CHARGE.links([link_elsewhere(), link_to(RESERVE)])),
    (CHARGE.links_in_any_order([link_elsewhere(), link_to(RESERVE)]), CHARGE.links_in_any_order([link_elsewhere()])),
    (CHARGE.links_at_least([link_elsewhere()]), CHARGE.links_at_least([link_to(ORDER)])),
    (
        CHARGE.links_at_least_in_order([link_to(RESERVE), link_elsewhere()]),
        CHARGE.links_at_least_in_order([link_elsewhere(), link_to(RESERVE)]),
    ),
    # Where it comes from.
    (ORDER.resource("service.name", "shop"), ORDER.resource("service.name", "bank")),
    (ORDER.scope("shop.orders"), ORDER.scope("shop")),
    (ORDER.scope_version("1.2"), ORDER.scope_version(glob("2*"))),
    (ORDER.trace_state("a=1"), ORDER.trace_state("")),
    (ORDER.nothing_dropped(), none(ORDER.nothing_dropped())),
    (none(ORDER.is_remote_child()), ORDER.is_remote_child()),
    (none(CHARGE.remote_parent(1)), CHARGE.remote_parent("0000000000000001")),
    (ORDER.that("it has two children", lambda span: len(span.children) == 2), ORDER.that("no", lambda span: False)),
    # How many.
    (one(ORDER), one(span("pack"))),
    (none(span("pack")), none(ORDER)),
    (exactly(1, CHARGE), exactly(2, CHARGE)),
    (at_least(2, span().has_parent()), at_least(4, span().has_parent())),
    (at_most(3, span().has_parent()), at_most(2, span().has_parent())),
    # Every one, and how they lie in time.
    (every(span().has_parent()).lasting(at_most="40 ms"), every(span()).ended()),
    (every(RESERVE).must(span(kind="internal")), every(CHARGE).must(span(kind="internal"))),
    (every(span("pack")).ended().or_none(), every(span("pack")).ended()),
    (every(RESERVE).before(every(CHARGE)), every(CHARGE).before(every(RESERVE))),
    (every(RESERVE).before(some(CHARGE)).by("10 ms"), every(RESERVE).before(some(CHARGE)).by(at_most="9 ms")),
    (some(ORDER).starts_before(every(span())), some(CHARGE).starts_before(every(RESERVE))),
    (every(RESERVE).ends_before(some(CHARGE)), every(CHARGE).ends_before(some(RESERVE))),
    (every(CHARGE).within(some(ORDER)), every(ORDER).within(some(CHARGE))),
    (every(CHARGE).overlaps(some(ORDER)), every(CHARGE).overlaps(some(RESERVE))),
    (every(CHARGE).apart_from(every(RESERVE)), every(CHARGE).apart_from(every(ORDER))),
    (every(span("pack")).before(every(ORDER)).or_none(), every(span("pack")).before(every(ORDER))),
    # What is measured.
    (total(span().has_parent()).at_most("85 ms"), total(span().has_parent()).at_most("84 ms")),
    (total(RESERVE).exactly(0.03), total(RESERVE).exactly(0.04)),
    (total(RESERVE).within(at_least="30 ms"), total(RESERVE).within(above="30 ms")),
    (total(RESERVE).within("..=30 ms"), total(RESERVE).within("..30 ms")),
    (total(span("pack")).at_most(1).or_none(), total(RESERVE).at_most(0)),
    (total_self_time(CHARGE).exactly("25 ms"), total_self_time(CHARGE).at_most("24 ms")),
    (median(span().has_parent()).at_most("30 ms"), median(span().has_parent()).exactly("29 ms")),
    (percentile(100, span().has_parent()).exactly("40 ms"), percentile(100, span().has_parent()).at_most("39 ms")),
    (share(CHARGE).of(ORDER).at_most(0.4), share(CHARGE).of(ORDER).at_most(0.39)),
    (share(CHARGE).of(ORDER).at_least(0.4), share(CHARGE).of(ORDER).within(above=0.4)),
    (at_once(span().has_parent()).at_most(2), at_once(span().has_parent()).at_most(1)),
    (at_once(span().has_parent()).exactly(2), at_once(span().has_parent()).at_least(3)),
    # Together, and on a condition.
    (all_of(one(ORDER), none(span("pack"))), all_of(one(ORDER), one(span("pack")))),
    (if_any(span(status="error")).then(one(CHARGE)), if_any(span(status="error")).then(none(CHARGE))),
    (if_any(span("pack")).then(none(CHARGE)), if_any(ORDER).then(none(CHARGE))),
    (one(ORDER).because("an order is made once"), none(ORDER).because("nobody ordered")),
    # Trees.
    (
        forest([ORDER.children([RESERVE, CHARGE.any_children()]), span("audit")]),
        forest([ORDER.children([RESERVE, CHARGE]), span("audit")]),
    ),
    (forest([span("audit")]).or_more().because("x"), forest([span("audit")])),
    (
        forest([ORDER.any_children(), span("audit")]).in_order(),
        forest([span("audit"), ORDER.any_children()]).in_order(),
    ),
    (
        forest([ORDER.any_children(), span("audit").times(1), span("pack").optional()]),
        forest([ORDER.any_children(), span("audit").times(at_least=2)]),
    ),
    (
        forest([ORDER.children_at_least([span("ask bank").at_any_depth()]), span("audit")]),
        forest([ORDER.any_children(), span("audit").forbidden()]).or_more(),
    ),
    (
        forest([ORDER.any_children(), span("audit").times(at_most=1)]),
        forest([ORDER.any_children(), span("audit").times(at_least=2, at_most=3)]),
    ),
    (tree("order\n  ...\naudit  open"), tree("order\naudit")),
    (tree("""\n    order  items=3\n      reserve  30 ms\n      ...\n    ..."""), tree("order  items=3.0\n  ...\n...")),
]


def said(expectation: skyspan.Expectation) -> str:
    """Its source, the same in each process: without addresses."""
    return re.sub(r" at 0x[0-9a-f]+", "", repr(expectation))


@pytest.mark.parametrize(("holds", "fails"), PAIRS, ids=[said(pair[0])[:60] for pair in PAIRS])
def test_a_word_holds_where_it_should_and_nowhere_else(holds: Any, fails: Any, shop: skyspan.Trace) -> None:
    shop.expect(holds)
    assert shop.check(holds) is None
    mismatch = shop.check(fails)
    assert mismatch is not None, fails
    assert str(mismatch).startswith("the trace is not as expected: ")
    with pytest.raises(AssertionError) as error:
        shop.expect(fails)
    assert str(error.value) == str(mismatch).rstrip()


#: What cannot be written as code again: functions, and objects of other libraries.
NOT_CODE = re.compile(r"<|±|method-wrapper|re\.compile|datetime\.|ANY|exception\(")


@pytest.mark.parametrize("expectation", [one for pair in PAIRS for one in pair], ids=said)
def test_the_repr_of_an_expectation_is_its_source(expectation: Any) -> None:
    source = repr(expectation)
    if NOT_CODE.search(source):
        return
    again = eval(source, {name: getattr(skyspan, name) for name in skyspan.__all__})
    assert (repr(again), str(again)) == (source, str(expectation))


def test_the_source_reads_as_it_was_written() -> None:
    for source in [
        "span('order', status='error', customer='ada').child(span('charge')).lasting(at_most='1.5 s')",
        "every(span('set')).before(some(span('wait'))).by(at_most=0.5)",
        "exactly(3, span(glob('Bluesky *'), attributes={'msg.args': [5]}))",
        "total(span('wait')).at_most('8 s').or_none()",
        "span('a').times(at_least=2).children([span('b'), span()])",
    ]:
        assert repr(eval(source, {name: getattr(skyspan, name) for name in skyspan.__all__})) == source


def test_an_expectation_is_told_in_words() -> None:
    assert str(one(span("order", customer="ada"))) == 'exactly 1 span "order" with customer="ada"'
    assert str(span("order", items=3)) == str(span("order", items=3.0)).replace("3.0", "3")


def test_all_that_is_wrong_is_in_one_report(shop: skyspan.Trace) -> None:
    with pytest.raises(AssertionError) as error:
        shop.expect(one(span("pack")), none(span("order")), every(span("reserve")).lasting(at_most="1 ms"))
    report = str(error.value)
    assert report.startswith("the trace is not as expected: 1 span differs, 1 is missing, 1 is not expected")
    mismatch: Any = getattr(error.value, "mismatch")
    assert len(mismatch.failures) == 3
    assert mismatch.trace == shop


def test_a_trace_is_asked_for_its_spans(shop: skyspan.Trace) -> None:
    assert [span.name for span in shop.matching(span().has_parent())] == ["reserve", "charge", "ask bank"]
    assert [root.name for root in shop.roots] == ["order", "audit"]
    order = shop.named("order")[0]
    assert order.attributes["sizes"] == [1, 2.5]
    assert (order.kind, order.status, order.duration_s, order.duration_ns) == ("server", "unset", 0.1, 100_000_000)
    assert [child.name for child in order.children] == ["reserve", "charge"]
    assert [below.name for below in order.descendants] == ["reserve", "charge", "ask bank"]
    charge = order.children[1]
    assert (charge.parent, charge.status_description) == (order, "card declined at 3")
    assert charge.events[0]["attributes"]["exception.type"] == "ValueError"
    assert charge.links[1]["trace_id"] == "00000000000000000000000000000009"
    assert (order.resource, order.scope, order.parent_id, charge.parent_id) == (
        {"service.name": "shop"},
        "shop.orders",
        None,
        order.span_id,
    )
    audit = shop[-1]
    assert (audit.name, audit.end_ns, audit.duration_s) == ("audit", None, None)
    assert len({span for span in shop}) == len(shop) == 5
    assert repr(order) == '<Span "order" 0000000000000001 100 ms>'


def test_the_strength_of_expectations_is_told(shop: skyspan.Trace) -> None:
    weak = shop.strength(one(span("order")))
    strong = shop.strength(tree("order  customer=ada\n  reserve  30 ms\n  charge\n    ask bank\naudit"))
    assert 0 < weak.share < strong.share < 1
    assert weak.noticed < weak.made == len(weak.survivors) + weak.noticed
    assert "of" in str(weak) and str(weak).endswith("\n")
