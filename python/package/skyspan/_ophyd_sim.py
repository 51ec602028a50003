"""The devices of ``ophyd.sim``, each simulated by the device of the lab that is made after it."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, MutableMapping
from typing import Any

from . import _core
from ._lab_mirrors import link

#: What makes the stand-in for a device of one class; None where this one is not as its class makes it.
_Makes = Callable[[_core.LabCore, Any], "_core.DeviceHandle | None"]


def stand_in(core: _core.LabCore, device: Any) -> _core.DeviceHandle | None:
    """The stand-in for a device of exactly one of the classes of ``ophyd.sim``; None for any other."""
    cls: Any = device.__class__
    if cls.__module__ != "ophyd.sim" or not _is_in_ophyd_sim(cls):
        return None
    makes = _MAKES.get(cls.__name__)
    return None if makes is None else makes(core, device)


def _is_in_ophyd_sim(cls: Any) -> bool:
    return getattr(sys.modules.get("ophyd.sim"), cls.__name__, None) is cls


def _labels(device: Any) -> dict[str, Any]:
    labels = getattr(device, "_ophyd_labels_", None)
    return {"labels": sorted(labels)} if labels else {}


def _is_own(function: Any, owner: str) -> bool:
    """Whether a function is the one that a class of ophyd.sim takes where none is given."""
    return getattr(function, "__qualname__", "").startswith(owner)


def _axis(core: _core.LabCore, device: Any) -> _core.DeviceHandle | None:
    if not _is_own(device._readback_func, "SynAxis.__init__.") or device.parent is not None:
        return None
    options = {
        "value": device.sim_state["readback"],
        "delay": device.delay,
        "precision": device.precision,
        "events_per_move": device._events_per_move,
        "egu": device.egu,
        **_labels(device),
    }
    handle = core.make(type(device).__name__, device.name, options)
    core.mirror(AxisMirror(device, handle))
    return handle


def _gauss(core: _core.LabCore, device: Any) -> _core.DeviceHandle | None:
    options = {
        "motor": core.handle_of(device._motor),
        "motor_field": device._motor_field,
        **_peak(device),
        **_labels(device),
    }
    return core.make("SynGauss", device.name, options)


def _gauss_2d(core: _core.LabCore, device: Any) -> _core.DeviceHandle | None:
    options = {
        "motor0": core.handle_of(device._motor0),
        "motor_field0": device._motor_field0,
        "motor1": core.handle_of(device._motor1),
        "motor_field1": device._motor_field1,
        **_peak(device),
        **_labels(device),
    }
    return core.make("Syn2DGauss", device.name, options)


def _peak(device: Any) -> dict[str, Any]:
    center = device.center.get()
    return {
        "center": list(center) if hasattr(center, "__len__") else center,
        "Imax": device.Imax.get(),
        "sigma": device.sigma.get(),
        "noise": str(device.noise.get()),
        "noise_multiplier": device.noise_multiplier.get(),
    }


def _timed(device: Any) -> dict[str, Any]:
    return {"exposure_time": device.exposure_time, "precision": device.precision, **_labels(device)}


def _computed(core: _core.LabCore, device: Any, handle: _core.DeviceHandle) -> _core.DeviceHandle:
    """The stand-in of a signal computes as the signal does, and has its value meanwhile."""
    if getattr(device._func, "__self__", None) is not device and not _is_chance(device._func):
        core.computes(handle, device._func)
    # `get` of one that changes by itself would begin that.
    core.sim_put(handle, device._readback)
    return handle


def _is_chance(function: Any) -> bool:
    """Whether it is what a periodic signal is drawn by where nothing is said; the lab draws it from its seed."""
    numpy: Any = sys.modules.get("numpy")
    return numpy is not None and function == numpy.random.rand


def _signal(core: _core.LabCore, device: Any) -> _core.DeviceHandle | None:
    if device.parent is not None:
        return None
    handle = _computed(core, device, core.make(type(device).__name__, device.name, _timed(device)))
    if type(device).__name__ == "SynSignal":
        core.mirror(SignalMirror(device, handle))
    return handle


def _periodic(core: _core.LabCore, device: Any) -> _core.DeviceHandle | None:
    if device.parent is not None:
        return None
    options = {"period": device._period, "period_jitter": device._period_jitter, **_timed(device)}
    return _computed(core, device, core.make("SynPeriodicSignal", device.name, options))


def _registry(core: _core.LabCore, device: Any) -> _core.DeviceHandle | None:
    if device.parent is not None:
        return None
    options = {"save_path": str(device.save_path), "save_spec": device._spec, "save_ext": device.save_ext, **_timed(device)}
    handle = _computed(core, device, core.make("SynSignalWithRegistry", device.name, options))
    core.saves(handle, device.save_func)
    return handle


def _image(core: _core.LabCore, device: Any) -> _core.DeviceHandle | None:
    if device.parent is not None or type(device.img).__name__ != "SynSignal" or device.img.exposure_time:
        return None
    handle = core.make("DirectImage", device.name, {"img_name": device.img.name, **_labels(device)})
    return _computed(core, device.img, handle)


def _pseudo(core: _core.LabCore, device: Any) -> _core.DeviceHandle | None:
    options = {
        "concurrent": device._concurrent,
        "auto_target": device.auto_target,
        "settle_time": device.settle_time,
        "timeout": device.timeout,
        **({} if device.egu == device.composite_egu else {"egu": device.egu}),
        **_labels(device),
    }
    if device.parent is not None:
        return None
    handle = core.make(type(device).__name__, device.name, {key: value for key, value in options.items() if value is not None})
    mirror = PseudoMirror(device, handle)
    mirror.begin()
    link(core, device, handle)
    core.mirror(mirror)
    return handle


def _of_its_class(core: _core.LabCore, device: Any) -> _core.DeviceHandle | None:
    return core.make(type(device).__name__, device.name, _labels(device))


def _trivial(core: _core.LabCore, device: Any) -> _core.DeviceHandle | None:
    return core.make(type(device).__name__, device.name, {})


def _flyer(core: _core.LabCore, device: Any) -> _core.DeviceHandle | None:
    steps = [float(step) for step in device._steps]
    if not steps:
        return None
    options = {
        "detector": core.handle_of(device._detector),
        "motor": core.handle_of(device._mot),
        "start": steps[0],
        "stop": steps[-1],
        "num": len(steps),
    }
    return core.make("MockFlyer", device.name, options)


_MAKES: dict[str, _Makes] = {
    "ABDetector": _of_its_class,
    "DetWithConf": _of_its_class,
    "DetWithCountTime": _of_its_class,
    "DirectImage": _image,
    "InvariantSignal": _signal,
    "MockFlyer": _flyer,
    "NewTrivialFlyer": _trivial,
    "SPseudo1x3": _pseudo,
    "SPseudo3x3": _pseudo,
    "Syn2DGauss": _gauss_2d,
    "SynAxis": _axis,
    "SynAxisEmptyHints": _axis,
    "SynAxisNoHints": _axis,
    "SynAxisNoPosition": _axis,
    "SynGauss": _gauss,
    "SynPeriodicSignal": _periodic,
    "SynSignal": _signal,
    "SynSignalRO": _signal,
    "SynSignalWithRegistry": _registry,
    "TrivialFlyer": _trivial,
}


class AxisMirror:
    """While a plan runs, a ``SynAxis`` is where its stand-in is: what a plan asks it directly is answered as by that."""

    def __init__(self, axis: Any, handle: _core.DeviceHandle) -> None:
        self._axis = axis
        self._handle = handle
        self._own: MutableMapping[str, Any] = axis.sim_state

    def begin(self) -> None:
        """A plan begins."""
        axis = self._axis
        if not isinstance(axis.sim_state, _LiveState):
            self._own = axis.sim_state
            if self._own["readback"] != self._handle.position:
                # It was set where it stands, meanwhile.
                self._handle.call("set", (self._own["readback"],)).wait()
            axis.sim_state = _LiveState(self._handle)

    def end(self) -> None:
        """It has ended: the axis is where it was left."""
        state = self._axis.sim_state
        if isinstance(state, _LiveState):
            # What its stand-in cannot tell must not keep it from being itself again.
            self._axis.sim_state = self._own
            self._own.update(state)

    def leave(self) -> None:
        """It has ended, and was none of the axis's own: the axis is where it was."""
        if isinstance(self._axis.sim_state, _LiveState):
            self._axis.sim_state = self._own


