"""While a plan runs, a mapped object is as what stands for it: what the plan asks the object directly is answered by that.

A plan asks by messages, and some ask the object besides: ``stage.position``, ``stage.get()``, ``stage.user_readback.get()``. So the class of a
mapped object answers for it while a plan of the lab runs, on the thread of the plan alone. Nothing is written into the object; after
the call the class is what it was.
"""

from __future__ import annotations

import contextlib
import threading
import warnings
from collections.abc import Callable, Generator, Mapping
from typing import Any, cast

from . import _core
from ._lab_clock import core_here

#: The methods and the values that plans and stubs of bluesky ask a device for.
_METHODS = frozenset(
    {
        "check_value", "clear_sub", "collect", "collect_asset_docs", "collect_pages", "complete", "configure", "describe",
        "describe_collect", "describe_configuration", "get", "get_index", "kickoff", "locate", "move", "pause", "prepare", "put", "read",
        "read_configuration", "resume", "set", "stage", "stop", "subscribe", "trigger", "unstage", "unsubscribe",
    }
)  # fmt: skip
_VALUES = frozenset({"egu", "hints", "limits", "position", "precision", "value"})

#: The attributes of components that mean the same, in ophyd's EpicsMotor, in ophyd-async's, and in the devices of a lab.
_COUNTERPARTS = {
    "acceleration_time": "acceleration",
    "user_readback": "readback",
    "user_setpoint": "setpoint",
}

_MISSING = object()
_lock = threading.Lock()
#: The classes that answer now: for how many calls, for which names, and what they had before.
_answering: dict[type, _Answering] = {}


class _Answering:
    """A class that answers for those of its objects that are mapped."""

    def __init__(self, cls: type, names: frozenset[str]) -> None:
        self.calls = 0
        self.names = names
        owner: Any = cls
        own: Any = cls.__dict__.get("__getattribute__", _MISSING)
        self._own = own

        def getattribute(device: Any, name: str) -> Any:
            if name in self.names:
                answer = _answer(device, name)
                if answer is not _MISSING:
                    return answer
            if own is not _MISSING:
                return own(device, name)
            inherited = cast("Any", super(owner, device))
            return inherited.__getattribute__(name)

        self._ours = getattribute
        # Metaclasses may mind what is set.
        type.__setattr__(cls, "__getattribute__", getattribute)

    def end(self, cls: type) -> None:
        if cls.__dict__.get("__getattribute__") is not self._ours:
            return  # Another has put its own there meanwhile.
        if self._own is _MISSING:
            type.__delattr__(cls, "__getattribute__")
        else:
            type.__setattr__(cls, "__getattribute__", self._own)


def counterpart(handle: _core.DeviceHandle, attribute: str) -> _core.DeviceHandle | None:
    """The component of a stand-in that stands for the component of that attribute; None if it has none."""
    found = handle.component_handle(attribute)
    if found is None and attribute in _COUNTERPARTS:
        found = handle.component_handle(_COUNTERPARTS[attribute])
    return found


def attribute_of(parent: Any, component: Any) -> str:
    """The attribute by which a device has a component; empty if it is not known."""
    named = getattr(component, "attr_name", "")
    if isinstance(named, str) and named:
        return named
    return next((attribute for attribute, known in components_of(parent).items() if known is component), "")


def components_of(device: Any) -> dict[str, Any]:
    """The components of a device by attribute, as far as they are there: ophyd makes some of them when they are first used."""
    signals: Any = getattr(device, "_signals", None)
    if isinstance(signals, dict) and hasattr(device, "component_names"):
        return dict(signals)  # pyright: ignore[reportUnknownArgumentType, reportUnknownVariableType]
    children: Any = getattr(device, "children", None)
    if callable(children) and any(cls.__module__.split(".")[0] == "ophyd_async" for cls in type(device).__mro__):
        pairs: Any = children()
        return dict(pairs)
    attributes: Mapping[str, Any] = getattr(device, "__dict__", {})
    return {
        attribute: value
        for attribute, value in list(attributes.items())
        if not attribute.startswith("_") and value is not device and _is_part(value, device)
    }


def _is_part(value: Any, device: Any) -> bool:
    try:
        return value.parent is device and isinstance(value.name, str)
    except Exception:  # It may be anything, and mind being asked.
        return False


def link(core: _core.LabCore, device: Any, handle: _core.DeviceHandle) -> None:
    """Has a device stand for one of others, and its components for the components of that."""
    stand_in_object(core, handle)  # Its object, if it has one, is kept.
    core.know(device, handle)
    there = components_of(device)
    names: Any = getattr(device, "component_names", ())
    later: list[str] = list(names) if isinstance(names, (tuple, list)) else []  # pyright: ignore[reportUnknownArgumentType]
    _mirror(core, device, frozenset(name for name in later if name not in there and counterpart(handle, name) is not None))
    for attribute, component in there.items():
        component_handle = counterpart(handle, attribute)
        if component_handle is not None:
            link(core, component, component_handle)


