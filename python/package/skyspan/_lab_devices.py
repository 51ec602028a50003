"""Devices of a lab as objects of Python: those that the lab makes, and what stands for those of others."""

from __future__ import annotations

import importlib.util
import inspect
import sys
import warnings
from collections.abc import Callable
from typing import Any, NamedTuple

from . import _core, _ophyd_sim
from ._lab_clock import core_here
from ._lab_loop import loop_of
from ._lab_mirrors import attribute_of, counterpart

_make_message: Any = None


class RealTimeWarning(UserWarning):
    """A device that the lab does not know is called where it stands: real time passes, and the lab's clock waits for it."""


class Device:
    """A simulated device of a lab.

    It has just the methods of the protocols of ``bluesky.protocols`` that it supports, so that ``isinstance`` says what it is.
    Plans take it as any other device. Its methods may be called from outside of plans, too: ``stage.set(5).wait()`` takes the
    clock on.
    """

    _own_handle: _core.DeviceHandle

    def __init__(self, handle: _core.DeviceHandle) -> None:
        object.__setattr__(self, "_own_handle", handle)

    @property
    def _skyspan_handle(self) -> _core.DeviceHandle:
        # While a plan runs on a lab like its own, as for an estimate, it is the device there.
        core = core_here()
        return self._own_handle if core is None else core.handle_here(self, self._own_handle)

    @property
    def name(self) -> str:
        """Its name."""
        return self._skyspan_handle.name

    @property
    def parent(self) -> Any:
        """The device that it is a component of; None if it is none."""
        return self._skyspan_handle.parent

    @property
    def _ophyd_labels_(self) -> set[str]:
        return set(self._skyspan_handle.labels)

    @property
    def faults(self) -> list[str]:
        """Its faults, as they are written in Rust."""
        return self._skyspan_handle.faults

    def fault(self, method: str, **what: Any) -> None:
        """Has calls of a method go wrong: ``stage.fault("set", nth=4, fails="stalled", after=0.5)``.

        Which calls: ``nth``, or ``from_`` and ``to``, or a ``rate``; all of them, if nothing is said. They are counted from 1, from
        now on. What goes wrong is one of these:

        * ``raises``: the call raises this exception, or a DeviceFault with this text.
        * ``fails``: what the call began fails so, ``after`` so many seconds.
        * ``hangs=True``: what the call began never ends.
        * ``late_by``: it ends so many seconds later.  ``slow_by``: it takes so many times as long.
        * ``reads``: the call reads this value, of one data ``key`` or of all.
        * ``disconnects_for``: the device cannot be reached for so many seconds.
        """
        self._skyspan_handle.fault(method, **what)

    def mend(self) -> None:
        """Takes all its faults away; it can be reached again."""
        self._skyspan_handle.mend()

    def put(self, value: Any) -> None:
        """Gives a signal its value, as the world does it, without a status. TypeError for what is no such signal."""
        self._skyspan_handle.put(value)

    def __getattr__(self, attribute: str) -> Any:
        if attribute.startswith("_"):
            raise AttributeError(attribute)
        component = self._skyspan_handle.component(attribute)
        if component is None:
            raise AttributeError(f"{self!r} has no attribute {attribute!r}, nor a component of that name")
        return component

    def __setattr__(self, attribute: str, value: object) -> None:
        raise AttributeError(
            f"{attribute!r} of a simulated device is not set: it is set by `.set(...)`, a signal by `.put(...)`, "
            "and its options are given where it is made"
        )

    def __repr__(self) -> str:
        return repr(self._skyspan_handle)


def _method(name: str) -> Any:
    def method(self: Any, *args: Any, **kwargs: Any) -> Any:
        return self._skyspan_handle.call(name, args, kwargs)

    method.__name__ = name
    method.__qualname__ = f"Device.{name}"
    method.__doc__ = f"`{name}` of `bluesky.protocols`, called from outside of messages."
    return method


def _subscribe(self: Any, function: Callable[[dict[str, Any]], None], *_: Any, **__: Any) -> None:
    """Calls back with the readings whenever they change."""
    subscriptions = self.__dict__.setdefault("_subscriptions", [])
    subscriptions.append((function, self._skyspan_handle.subscribe(function)))


def _clear_sub(self: Any, function: Callable[[dict[str, Any]], None]) -> None:
    """Ends the subscriptions of a function."""
    subscriptions = self.__dict__.get("_subscriptions", [])
    for known, number in list(subscriptions):
        if known == function:
            self._skyspan_handle.clear_sub(number)
            subscriptions.remove((known, number))


def _limits(self: Any) -> Any:
    """From where to where it goes; as an attribute it is only there where there are limits."""
    limits = self._skyspan_handle.limits
    if limits is None:
        raise AttributeError(f"{self!r} has no limits")
    return limits


def _get(self: Any) -> Any:
    """The value of a signal, as ophyd gives it."""
    readings = self.read()
    key = self.name if self.name in readings else next(iter(readings))
    return readings[key]["value"]


_MEMBERS: dict[str, Any] = {
    "position": property(lambda self: self._skyspan_handle.position, doc="Where it is."),
    "hints": property(lambda self: self._skyspan_handle.hints, doc="Which of its data keys matter most."),
    "subscribe": _subscribe,
    "clear_sub": _clear_sub,
}
_classes: dict[tuple[str, ...], type[Device]] = {}


