"""Devices of ophyd-async on the loop of a lab."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Generator
from typing import Any, TypeAlias, cast

import pytest

from skyspan import Deadlock, Lab, none, span

bp: Any = pytest.importorskip("bluesky.plans")
bps: Any = pytest.importorskip("bluesky.plan_stubs")
core: Any = pytest.importorskip("ophyd_async.core")
sim: Any = pytest.importorskip("ophyd_async.sim")

Plan: TypeAlias = Generator[Any, Any, Any]


@pytest.fixture
def stage(lab: Lab) -> Any:
    async def make() -> Any:
        async with core.init_devices(mock=True):
            stage = sim.SimMotor(instant=False)
        return stage

    return lab.finish(make())


def test_a_scan_takes_simulated_time(lab: Lab, stage: Any) -> None:
    began = time.perf_counter()
    run = lab(bp.scan([stage], stage, 0, 50, 6))
    run.assert_success()
    assert run.duration == 52.5 and time.perf_counter() - began < 20
    assert [event["data"]["stage"] for event in run.events] == [0, 10, 20, 30, 40, 50]
    run.expect(none(span("Ophyd Status")))


@pytest.fixture
def gain(lab: Lab) -> Any:
    async def make() -> Any:
        signal = core.soft_signal_rw(float, 1.0, name="gain")
        await signal.connect(mock=True)
        return signal

    return lab.finish(make())


def test_a_set_that_fails_comes_back_as_it_was_raised(lab: Lab, gain: Any) -> None:
    error = ConnectionError("no power")

    async def fails(*_: Any, **__: Any) -> None:
        await asyncio.sleep(2)
        raise error

    core.callback_on_mock_put(gain, fails)
    run = lab(bps.mv(gain, 5))
    assert run.exit_status == "fail" and run.exception.__cause__ is error and run.duration == 2.0


def test_a_signal_is_set_read_and_monitored(lab: Lab, gain: Any) -> None:
    def plan() -> Plan:
        yield from bps.open_run()
        yield from bps.monitor(gain, name="gain_monitor")
        yield from bps.abs_set(gain, 3.0, wait=True)
        value = cast("float", (yield from bps.rd(gain)))
        yield from bps.unmonitor(gain)
        yield from bps.close_run()
        return value

    run = lab(plan())
    run.assert_success()
    assert run.result == 3.0
    assert [event["data"]["gain"] for event in run.events] == [1.0, 3.0]


def test_a_test_that_is_a_coroutine_may_run_plans(lab: Lab, stage: Any) -> None:
    async def test() -> Any:
        await asyncio.sleep(0)
        return lab(bps.mv(stage, 5))

    assert asyncio.run(test()).exit_status == "success"


def test_a_thread_keeps_the_clock_waiting(lab: Lab) -> None:
    def sleeps() -> str:
        time.sleep(0.05)
        return threading.current_thread().name

    async def work() -> str:
        before = lab.time
        name = await asyncio.to_thread(sleeps)
        assert lab.time == before
        return name

    assert lab.finish(work()) != threading.current_thread().name


def test_what_never_comes_is_a_deadlock(lab: Lab) -> None:
    async def never() -> None:
        await asyncio.get_running_loop().create_future()

    with pytest.raises(Deadlock):
        lab.finish(never())

    def plan() -> Plan:
        yield from bps.wait_for([never])

    assert isinstance(lab(plan()).exception, Deadlock)
