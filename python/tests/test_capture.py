"""What a process emits is caught, all of it and nothing else, from whichever thread and provider."""

from __future__ import annotations

import gc
import threading
import time
import weakref
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import pytest
from opentelemetry import trace
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import SpanLimits, SpanProcessor, TracerProvider
from opentelemetry.trace import Link, SpanContext, SpanKind, Status, StatusCode, TraceFlags, TraceState

import skyspan
from skyspan import Spans, at_least, every, exactly, forest, none, one, span


def tracer(name: str = "app") -> trace.Tracer:
    return trace.get_tracer(name, "1.2")


def test_what_the_test_emits_is_caught(spans: Spans) -> None:
    with tracer().start_as_current_span("request", attributes={"user": "ada", "sizes": (1, 2)}):
        tracer().start_span("query", attributes={"rows": 3}).end()
    spans.expect(forest([span("request", user="ada", sizes=[1, 2]).children([span("query", rows=3)])]))
    assert len(spans) == 2
    assert [caught.name for caught in spans] == ["query", "request"]
    assert repr(spans) == "<Spans: 2 caught, 0 open>"


def test_a_test_begins_with_nothing(spans: Spans) -> None:
    assert len(spans) == 0
    spans.expect(forest([]))


def test_all_of_a_span_is_kept(spans: Spans) -> None:
    elsewhere = SpanContext(7, 8, is_remote=True, trace_flags=TraceFlags(1), trace_state=TraceState([("a", "1")]))
    remote = trace.set_span_in_context(trace.NonRecordingSpan(elsewhere))
    other = tracer().start_span("other")
    other.end()
    request = tracer().start_span(
        "request",
        context=remote,
        kind=SpanKind.CLIENT,
        links=[Link(other.get_span_context(), {"why": "retry"})],
        attributes={"n": 2**60, "x": 0.5, "yes": True, "names": ["a", "b"], "empty": []},
    )
    request.add_event("sent", {"bytes": 5}, timestamp=1_700_000_000_000_000_000)
    request.record_exception(ValueError("no such card"))
    request.set_status(Status(StatusCode.ERROR, "declined"))
    request.end()
    spans.expect(
        one(
            span("request", kind="client", attributes={"n": 2**60, "x": 0.5, "yes": True, "names": ["a", "b"], "empty": []})
            .status("error", "declined")
            .link(skyspan.link_to(span("other")).attr("why", "retry"))
            .event(skyspan.event("sent", bytes=5))
            .exception(ValueError, "no such card")
            .is_remote_child()
            .remote_parent(8)
            .trace_state("a=1")
            .scope("app")
            .scope_version("1.2")
            .has_attr("names")
            .nothing_dropped()
        ),
        one(span("other").resource("telemetry.sdk.language", "python")),
    )
    caught = spans.trace().named("request")[0]
    assert (caught.trace_id, caught.parent_id) == (f"{7:032x}", f"{8:016x}")
    assert caught.events[0]["time_ns"] == 1_700_000_000_000_000_000


def test_an_open_span_is_seen_with_what_it_has_by_now(spans: Spans) -> None:
    with tracer().start_as_current_span("request") as request:
        request.set_attribute("user", "ada")
        tracer().start_span("query").end()
        spans.expect(one(span("request", user="ada").open()), one(span("query").ended().parent(span("request"))))
        request.set_attribute("user", "bob")
        request.set_attribute("rows", 3)
        spans.expect(one(span("request", user="bob", rows=3).open()))
        assert repr(spans) == "<Spans: 2 caught, 1 open>"
    spans.expect(one(span("request", user="bob").ended()))
    assert len(spans) == 2


def test_what_a_span_that_never_ends_has_at_the_end_of_the_test_is_kept() -> None:
    with skyspan.capture() as caught:
        leaked = tracer().start_span("leaked")
        leaked.set_attribute("user", "ada")
    kept = weakref.ref(leaked)
    caught.expect(one(span("leaked", user="ada").open()))
    del leaked
    gc.collect()
    assert kept() is None, "a capture that is over keeps no span of the program alive"
    caught.expect(one(span("leaked", user="ada").open()))


