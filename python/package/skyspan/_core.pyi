"""The types of the compiled part of skyspan."""

import os
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from enum import Enum
from typing import Any, Literal, Protocol, TypeAlias, final

from typing_extensions import Self

_Name: TypeAlias = str | Pattern | re.Pattern[str]
#: A value, a pattern, a callable that takes the value, or anything that says with `==`.
_Value: TypeAlias = Callable[[Any], object] | object
_Duration: TypeAlias = float | timedelta | str
_Moment: TypeAlias = int | datetime | str
_Status: TypeAlias = Literal["error", "ok", "unset"] | Enum
_Kind: TypeAlias = Literal["internal", "server", "client", "producer", "consumer"] | Enum
_Attributes: TypeAlias = Literal["key", "all", "none"]
_Mutation: TypeAlias = Literal[
    "dropped",
    "duplicated",
    "moved",
    "renamed",
    "retyped",
    "changed",
    "attribute_dropped",
    "attribute_added",
    "swapped",
    "stretched",
    "shrunk",
    "left_open",
    "status_changed",
    "event_dropped",
    "link_dropped",
]
_Format: TypeAlias = Literal["console", "otlp", "otlp-proto", "jaeger", "zipkin", "perfetto", "speedscope"]

@final
class Pattern:
    """What a value, or a name, may be."""

    def matches(self, value: object) -> bool:
        """Whether a value is as this says."""

def glob(pattern: str) -> Pattern:
    """A text with ``*`` for any characters; as a name, and as a value."""

def regex(pattern: str) -> Pattern:
    """A text in which a regular expression is found, anywhere unless ``^`` and ``$`` say where. ValueError if it is none.

    The syntax is that of Rust's ``regex-lite``, without look-around and references to groups. What ``re.compile`` gives may stand
    in its place, and is read in the same way.
    """

def anything() -> Pattern:
    """Any value as long as there is one, and any name."""

def between(
    at_least: float | None = None,
    at_most: float | None = None,
    *,
    above: float | None = None,
    below: float | None = None,
) -> Pattern:
    """A number in a range: ``between(0, 5)`` with both ends, ``between(above=0)``."""

def of_type(of: type | str, value: _Value | None = None, /) -> Pattern:
    """Any value of a type: ``of_type(int)``, or by the name that check files have for it, ``of_type("map")``. ``5`` is of no other
    type than ``int``, and ``True`` of none but ``bool``. With a second argument both hold: ``of_type(float, between(0, 5))``.

    TypeError for a class that no value is of, ValueError for a name that is none of a type.
    """

def one_of(*choices: _Value) -> Pattern:
    """One of several values or patterns."""

def other_than(value: _Value, /) -> Pattern:
    """Any value but this."""

def value_that(description: str, condition: Callable[[Any], object]) -> Pattern:
    """A value for which a callable says so; the description goes on after "a value that". What the callable raises is raised."""

def json(**said: object) -> Pattern:
    """A string that is JSON, such as ``msg.kwargs``: ``equal_to`` a value, ``having`` such values at some paths (a dict), ``without``
    any at others (a path, or several).

    A path is keys of maps and places in lists with dots between them: ``json(having={"a.b.0": 5})``.
    """

class Expectation:
    """What a trace must be: a value that is made once, kept, and held against any number of traces.

    ``str`` says it in words, ``repr`` as its source.
    """

    def because(self, clue: str) -> Expectation:
        """The same with a clue that the report shows: why it matters."""