def stand_in_object(core: _core.LabCore, handle: _core.DeviceHandle) -> Any:
    """The lab's object of a device, and not the one of others that it stands for."""
    from ._lab_devices import Device, device_object

    known = core.object_of(handle)
    if not handle.is_simulated:
        return known
    objects: dict[_core.DeviceHandle, Any] = core.belongings.setdefault("objects of stand-ins", {})
    if handle not in objects:
        objects[handle] = known if isinstance(known, Device) else device_object(handle)
    return objects[handle]


def _mirror(core: _core.LabCore, device: Any, later: frozenset[str]) -> None:
    """Has the class of a device answer for it in all calls of a lab from now on, and in the one that is under way."""
    cls = cast("Any", type(device))  # A mock says that it is of another class.
    classes = _classes(core)
    names = classes.get(cls, _METHODS | _VALUES) | later
    is_new = cls not in classes
    classes[cls] = names
    if core.is_calling_here:
        open_calls: list[type] = core.belongings.setdefault("answering", [])
        if is_new and not _begin(cls, names):
            _warn(device)
        elif is_new:
            open_calls.append(cls)
        else:
            with _lock:
                if cls in _answering:
                    _answering[cls].names |= names
    elif is_new and not _can_answer(cls):
        _warn(device)


def _classes(core: _core.LabCore) -> dict[type, frozenset[str]]:
    classes: dict[type, frozenset[str]] = core.belongings.setdefault("classes of mapped devices", {})
    return classes


def _can_answer(cls: type) -> bool:
    if not _begin(cls, frozenset()):
        return False
    _end(cls)
    return True


def _warn(device: Any) -> None:
    warnings.warn(
        f"{type(device).__qualname__} is not a class of Python's own: what a plan asks {device.name!r} directly, and not by messages, "
        "is answered by the real one",
        stacklevel=4,
    )


@contextlib.contextmanager
def mirrored(core: _core.LabCore, of: _core.LabCore | None = None) -> Generator[None]:
    """A plan of a lab runs: its mapped devices are as what stands for them. A lab that is like another has that one's devices."""
    answering: list[type] = core.belongings.setdefault("answering", [])
    try:
        for cls, names in list(_classes(of or core).items()):
            if _begin(cls, names):
                answering.append(cls)
        yield
    finally:
        end_answers(core)


def end_answers(core: _core.LabCore) -> None:
    """A plan of a lab has ended, or pauses: mapped devices speak for themselves. What it has subscribed to goes on while it pauses."""
    answering: list[type] = core.belongings.setdefault("answering", [])
    while answering:
        _end(answering.pop())
    if core.state != "paused":
        subscribed: list[tuple[Any, _core.DeviceHandle, Any]] = core.belongings.setdefault("subscribed", [])
        while subscribed:
            _end_subscription(*subscribed.pop())


def _begin(cls: type, names: frozenset[str]) -> bool:
    with _lock:
        answering = _answering.get(cls)
        if answering is None:
            try:
                answering = _answering[cls] = _Answering(cls, names)
            except TypeError:  # It is compiled, and takes no attribute.
                return False
        answering.names |= names
        answering.calls += 1
        return True


def _end(cls: type) -> None:
    with _lock:
        answering = _answering[cls]
        answering.calls -= 1
        if answering.calls == 0:
            del _answering[cls]
            answering.end(cls)


def _answer(device: Any, name: str) -> Any:
    """What the stand-in of a device says; ``_MISSING`` where the device is to speak for itself."""
    core = core_here()
    if core is None:
        return _MISSING
    handle = core.known(device)
    if handle is None or not _has(device, name):
        return _MISSING
    own = handle.called_back
    if own is device:
        return _MISSING  # It is called where it stands.
    stand_in = own if own is not None else stand_in_object(core, handle)
    if name in _METHODS:
        return _method(device, stand_in, name)
    if name in _VALUES:
        return _value(stand_in, name)
    component = counterpart(handle, name)
    return _MISSING if component is None else core.object_of(component)


def _has(device: Any, name: str) -> bool:
    """Whether a device has an attribute itself; it is not asked for it."""
    if any(name in cls.__dict__ for cls in type(device).__mro__):
        return True
    try:
        return name in object.__getattribute__(device, "__dict__")
    except AttributeError:
        return False


