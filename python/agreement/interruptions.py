"""What happens to plans from outside, and what they do about it."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import bluesky.plan_stubs as bps
import bluesky.plans as bp
import bluesky.preprocessors as bpp
from bluesky.utils import RequestAbort, RequestStop
from case import beamline, case
from faulty import FailingDetector, RefusingAxis, StallingAxis

Plan = Any


def scan(d: Any) -> Plan:
    return bpp.finalize_wrapper(bp.scan([d.det], d.motor, 0, 4, 5), lambda: bps.mv(d.motor, -1))


@case(at=[{"message": 12, "do": "pause"}], on_pause=["resume"])
def paused_and_resumed(d: Any) -> Plan:
    return scan(d)


@case(at=[{"message": 12, "do": "pause"}], on_pause=["resume"], record_interruptions=True)
def a_pause_is_recorded(d: Any) -> Plan:
    return scan(d)


@case(at=[{"message": 12, "do": "deferred_pause"}], on_pause=["resume"])
def paused_at_a_checkpoint(d: Any) -> Plan:
    return scan(d)


@case(at=[{"message": 12, "do": "pause"}], on_pause=["abort"])
def aborted_when_paused(d: Any) -> Plan:
    return scan(d)


@case(at=[{"message": 12, "do": "pause"}], on_pause=["stop"])
def stopped_when_paused(d: Any) -> Plan:
    return scan(d)


@case(at=[{"message": 12, "do": "pause"}], on_pause=["halt"])
def halted_when_paused(d: Any) -> Plan:
    return scan(d)


@case(at=[{"message": 9, "do": "pause"}, {"message": 20, "do": "pause"}], on_pause=["resume", "resume"])
def paused_twice(d: Any) -> Plan:
    return scan(d)


@case(on_pause=["resume"])
def a_plan_pauses_itself(d: Any) -> Plan:
    yield from bps.open_run()
    yield from bps.checkpoint()
    yield from bps.mv(d.motor, 1)
    yield from bps.pause()
    yield from bps.mv(d.motor, 2)
    yield from bps.close_run()


@case(
    at=[{"message": 8, "do": "pause"}],
    on_pause=["resume"],
    differs={r"(messages|span_forest): \d+ entries in bluesky, \d+ in skyspan": "a plan that cannot be paused, and goes on"},
)
def a_pause_without_a_checkpoint_ends_the_plan(d: Any) -> Plan:
    def plan() -> Plan:
        yield from bps.open_run()
        yield from bps.clear_checkpoint()
        for value in range(5):
            yield from bps.mv(d.motor, value)
        yield from bps.close_run()

    return bpp.finalize_wrapper(plan(), bps.mv(d.motor, -1))


@case()
def a_plan_asks_for_a_stop(d: Any) -> Plan:
    def plan() -> Plan:
        yield from bps.open_run()
        yield from bps.mv(d.motor, 1)
        raise RequestStop

    return bpp.finalize_wrapper(plan(), lambda: bps.mv(d.motor, -1))


@case()
def a_plan_asks_for_an_abort(d: Any) -> Plan:
    def plan() -> Plan:
        yield from bps.open_run()
        yield from bps.mv(d.motor, 1)
        raise RequestAbort("enough")

    return bpp.finalize_wrapper(plan(), lambda: bps.mv(d.motor, -1))


def with_faults() -> SimpleNamespace:
    d = beamline()
    d.stage = StallingAxis(name="stage", nth=2)
    d.limited = RefusingAxis(name="limited")
    d.lost = FailingDetector(name="lost", nth=2)
    return d


@case(devices=with_faults)
def a_move_that_fails(d: Any) -> Plan:
    return bp.scan([d.det1], d.stage, 0, 4, 5)


@case(devices=with_faults)
def a_move_that_fails_and_is_caught(d: Any) -> Plan:
    yield from bps.open_run()
    try:
        for value in (1, 2):
            yield from bps.mv(d.stage, value)
    except Exception as error:
        caught = type(error).__name__
    yield from bps.mv(d.motor, 0)
    yield from bps.close_run()
    return caught


@case(devices=with_faults)
def a_move_that_is_refused(d: Any) -> Plan:
    return bpp.finalize_wrapper(bp.scan([d.det1], d.limited, 0, 10, 3), lambda: bps.mv(d.motor, -1))


@case(devices=with_faults)
def a_trigger_that_raises(d: Any) -> Plan:
    return bp.count([d.lost], 3)


@case(devices=with_faults)
def a_trigger_that_raises_and_is_tried_again(d: Any) -> Plan:
    @bpp.run_decorator()
    def plan() -> Plan:
        failed = 0
        for _ in range(3):
            while True:
                try:
                    yield from bps.trigger_and_read([d.lost])
                    break
                except Exception:
                    failed += 1
        return failed

    return plan()


@case(devices=with_faults)
def a_clean_up_that_fails(d: Any) -> Plan:
    def clean_up() -> Plan:
        yield from bps.mv(d.limited, 9)

    return bpp.finalize_wrapper(bp.count([d.det]), clean_up)


@case()
def an_error_of_the_plan(d: Any) -> Plan:
    yield from bps.open_run()
    yield from bps.mv(d.motor, 1)
    raise ZeroDivisionError("of the plan")


@case()
def a_callback_that_raises(d: Any) -> Plan:
    def fails(name: str, doc: Any) -> None:
        if name == "event":
            raise ArithmeticError("of the callback")

    return bpp.subs_wrapper(bp.count([d.det], 2), fails)


@case()
def a_generator_that_is_closed(d: Any) -> Plan:
    left: list[str] = []

    def inner() -> Plan:
        try:
            yield from bps.mv(d.motor, 1)
            yield from bps.mv(d.motor, 2)
        finally:
            left.append("inner")

    plan = inner()
    yield next(plan)
    plan.close()
    return left