class _Words(Expectation):
    """What can be said of one span, and of every one."""

    def attr(self, key: str, value: _Value) -> Self:
        """It has such an attribute. Numbers are equal as in Python (``5`` and ``5.0``); ``5`` is not ``"5"``."""
    def has_attr(self, key: str) -> Self:
        """It has an attribute with this key."""
    def no_attr(self, key: str) -> Self:
        """It has no attribute with this key."""
    def only_attrs(self, keys: Sequence[str]) -> Self:
        """It has attributes with these keys and no others."""
    def exit_status(self, value: _Value) -> Self:
        """It is the span of a run that ended so: ``"success"``, ``"abort"``, ``"fail"``; also as released bluesky writes it.

        bluesky 1.15 writes ``"None"`` where a run succeeded, and ``"aborted"`` where it was aborted. The attribute as it is
        written is meant by ``attr("exit_status", ...)``.
        """
    def reason(self, value: _Value) -> Self:
        """It is the span of a run that ended for this reason; also as released bluesky writes it."""
    def kind(self, kind: _Kind) -> Self:
        """It plays this role between processes."""
    def status(self, status: _Status, description: _Value | None = None) -> Self:
        """It went so; an error has a description, of which more may be said."""
    def ended(self) -> Self:
        """It has ended."""
    def open(self) -> Self:
        """It has not ended."""
    def is_root(self) -> Self:
        """It has no parent in the trace."""
    def has_parent(self) -> Self:
        """It has a parent in the trace."""
    def on_critical_path(self) -> Self:
        """Its root took as long as it did because of it."""
    def nothing_dropped(self) -> Self:
        """No attribute, event or link of it was dropped."""
    def starting_at(self, at: _Moment) -> Self:
        """It started at this moment: nanoseconds since 1970, a ``datetime`` with a time zone, or RFC 3339."""
    def ending_at(self, at: _Moment) -> Self:
        """It ended at this moment."""
    def lasting(
        self,
        exactly: _Duration | None = None,
        /,
        *,
        at_least: _Duration | None = None,
        at_most: _Duration | None = None,
        above: _Duration | None = None,
        below: _Duration | None = None,
    ) -> Self:
        """It lasts so long: ``lasting(at_most="1.5 s")``, ``lasting("1 s..=2 s")``, ``lasting(0.5)`` for exactly half a second.

        A duration is a number of seconds, a ``timedelta``, or a text with a unit: h, min, s, ms, µs, ns.
        """
    def starting(
        self,
        exactly: _Duration | None = None,
        /,
        *,
        at_least: _Duration | None = None,
        at_most: _Duration | None = None,
        above: _Duration | None = None,
        below: _Duration | None = None,
    ) -> Self:
        """It starts so long after the first span of the trace."""
    def ending(
        self,
        exactly: _Duration | None = None,
        /,
        *,
        at_least: _Duration | None = None,
        at_most: _Duration | None = None,
        above: _Duration | None = None,
        below: _Duration | None = None,
    ) -> Self:
        """It ends so long after the first span of the trace has started."""
    def self_time(
        self,
        exactly: _Duration | None = None,
        /,
        *,
        at_least: _Duration | None = None,
        at_most: _Duration | None = None,
        above: _Duration | None = None,
        below: _Duration | None = None,
    ) -> Self:
        """It spends so much time outside of its children."""
    def child(self, span: SpanExpectation) -> Self:
        """It has such a child."""
    def no_child(self, span: SpanExpectation) -> Self:
        """It has no such child."""
    def nth_child(self, nth: int, child: SpanExpectation) -> Self:
        """The child in this place, by start, is such a span; the first is 1."""
    def no_nth_child(self, nth: int, child: SpanExpectation) -> Self:
        """The child in this place, by start, is no such span; the first is 1."""
    def children(self, these: Sequence[SpanExpectation]) -> Self:
        """Its children are these in any order, and no others."""
    def children_in_order(self, these: Sequence[SpanExpectation]) -> Self:
        """Its children are these in this order, and no others."""
    def children_at_least(self, these: Sequence[SpanExpectation]) -> Self:
        """These are among its children."""
    def children_at_least_in_order(self, these: Sequence[SpanExpectation]) -> Self:
        """These are among its children, in this order."""
    def descendant(self, span: SpanExpectation) -> Self:
        """There is such a span below it."""
    def no_descendant(self, span: SpanExpectation) -> Self:
        """There is no such span below it."""
    def parent(self, span: SpanExpectation) -> Self:
        """Its parent is such a span."""
    def no_parent(self, span: SpanExpectation) -> Self:
        """Its parent is no such span."""
    def ancestor(self, span: SpanExpectation) -> Self:
        """There is such a span above it."""
    def no_ancestor(self, span: SpanExpectation) -> Self:
        """There is no such span above it."""
    def sibling(self, span: SpanExpectation) -> Self:
        """There is such a span beside it."""
    def no_sibling(self, span: SpanExpectation) -> Self:
        """There is no such span beside it."""
    def previous_sibling(self, span: SpanExpectation) -> Self:
        """The span right before it, of those with the same parent, is such a span. Of a root, the root before it."""
    def no_previous_sibling(self, span: SpanExpectation) -> Self:
        """The span right before it is no such span, or it is the first."""
    def next_sibling(self, span: SpanExpectation) -> Self:
        """The span right behind it, of those with the same parent, is such a span. Of a root, the root behind it."""
    def no_next_sibling(self, span: SpanExpectation) -> Self:
        """The span right behind it is no such span, or it is the last."""
    def but(self, span: SpanExpectation) -> Self:
        """It is no such span."""
    def event(self, part: EventExpectation) -> Self:
        """It has such an event."""
    def no_event(self, part: EventExpectation) -> Self:
        """It has no such event."""
    def events(self, parts: Sequence[EventExpectation]) -> Self:
        """Its events are these in this order, and no others."""
    def events_in_any_order(self, parts: Sequence[EventExpectation]) -> Self:
        """Its events are these in any order, and no others."""
    def events_at_least(self, parts: Sequence[EventExpectation]) -> Self:
        """These are among its events."""
    def events_at_least_in_order(self, parts: Sequence[EventExpectation]) -> Self:
        """These are among its events, in this order."""
    def exception(self, of_type: type[BaseException] | _Value, message: _Value | None = None) -> Self:
        """It recorded an exception of this class, or with this name of a class, and such a message."""
    def link(self, part: LinkExpectation) -> Self:
        """It has such a link."""
    def no_link(self, part: LinkExpectation) -> Self:
        """It has no such link."""
    def links(self, parts: Sequence[LinkExpectation]) -> Self:
        """Its links are these in this order, and no others."""
    def links_in_any_order(self, parts: Sequence[LinkExpectation]) -> Self:
        """Its links are these in any order, and no others."""
    def links_at_least(self, parts: Sequence[LinkExpectation]) -> Self:
        """These are among its links."""
    def links_at_least_in_order(self, parts: Sequence[LinkExpectation]) -> Self:
        """These are among its links, in this order."""
    def resource(self, key: str, value: _Value) -> Self:
        """Its resource has such an attribute."""
    def scope(self, name: _Name) -> Self:
        """The tracer that made it has this name."""
    def scope_version(self, version: _Value) -> Self:
        """The tracer that made it has this version."""
    def trace_state(self, state: _Value) -> Self:
        """It has this trace state."""
    def that(self, description: str, condition: Callable[[Span], object]) -> Self:
        """A callable says so, which is asked with the span; the description goes on after "that". What it raises is raised."""

@final
class SpanExpectation(_Words):
    """What a span must be. As an expectation it says that there is at least one such span."""

    def any_children(self) -> Self:
        """It may have any children, also where it stands in a tree."""
    def times(self, exactly: int | None = None, /, *, at_least: int | None = None, at_most: int | None = None) -> Self:
        """So many of it are among its siblings."""
    def optional(self) -> Self:
        """It is among its siblings once, or not at all."""
    def forbidden(self) -> Self:
        """It is not among its siblings."""
    def at_any_depth(self) -> Self:
        """It stands among its siblings or anywhere below them."""
    def is_remote_child(self) -> Self:
        """Its parent belongs to another process."""
    def remote_parent(self, span_id: int | str) -> Self:
        """Its parent belongs to another process, and has this id: an int, or hexadecimal digits."""

class _Related:
    def before(self, other: Every | Some) -> Order:
        """It ends before the other starts."""
    def starts_before(self, other: Every | Some) -> Order:
        """It starts before the other, or together with it."""
    def ends_before(self, other: Every | Some) -> Order:
        """It ends before the other ends."""
    def within(self, other: Every | Some) -> Order:
        """The other is under way all the time."""
    def overlaps(self, other: Every | Some) -> Order:
        """Both are under way together for some time."""
    def apart_from(self, other: Every | Some) -> Order:
        """They are never under way together."""