def _value(stand_in: Any, name: str) -> Any:
    if name == "value":
        return stand_in.get()
    # Whoever asks for a position that is not there reads the device (`bluesky.preprocessors`).
    return getattr(stand_in, name, _MISSING) if name in ("limits", "egu", "precision") else getattr(stand_in, name)


def _method(device: Any, stand_in: Any, name: str) -> Any:
    if name in ("subscribe", "unsubscribe", "clear_sub") and _is_of_ophyd(device) and hasattr(stand_in, "_skyspan_handle"):
        return {"subscribe": _subscribes, "unsubscribe": _unsubscribes, "clear_sub": _clears}[name](device, stand_in)
    if name == "move":
        return _moves(device, stand_in)
    method = getattr(stand_in, name, None)
    if method is None:
        def refuses(*_: Any, **__: Any) -> Any:
            raise AttributeError(f"{stand_in!r}, which stands for {device.name!r}, has no method {name!r}")

        return refuses
    if name in ("get", "put"):
        # Those of ophyd have options, of how the value goes over the network.
        return _without_options(method, 1 if name == "put" else 0)
    return method


def _without_options(method: Callable[..., Any], count: int) -> Callable[..., Any]:
    def called(*args: Any, **options: Any) -> Any:
        if count and not args and "value" in options:
            args = (options["value"],)
        return method(*args[:count])

    return called


def _moves(device: Any, stand_in: Any) -> Callable[..., Any]:
    def move(position: Any, wait: bool = True, **_: Any) -> Any:
        if wait:
            raise RuntimeError(f"{device.name!r} cannot be waited for within a plan: yield from bps.mv({device.name}, {position!r})")
        return stand_in.set(position)

    return move


def _is_of_ophyd(device: Any) -> bool:
    """Whether its subscriptions are ophyd's: by the kind of event, and told by keyword."""
    cls: Any = device.__class__
    return hasattr(cls, "_default_sub")


def _subscriptions(stand_in: Any) -> list[tuple[Any, Any]]:
    attributes = cast("dict[str, Any]", vars(stand_in))
    known: list[tuple[Any, Any]] = attributes.setdefault("_mirrored", [])
    return known


def _subscribes(device: Any, stand_in: Any) -> Callable[..., int]:
    def subscribe(callback: Callable[..., Any], event_type: str | None = None, run: bool = True) -> int:
        if event_type not in (None, device._default_sub, "value", "readback"):
            raise RuntimeError(f"{stand_in!r}, which stands for {device.name!r}, tells of its value alone, and not of {event_type!r}")
        last: list[Any] = []

        def told(readings: dict[str, Any]) -> None:
            reading = readings[stand_in.name] if stand_in.name in readings else next(iter(readings.values()))
            old = last[0] if last else None
            last[:] = [reading["value"]]
            if is_told:
                what: dict[str, Any] = {"value": reading["value"], "old_value": old, "timestamp": reading["timestamp"]}
                callback(**what, obj=device, sub_type=event_type or device._default_sub)

        is_told = False  # Some tell at once, and some do not.
        stand_in.subscribe(told)
        is_told = True
        if run:
            told(stand_in.read())
        else:
            last[:] = [stand_in.get()]
        core = core_here()
        if core is not None:
            # It is the plan's, and ends with it.
            core.belongings.setdefault("subscribed", []).append((stand_in, stand_in._skyspan_handle, told))
        _subscriptions(stand_in).append((callback, told))
        return len(_subscriptions(stand_in)) - 1

    return subscribe


def _end_subscription(stand_in: Any, handle: _core.DeviceHandle, told: Any) -> None:
    # On a lab like its own, its handle was another than it is now.
    attributes = cast("dict[str, Any]", vars(stand_in))
    subscribed: list[tuple[Any, int]] = attributes.get("_subscriptions", [])
    for known, number in list(subscribed):
        if known is told:
            handle.clear_sub(number)
            subscribed.remove((known, number))
    mirrored_here = _subscriptions(stand_in)
    mirrored_here[:] = [(None, None) if known[1] is told else known for known in mirrored_here]
    if all(known[1] is None for known in mirrored_here):
        mirrored_here.clear()


def _unsubscribes(device: Any, stand_in: Any) -> Callable[[int], None]:
    def unsubscribe(number: int) -> None:
        known = _subscriptions(stand_in)
        if 0 <= number < len(known) and known[number][1] is not None:
            stand_in.clear_sub(known[number][1])
            known[number] = (None, None)

    return unsubscribe


def _clears(device: Any, stand_in: Any) -> Callable[..., None]:
    def clear_sub(callback: Callable[..., Any], event_type: str | None = None) -> None:
        for number, (known, _) in enumerate(list(_subscriptions(stand_in))):
            if known is not None and known == callback:
                _unsubscribes(device, stand_in)(number)

    return clear_sub
