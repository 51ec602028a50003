"""How long plans take on a lab, and plan files of them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import skyspan
from skyspan import Lab

bp: Any = pytest.importorskip("bluesky.plans")
bps: Any = pytest.importorskip("bluesky.plan_stubs")


@pytest.fixture
def devices(lab: Lab) -> tuple[Any, Any]:
    stage = lab.motor("stage", velocity=1.0, acceleration_time=0.5)
    return lab.detector("camera", exposure_time=2, motor=stage, center=1), stage


def test_an_estimate_leaves_the_lab_alone(lab: Lab, devices: tuple[Any, Any]) -> None:
    camera, stage = devices
    before = lab.time
    estimate = lab.estimate(lambda: bp.scan([camera], stage, 0, 3, 4))
    assert (estimate.duration, estimate.points, estimate.runs) == (12.5, 4, 1)
    assert (estimate.busy("stage"), estimate.busy("camera"), estimate.busy("nothing")) == (4.5, 8.0, 0.0)
    assert estimate.to_dict()["duration_ns"] == 12_500_000_000 and "camera" in str(estimate)
    assert lab.time == before and stage.position == 0


def test_an_estimate_begins_where_the_devices_are(lab: Lab, devices: tuple[Any, Any]) -> None:
    _, stage = devices
    lab(bps.mv(stage, 10))
    assert lab.estimate(lambda: bps.mv(stage, 10)).duration == 0
    assert lab.estimate(lambda: bps.mv(stage, 0)).duration == 10.5


def test_an_estimate_of_a_plan_that_fails_is_told(lab: Lab, devices: tuple[Any, Any]) -> None:
    camera, stage = devices
    stage.fault("set", nth=2, raises=ValueError("stuck"))
    estimate = lab.estimate(lambda: bp.scan([camera], stage, 0, 3, 4))
    assert isinstance(estimate.exception, ValueError) and estimate.points == 1


def test_what_if_the_devices_were_quicker(lab: Lab, devices: tuple[Any, Any]) -> None:
    camera, stage = devices
    what_if = lab.what_if(lambda: bp.scan([camera], stage, 0, 3, 4))
    assert [(other.change, other.duration) for other in what_if.alternatives] == [
        ("camera.exposure_time=1", 8.5),
        ("stage.velocity=2", 11.0),
    ]
    assert str(what_if).splitlines() == [
        "what if                     duration  saved",
        "as it is                      12.5 s",
        "camera.exposure_time 2 → 1     8.5 s    4 s  32.0 %",
        "stage.velocity 1 → 2            11 s  1.5 s  12.0 %",
    ]


def test_what_if_something_else_is_changed(lab: Lab, devices: tuple[Any, Any]) -> None:
    camera, stage = devices
    what_if = lab.what_if(lambda: bp.scan([camera], stage, 0, 3, 4), "camera.exposure=0.5")
    assert [other.duration for other in what_if.alternatives] == [6.5]


def test_a_plan_that_runs_once_is_refused(lab: Lab, devices: tuple[Any, Any]) -> None:
    camera, _ = devices
    plan: Any = iter([])
    for ask in (lab.estimate, lab.what_if):
        with pytest.raises(TypeError, match="runs once"):
            ask(plan)
    with pytest.raises(ValueError, match="did you mean `camera`"):
        lab.what_if(lambda: bp.count([camera]), "camerra.exposure_time=1")
    with pytest.raises(ValueError, match="expected an option of SimDetector"):
        lab.what_if(lambda: bp.count([camera]), "camera.colour=1")


def test_a_plan_is_written_as_a_plan_file(lab: Lab, devices: tuple[Any, Any], tmp_path: Path) -> None:
    camera, stage = devices
    run = skyspan.export(bp.scan([camera], stage, 0, 3, 4), tmp_path / "scan.yaml", lab=lab)
    again = Lab().run_file(tmp_path / "scan.yaml")
    assert again.duration == run.duration == 12.5
    assert [event["data"]["stage"] for event in again.events] == [0, 1, 2, 3]
    assert again.documents[0][1]["motors"] == ["stage"]
    assert [msg.command for msg in again.messages] == [msg.command for msg in run.messages]


def test_devices_of_ophyd_sim_are_written_too(sim: Any, tmp_path: Path) -> None:
    skyspan.export(bp.rel_scan([sim.det], sim.motor, -1, 1, 3), tmp_path / "scan.yaml")
    run = Lab().run_file(tmp_path / "scan.yaml")
    run.assert_success()
    assert [round(event["data"]["det"], 3) for event in run.events] == [0.607, 1.0, 0.607]


def test_what_no_plan_file_has_a_word_for_is_told(lab: Lab, tmp_path: Path) -> None:
    path = tmp_path / "plan.yaml"
    with pytest.raises(ValueError, match=r"message 1, subscribe\(print.*is in no plan file"):
        skyspan.export(bps.subscribe("all", print), path, lab=lab)
    with pytest.raises(TypeError, match="the lab of the run"):
        skyspan.export(lab(bps.null()), path)
    assert not path.exists()


def test_a_file_that_is_no_plan_file_is_refused(lab: Lab, tmp_path: Path) -> None:
    path = tmp_path / "plan.yaml"
    path.write_text("items: [{item_type: plan, nme: scan}]\n")
    with pytest.raises(ValueError, match=r"plan.yaml:1:.*did you mean `name`"):
        lab.run_file(path)
    with pytest.raises(ValueError, match="no-such.yaml"):
        lab.run_file(tmp_path / "no-such.yaml")