@final
class Every(_Words, _Related):
    """What every span of a kind must be. There must be one, unless ``or_none()`` is said."""

    def must(self, be: SpanExpectation) -> Self:
        """Each is as this says, its name included, in place of what was said before."""
    def or_none(self) -> Self:
        """It is all right if there is none of them."""

@final
class Some(_Related):
    """At least one of the spans of a kind, where an order speaks of them."""

@final
class Order(Expectation):
    """How spans of one kind lie to spans of another in time."""

    def by(
        self,
        exactly: _Duration | None = None,
        /,
        *,
        at_least: _Duration | None = None,
        at_most: _Duration | None = None,
        above: _Duration | None = None,
        below: _Duration | None = None,
    ) -> Self:
        """The time between the two is in this range."""
    def or_none(self) -> Self:
        """It is all right if there is no span of the one kind, or of the other."""

@final
class Forest(Expectation):
    """The trees that make up a trace, and no others."""

    def or_more(self) -> Self:
        """Other trees may be there as well."""
    def in_order(self) -> Self:
        """The trees come in this order."""

@final
class If:
    """What must hold if there is any such span."""

    def then(self, expectation: Expectation) -> Expectation:
        """What holds then."""

@final
class Measured(Expectation):
    """Something that is measured over several spans, and how much it must be."""

    def or_none(self) -> Self:
        """It is all right if there is no such span."""

class _Duration_of:
    def at_most(self, duration: _Duration) -> Measured:
        """It is at most so long."""
    def exactly(self, duration: _Duration) -> Measured:
        """It is exactly so long."""
    def within(
        self,
        exactly: _Duration | None = None,
        /,
        *,
        at_least: _Duration | None = None,
        at_most: _Duration | None = None,
        above: _Duration | None = None,
        below: _Duration | None = None,
    ) -> Measured:
        """It is in this range."""

@final
class Total(_Duration_of):
    """How long all spans of a kind take together."""

@final
class Measure(_Duration_of):
    """A time of several spans: a median, a percentile, their own time."""

@final
class SharePart:
    """The spans whose share is meant."""

    def of(self, whole: SpanExpectation) -> Share:
        """Of the time of these."""

@final
class Share:
    """A share of the time of spans; 0.5 is a half."""

    def at_most(self, share: float) -> Measured:
        """It is at most so much."""
    def at_least(self, share: float) -> Measured:
        """It is at least so much."""
    def within(
        self,
        *,
        at_least: float | None = None,
        at_most: float | None = None,
        above: float | None = None,
        below: float | None = None,
    ) -> Measured:
        """It is in this range."""

@final
class AtOnce:
    """How many spans of a kind are under way together, when most of them are."""

    def at_most(self, count: int) -> Expectation:
        """At most so many."""
    def at_least(self, count: int) -> Expectation:
        """At least so many."""
    def exactly(self, count: int) -> Expectation:
        """So many."""

@final
class EventExpectation:
    """What an event of a span must be."""

    def attr(self, key: str, value: _Value) -> Self:
        """It has such an attribute."""
    def after(
        self,
        exactly: _Duration | None = None,
        /,
        *,
        at_least: _Duration | None = None,
        at_most: _Duration | None = None,
        above: _Duration | None = None,
        below: _Duration | None = None,
    ) -> Self:
        """It happened so long after the start of its span."""

@final
class LinkExpectation:
    """What a link of a span must be."""

    def attr(self, key: str, value: _Value) -> Self:
        """It has such an attribute."""

def span(
    name: _Name | None = None,
    /,
    *,
    status: _Status | None = None,
    kind: _Kind | None = None,
    lasting: _Duration | None = None,
    exit_status: _Value | None = None,
    reason: _Value | None = None,
    attributes: Mapping[str, _Value] | None = None,
    **more: _Value,
) -> SpanExpectation:
    """A span with this name, or with any, of which so much is said.

    What is no word here is the key of an attribute: ``span("Ophyd Status", device_name="motor")``. A key that is dotted or is a
    word goes through ``attributes``: ``span(attributes={"msg.args": [5], "status": 3})``.
    """

def every(of: SpanExpectation) -> Every:
    """Every span of this kind is as is said after it."""

def some(of: SpanExpectation) -> Some:
    """At least one of the spans of this kind, where an order speaks of them."""

def one(of: SpanExpectation) -> Expectation:
    """There is exactly one such span."""

def none(of: SpanExpectation) -> Expectation:
    """There is no such span."""

def exactly(count: int, of: SpanExpectation) -> Expectation:
    """There are exactly so many such spans."""

def at_least(count: int, of: SpanExpectation) -> Expectation:
    """There are so many such spans, or more."""

def at_most(count: int, of: SpanExpectation) -> Expectation:
    """There are so many such spans, or fewer."""

def all_of(*expectations: Expectation) -> Expectation:
    """All of these, in one report."""

def if_any(condition: SpanExpectation) -> If:
    """If there is any such span, ``then(...)`` holds."""

def forest(trees: Sequence[SpanExpectation]) -> Forest:
    """These trees are the trace, and nothing else is in it."""

def tree(text: str) -> Forest:
    """The trees of a text that is close to a drawn tree: one line a span, two spaces of indentation a level. ValueError if it is none."""

def check_file(path: str | os.PathLike[str], /) -> Expectation:
    """What a check file says, which is YAML that ``skyspan check`` and plan files take as well. ValueError, with the place, if it is none."""

def checks(yaml: str, /) -> Expectation:
    """What the text of a check file says."""

@final
class Learned:
    """What good traces have in common. ``str()`` of it is the check file."""

    @property
    def summary(self) -> str:
        """What was learned and what would not be noticed, in words and tables."""
    def expectation(self) -> Expectation:
        """All of it as an expectation."""
    def to_dict(self) -> dict[str, Any]:
        """All of it as plain values, as ``skyspan learn --json`` has it."""
    def write_into(self, path: str | os.PathLike[str]) -> None:
        """Puts the rules into a check file, which is written if it is not there; what a person has written in it stays."""

