"""The devices of ophyd.sim on a lab, each simulated by the device of its class."""

from __future__ import annotations

import pathlib
import warnings
from collections.abc import Generator
from typing import Any, TypeAlias, cast

import pytest

from skyspan import Lab, RealTimeWarning

bp: Any = pytest.importorskip("bluesky.plans")
bps: Any = pytest.importorskip("bluesky.plan_stubs")
ophyd_sim: Any = pytest.importorskip("ophyd.sim")
numpy: Any = pytest.importorskip("numpy")

Plan: TypeAlias = Generator[Any, Any, Any]

#: Those of `hw()` that are called where they stand: they are signals of ophyd itself, or have a readback of their own.
CALLED = {"sig", "bool_sig", "jittery_motor1", "jittery_motor2"}


def is_called(lab: Lab, device: Any) -> bool:
    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always", RealTimeWarning)
        lab._core.handle_of(device)
    return bool(said)


def test_all_that_can_be_simulated_is(lab: Lab, sim: Any) -> None:
    devices = cast("dict[str, Any]", vars(sim))
    called = {name for name, device in devices.items() if name != "det5" and is_called(lab, device)}
    assert called == CALLED


def test_a_function_of_the_users_own_computes_a_signal_in_simulated_time(lab: Lab) -> None:
    numbers = iter(range(10))
    signal = ophyd_sim.SynSignal(func=lambda: next(numbers), name="signal", exposure_time=600.0, labels={"detectors"})
    run = lab(bp.count([signal], 3))
    run.assert_success()
    # It was computed once when it was made.
    assert [event["data"]["signal"] for event in run.events] == [1, 2, 3] and run.duration == 1800.0


def test_a_signal_begins_with_its_value_and_is_left_with_the_plans(lab: Lab, sim: Any) -> None:
    sim.signal.put(5)
    run = lab(bp.count([sim.signal]))
    assert run.events[0]["data"]["signal"] == 5
    sim.signal.put(6)
    assert lab(bps.rd(sim.signal)).result == 6
    lab(bps.mv(sim.signal, 7)).assert_success()
    assert sim.signal.get() == 7


def moved(motor: Any, to: float) -> Plan:
    yield from bps.mv(motor, to)
    yield from bps.pause()
    return cast("Any", (yield from bps.rd(motor)))


def test_a_pause_in_the_midst_leaves_each_as_the_plan_has_it(lab: Lab, sim: Any) -> None:
    for device, of in ((sim.signal, sim.signal), (sim.motor, sim.motor), (sim.pseudo3x3.pseudo1, sim.pseudo3x3.pseudo1)):
        lab(moved(device, 7))
        assert lab.state == "paused"
        assert lab.resume().result == 7, of.name
        assert (device.get() if device is sim.signal else device.position) == 7
        lab(moved(device, 3))
        lab.stop()
        assert (device.get() if device is sim.signal else device.position) == 3 and lab.state == "idle"


