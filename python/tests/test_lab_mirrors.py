"""What a plan asks a mapped device directly, while it runs on a lab."""

from __future__ import annotations

import threading
import warnings
from collections.abc import Generator
from typing import Any, TypeAlias

import pytest

from skyspan import Lab, RealTimeWarning

bp: Any = pytest.importorskip("bluesky.plans")
bps: Any = pytest.importorskip("bluesky.plan_stubs")
ophyd: Any = pytest.importorskip("ophyd")
sim_module: Any = pytest.importorskip("ophyd.sim")

Plan: TypeAlias = Generator[Any, Any, Any]


class Part:
    """A signal of one's own device."""

    def __init__(self, name: str, parent: Any, value: Any) -> None:
        self.name, self.parent, self._value = name, parent, value

    def get(self) -> Any:
        return self._value

    def read(self) -> Any:
        return {self.name: {"value": self._value, "timestamp": 0.0}}

    def describe(self) -> Any:
        return {self.name: {"source": "real", "dtype": "number", "shape": []}}

    def set(self, value: Any) -> Any:
        raise AssertionError("the real one is left alone")


class Stage:
    """A positioner of one's own, at 40, which moves nothing in a test."""

    parent = None

    def __init__(self, name: str = "stage") -> None:
        self.name = name
        self.velocity = Part(f"{name}_velocity", self, 7.0)
        self.user_readback = Part(f"{name}_rbv", self, 40.0)
        self.offset = Part(f"{name}_offset", self, 0.25)
        self.limits = (-100.0, 100.0)

    position = property(lambda self: 40.0)
    hints = property(lambda self: {"fields": ["real"]})

    def where(self) -> float:
        return float(self.position + self.offset.get())

    def read(self) -> Any:
        return {"real": {"value": 40.0, "timestamp": 0.0}}

    def describe(self) -> Any:
        return {"real": {"source": "real", "dtype": "number", "shape": []}}

    def set(self, value: Any) -> Any:
        raise AssertionError("the real one is left alone")

    stop = trigger = set


class Careful(Stage):
    """One that derives from another that may be mapped, too, and has attributes of its own manner."""

    def __getattribute__(self, name: str) -> Any:
        return 13 if name == "luck" else super().__getattribute__(name)


def asked(stage: Any) -> Plan:
    """What a plan asks after a move to 8."""
    yield from bps.mv(stage, 8)
    return {
        "position": stage.position,
        "where": stage.where(),
        "read": [reading["value"] for reading in stage.read().values()],
        "readback": stage.user_readback.get(),
        "velocity": stage.velocity.get(),
        "limits": stage.limits,
        "hints": stage.hints,
    }


SIMULATED = {
    "position": 8.0,
    "where": 8.25,
    "read": [8.0, 8],
    "readback": 8.0,
    "velocity": 2.0,
    "limits": (0.0, 50.0),
    "hints": {"fields": ["stage"]},
}


@pytest.mark.parametrize("cls", [Stage, Careful])
def test_what_a_plan_asks_a_mapped_device_is_answered_by_what_stands_for_it(lab: Lab, cls: type[Stage]) -> None:
    stage, before = cls(), dict(cls.__dict__)
    lab.map(stage, lab.motor("stage", velocity=2.0, limits=(0, 50)))
    run = lab(asked(stage))
    run.assert_success()
    assert run.result == SIMULATED
    assert stage.position == 40.0 and stage.user_readback.get() == 40.0 and stage.hints == {"fields": ["real"]}
    assert dict(cls.__dict__) == before and type(stage) is cls
    assert getattr(stage, "luck", 13) == 13


def test_relative_plans_begin_where_the_stand_in_is(lab: Lab) -> None:
    stage = Stage()
    lab.map(stage, lab.motor("stage", value=3.0))
    run = lab(bp.rel_scan([lab.device("det")], stage, -1, 1, 3))
    run.assert_success()
    assert [event["data"]["stage"] for event in run.events] == [2, 3, 4]
    lab(bps.mvr(stage, 2)).assert_success()
    assert lab(asked(stage)).result["position"] == 8 and lab.device("stage").position == 8


def test_a_device_of_which_nothing_is_known_is_as_it_is(lab: Lab) -> None:
    mapped, other = Stage(), Stage("other")
    lab.map(mapped, lab.motor("stage", value=3.0))

    def plan() -> Plan:
        yield from bps.null()
        return mapped.position, other.position

    assert lab(plan()).result == (3.0, 40.0)