def learn(
    traces: Sequence[Trace], /, *, false_alarms: float = 0.05, times: bool = True, mutants: int = 600
) -> Learned:
    """What good traces of one thing have in common, as a check file, and how much of what may go wrong it would notice.

    Ranges are so wide that at most the part ``false_alarms`` of good traces leaves them; without ``times`` no durations are said.
    ValueError if there is no trace, or one has no spans.
    """

def lint(*, deny: Literal["error", "warning", "info"] = "warning", without: Sequence[str] = ...) -> Expectation:
    """No rule of OpenTelemetry and bluesky is broken that is so bad, or worse; ``without`` leaves out rules by name."""

def total(of: SpanExpectation) -> Total:
    """How long all spans of this kind take together: ``total(span("wait")).at_most("8 s")``."""

def total_self_time(of: SpanExpectation) -> Measure:
    """How long spans of this kind take together, without the time of their children."""

def median(of: SpanExpectation) -> Measure:
    """The median of how long spans of this kind take."""

def percentile(percent: float, of: SpanExpectation) -> Measure:
    """How long so many in a hundred of the spans of this kind take at most."""

def share(part: SpanExpectation) -> SharePart:
    """The share of spans of this kind in the time of others: ``share(span("wait")).of(span("scan")).at_most(0.5)``."""

def at_once(of: SpanExpectation) -> AtOnce:
    """How many spans of this kind are under way together: ``at_once(span("request")).at_most(2)``."""

def event(name: _Name | None = None, /, *, attributes: Mapping[str, _Value] | None = None, **more: _Value) -> EventExpectation:
    """An event with this name, or any, and these attributes."""

def link_to(span: SpanExpectation) -> LinkExpectation:
    """A link to such a span of the same trace."""

def link_elsewhere() -> LinkExpectation:
    """A link to a span that is not in the trace."""

@final
class Span:
    """One span of a trace."""

    @property
    def name(self) -> str:
        """Its name."""
    @property
    def attributes(self) -> dict[str, Any]:
        """Its attributes, in the order in which they were set."""
    @property
    def kind(self) -> str:
        """``"internal"``, ``"server"``, ``"client"``, ``"producer"`` or ``"consumer"``."""
    @property
    def status(self) -> str:
        """``"unset"``, ``"ok"`` or ``"error"``."""
    @property
    def status_description(self) -> str | None:
        """What an error is said to be; None if the status is none."""
    @property
    def start_ns(self) -> int:
        """When it started, in nanoseconds since 1970."""
    @property
    def end_ns(self) -> int | None:
        """When it ended; None if it is open."""
    @property
    def duration_s(self) -> float | None:
        """How long it took, in seconds; None if it is open."""
    @property
    def duration_ns(self) -> int | None:
        """How long it took, in nanoseconds; None if it is open."""
    @property
    def span_id(self) -> str:
        """Its id, as 16 hexadecimal digits."""
    @property
    def trace_id(self) -> str:
        """The id of its trace, as 32 hexadecimal digits."""
    @property
    def parent_id(self) -> str | None:
        """The id of its parent, also of one that is not in the trace; None for a root."""
    @property
    def events(self) -> list[dict[str, Any]]:
        """Its events: dicts of name, time_ns and attributes."""
    @property
    def links(self) -> list[dict[str, Any]]:
        """Its links: dicts of trace_id, span_id and attributes."""
    @property
    def resource(self) -> dict[str, Any]:
        """What describes the service that emitted it."""
    @property
    def scope(self) -> str | None:
        """The name of the tracer that made it, if that is known."""
    @property
    def parent(self) -> Span | None:
        """Its parent in the trace; None for a root."""
    @property
    def children(self) -> list[Span]:
        """Its children, by start."""
    @property
    def descendants(self) -> list[Span]:
        """All spans below it."""
    @property
    def trace(self) -> Trace:
        """The trace that it is in."""

@final
class Mismatch:
    """Why a trace is not as expected. ``str`` is the report."""

    @property
    def trace(self) -> Trace:
        """The trace that was checked."""
    @property
    def failures(self) -> list[dict[str, Any]]:
        """All that is wrong, as plain values."""
    @property
    def clues(self) -> list[str]:
        """What the report says below its headline."""
    def colored(self, width: int = 120) -> str:
        """The report in the colours of a terminal, for lines of this width."""
    def to_html(self, *, title: str | None = None) -> str:
        """The trace as one HTML page that shows what is wrong with it."""

@final
class Strength:
    """How much of what may go wrong some expectations would notice. ``str`` tells what they would not."""

    @property
    def noticed(self) -> int:
        """How many mutants of the trace were noticed."""
    @property
    def made(self) -> int:
        """How many there were."""
    @property
    def possible(self) -> int:
        """How many there could be; more than were made where those are a sample."""
    @property
    def share(self) -> float:
        """The share that was noticed, from 0 to 1."""
    @property
    def kinds(self) -> dict[str, tuple[int, int]]:
        """How many of each kind were noticed, and made: ``{"changed": (3, 4)}``."""
    @property
    def survivors(self) -> list[str]:
        """What was accepted all the same, in words."""
    def to_dict(self) -> dict[str, Any]:
        """All of it as plain values."""

@final
class QueryAnswer:
    """What a query in TraceQL has found. ``str`` is a table."""

    @property
    def spans(self) -> list[Span]:
        """The spans that were found."""
    @property
    def series(self) -> list[dict[str, Any]]:
        """The series that were found; empty where spans were asked for."""
    @property
    def hints(self) -> list[str]:
        """What those who asked may not know."""
    def to_dict(self) -> dict[str, Any]:
        """All of it as plain values, as Tempo answers."""
    def __len__(self) -> int: ...
    def __getitem__(self, at: int, /) -> Span: ...
    def __iter__(self) -> Iterator[Span]: ...