class SignalMirror:
    """A ``SynSignal`` has the value of its stand-in: it begins with what it was given meanwhile, and is left with what that has."""

    def __init__(self, signal: Any, handle: _core.DeviceHandle) -> None:
        self._signal = signal
        self._handle = handle

    def begin(self) -> None:
        """A plan begins."""
        if not _are_equal(self._signal._readback, self._handle.value):
            self._handle.put(self._signal._readback)

    def end(self) -> None:
        """It has ended."""
        value = self._handle.value
        if not _are_equal(self._signal._readback, value):
            self._signal.put(value)

    def leave(self) -> None:
        """It has ended, and was none of the signal's own."""


def _are_equal(one: Any, other: Any) -> bool:
    try:
        return bool(one == other)
    except ValueError:  # Arrays have no truth.
        return one is other


class PseudoMirror:
    """A pseudo positioner is where its stand-in is: it begins where it stands, and is left where that has come to."""

    def __init__(self, positioner: Any, handle: _core.DeviceHandle) -> None:
        self._real = [(axis, handle.component_handle(axis.attr_name)) for axis in positioner._real]

    def begin(self) -> None:
        """A plan begins."""
        for axis, handle in self._real:
            if handle is not None and axis.position != handle.position:
                handle.call("set", (axis.position,)).wait()

    def end(self) -> None:
        """It has ended."""
        for axis, handle in self._real:
            if handle is not None and axis.position != handle.position:
                axis.set(handle.position)

    def leave(self) -> None:
        """It has ended, and was none of the positioner's own."""


class _LiveState(MutableMapping[str, Any]):
    """What a ``SynAxis`` knows of itself, as its stand-in has it."""

    _KEYS = ("setpoint", "setpoint_ts", "readback", "readback_ts")

    def __init__(self, handle: _core.DeviceHandle) -> None:
        self._handle = handle

    def __getitem__(self, key: str) -> Any:
        if key not in self._KEYS:
            raise KeyError(key)
        signal = self._handle.component_handle(key.removesuffix("_ts"))
        assert signal is not None, "an axis has a readback and a setpoint"
        (reading,) = signal.call("read", ()).values()
        return reading["timestamp" if key.endswith("_ts") else "value"]

    def __setitem__(self, key: str, value: Any) -> None:
        raise RuntimeError(f"{self._handle.name} is simulated: a plan sets it by a message")

    def __delitem__(self, key: str) -> None:
        raise KeyError(key)

    def __iter__(self) -> Iterator[str]:
        return iter(self._KEYS)

    def __len__(self) -> int:
        return len(self._KEYS)
