"""Every place where a plan of Python can break."""

from __future__ import annotations

import ctypes
import functools
import itertools
import signal
import sys
from collections.abc import Generator
from typing import Any, TypeAlias

import pytest

from skyspan import Lab

bp: Any = pytest.importorskip("bluesky.plans")
bps: Any = pytest.importorskip("bluesky.plan_stubs")
bpp: Any = pytest.importorskip("bluesky.preprocessors")

ophyd_sim: Any = pytest.importorskip("ophyd.sim")
Msg: Any = pytest.importorskip("bluesky.utils").Msg

Plan: TypeAlias = Generator[Any, Any, Any]


class Own(BaseException):
    """As that which ends a test, of a framework."""


def bench(lab: Lab) -> tuple[Any, Any]:
    return lab.motor("stage", velocity=2.0), lab.detector("camera", exposure_time=0.5)


def careful(stage: Any, camera: Any) -> Any:
    return bpp.finalize_wrapper(bp.scan([camera], stage, 0, 4, 3), lambda: bps.mv(stage, 0))


def careless(stage: Any, camera: Any) -> Plan:
    yield from bp.scan([camera], stage, 0, 4, 3)
    yield from bps.mv(stage, 0)


def test_a_careless_plan_leaves_its_stage_away_from_home(lab: Lab) -> None:
    stage, camera = bench(lab)
    tortured = lab.torture(lambda: careless(stage, camera), only=["fails", "late"])
    assert not tortured.is_well and any("stage is left at" in finding for finding in tortured.findings)
    left = [cell for cell in tortured.cells if cell.verdict == "left"]
    assert len(left) == tortured.count("left") > 0 and {cell.trouble for cell in left} == {"fails"}
    assert left[0].leftovers[0]["device"] == "stage" and left[0].message > 0
    with pytest.raises(AssertionError, match=r"something is left:(.|\n)*stage is left"):
        tortured.assert_home()
    again = tortured.case(left[-1].case)
    assert again.verdict == "left" and "camera fails" in str(again) and len(again.trace) > 3
    assert stage.position == 0 and lab.state == "idle"


def test_a_careful_plan_comes_home_whatever_happens(lab: Lab) -> None:
    stage, camera = bench(lab)
    lab.torture(lambda: careful(stage, camera), only=["pause", "suspend", "late", "callback"]).assert_home()
    tortured = lab.torture(lambda: careful(stage, camera), only=["halt"], messages=(18, 22))
    assert {cell.message for cell in tortured.cells} == set(range(18, 23)) and tortured.is_well
    assert tortured.count("excused") > 0 and "halt" in tortured.excused[0] and not tortured.findings
    excused = next(cell for cell in tortured.cells if cell.verdict == "excused")
    assert excused.excused[0]["excuse"] == "halted" and excused.excused[0]["leftover"] and not excused.leftovers
    tortured.assert_home()
    strictly = lab.torture(lambda: careful(stage, camera), only=["halt"], messages=(18, 22), strict=True)
    assert not strictly.is_well and strictly.count("excused") == 0 and not strictly.excused
    assert strictly.count("left") == tortured.count("excused")


def test_a_cell_that_hangs_says_why_in_words(lab: Lab) -> None:
    stage, camera = bench(lab)
    tortured = lab.torture(lambda: careful(stage, camera), only=["hangs"], strict=True)
    hung = [cell for cell in tortured.cells if cell.verdict == "hung"]
    assert len(hung) == tortured.count("hung") > 0
    assert {cell.hung for cell in hung} == {
        "a `wait` waits for ever, without a timeout, for camera",
        "a `wait` waits for ever, without a timeout, for stage",
    }


def test_a_home_is_said_by_name(lab: Lab) -> None:
    stage, _ = bench(lab)
    assert not lab.torture(lambda: bps.mv(stage, 3), only=["pause"], home={"stage": "start"}).is_well
    assert lab.torture(lambda: bps.mv(stage, 3), only=["pause"], home={"stage": 3.0}).is_well


def test_what_a_plan_asks_a_device_directly_is_that_of_the_run(lab: Lab) -> None:
    stage, _ = bench(lab)

    class Own:
        name, parent, position = "own", None, 40.0

    own = Own()
    lab.map(own, stage)
    seen: set[tuple[float, float]] = set()

    def plan() -> Plan:
        yield from bps.mv(stage, 3)
        seen.add((stage.position, own.position))
        yield from bps.mv(stage, 0)

    lab.torture(plan, only=["pause"]).assert_home()
    assert seen == {(3.0, 3.0)} and stage.position == 0 and own.position == 40.0