class _Asked:
    """What can be asked of a trace, and of all spans of a capture so far."""

    def expect(self, *expectations: Expectation) -> None:
        """Raises AssertionError with the report unless the trace is as all of these say.

        ``error.mismatch`` is the Mismatch. What a callable in an expectation raises is raised.
        """
    def expect_tree(self, text: str) -> None:
        """Raises AssertionError with the report unless the trace is exactly the trees of a text; ValueError if that is none."""
    def check(self, *expectations: Expectation) -> Mismatch | None:
        """Why the trace is not as all of these say; None if it is."""
    def matching(self, of: SpanExpectation) -> list[Span]:
        """The spans that are as an expectation says, in order of arrival."""
    def query(self, traceql: str) -> QueryAnswer:
        """The answer to a query in TraceQL. ValueError, with the place, if the text is none."""
    def grouped_by_run(self) -> Trace:
        """The same spans with one tree of each run of bluesky, which leaves most of them as roots."""
    def draw(
        self,
        *,
        attributes: _Attributes = "key",
        width: int = 120,
        exact: bool = False,
        unfolded: bool = False,
        color: bool = False,
        depth: int | None = None,
        device: str | None = None,
        slower: _Duration | None = None,
        errors: bool = False,
    ) -> str:
        """The trace as a tree, for people; ``str`` is the same. Repeats are folded, unless ``unfolded``; ``depth``, ``device``,
        ``slower`` and ``errors`` choose what is drawn.
        """
    def tree_text(self, *, attributes: _Attributes = "key", durations: bool = True, width: int = 60) -> str:
        """The trace as a text that ``expect_tree`` takes: paste it, and take out what does not matter."""
    def shape(
        self,
        *,
        times: bool = False,
        ordered: bool = True,
        volatile: bool = False,
        without: Sequence[_Name] | None = None,
        replace: Mapping[Any, str] | None = None,
    ) -> str:
        """The text of the trace that stays the same from run to run.

        Ids are left out; uids, names of groups, addresses and wall times have steady names unless ``volatile``. ``times`` keeps
        starts and durations, for clocks that are simulated. ``ordered=False`` lets siblings stand in any order. ``without`` leaves out
        keys, ``replace`` puts a text in place of the values of a key, or of those that a pattern meets.
        """
    def __len__(self) -> int: ...
    def __getitem__(self, at: int, /) -> Span: ...
    def __iter__(self) -> Iterator[Span]: ...

@final
class Trace(_Asked):
    """Spans, and how they hang together. Immutable."""

    @property
    def roots(self) -> list[Span]:
        """The spans without a parent here, by start."""
    @property
    def defects(self) -> list[str]:
        """What is wrong with the trace itself: parents that are missing, ids that stand twice, spans that end before they start."""
    def named(self, name: str) -> list[Span]:
        """The spans with a name, in order of arrival."""
    def ended(self) -> Trace:
        """Those spans only that have ended."""
    def redacted(self, *also: str) -> Trace:
        """The same trace without secrets; further keys and values by patterns."""
    def to_html(self, *, title: str | None = None) -> str:
        """The trace as one HTML page, to zoom and search, without what looks like a secret. It asks nothing of any network."""
    def write_html(self, path: str | os.PathLike[str], *, title: str | None = None) -> None:
        """Writes the page to a file."""
    def statistics(self, *by: str) -> Statistics:
        """Where the time of the trace goes: by span, device, section and run, and who held each wait; or by attributes of one's choice."""
    def bless(
        self,
        *,
        times: float | None = None,
        exact: bool = False,
        all_attributes: bool = False,
        as_: Literal["check", "python"] = "check",
        without: Sequence[_Name] = ...,
    ) -> str:
        """What describes the trace, to look through and keep: a check file, which is YAML for ``check_file()`` and ``skyspan check``;
        or with ``as_="python"`` the code of a ``forest(...)``, to paste into a test.

        ``times=0.2`` has durations in it, which may be longer or shorter by a fifth; ``exact`` has numbers to the last digit.
        What is another in each run is a pattern, and what looks like a secret may be anything. Of bluesky's spans the telling attributes
        are said, unless ``all_attributes``; the code has none with the keys in ``without``.
        """
    def lint(self) -> list[dict[str, Any]]:
        """The rules of OpenTelemetry and bluesky that the trace breaks, as plain values."""
    def strength(
        self,
        *expectations: Expectation,
        at_most: int | None = None,
        seed: int = 0,
        only: Sequence[_Mutation] | None = None,
        without: Sequence[_Mutation] = ...,
        only_keys: Sequence[_Name] | None = None,
        without_keys: Sequence[_Name] = ...,
    ) -> Strength:
        """How much of what may go wrong these would notice: they are held against mutants of the trace, each of which differs from it
        in one thing. AssertionError if they do not accept the trace itself.

        At most a thousand are made, or as many as ``at_most`` says; another ``seed`` takes others. ``only`` and ``without`` choose kinds
        of mutants, ``only_keys`` and ``without_keys`` the attributes that matter.
        """
    def dump(self, format: _Format = "console") -> Any:
        """The trace in a format: a str, or bytes for ``"otlp-proto"``."""
    def write(self, path: str | os.PathLike[str], format: _Format = "otlp") -> None:
        """Writes the trace to a file."""
    def left_out(self, format: _Format) -> list[str]:
        """What a format does not keep of this trace."""

def read(
    path: str | os.PathLike[str], /, *, strict: bool = False, up_to_cut: bool = False, empty: bool = False
) -> Trace:
    """The trace in a file, in whatever format it is in, also compressed; or in a store, such as ``tempo+http://tempo:3200/5fa3...``.

    OSError if it cannot be read, ValueError if it is no trace. What is no span is passed over with a warning, unless ``strict``.
    """

def loads(content: str | bytes, /, *, strict: bool = False, up_to_cut: bool = False, empty: bool = False) -> Trace:
    """The trace in a text or in bytes, in whatever format it is in."""

@final
class Statistics:
    """Where the time of a trace goes, and who held each wait. ``str`` is a table."""

    def to_dict(self) -> dict[str, Any]:
        """All of it as plain values."""