def test_what_started_before_is_no_concern_of_a_capture() -> None:
    before = tracer().start_span("before")
    with skyspan.capture() as caught:
        before.end()
        child = tracer().start_span("child", context=trace.set_span_in_context(before))
        child.end()
    after = tracer().start_span("after")
    after.end()
    caught.expect(forest([span("child")]))


def test_several_captures_have_each_all_spans() -> None:
    with skyspan.capture() as outer:
        tracer().start_span("one").end()
        with skyspan.capture() as inner:
            tracer().start_span("two").end()
        tracer().start_span("three").end()
    assert [caught.name for caught in outer] == ["one", "two", "three"]
    assert [caught.name for caught in inner] == ["two"]


def test_spans_that_are_cleared_away_come_again_when_they_end(spans: Spans) -> None:
    with tracer().start_as_current_span("request"):
        tracer().start_span("query").end()
        spans.clear()
        assert len(spans) == 0
        tracer().start_span("answer").end()
        spans.expect(forest([span("answer")]))
    spans.expect(forest([span("request").children([span("answer")])]))


def test_spans_at_the_same_time_stand_in_the_order_in_which_they_started(spans: Spans) -> None:
    for name in ["c", "a", "b"]:
        tracer().start_span(name, start_time=5).end(5)
    late, early = tracer().start_span("late", start_time=5), tracer().start_span("early", start_time=5)
    early.end(5)
    late.end(5)
    spans.expect(forest([span(name) for name in ["c", "a", "b", "late", "early"]]).in_order())


def test_a_provider_of_ones_own_is_listened_to() -> None:
    own, other = TracerProvider(resource=Resource({"service.name": "own"})), TracerProvider()
    with skyspan.capture(own) as caught:
        own.get_tracer("app").start_span("mine").end()
        other.get_tracer("app").start_span("unheard").end()
        caught.watch(other)
        other.get_tracer("app").start_span("theirs").end()
        own.get_tracer("app").start_span("mine").end()
    caught.expect(forest([span("mine").resource("service.name", "own").times(2), span("theirs")]))


def test_a_provider_that_is_shut_down_loses_nothing() -> None:
    own = TracerProvider()
    with skyspan.capture(own) as caught:
        own.get_tracer("app").start_span("before").end()
        own.shutdown()
        own.get_tracer("app").start_span("after").end()
    assert len(caught) == 2


def test_what_a_provider_dropped_is_told() -> None:
    own = TracerProvider(span_limits=SpanLimits(max_span_attributes=1, max_events=1, max_links=1))
    with skyspan.capture(own) as caught:
        request = own.get_tracer("app").start_span("request", attributes={"a": 1, "b": 2})
        request.add_event("one")
        request.add_event("two")
        request.end()
    caught.expect(one(span("request")), none(span().nothing_dropped()))


def test_the_global_provider_keeps_all_attributes_whatever_the_environment_says(spans: Spans) -> None:
    many = {f"key {at}": at for at in range(1_000)}
    tracer().start_span("many", attributes=many).end()
    assert spans[0].attributes == many


def test_what_takes_no_processor_is_told() -> None:
    with pytest.raises(RuntimeError, match="takes no span processor: expected a TracerProvider"):
        with skyspan.capture(object()):
            pass


def test_a_provider_that_is_switched_off_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OTEL_SDK_DISABLED", "true")
    with pytest.raises(RuntimeError, match="OTEL_SDK_DISABLED is set"):
        with skyspan.capture(TracerProvider()):
            pass


def test_what_another_thread_does_is_waited_for(spans: Spans) -> None:
    done = threading.Event()

    def work() -> None:
        with tracer().start_as_current_span("work"):
            done.wait(5)
        tracer().start_span("rest").end()

    thread = threading.Thread(target=work)
    thread.start()
    spans.wait_until(one(span("work").open()))
    threading.Timer(0.05, done.set).start()
    spans.wait_until(one(span("work").ended()), one(span("rest")))
    thread.join()
    spans.settled()


