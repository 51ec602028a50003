"""While a plan runs, what it asks for the time and for uuids is the lab's, on its thread alone.

``bluesky.plan_stubs.repeat`` takes the time by ``time.time()``, and groups are named by ``uuid.uuid4()``: both must be the lab's for
times to be exact, and for one seed to give the same spans. Other threads, and all else after the call, get what they always get.
"""

from __future__ import annotations

import contextlib
import random
import threading
import time
import uuid
from collections.abc import Callable, Generator
from typing import Any

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


def _core_here() -> _core.LabCore | None:
    return getattr(_local, "core", None)


def _time() -> float:
    core = _core_here()
    return _real["time"]() if core is None else LabTime.of(core.now_ns)


def _time_ns() -> int:
    core = _core_here()
    return int(_real["time_ns"]() if core is None else core.now_ns)


def _monotonic() -> float:
    core = _core_here()
    return _real["monotonic"]() if core is None else LabTime.of(core.now_ns)


def _monotonic_ns() -> int:
    core = _core_here()
    return int(_real["monotonic_ns"]() if core is None else core.now_ns)


def _uuid4() -> uuid.UUID:
    core = _core_here()
    if core is None:
        made: uuid.UUID = _real["uuid4"]()
        return made
    chance = _chance_of(core)
    return uuid.UUID(int=chance.getrandbits(128), version=4)


def _chance_of(core: _core.LabCore) -> random.Random:
    chance: random.Random | None = core.chance
    if chance is None:
        chance = random.Random(f"skyspan {core.seed}")
        core.chance = chance
    return chance


_OURS: list[tuple[Any, str, Callable[..., Any]]] = [
    (time, "time", _time),
    (time, "time_ns", _time_ns),
    (time, "monotonic", _monotonic),
    (time, "monotonic_ns", _monotonic_ns),
    (uuid, "uuid4", _uuid4),
]


@contextlib.contextmanager
def running(core: _core.LabCore) -> Generator[None]:
    """A plan of a lab runs on this thread."""
    global _calls
    with _lock:
        if _calls == 0:
            for module, name, ours in _OURS:
                _real[name] = getattr(module, name)
                setattr(module, name, ours)
        _calls += 1
    before = _core_here()
    _local.core = core
    try:
        yield
    finally:
        _local.core = before
        with _lock:
            _calls -= 1
            if _calls == 0:
                for module, name, ours in _OURS:
                    if getattr(module, name) is ours:
                        setattr(module, name, _real[name])


@contextlib.contextmanager
def elsewhere() -> Generator[None]:
    """What runs here needs the real time: an event loop, a library that waits."""
    before = _core_here()
    _local.core = None
    try:
        yield
    finally:
        _local.core = before