def test_other_threads_and_other_labs_ask_the_real_one(lab: Lab) -> None:
    stage, elsewhere = Stage(), Lab()
    lab.map(stage, lab.motor("stage", value=3.0))
    elsewhere.map(stage, elsewhere.motor("stage", value=5.0))
    seen: dict[str, float] = {}

    def look() -> Plan:
        yield from bps.null()
        return stage.position

    def on_a_thread() -> None:
        seen["plain"] = stage.position
        seen["lab"] = elsewhere(look()).result

    def plan() -> Plan:
        thread = threading.Thread(target=on_a_thread)
        thread.start()
        thread.join()
        yield from bps.null()
        return stage.position

    assert lab(plan()).result == 3.0
    assert seen == {"plain": 40.0, "lab": 5.0} and "__getattribute__" not in Stage.__dict__


def test_a_device_may_be_mapped_by_a_plan(lab: Lab) -> None:
    stage = Stage()

    def plan() -> Plan:
        yield from bps.null()
        before = stage.position
        lab.map(stage, lab.motor("stage", value=3.0))
        return before, stage.position

    assert lab(plan()).result == (40.0, 3.0)
    assert "__getattribute__" not in Stage.__dict__ and "__getattribute__" not in Part.__dict__


def test_the_real_one_is_back_after_a_pause_and_after_an_exception(lab: Lab) -> None:
    stage = Stage()
    lab.map(stage, lab.motor("stage", value=3.0))

    def plan() -> Plan:
        yield from bps.checkpoint()
        yield from bps.pause()
        assert stage.position == 3.0
        raise ValueError("no light")

    assert lab(plan()).paused and stage.position == 40.0
    assert isinstance(lab.resume().exception, ValueError)
    assert stage.position == 40.0 and "__getattribute__" not in Stage.__dict__


def test_a_stand_in_is_asked_in_estimates_too(lab: Lab) -> None:
    stage = Stage()
    lab.map(stage, lab.motor("stage", value=3.0, velocity=1.0, acceleration_time=0.0))

    def plan() -> Plan:
        yield from bps.mv(stage, stage.position + 4)
        yield from bps.mv(stage, stage.position + 4)

    assert lab.estimate(plan).duration == 8.0 and lab.device("stage").position == 3.0


def test_components_that_have_a_counterpart_are_its(lab: Lab) -> None:
    stage = Stage()
    lab.map(stage, lab.motor("stage", velocity=2.0))

    def plan() -> Plan:
        yield from bps.abs_set(stage.velocity, 4.0, wait=True)
        return (yield from bps.rd(stage.velocity)), (yield from bps.rd(stage.user_readback))

    run = lab(plan())
    assert run.result == (4.0, 0.0) and run.messages[0].obj is stage.velocity
    with pytest.warns(RealTimeWarning, match="'stage_offset'"):
        assert lab(bps.rd(stage.offset)).result == 0.25


def test_what_the_stand_in_cannot_do_is_not_done_by_the_real_one(lab: Lab) -> None:
    stage = Stage()
    stand_in = lab.map(stage, lab.detector("counts"))

    def plan() -> Plan:
        yield from bps.null()
        with pytest.raises(AttributeError, match="stands for 'stage', has no method 'set'"):
            stage.set(3)
        return hasattr(stage, "position")

    run = lab(plan())
    run.assert_success()
    assert run.result is False and stand_in.name == "counts"


def test_one_of_the_users_own_may_stand_for_another(lab: Lab) -> None:
    class Twin(Stage):
        position = property(lambda self: 11.0)

    stage, twin = Stage(), Twin("twin")
    with pytest.warns(RealTimeWarning, match="'twin'"):
        lab.map(stage, twin)

    def plan() -> Plan:
        yield from bps.null()
        return stage.position, stage.velocity.get()

    assert lab(plan()).result == (11.0, 7.0)


class Diffractometer(ophyd.Device):  # type: ignore[misc, name-defined, unused-ignore]
    """A device of ophyd with a positioner and signals, some of which are made when they are first used."""

    theta = ophyd.Component(ophyd.SoftPositioner, init_pos=40.0, limits=(-90, 90))
    velocity = ophyd.Component(ophyd.Signal, value=7.0)
    user_setpoint = ophyd.Component(ophyd.Signal, value=40.0)
    readback = ophyd.Component(ophyd.Signal, value=40.0, lazy=True)
    gain = ophyd.Component(ophyd.Signal, value=1)