@final
class TraceDiff:
    """What differs between traces. ``str`` is for people, of at most 80 columns but for long names."""

    @property
    def differs(self) -> bool:
        """Whether they differ by more than is allowed."""
    @property
    def structure(self) -> list[dict[str, Any]]:
        """What is gone, new, moved or renamed, as plain values."""
    @property
    def attributes(self) -> list[dict[str, Any]]:
        """The attributes that are others, as plain values."""
    @property
    def times(self) -> list[dict[str, Any]]:
        """The times of all groups of spans, as plain values, what differs first."""
    @property
    def slower(self) -> list[dict[str, Any]]:
        """The times that are longer by more than is allowed, and not by chance."""
    @property
    def faster(self) -> list[dict[str, Any]]:
        """The times that are shorter by as much."""
    def expect_same(self) -> None:
        """Raises AssertionError with all that differs, if anything does."""
    def to_dict(self) -> dict[str, Any]:
        """All of it as plain values, as ``skyspan diff --json`` prints it."""

class _HasTrace(Protocol):
    def trace(self) -> Trace: ...

class _IsOfTrace(Protocol):
    @property
    def trace(self) -> Trace: ...

_Recording: TypeAlias = Trace | _HasTrace | _IsOfTrace

def diff(
    before: _Recording | Iterable[_Recording],
    after: _Recording | Iterable[_Recording],
    /,
    *,
    slower: float = 0.05,
    faster: float | None = None,
    tolerance: _Duration | None = None,
    attributes: bool = True,
    structure: bool = True,
    times: bool = True,
    without: Sequence[_Name] = ...,
) -> TraceDiff:
    """What differs between two traces, or between several recordings before and several after: structure, attributes, times.

    A span may be slower by the part ``slower`` of its time, and faster as it likes unless ``faster`` says how much; a difference of
    ``tolerance``, a millisecond by default, is none. ``without`` leaves out attributes by key. Of several recordings what comes and goes
    within a side is none either, and times are compared by a rank test.
    """

@final
class SpanProcessor:
    """A span processor for ``opentelemetry-sdk`` that feeds all captures of the process."""

    def on_start(self, span: Any, parent_context: Any = None) -> None: ...
    def on_end(self, span: Any) -> None: ...
    def shutdown(self) -> None: ...
    def force_flush(self, timeout_millis: int = 30_000) -> bool: ...

class Capture(_Asked):
    """Every span that starts while this listens."""

    def __init__(self) -> None: ...
    def _begin(self) -> None: ...
    def _end(self) -> None: ...
    def _ignore(self, scope: str) -> None: ...
    def _forget_open(self) -> None: ...
    def trace(self) -> Trace:
        """All spans so far: those that ended, in that order, then the open ones, with what they have by now."""
    def wait_until(self, *expectations: Expectation, timeout: float = 5.0) -> None:
        """Waits until the spans are as all of these say; raises AssertionError with the report where they are not in time."""
    def settled(self, *, quiet: float = 0.05, timeout: float = 5.0) -> None:
        """Waits until no span is open and none has come for a while; raises TimeoutError where that is not so in time."""
    def clear(self) -> None:
        """Forgets all spans so far. One that is open now is caught when it ends."""

@final
class Received(_Asked):
    """Spans of other processes, which send them by OTLP over HTTP or gRPC."""

    @property
    def endpoint(self) -> str:
        """Where programs send to: ``http://127.0.0.1:PORT``."""
    @property
    def environment(self) -> dict[str, str]:
        """The variables by which the SDKs of OpenTelemetry find it."""
    @property
    def warnings(self) -> list[str]:
        """What was refused, or sent in a way that loses something."""
    def trace(self) -> Trace:
        """All spans so far."""
    def settled(self, *, timeout: float = 5.0) -> None:
        """Waits until all that was sent hangs together and nothing more comes; raises TimeoutError where that is not so in time."""
    def wait_until(self, *expectations: Expectation, timeout: float = 5.0) -> None:
        """Waits until the spans are as all of these say; raises AssertionError with the report where they are not in time."""
    def test(self) -> ReceivedByTest:
        """The spans of one test, where several share this receiver."""
    def clear(self) -> None:
        """Forgets all spans so far."""
    def close(self) -> None:
        """Listens no longer. What has come stays."""
    def __enter__(self) -> Self: ...
    def __exit__(self, *_error: object) -> None: ...

@final
class ReceivedByTest(_Asked):
    """The spans of one test, where several share a receiver: those of requests that carry its ``headers``, wherever they lead, and of
    programs that were started with its ``environment``.
    """

    @property
    def traceparent(self) -> str:
        """The trace of the test, as the header ``traceparent`` of W3C Trace Context has it."""
    @property
    def trace_id(self) -> str:
        """The id of the test's trace, as 32 hexadecimal digits."""
    @property
    def headers(self) -> dict[str, str]:
        """What a request carries that belongs to the test."""
    @property
    def environment(self) -> dict[str, str]:
        """The variables by which a program that the test starts sends its spans to it."""
    def trace(self) -> Trace:
        """The spans of the test so far."""
    def settled(self, *, timeout: float = 5.0) -> None:
        """Waits until all that was sent hangs together and nothing more comes; raises TimeoutError where that is not so in time."""
    def wait_until(self, *expectations: Expectation, timeout: float = 5.0) -> None:
        """Waits until the spans are as all of these say; raises AssertionError with the report where they are not in time."""
    def clear(self) -> None:
        """Forgets all spans so far."""

def receive(*, port: int = 0, host: str = "127.0.0.1") -> Received:
    """Takes OTLP at a port of this machine, a free one unless it is said which. A context manager."""

# --- plans on skyspan's engine

_Seconds: TypeAlias = float | timedelta

