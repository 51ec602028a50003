"""The stubs of ``bluesky.plan_stubs``, and messages as such."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from typing import Any

import bluesky.plan_stubs as bps
from bluesky.utils import IllegalMessageSequence, Msg
from case import case

Plan = Any


@case()
def move_and_read(d: Any) -> Plan:
    yield from bps.mv(d.motor1, 1, d.motor2, 2)
    yield from bps.mvr(d.motor1, 1, d.motor2, -1)
    return (yield from bps.rd(d.motor1)), (yield from bps.rd(d.motor2))


@case()
def sets_and_groups(d: Any) -> Plan:
    yield from bps.abs_set(d.motor1, 1, group="A")
    yield from bps.abs_set(d.motor2, 2, group="A")
    yield from bps.rel_set(d.motor3, 3, wait=True)
    yield from bps.wait("A")
    yield from bps.wait("nothing")


@case()
def a_run_by_hand(d: Any) -> Plan:
    uid = yield from bps.open_run({"purpose": "by hand"})
    for value in (1, 2):
        yield from bps.checkpoint()
        yield from bps.abs_set(d.motor, value, wait=True)
        yield from bps.trigger(d.det, wait=True)
        yield from bps.create("primary")
        reading = yield from bps.read(d.det)
        yield from bps.read(d.motor)
        if value == 1:
            yield from bps.drop()
        else:
            yield from bps.save()
    closed = yield from bps.close_run()
    assert uid == closed
    return sorted(reading)


@case()
def several_streams(d: Any) -> Plan:
    yield from bps.open_run()
    for name in ("before", "primary", "primary", "after"):
        yield from bps.trigger_and_read([d.det, d.motor1], name=name)
    yield from bps.close_run("success", "all is well")


@case()
def what_is_monitored(d: Any) -> Plan:
    yield from bps.open_run()
    yield from bps.monitor(d.motor, name="moves")
    yield from bps.mv(d.motor, 1)
    yield from bps.mv(d.motor, 2)
    yield from bps.unmonitor(d.motor)
    yield from bps.mv(d.motor, 3)
    yield from bps.close_run()


@case()
def a_flyer_by_hand(d: Any) -> Plan:
    yield from bps.open_run()
    yield from bps.kickoff(d.trivial_flyer, wait=True)
    yield from bps.complete(d.trivial_flyer, wait=True)
    yield from bps.collect(d.trivial_flyer)
    yield from bps.close_run()


@case()
def staged_and_configured(d: Any) -> Plan:
    yield from bps.stage(d.det)
    yield from bps.open_run()
    yield from bps.trigger_and_read([d.det])
    yield from bps.close_run()
    yield from bps.unstage(d.det)


@case()
def sleeps_and_checkpoints(d: Any) -> Plan:
    yield from bps.null()
    yield from bps.sleep(0.02)
    yield from bps.checkpoint()
    yield from bps.clear_checkpoint()
    yield from bps.sleep(0)


@case()
def repeated(d: Any) -> Plan:
    yield from bps.open_run()
    yield from bps.repeat(lambda: bps.one_shot([d.det]), num=2, delay=0.3)
    yield from bps.repeater(2, bps.trigger_and_read, [d.det1], name="again")
    yield from bps.close_run()


@case()
def caching_repeater(d: Any) -> Plan:
    return bps.caching_repeater(2, bps.mv(d.motor, 1))


@case()
def steps_of_patterns(d: Any) -> Plan:
    yield from bps.open_run()
    yield from bps.one_1d_step([d.det], d.motor, 2)
    positions: Any = defaultdict(lambda: None)
    yield from bps.move_per_step({d.motor1: 1, d.motor2: 2}, positions)
    yield from bps.one_nd_step([d.det], {d.motor1: 3, d.motor2: 4}, positions)
    yield from bps.close_run()


@case()
def coroutines_are_awaited(d: Any) -> Plan:
    heard: list[str] = []

    async def hear(word: str) -> str:
        await asyncio.sleep(0.01)
        heard.append(word)
        return word

    yield from bps.wait_for([lambda: hear("a"), lambda: hear("b")])
    return sorted(heard)


@case()
def callbacks_come_and_go(d: Any) -> Plan:
    heard: list[str] = []
    token = yield from bps.subscribe("all", lambda name, doc: heard.append(name))
    yield from bps.open_run()
    yield from bps.trigger_and_read([d.det])
    yield from bps.unsubscribe(token)
    yield from bps.trigger_and_read([d.det])
    yield from bps.close_run()
    return heard


@case()
def stop_of_a_device(d: Any) -> Plan:
    yield from bps.abs_set(d.motor, 5, wait=True)
    yield from bps.stop(d.motor)


@case()
def rd_of_what_has_no_value(d: Any) -> Plan:
    return (yield from bps.rd(d.det)), (yield from bps.rd(d.det, default_value=5))


@case()
def a_stream_is_declared(d: Any) -> Plan:
    yield from bps.open_run()
    yield from bps.declare_stream(d.det, name="primary")
    yield from bps.trigger_and_read([d.det])
    yield from bps.close_run()


@case()
def declared_before(d: Any) -> Plan:
    yield from bps.open_run()
    yield from bps.declare_stream(d.det, d.motor, name="primary")
    yield from bps.trigger_and_read([d.det, d.motor])
    yield from bps.close_run()


@case()
def an_illegal_sequence_is_caught(d: Any) -> Plan:
    yield from bps.open_run()
    yield from bps.create("primary")
    try:
        yield from bps.create("other")
    except IllegalMessageSequence as error:
        caught = type(error).__name__
    yield from bps.drop()
    yield from bps.close_run()
    return caught


@case()
def an_unknown_command(d: Any) -> Plan:
    yield Msg("open_run")
    yield Msg("no_such_command")


@case()
def the_second_run_is_refused(d: Any) -> Plan:
    yield from bps.open_run()
    yield from bps.open_run()


@case()
def a_failing_wait_of_the_group_is_caught(d: Any) -> Plan:
    try:
        yield from bps.abs_set(d.motor, "five", wait=True)
    except Exception as error:
        return type(error).__name__


@case()
def keyed_runs(d: Any) -> Plan:
    yield Msg("open_run", run="a", purpose="a")
    yield Msg("open_run", run="b", purpose="b")
    for run in "ab":
        yield Msg("create", name="primary", run=run)
        yield Msg("read", d.det, run=run)
        yield Msg("save", run=run)
    yield Msg("close_run", run="b")
    yield Msg("close_run", run="a")


@case()
def what_time_it_is_of_a_run(d: Any) -> Plan:
    yield from bps.open_run()
    yield from bps.close_run(reason="it was enough")
    yield from bps.open_run()
    yield from bps.close_run(exit_status="abort", reason="no beam")