def test_what_goes_wrong_is_raised(lab: Lab) -> None:
    stage, camera = bench(lab)
    wrong: Any = careless(stage, camera)
    with pytest.raises(TypeError, match="a callable that makes the plan"):
        lab.torture(wrong)
    unknown: Any = ["explodes"]
    with pytest.raises(ValueError, match='expected one of pause, .*found "explodes"'):
        lab.torture(lambda: careless(stage, camera), only=unknown)
    with pytest.raises(ValueError, match="the home of \"table\""):
        lab.torture(lambda: careless(stage, camera), home={"table": 3})
    no_plan = LookupError("no plan")

    def fail() -> Plan:
        raise no_plan

    with pytest.raises(LookupError) as raised:
        lab.torture(lambda: fail())
    assert raised.value is no_plan

    def interrupted() -> Plan:
        yield from bps.null()
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        lab.torture(interrupted)
    with pytest.raises(ValueError, match="expected a lab with a simulated clock"):
        Lab(real_time=True).torture(lambda: bps.null())


@pytest.mark.parametrize("ends", [SystemExit(3), KeyboardInterrupt("now"), Own("own")], ids=lambda ends: type(ends).__name__)
def test_what_is_no_exception_is_raised_as_it_is(lab: Lab, ends: BaseException) -> None:
    def plan() -> Plan:
        yield from bps.null()
        raise ends

    with pytest.raises(type(ends)) as raised:
        lab.torture(plan)
    assert raised.value is ends


@pytest.mark.skipif(sys.platform == "win32", reason="signals go to all there")
def test_what_a_handler_of_signals_raises_is_raised_as_it_is(lab: Lab) -> None:
    late = TimeoutError("too late")
    # Those of `os` and `signal` have its handler run at once.
    sends: Any = ctypes.CDLL(None)["raise"]

    def handler(*_: Any) -> None:
        raise late

    class Signalled:
        """A plan in which no step of Python is between the signal and its message, so that the engine hears of it."""

        def __init__(self) -> None:
            steps = filter(None, itertools.chain(map(sends, [signal.SIGUSR1]), [Msg("null"), Msg("null")]))
            self.send = functools.partial(next, steps)

        def throw(self, error: BaseException) -> None:
            raise error

        def close(self) -> None:
            pass

    before = signal.signal(signal.SIGUSR1, handler)
    try:
        with pytest.raises(TimeoutError) as raised:
            makes: Any = Signalled
            lab.torture(makes, only=["pause"])
    finally:
        signal.signal(signal.SIGUSR1, before)
    assert raised.value is late


def test_a_run_is_within_a_call(lab: Lab) -> None:
    stage, _ = bench(lab)
    refused: list[str] = []

    def refuses(ask: Any) -> None:
        with pytest.raises(RuntimeError, match="from within a plan, a device or a callback of the lab") as raised:
            ask()
        refused.append(str(raised.value))

    def plan() -> Plan:
        refuses(lambda: lab(bps.null()))
        refuses(lambda: lab.torture(lambda: bps.null()))
        status = stage.set(1)
        refuses(status.wait)
        yield from bps.mv(stage, 0)

    def makes() -> Plan:
        refuses(lambda: lab.sleep(1))
        return plan()

    lab.torture(makes, only=["pause"])
    assert len(refused) > 8 and lab.state == "idle"
    lab(bps.null()).assert_success()


def test_devices_of_ophyd_sim_are_left_alone(lab: Lab, sim: Any) -> None:
    mocked = ophyd_sim.SynAxis(name="mocked")
    seen: set[float] = set()

    def plan() -> Plan:
        yield from bps.mv(sim.motor, 3, sim.pseudo3x3.pseudo1, 2, sim.signal, 5)
        seen.add(sim.motor.position)
        yield from bps.null()

    before = (sim.signal.get(), sim.pseudo3x3.pseudo1.position)
    lab.estimate(plan)
    tortured = lab.torture(plan, only=["pause"])
    assert len(tortured.case(tortured.cells[-1].case).trace) > 3
    assert sim.motor.position == 0 == mocked.position and seen == {3.0}
    assert (sim.signal.get(), sim.pseudo3x3.pseudo1.position) == before
    assert type(sim.motor.sim_state) is type(mocked.sim_state)
    assert "__getattribute__" not in type(sim.pseudo3x3).__dict__