@final
class Run:
    """What came of a plan that a lab took to its end, or to a pause. ``str`` is its trace as a tree."""

    @property
    def trace(self) -> Trace:
        """Its spans."""
    @property
    def documents(self) -> list[tuple[str, dict[str, Any]]]:
        """The documents that were emitted, in order: pairs of a name and a dict, as event-model has them."""
    @property
    def events(self) -> list[dict[str, Any]]:
        """The events that were emitted, in order, whatever their stream."""
    @property
    def messages(self) -> list[Any]:
        """The messages that were executed, in order; those again that were executed again after a pause."""
    @property
    def duration(self) -> float:
        """How long it took on the lab's clock, in seconds, from the first message to the end of the clean-up."""
    @property
    def duration_ns(self) -> int:
        """The same, in nanoseconds."""
    @property
    def started(self) -> float:
        """When it began on the lab's clock, in seconds since 1970."""
    @property
    def exit_status(self) -> Literal["success", "abort", "fail"]:
        """How it ended; a paused one is a success so far."""
    @property
    def reason(self) -> str:
        """Why; empty where there is nothing to say."""
    @property
    def exception(self) -> Any:
        """What came out of the plan, where that was an exception: the object that was raised. None if there was none."""
    @property
    def result(self) -> Any:
        """What the plan returned; None if it did not come to its end."""
    @property
    def run_start_uids(self) -> list[str]:
        """The uids of its runs, in order."""
    @property
    def interrupted(self) -> bool:
        """Whether it was paused, or ended from outside. Then ``RunEngine`` raises ``RunEngineInterrupted``."""
    @property
    def paused(self) -> bool:
        """Whether it is paused."""
    @property
    def refused(self) -> list[str]:
        """What was scheduled and did not go in the state that the engine was in then."""
    @property
    def unreached(self) -> list[int]:
        """The messages for which something was scheduled and that never came."""
    @property
    def warnings(self) -> list[str]:
        """What went well, and may not be meant."""
    @property
    def cleanup_errors(self) -> list[str]:
        """What went wrong while the engine cleaned up."""
    def assert_success(self) -> None:
        """Raises AssertionError unless it ended with success, and all came for which something was scheduled.

        It says where the plan failed, and shows the trace. What came out of the plan is its cause.
        """
    def assert_lawful(self) -> None:
        """Raises AssertionError with the first of skyspan's laws that this run breaks, and why.

        They hold for every run of every plan: each span ends within its parent, documents come in order and as described, waits and
        sleeps are exact. Some of them say nothing unless the lab is ``chronicled``.
        """
    def expect(self, *expectations: Expectation) -> None:
        """Raises AssertionError with the report unless the trace is as all of these say."""
    def expect_tree(self, text: str) -> None:
        """Raises AssertionError with the report unless the trace is exactly the trees of a text."""
    def check(self, *expectations: Expectation) -> Mismatch | None:
        """Why the trace is not as all of these say; None if it is."""

@final
class Estimate:
    """How long a plan takes, where the time goes, and how much it writes. ``str`` is a table."""

    @property
    def duration(self) -> float:
        """How long it takes, in seconds."""
    @property
    def runs(self) -> int:
        """How many runs are opened."""
    @property
    def points(self) -> int:
        """How many events there are in the streams called ``primary``."""
    @property
    def messages(self) -> int:
        """How many messages are executed."""
    @property
    def exception(self) -> Any:
        """What came out of the plan, where that was an exception; then the numbers are those up to it."""
    def busy(self, device: str) -> float:
        """For how many seconds a device is busy; 0 for one that the plan does not use."""
    def to_dict(self) -> dict[str, Any]:
        """All of it as plain values."""

@final
class Status:
    """Something that takes time on a lab's clock, and how it ends: ``bluesky.protocols.Status``."""

    @property
    def done(self) -> bool:
        """Whether it has ended, one way or the other."""
    @property
    def success(self) -> bool:
        """Whether it has ended well."""
    @property
    def device_name(self) -> str:
        """The name of its device."""
    @property
    def elapsed(self) -> float:
        """How long it took until now, or until it was done, in seconds."""
    def exception(self, timeout: _Seconds | None = None) -> BaseException | None:
        """Why it failed; None if it ended well. From outside of plans it takes the clock on to its end."""
    def wait(self, timeout: _Seconds | None = None) -> None:
        """Takes the clock on to its end, and raises why it failed; from outside of plans.

        TimeoutError if it is not done by then, RuntimeError from within a plan.
        """
    def add_callback(self, callback: Callable[[Status], object]) -> None:
        """Calls back with it when it is done; at once, if it is."""

@final
class Scheduled:
    """When something happens in the next call of a lab; its methods say what."""

    def later(self, seconds: _Seconds) -> Scheduled:
        """So many seconds later: in the middle of a message that takes time."""
    def pause(self) -> None:
        """The engine is paused."""
    def deferred_pause(self) -> None:
        """The engine is told to pause at the next checkpoint."""
    def resume(self) -> None:
        """The paused engine goes on."""
    def abort(self, reason: str = "") -> None:
        """The plan is aborted, for that reason."""
    def stop(self) -> None:
        """The plan is stopped, as a success."""
    def halt(self) -> None:
        """The plan is halted: it ends without its clean-up."""
    def suspend(self, seconds: _Seconds) -> None:
        """The plan is suspended for so many seconds."""
    def call(self, callback: Callable[[], object]) -> None:
        """Calls back: ``lab.at(3.0).call(lambda: shutter.put("Close"))``."""

@final
class DeviceHandle:
    """The way to a device of a lab."""

    @property
    def name(self) -> str: ...
    @property
    def class_name(self) -> str: ...
    @property
    def position(self) -> Any: ...
    @property
    def value(self) -> Any: ...
    @property
    def hints(self) -> Any: ...
    @property
    def limits(self) -> tuple[Any, Any] | None: ...
    @property
    def egu(self) -> str | None: ...
    @property
    def precision(self) -> int | None: ...
    @property
    def called_back(self) -> Any: ...
    @property
    def labels(self) -> list[str]: ...
    @property
    def read_attrs(self) -> list[str] | None: ...
    @property
    def is_rewindable(self) -> bool: ...
    @property
    def is_simulated(self) -> bool: ...
    @property
    def coupled_axes(self) -> tuple[list[str], list[str]] | None: ...
    @property
    def parent(self) -> Any: ...
    @property
    def faults(self) -> list[str]: ...
    def methods(self) -> list[str]: ...
    def component(self, attribute: str) -> Any: ...
    def component_handle(self, attribute: str) -> DeviceHandle | None: ...
    def call(self, method: str, args: tuple[Any, ...], kwargs: dict[str, Any] | None = None) -> Any: ...
    def subscribe(self, callback: Callable[[dict[str, Any]], object]) -> int: ...
    def clear_sub(self, number: int) -> None: ...
    def put(self, value: Any) -> None: ...
    def fault(self, method: str, **given: Any) -> str: ...
    def mend(self) -> None: ...
    def __eq__(self, other: object, /) -> bool: ...
    def __hash__(self) -> int: ...