def test_a_device_of_ophyd_is_mirrored_with_its_components(lab: Lab) -> None:
    real = Diffractometer("", name="th")
    stand_in = lab.motor("th", value=3.0, velocity=2.0)
    lab.map(real, stand_in)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        lab.map(real.theta, lab.motor("theta", value=5.0, limits=(0, 20)))

    def plan() -> Plan:
        yield from bps.mv(real, 6)
        yield from bps.mvr(real.theta, 1)
        with pytest.raises(RuntimeError, match=r"yield from bps.mv\(th_theta, 9\)"):
            real.theta.move(9)
        return (
            real.read()["th"]["value"], real.readback.get(), real.user_setpoint.get(), real.velocity.value, real.gain.get(),
            real.theta.position, real.theta.limits, real.theta.low_limit, real.theta.egu,
        )  # fmt: skip

    run = lab(plan())
    run.assert_success()
    assert run.result == (6.0, 6.0, 6, 2.0, 1, 6.0, (0.0, 20.0), 0.0, lab.device("theta").egu)
    assert real.theta.position == 40.0 and real.velocity.get() == 7.0 and real.readback.get() == 40.0
    assert real.theta.limits == (-90, 90)


def test_a_signal_of_ophyd_tells_plans_of_the_value_that_is_simulated(lab: Lab) -> None:
    ring = ophyd.Signal(name="ring", value=-1.0)
    current = lab.map(ring, lab.signal("ring", 300.0))
    heard: list[tuple[float, float | None]] = []

    def note(value: float, old_value: float | None, **_: Any) -> None:
        heard.append((value, old_value))

    def plan() -> Plan:
        number = ring.subscribe(note)
        yield from bps.mv(ring, 200.0)
        ring.put(value=100.0)
        ring.unsubscribe(number)
        yield from bps.mv(ring, 0.0)

    lab(plan()).assert_success()
    assert heard == [(300.0, None), (200.0, 300.0), (100.0, 200.0)]
    assert ring.get() == -1.0 and current.get() == 0.0


def test_what_a_plan_subscribes_to_ends_with_it(lab: Lab) -> None:
    ring = ophyd.Signal(name="ring", value=-1.0)
    current = lab.map(ring, lab.signal("ring", 300.0))
    heard: list[float] = []

    def note(value: float, **_: Any) -> None:
        heard.append(value)

    def plan() -> Plan:
        ring.subscribe(note, run=False)
        yield from bps.mv(ring, 200.0)
        yield from bps.checkpoint()
        yield from bps.pause()
        yield from bps.mv(ring, 100.0)

    lab(plan())
    current.put(150.0)
    assert heard == [200.0, 150.0] and lab.state == "paused"
    lab.resume()
    current.put(1.0)
    assert heard == [200.0, 150.0, 100.0]
    lab.estimate(plan)
    lab.torture(plan, only=["late"])
    assert current.get() == 1.0 and set(heard) == {200.0, 150.0, 100.0}
    del heard[:]
    current.put(2.0)
    assert not heard


def test_a_class_that_cannot_answer_leaves_the_others_as_they_were(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    from skyspan import _lab_mirrors

    class Other(Stage):
        pass

    lab.map(Stage(), lab.motor("stage"))
    lab.map(Other(), lab.motor("other"))
    begin, begun = _lab_mirrors._begin, list[type]()

    def fails(cls: type, names: frozenset[str]) -> bool:
        if begun:
            raise LookupError("no more")
        begun.append(cls)
        return begin(cls, names)

    monkeypatch.setattr(_lab_mirrors, "_begin", fails)
    with pytest.raises(LookupError):
        lab(bps.null())
    assert begun == [Stage] and "__getattribute__" not in Stage.__dict__


def test_a_device_of_odd_attributes_is_mapped(lab: Lab) -> None:
    class Touchy:
        name = "touchy"

        @property
        def parent(self) -> Any:
            raise RuntimeError("it is not connected")

    stage = Stage()
    odd: Any = stage
    odd.itself, odd.touchy, odd.many = stage, Touchy(), [stage]
    lab.map(stage, lab.motor("stage", value=3.0))
    assert lab(asked(stage)).result["position"] == 8.0


def test_a_compiled_class_is_told(lab: Lab) -> None:
    class Thread(threading.local):
        name, parent = "thread", None

    stage = Thread()
    lab.map(stage, lab.motor("stage"))  # It derives from a compiled class, and is one of Python's own.
    with pytest.warns(UserWarning, match="SimpleNamespace is not a class of Python's own"):
        import types

        lab.map(types.SimpleNamespace(name="bare", parent=None), lab.motor("bare"))
