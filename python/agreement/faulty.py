"""Devices that go wrong, the same on both sides: skyspan does not know their classes, and calls them where they stand."""

from __future__ import annotations

import threading
from typing import Any

from ophyd.sim import SynAxis
from ophyd.status import DeviceStatus, MoveStatus


class Stalled(Exception):
    """A device did not come to where it should."""


class StallingAxis(SynAxis):
    """An axis whose nth move fails a moment later."""

    def __init__(self, *, nth: int, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._calls, self._nth = 0, nth

    def set(self, value: float) -> Any:
        self._calls += 1
        if self._calls != self._nth:
            return super().set(value)
        status = MoveStatus(self, value)
        threading.Timer(0.3, status.set_exception, (Stalled("stalled"),)).start()
        return status


class RefusingAxis(SynAxis):
    """An axis that refuses to go beyond a limit, as devices do that look at theirs."""

    def set(self, value: float) -> Any:
        if value > 5:
            raise ValueError(f"{self.name} does not go to {value}")
        return super().set(value)


class FailingDetector:
    """A detector of nobody's framework: it has what the protocols want, and its nth trigger raises."""

    parent = None

    def __init__(self, *, name: str, nth: int = 0) -> None:
        self.name, self._nth, self._calls = name, nth, 0

    def __repr__(self) -> str:
        return f"FailingDetector(name={self.name!r})"

    def trigger(self) -> Any:
        self._calls += 1
        if self._calls == self._nth:
            raise Stalled("detector lost trigger")
        status = DeviceStatus(device=self)
        status.set_finished()
        return status

    def describe(self) -> dict[str, Any]:
        return {self.name: {"source": f"SIM:{self.name}", "dtype": "integer", "shape": []}}

    def read(self) -> dict[str, Any]:
        return {self.name: {"value": self._calls, "timestamp": 1.0}}

    def describe_configuration(self) -> dict[str, Any]:
        return {}

    def read_configuration(self) -> dict[str, Any]:
        return {}