@final
class TortureMap:
    """What came of all cases."""

    @property
    def is_well(self) -> bool: ...
    @property
    def cases(self) -> list[tuple[str, list[tuple[int, Any]], dict[str, Any]]]: ...
    @property
    def findings(self) -> list[str]: ...
    @property
    def excused(self) -> list[str]: ...
    def count(self, verdict: str) -> int: ...
    def to_dict(self) -> dict[str, Any]: ...
    def assert_home(self) -> None: ...

@final
class Tortured:
    """A case of ``Lab.torture`` that was run for its trace: its ``str`` is what happened, what came of it, and the trace."""

    @property
    def happened(self) -> str: ...
    @property
    def verdict(self) -> str: ...
    @property
    def trace(self) -> Trace: ...

@final
class LabClock:
    """The clock of a lab, which does not keep it."""

    @property
    def now_ns(self) -> int: ...
    def call_at(self, time_ns: int, callback: Callable[[], object]) -> None: ...
    def outside_work(self) -> OutsideWork: ...
    @property
    def is_interrupted(self) -> bool: ...
    def interrupt(self) -> None: ...
    def kill(self) -> None: ...
    def run_until_told(self, begin: Callable[[Callable[[Any], None]], object]) -> Any: ...

@final
class OutsideWork:
    """Work of which a lab's clock knows nothing: it stands still until this has ended."""

    def end(self) -> None: ...

@final
class LabCore:
    """What ``skyspan.Lab`` is made of."""

    def __new__(
        cls,
        seed: int,
        start_time_ns: int | None,
        real_time: bool,
        md: dict[str, Any],
        record_interruptions: bool,
        nested_spans: bool,
        shuffled_moments: bool,
        limits: list[tuple[str, int | None]],
        chronicled: bool,
    ) -> Self: ...
    @property
    def seed(self) -> int: ...
    @property
    def now_ns(self) -> int: ...
    @property
    def state(self) -> str: ...
    @property
    def is_calling_here(self) -> bool: ...
    @property
    def belongings(self) -> dict[str, Any]: ...
    @property
    def clock(self) -> LabClock: ...
    def trace(self) -> Trace: ...
    def names(self) -> list[str]: ...
    def handle(self, path: str) -> DeviceHandle: ...
    def make(self, class_name: str, name: str, options: dict[str, Any]) -> DeviceHandle: ...
    def computes(self, handle: DeviceHandle, func: Callable[[], Any]) -> None: ...
    def sim_put(self, handle: DeviceHandle, value: Any) -> None: ...
    def saves(self, handle: DeviceHandle, save: Callable[[str, Any], object]) -> None: ...
    def object_of(self, handle: DeviceHandle) -> Any: ...
    def know(self, object: Any, handle: DeviceHandle) -> None: ...
    def known(self, object: Any) -> DeviceHandle | None: ...
    def torture(self, make: Callable[[LabCore], tuple[Any, str]], options: dict[str, Any]) -> TortureMap: ...
    def torture_case(self, make: Callable[[LabCore], tuple[Any, str]], options: dict[str, Any], case: str) -> Tortured: ...
    def handle_here(self, object: Any, own: DeviceHandle) -> DeviceHandle: ...
    def handle_of(self, object: Any) -> DeviceHandle: ...
    def mirror(self, mirror: Any) -> None: ...
    def mirrors(self) -> list[Any]: ...
    def run(
        self, generator: Any, name: str, md: dict[str, Any], subscribers: list[tuple[str, Callable[..., Any]]]
    ) -> Run: ...
    @property
    def is_interrupted(self) -> bool: ...
    def interrupt(self) -> None: ...
    def kill(self) -> None: ...
    def span_started(self, span: Any) -> None: ...
    def span_ended(self, span: Any) -> None: ...
    def quicker(self) -> list[tuple[str, str]]: ...
    def change(self, text: str) -> str: ...
    def twin(self, changes: Sequence[str]) -> LabCore: ...
    def estimate(self, generator: Any, name: str, md: dict[str, Any]) -> Estimate: ...
    def plan_file(self, run: Run) -> str: ...
    def run_file(self, path: str | os.PathLike[str]) -> Run: ...
    def resume(self) -> Run: ...
    def abort(self, reason: str) -> Run: ...
    def stop(self) -> Run: ...
    def halt(self) -> Run: ...
    def at(self, seconds: _Seconds) -> Scheduled: ...
    def at_message(self, number: int) -> Scheduled: ...
    def on_pause(self, decisions: Sequence[tuple[str, _Seconds, str]]) -> None: ...
    def md(self) -> dict[str, Any]: ...
    def set_md(self, md: dict[str, Any]) -> None: ...
    def subscribe(self, callback: Callable[..., object], name: str) -> int: ...
    def unsubscribe(self, number: int) -> None: ...
    def install_suspender(self, given: Any) -> None: ...
    def remove_suspender(self, given: Any) -> None: ...
    def register_command(self, name: str, function: Callable[[Any], Any]) -> None: ...
    def unregister_command(self, name: str) -> None: ...
    def set_input(self, function: Callable[[str], Any]) -> None: ...
    def set_msg_hook(self, function: Callable[[Any], object] | None) -> None: ...
    def set_state_hook(self, function: Callable[[str, str], object] | None) -> None: ...
    def ignore_callback_exceptions(self, ignore: bool) -> None: ...
    def sleep(self, seconds: _Seconds) -> None: ...