def test_one_that_cannot_be_brought_up_to_date_leaves_the_others_whole(lab: Lab, sim: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    lab(bp.count([sim.signal, sim.motor])).assert_success()
    own = sim.motor.sim_state

    def refuses(*_: Any, **__: Any) -> None:
        raise LookupError("no way")

    with monkeypatch.context() as patched:
        patched.setattr(sim.signal, "put", refuses)
        with pytest.raises(LookupError, match="no way"):
            lab(bps.mv(sim.signal, 4, sim.motor, 2))
    assert sim.motor.sim_state is own and sim.motor.position == 2


def test_looking_for_the_value_of_a_signal_is_no_call_of_it(lab: Lab, sim: Any) -> None:
    stand_in = lab._core.handle_of(sim.signal)
    stand_in.fault("read", nth=1, raises="unreadable")
    run = lab(bp.count([sim.signal]))
    assert "unreadable" in str(run.exception)


def test_what_a_function_raises_comes_back_as_the_same_object(lab: Lab) -> None:
    dark = ValueError("no light")
    is_dark: list[bool] = []

    def light() -> float:
        if is_dark:
            raise dark
        return 1.0

    signal = ophyd_sim.SynSignal(func=light, name="signal")
    is_dark.append(True)
    assert lab(bp.count([signal])).exception is dark


def test_images_are_numpys(lab: Lab, sim: Any) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        runs = [lab(bp.count([camera])) for camera in (sim.direct_img, sim.direct_img_list)]
    shapes: list[tuple[str, list[int]]] = []
    for run, key in zip(runs, ("img", "direct_img_list"), strict=True):
        run.assert_success()
        image = run.events[0]["data"][key]
        assert numpy.asarray(image).shape == (10, 10)
        (descriptor,) = [doc for name, doc in run.documents if name == "descriptor"]
        shapes.append((type(image).__name__, descriptor["data_keys"][key]["shape"]))
    assert shapes == [("ndarray", [10, 10]), ("list", [10])]


def test_images_are_written_to_files_as_ophyd_does(lab: Lab, tmp_path: pathlib.Path) -> None:
    images = iter([numpy.zeros((2, 3)), numpy.ones((2, 3))])
    img = ophyd_sim.SynSignalWithRegistry(func=lambda: next(images), name="img", save_path=str(tmp_path))
    run = lab(bp.count([img]))
    run.assert_success()
    docs = {name: doc for name, doc in run.documents}
    (file,) = tmp_path.iterdir()
    stem = docs["resource"]["resource_path"]
    assert file.name == f"{stem}_{docs['datum']['datum_kwargs']['index']}.npy" and docs["resource"]["root"] == str(tmp_path)
    assert numpy.load(file).tolist() == [[1.0] * 3] * 2


def test_a_signal_changes_by_itself_on_the_labs_clock(lab: Lab) -> None:
    ring = ophyd_sim.SynPeriodicSignal(name="ring", period=60.0, period_jitter=0.0)
    run = lab(monitored(ring, 3601.0))
    run.assert_success()
    assert run.duration == 3601.0 and len(run.events) == 61
    assert all(0 <= event["data"]["ring"] < 1 for event in run.events)
    again = Lab()(monitored(ophyd_sim.SynPeriodicSignal(name="ring", period=60.0, period_jitter=0.0), 3601.0))
    assert [event["data"] for event in again.events] == [event["data"] for event in run.events]


def monitored(signal: Any, time: float) -> Plan:
    yield from bps.open_run()
    yield from bps.monitor(signal, name="changes")
    yield from bps.sleep(time)
    yield from bps.close_run()


def test_an_invariant_signal_reads_as_in_ophyd(lab: Lab, sim: Any) -> None:
    run = lab(bp.count([sim.invariant1], 2))
    run.assert_success()
    assert [(event["data"], event["timestamps"]) for event in run.events] == [({"invariant1": 0}, {"invariant1": 0.0})] * 2


def test_pseudo_positioners_begin_where_they_stand_and_are_left_where_they_came_to(lab: Lab, sim: Any) -> None:
    sim.pseudo3x3.pseudo1.set(2)
    seen: list[Any] = []

    def plan() -> Plan:
        yield from bps.mvr(sim.pseudo3x3.pseudo1, 1)
        seen.append((sim.pseudo3x3.pseudo1.position, sim.pseudo3x3.real1.position))
        yield from bps.mv(sim.pseudo3x3.pseudo2, 4, sim.pseudo1x3.pseudo1, -2)

    lab(plan()).assert_success()
    assert seen == [(3, -3)]
    assert tuple(sim.pseudo3x3.position) == (3, 4, 0) and sim.pseudo1x3.pseudo1.position == -2
    run = lab(bp.scan([sim.pseudo3x3], sim.pseudo3x3.pseudo1, 0, 1, 2))
    assert [event["data"]["pseudo3x3_pseudo2"] for event in run.events] == [4, 4]
    assert isinstance(lab(bps.mv(sim.pseudo3x3.pseudo1, 11)).exception, Exception)


def test_a_signal_with_a_function_is_estimated_by_it_and_is_in_no_plan_file(lab: Lab, tmp_path: pathlib.Path) -> None:
    import skyspan

    numbers = iter(range(100))
    signal = ophyd_sim.SynSignal(func=lambda: next(numbers), name="signal", exposure_time=2.0)

    def until_five() -> Plan:
        while True:
            yield from bps.trigger(signal, wait=True)
            if (yield from bps.rd(signal)) >= 5:
                return

    lab(bps.null()).assert_success()
    lab._core.handle_of(signal)
    assert lab.estimate(until_five).duration == 10.0
    with pytest.raises(ValueError, match="'signal'.*whose values a function of Python computes|signal.*function of Python"):
        skyspan.export(bp.count([signal]), tmp_path / "plan.yaml", lab=lab)


def test_a_detector_of_an_axis_that_is_called_is_called_itself(lab: Lab, sim: Any) -> None:
    with pytest.warns(RealTimeWarning):
        run = lab(bp.count([sim.det5]))
    run.assert_success()
    assert 0 < run.events[0]["data"]["det5"] <= 1
