"""Every place where a plan of Python can break."""

from __future__ import annotations

from collections.abc import Generator
from typing import Any, TypeAlias

import pytest

from skyspan import Lab

bp: Any = pytest.importorskip("bluesky.plans")
bps: Any = pytest.importorskip("bluesky.plan_stubs")
bpp: Any = pytest.importorskip("bluesky.preprocessors")

Plan: TypeAlias = Generator[Any, Any, Any]


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
    assert {cell.message for cell in tortured.cells} == set(range(18, 23)) and not tortured.is_well


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