def test_a_wait_that_is_in_vain_ends_with_the_report(spans: Spans) -> None:
    begin = time.monotonic()
    with pytest.raises(AssertionError) as error:
        spans.wait_until(one(span("work")), timeout=0.1)
    assert 0.1 <= time.monotonic() - begin < 4
    assert "expected exactly 1 span \"work\", found none" in str(error.value)
    assert "waited 0.1 s for it" in str(error.value)
    open_span = tracer().start_span("work")
    with pytest.raises(TimeoutError, match='1 span\\(s\\) still open after 0.05 s: "work"'):
        spans.settled(timeout=0.05)
    open_span.end()
    spans.settled(quiet=0.01)
    for wrong in [-1, float("nan"), 1e12]:
        with pytest.raises(ValueError, match="is no time to wait"):
            spans.wait_until(one(span("work")), timeout=wrong)


def test_eight_threads_lose_no_span_while_traces_are_taken(spans: Spans) -> None:
    threads, each = 8, 10_000
    begin = threading.Barrier(threads + 1)

    def work(number: int) -> None:
        own = tracer(f"thread {number}")
        begin.wait()
        for at in range(each // 2):
            with own.start_as_current_span("set", attributes={"thread": number, "at": at}) as outer:
                own.start_span("status", attributes={"at": at}).end()
                outer.set_attribute("done", True)

    with ThreadPoolExecutor(threads) as pool:
        running = [pool.submit(work, number) for number in range(threads)]
        begin.wait()
        seen = 0
        while not all(future.done() for future in running):
            trace_now = spans.trace()
            assert len(trace_now) >= seen
            seen = len(trace_now)
            assert trace_now.check(at_least(1, span("set"))) is None or seen < 10
            time.sleep(0.05)
        for future in running:
            future.result()
    whole = spans.trace()
    assert len(whole) == threads * each
    whole.expect(
        exactly(threads * each // 2, span("set", done=True)),
        every(span("status")).parent(span("set")),
        none(span().open()),
    )
    for number in (0, threads - 1):
        assert len(whole.matching(span("set", thread=number).scope(f"thread {number}"))) == each // 2
    assert whole.defects == []


def test_attributes_that_change_while_a_trace_is_taken_do_no_harm(spans: Spans) -> None:
    stop = threading.Event()
    busy = tracer().start_span("busy")

    def work() -> None:
        for at in range(20_000):
            busy.set_attribute(f"key {at % 500}", at)
            if at % 50 == 0:
                busy.add_event(f"event {at}")
            if stop.is_set():
                break

    thread = threading.Thread(target=work)
    thread.start()
    for _ in range(50):
        spans.expect(one(span("busy").open()))
    stop.set()
    thread.join()
    busy.end()


def test_a_subclass_that_calls_back_into_python_does_no_harm(spans: Spans) -> None:
    class Odd(str):
        def __str__(self) -> str:
            tracer().start_span("inner").end()
            return "odd"

    request = tracer().start_span("request")
    attributes: Any = {Odd("key"): 1}
    request.set_attributes(attributes)
    request.end()
    spans.expect(one(span("request")))


@dataclass
class Proxy:
    """A provider that stands for another one, as logfire's does: a dataclass, which is not hashable."""

    provider: TracerProvider

    def add_span_processor(self, processor: SpanProcessor) -> None:
        self.provider.add_span_processor(processor)


def test_a_proxy_is_listened_to_whatever_it_stands_for(spans: Spans) -> None:
    proxy = Proxy(TracerProvider())
    for name in ("first", "second"):
        spans.watch(proxy)
        spans.watch(proxy)
        proxy.provider.get_tracer("own").start_span(name).end()
        spans.expect(exactly(1, span(name)))
        proxy.provider = TracerProvider()
