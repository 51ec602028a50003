"""On the real RunEngine of bluesky with the simulated devices of ophyd."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from skyspan import Spans, every, exactly, none, one, span

pytest.importorskip("ophyd")
bp: Any = pytest.importorskip("bluesky.plans")
bps: Any = pytest.importorskip("bluesky.plan_stubs")
tracing: Any = pytest.importorskip("bluesky.tracing")


def test_the_scan_leaves_its_trace(RE: Any, sim: SimpleNamespace, spans: Spans) -> None:
    RE(bp.scan([sim.det], sim.motor, 0, 10, 6))
    spans.expect(
        exactly(6, span("Bluesky RunEngine set").child(span("Ophyd Status", device_name="motor"))),
        none(span(status="error")),
    )
    spans.expect_tree("""
        Bluesky RunEngine run
        Bluesky RunEngine set {6}
          Ophyd Status  device_name="motor"
        ...
    """)


def test_the_example_of_the_documentation(RE: Any, sim: SimpleNamespace, spans: Spans) -> None:
    # https://blueskyproject.io/bluesky, "Tracing with Opentelemetry".
    def plan() -> Any:
        yield from bps.open_run()
        yield from bps.abs_set(sim.motor, 5, wait=True)
        yield from bps.close_run()

    RE(tracing.trace_plan(tracing.tracer, "demo plan")(plan)())
    spans.expect(
        one(span("demo plan").child(span("Bluesky RunEngine set", attributes={"msg.args": [5]}))),
        one(span("Bluesky RunEngine run", exit_status="success", reason="")),
        every(span("Ophyd Status")).lasting(at_most="30 s"),
    )


def test_a_run_is_one_tree(RE: Any, sim: SimpleNamespace, spans: Spans) -> None:
    RE(bp.scan([sim.det], sim.motor, 0, 1, 2))
    assert len(spans.trace().roots) > 5
    run = spans.grouped_by_run()
    run.expect_tree("""
        Bluesky RunEngine run  exit_status=success
          Bluesky RunEngine set {2}
            Ophyd Status  device_name="motor"
          ...
    """)
    run.expect(every(span("Bluesky RunEngine wait")).parent(span("Bluesky RunEngine run")))


def test_what_fails_is_told_by_the_spans(RE: Any, sim: SimpleNamespace, spans: Spans) -> None:
    def plan() -> Any:
        yield from bps.open_run()
        yield from bps.mv(sim.motor, 5)
        raise KeyError("no beam")

    with pytest.raises(KeyError):
        RE(plan())
    spans.expect(
        none(span("Bluesky RunEngine run", exit_status="success")),
        one(span("Bluesky RunEngine set").child(span("Ophyd Status", target=5))),
    )


def test_a_status_that_is_late_is_waited_for(RE: Any, sim: SimpleNamespace, spans: Spans) -> None:
    slow = sim.motor
    slow.delay = 0.2

    def plan() -> Any:
        yield from bps.open_run()
        yield from bps.abs_set(slow, 5)
        yield from bps.close_run()

    RE(plan())
    # It has its attributes from its end on.
    spans.expect(one(span("Ophyd Status").open().parent(span("Bluesky RunEngine set"))))
    spans.wait_until(one(span("Ophyd Status", device_name="motor").ended()))
    spans.settled()
    spans.expect(every(span("Ophyd Status")).lasting(at_least="0.2 s"))


def test_two_runs_have_one_shape(RE: Any, sim: SimpleNamespace, spans: Spans) -> None:
    shapes: list[str] = []
    for _ in range(2):
        RE(bps.mv(sim.motor, 0.0))
        spans.clear()
        RE(bp.scan([sim.det], sim.motor, 0, 1, 2))
        shapes.append(spans.shape(without=["object_repr"]))
    assert shapes[0] == shapes[1]
    assert "start_time=<time>" in shapes[0]
