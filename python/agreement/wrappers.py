"""The preprocessors of ``bluesky.preprocessors``."""

from __future__ import annotations

from typing import Any

import bluesky.plan_stubs as bps
import bluesky.plans as bp
import bluesky.preprocessors as bpp
from bluesky.utils import Msg
from case import case

Plan = Any


def measure(d: Any) -> Plan:
    """Two points, without a run."""
    for value in (1, 2):
        yield from bps.mv(d.motor, value)
        yield from bps.trigger_and_read([d.det, d.motor])


@case()
def run_wrapper(d: Any) -> Plan:
    return bpp.run_wrapper(measure(d), md={"sample": "A"})


@case()
def run_decorator_on_what_raises(d: Any) -> Plan:
    @bpp.run_decorator(md={"sample": "A"})
    def plan() -> Plan:
        yield from measure(d)
        raise KeyError("no light")

    return plan()


@case()
def stage_wrapper(d: Any) -> Plan:
    return bpp.stage_wrapper(bpp.run_wrapper(measure(d)), [d.det, d.motor])


@case()
def lazily_stage(d: Any) -> Plan:
    return bpp.lazily_stage_wrapper(bpp.run_wrapper(measure(d)))


@case()
def baseline(d: Any) -> Plan:
    return bpp.baseline_wrapper(bp.count([d.det]), [d.motor1, d.motor2])


@case()
def monitor_during(d: Any) -> Plan:
    return bpp.monitor_during_wrapper(bp.scan([d.det], d.motor1, 0, 1, 2), [d.motor2])


@case()
def fly_during(d: Any) -> Plan:
    return bpp.fly_during_wrapper(bp.count([d.det], 2), [d.trivial_flyer])


@case()
def relative_set(d: Any) -> Plan:
    return bpp.relative_set_wrapper(bpp.run_wrapper(measure(d)), [d.motor])


@case()
def reset_positions(d: Any) -> Plan:
    yield from bps.mv(d.motor, 4)
    yield from bpp.reset_positions_wrapper(bpp.run_wrapper(measure(d)))


@case()
def finalize(d: Any) -> Plan:
    return bpp.finalize_wrapper(bp.scan([d.det], d.motor, 0, 2, 3), bps.mv(d.motor, -1))


@case()
def finalize_after_an_error(d: Any) -> Plan:
    def plan() -> Plan:
        yield from bps.mv(d.motor, 3)
        raise RuntimeError("no light")

    return bpp.finalize_wrapper(plan(), lambda: bps.mv(d.motor, -1))


@case()
def contingency(d: Any) -> Plan:
    def failing() -> Plan:
        yield from bps.mv(d.motor, 3)
        raise ValueError("no light")

    def on_error(error: Exception) -> Plan:
        yield Msg("null", None, type(error).__name__)
        return "caught"

    return (
        yield from bpp.contingency_wrapper(
            failing(),
            except_plan=on_error,
            else_plan=lambda: bps.null(),
            final_plan=lambda: bps.mv(d.motor, 0),
            auto_raise=False,
        )
    )


@case()
def contingency_of_what_goes_well(d: Any) -> Plan:
    return bpp.contingency_wrapper(
        bp.count([d.det]), except_plan=lambda error: bps.null(), else_plan=lambda: bps.mv(d.motor, 1)
    )


@case()
def subscribers_of_a_plan(d: Any) -> Plan:
    heard: list[str] = []
    yield from bpp.subs_wrapper(bp.count([d.det]), {"start": [lambda name, doc: heard.append(name)], "all": heard_all(heard)})
    yield from bp.count([d.det])
    return heard


def heard_all(heard: list[str]) -> Any:
    def hear(name: str, doc: Any) -> None:
        heard.append(f"all {name}")

    return hear


@case()
def metadata_are_injected(d: Any) -> Plan:
    return bpp.inject_md_wrapper(bp.count([d.det]), {"sample": "B", "nested": {"a": [1, 2.5, None]}})


@case()
def a_run_key(d: Any) -> Plan:
    @bpp.set_run_key_decorator("outer")
    @bpp.run_decorator(md={"purpose": "outer"})
    def outer() -> Plan:
        for value in (1, 2):
            yield from bpp.set_run_key_wrapper(bp.count([d.det]), run=f"inner {value}")
            yield from bps.mvr(d.motor, 1)

    return outer()


@case()
def not_rewindable(d: Any) -> Plan:
    return bpp.rewindable_wrapper(bp.count([d.det], 2), False)


@case()
def stub(d: Any) -> Plan:
    return bpp.run_wrapper(bpp.stub_wrapper(bp.scan([d.det], d.motor, 0, 1, 2)), md={"purpose": "one run of two"})


@case()
def one_after_the_other(d: Any) -> Plan:
    return bpp.pchain(bps.mv(d.motor, 1), bp.count([d.det]), bps.mv(d.motor, 2))


@case()
def messages_are_changed(d: Any) -> Plan:
    def change(message: Any) -> Any:
        if message.command == "set":
            return message._replace(args=(message.args[0] * 2,))
        return None if message.command == "checkpoint" else message

    return bpp.msg_mutator(bp.scan([d.det], d.motor, 0, 2, 3), change)


@case()
def messages_are_inserted(d: Any) -> Plan:
    def insert(message: Any) -> Any:
        if message.command == "trigger" and message.obj is d.det:

            def before() -> Plan:
                yield from bps.sleep(0.001)
                return (yield message)

            return before(), bps.null()
        return None, None

    return bpp.plan_mutator(bp.count([d.det], 2), insert)


@case()
def supplemental_data(d: Any) -> Plan:
    sd = bpp.SupplementalData(baseline=[d.motor1], monitors=[d.motor2], flyers=[d.trivial_flyer])
    return sd(bp.scan([d.det], d.motor, 0, 1, 2))


@case()
def nested_decorators(d: Any) -> Plan:
    @bpp.stage_decorator([d.det])
    @bpp.run_decorator(md={"plan_name": "nested"})
    @bpp.baseline_decorator([d.motor3])
    @bpp.finalize_decorator(lambda: bps.mv(d.motor, 0))
    @bpp.relative_set_decorator([d.motor])
    @bpp.reset_positions_decorator([d.motor])
    def plan() -> Plan:
        yield from measure(d)

    return plan()


@case()
def a_device_is_staged_twice(d: Any) -> Plan:
    def plan() -> Plan:
        yield from bps.stage(d.det)
        yield from bps.stage(d.det)

    return bpp.finalize_wrapper(plan(), bps.unstage(d.det))


@case()
def the_count_time_is_configured(d: Any) -> Plan:
    return bpp.configure_count_time_wrapper(bp.count([d.det_with_count_time], 2), 2.5)
