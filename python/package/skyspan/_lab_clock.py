"""While a plan runs, what it asks for the time and for uuids is the lab's, on its thread alone.

``bluesky.plan_stubs.repeat`` takes the time by ``time.time()``, and groups are named by ``uuid.uuid4()``: both must be the lab's for
times to be exact, and for one seed to give the same spans. Other threads, and all else after the call, get what they always get.
"""

from __future__ import annotations

import contextlib
import random
import sys
import threading
import time
import uuid
from collections.abc import Callable, Generator
from typing import Any, Protocol

from . import _core

_lock = threading.Lock()
_local = threading.local()
_calls = 0
_real: dict[str, Callable[..., Any]] = {}


class LabTime(float):
    """A time of the lab's clock. The difference of two is exact, which a float of seconds since 1970 has not the digits for."""

    ns: int

    @classmethod
    def of(cls, ns: int) -> LabTime:
        """So many nanoseconds."""
        made = cls(ns / 1e9)
        made.ns = ns
        return made

    def __sub__(self, other: Any) -> float:
        return (self.ns - other.ns) / 1e9 if isinstance(other, LabTime) else float(self) - other


class _HasTime(Protocol):
    @property
    def now_ns(self) -> int: ...


def core_here() -> _core.LabCore | None:
    """The lab whose plan runs on this thread."""
    return getattr(_local, "core", None)


def _clock_here() -> _HasTime | None:
    clock: _HasTime | None = getattr(_local, "clock", None)
    return clock if clock is not None else core_here()


def _time() -> float:
    clock = _clock_here()
    return _real["time"]() if clock is None else LabTime.of(clock.now_ns)


def _time_ns() -> int:
    clock = _clock_here()
    return int(_real["time_ns"]() if clock is None else clock.now_ns)


def _monotonic() -> float:
    clock = _clock_here()
    return _real["monotonic"]() if clock is None else LabTime.of(clock.now_ns)


def _monotonic_ns() -> int:
    clock = _clock_here()
    return int(_real["monotonic_ns"]() if clock is None else clock.now_ns)


def _uuid4() -> uuid.UUID:
    core = core_here()
    if core is None:
        made: uuid.UUID = _real["uuid4"]()
        return made
    chance = _chance_of(core)
    return uuid.UUID(int=chance.getrandbits(128), version=4)


def _chance_of(core: _core.LabCore) -> random.Random:
    chance: random.Random | None = core.belongings.get("chance")
    if chance is None:
        chance = core.belongings["chance"] = random.Random(f"skyspan {core.seed}")
    return chance


_OURS: list[tuple[Any, str, Callable[..., Any]]] = [
    (time, "time", _time),
    (time, "time_ns", _time_ns),
    (time, "monotonic", _monotonic),
    (time, "monotonic_ns", _monotonic_ns),
    (uuid, "uuid4", _uuid4),
]


def _patch() -> None:
    global _calls
    with _lock:
        if _calls == 0:
            sdk = sys.modules.get("opentelemetry.sdk.trace")
            if sdk is not None and (sdk, "time_ns", _time_ns) not in _OURS:
                # It has taken the function out of its module.
                _OURS.append((sdk, "time_ns", _time_ns))
            for module, name, ours in _OURS:
                _real[name] = getattr(module, name)
                setattr(module, name, ours)
        _calls += 1


def _unpatch() -> None:
    global _calls
    with _lock:
        _calls -= 1
        if _calls == 0:
            for module, name, ours in _OURS:
                # Another library may have put its own there meanwhile.
                if getattr(module, name) is ours:
                    setattr(module, name, _real[name])


@contextlib.contextmanager
def running(core: _core.LabCore) -> Generator[None]:
    """A plan of a lab runs on this thread."""
    before = core_here()
    _patch()
    _local.core = core
    try:
        yield
    finally:
        _local.core = before
        _unpatch()


def now_of(core: _core.LabCore) -> None:
    """The plan that runs on this thread is from now on one of another lab, until it is done with the first one."""
    _local.core = core


@contextlib.contextmanager
def on_clock(clock: _core.LabClock) -> Generator[None]:
    """What lives on the clock of a lab runs on this thread."""
    before: _core.LabClock | None = getattr(_local, "clock", None)
    _patch()
    _local.clock = clock
    try:
        yield
    finally:
        _local.clock = before
        _unpatch()