def device_object(handle: _core.DeviceHandle) -> Device:
    """The object of a device, of a class that has its methods: protocols are looked up at the class."""
    methods = tuple(handle.methods())
    made = _classes.get(methods)
    if made is None:
        body = {method: _MEMBERS[method] if method in _MEMBERS else _method(method) for method in methods}
        if "read" in methods:
            body["get"] = _get
        if "position" in methods:
            body["limits"] = property(_limits)
            body["egu"] = property(lambda self: self._skyspan_handle.egu, doc="The unit of its position.")
            body["precision"] = property(lambda self: self._skyspan_handle.precision, doc="How many digits of its position matter.")
        made = _classes[methods] = type("Device", (Device,), body)
        made.__module__ = Device.__module__
    device = made(handle)
    if handle.coupled_axes is not None:
        # Plans that move two axes of one positioner look for these (`bluesky.utils.merge_axis`).
        pseudo, real = handle.coupled_axes
        vars(device)["RealPosition"] = tuple
        vars(device)["pseudo_positioners"] = tuple(getattr(device, name) for name in pseudo)
        vars(device)["real_positioners"] = tuple(getattr(device, name) for name in real)
    return device


#: What a device has at least one of.
_METHODS = ("read", "set", "trigger", "stage", "kickoff", "describe_collect", "subscribe", "prepare", "locate")


def stand_in(core: _core.LabCore, device: Any) -> _core.DeviceHandle | bool:
    """The simulated device that stands for one of others; True for one that is called where it stands, False for what is none."""
    cls: Any = device.__class__
    if not isinstance(getattr(device, "name", None), str) or not any(hasattr(device, name) for name in _METHODS):
        return False
    parent = getattr(device, "parent", None)
    if parent is not None:
        whole = core.handle_of(parent)
        attribute = attribute_of(parent, device)
        if whole.called_back is not parent:
            component = counterpart(whole, attribute) if attribute else None
            if component is not None:
                return component
            parent = None  # Its device is simulated, and has no such component: this one is called by itself, with a warning.
    made = _ophyd_sim.stand_in(core, device)
    if made is not None:
        return made
    if not is_async(device) and parent is None:
        warnings.warn(
            f"the lab does not know {device.name!r}, a {cls.__module__}.{cls.__qualname__}: it is called where it "
            "stands, so that real time passes; lab.map(device, stand_in) says what it is simulated by",
            RealTimeWarning,
            stacklevel=2,
        )
    return True


def is_async(device: Any) -> bool:
    """Whether a device is one of ophyd-async, which lives on an asyncio loop."""
    return any(cls.__module__.split(".")[0] == "ophyd_async" for cls in type(device).__mro__)


class _Msg(NamedTuple):
    command: str
    obj: Any
    args: tuple[Any, ...]
    kwargs: dict[str, Any]
    run: Any


def message(command: str, obj: Any, args: tuple[Any, ...], kwargs: dict[str, Any], run: Any) -> Any:
    """A message of bluesky, or a tuple that has the same fields where bluesky is not installed."""
    global _make_message
    if _make_message is None:
        has_bluesky = "bluesky" in sys.modules or importlib.util.find_spec("bluesky")
        _make_message = importlib.import_module("bluesky.utils").Msg._make if has_bluesky else _Msg._make
    return _make_message((command, obj, args, kwargs, run))


class Awaited:
    """What came of something that a ``wait_for`` awaited, with the methods of a task that is done."""

    def __init__(self, result: Any, exception: BaseException | None) -> None:
        self._result = result
        self._exception = exception

    def done(self) -> bool:
        """It is."""
        return True

    def cancelled(self) -> bool:
        """It was not."""
        return False

    def exception(self) -> BaseException | None:
        """What it raised; None if it came to its end."""
        return self._exception

    def result(self) -> Any:
        """What it gave; raises what it raised."""
        if self._exception is not None:
            raise self._exception
        return self._result


awaited = Awaited


def when_done(core: _core.LabCore, status: Any, tell: Callable[[], None]) -> None:
    """Calls back when a status of Python is done."""

    # ophyd looks at the parameters of a callback.
    def done(status: Any = None) -> None:
        tell()

    if is_async(status):
        loop_of(core).call(status, "add_callback", (done,), {})
    else:
        status.add_callback(done)


def subscribe(core: _core.LabCore, device: Any, tell: Callable[[dict[str, Any]], None]) -> Any:
    """Subscribes to a device; what comes back ends it."""
    if is_async(device):
        def function(readings: dict[str, Any]) -> None:
            tell(readings)

        loop_of(core).call(device, "subscribe_reading" if hasattr(device, "subscribe_reading") else "subscribe", (function,), {})
        return function

    def changed(*_: Any, **__: Any) -> None:
        tell(device.read())

    device.subscribe(changed)
    return changed


def clear_sub(core: _core.LabCore, device: Any, subscribed: Any) -> None:
    """Ends such a subscription."""
    if is_async(device):
        loop_of(core).call(device, "clear_sub", (subscribed,), {})
    else:
        device.clear_sub(subscribed)


def is_later(given: Any) -> bool:
    """Whether what a method gave is there later only."""
    return inspect.isawaitable(given) or inspect.isasyncgen(given)


def call_on_loop(core: _core.LabCore, device: Any, method: str, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    """Calls a method on the loop of the lab."""
    return loop_of(core).call(device, method, args, kwargs)


def made_on_loop(core: _core.LabCore, factory: Callable[[], Any]) -> Any:
    """What a factory makes on the loop of the lab: a coroutine, or a future that belongs to the loop."""
    return loop_of(core).call(factory, "__call__", (), {})


def when_there(core: _core.LabCore, given: Any, keep: Callable[[Any], None]) -> None:
    """Has what is there later come about on the loop of the lab."""
    loop_of(core).begin(given, keep)


def plan_anew(plan: Any) -> Any:
    """The generator of what a suspender does before or after: of a generator function, or of messages."""
    if callable(plan):
        plan = plan()
    if hasattr(plan, "send"):
        return plan
    return (message for message in plan)
