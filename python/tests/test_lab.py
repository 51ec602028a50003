"""Plans of bluesky on skyspan's engine."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from skyspan import Lab, exactly, none, one, span

bp: Any = pytest.importorskip("bluesky.plans")
bps: Any = pytest.importorskip("bluesky.plan_stubs")
bpp: Any = pytest.importorskip("bluesky.preprocessors")
utils: Any = pytest.importorskip("bluesky.utils")


def careful_scan(detectors: list[Any], stage: Any) -> Any:
    """A plan of a user's own: it comes home however it ends."""
    return bpp.finalize_wrapper(bp.scan(detectors, stage, 0, 10, 6), bps.mv(stage, 0))


def test_a_scan_leaves_its_trace_documents_and_messages(lab: Lab) -> None:
    stage = lab.motor("stage", velocity=2.0, acceleration_time=0.0)
    camera = lab.detector("camera", exposure_time=0.5)
    run = lab(bp.scan([camera], stage, 0, 10, 6))
    run.assert_success()
    assert run.duration == 8.0 and run.duration_ns == 8_000_000_000
    run.expect(
        exactly(6, span("Bluesky RunEngine set").child(span("Ophyd Status", device_name="stage"))),
        one(span("Bluesky RunEngine run", exit_status="success")),
        none(span(status="error")),
    )
    assert [name for name, _ in run.documents] == ["start", "descriptor", *["event"] * 6, "stop"]
    assert [event["data"]["stage"] for event in run.events] == [0, 2, 4, 6, 8, 10]
    assert run.messages[0] == utils.Msg("stage", camera, group=run.messages[0].kwargs["group"])


def test_it_comes_home_when_the_stage_stalls(lab: Lab) -> None:
    stage = lab.motor("stage", velocity=2.0, acceleration_time=0.0)
    camera = lab.detector("camera", exposure_time=0.5)
    stage.fault("set", nth=4, fails="stalled", after=0.5)
    run = lab(careful_scan([camera], stage))
    assert isinstance(run.exception, utils.FailedStatus) and stage.position == 0
    assert run.duration == pytest.approx(6.5)
    run.expect(one(span("Ophyd Status", exception="stalled")))


def test_the_devices_of_ophyd_sim_are_simulated(lab: Lab, sim: Any) -> None:
    sim.motor.delay = 1.0
    sim.motor.sim_state.update(readback=4.0, setpoint=4.0)
    run = lab(bp.rel_scan([sim.det], sim.motor, -1, 1, 3))
    run.assert_success()
    assert [event["data"]["motor"] for event in run.events] == [3, 4, 5]
    assert sim.motor.position == 4
    assert run.duration == 4.0


def test_an_exception_comes_back_as_the_same_object(lab: Lab) -> None:
    no_light = ValueError("no light")

    def plan() -> Iterator[Any]:
        yield from bps.null()
        raise no_light

    run = lab(plan())
    assert run.exception is no_light and run.exit_status == "fail"
    with pytest.raises(AssertionError, match="ValueError: no light") as raised:
        run.assert_success()
    assert raised.value.__cause__ is no_light
