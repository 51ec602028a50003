"""Cases: plans that run on bluesky's RunEngine and on skyspan's, and what happens to them from outside."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

from ophyd import sim


class Beamline(SimpleNamespace):
    """Devices as ``ophyd.sim.hw()`` makes them, those that the plans ask for."""

    def __getattr__(self, name: str) -> Any:
        if name not in _MADE:
            raise AttributeError(name)
        device = _MADE[name](self)
        setattr(self, name, device)
        return device


def _axis(name: str) -> Callable[[Beamline], Any]:
    return lambda d: sim.SynAxis(name=name, labels={"motors"})


_MADE: dict[str, Callable[[Beamline], Any]] = {
    "motor": _axis("motor"),
    "motor1": _axis("motor1"),
    "motor2": _axis("motor2"),
    "motor3": _axis("motor3"),
    "det": lambda d: sim.SynGauss("det", d.motor, "motor", center=0, Imax=1, sigma=1, labels={"detectors"}),
    "det1": lambda d: sim.SynGauss("det1", d.motor1, "motor1", center=0, Imax=5, sigma=0.5, labels={"detectors"}),
    "det2": lambda d: sim.SynGauss("det2", d.motor2, "motor2", center=1, Imax=2, sigma=2, labels={"detectors"}),
    "det4": lambda d: sim.Syn2DGauss(
        "det4", d.motor1, "motor1", d.motor2, "motor2", center=(0, 0), Imax=1, labels={"detectors"}
    ),
    "ab_det": lambda d: sim.ABDetector(name="det", labels={"detectors"}),
    "det_with_count_time": lambda d: sim.DetWithCountTime(name="det", labels={"detectors"}),
    "trivial_flyer": lambda d: sim.TrivialFlyer(),
}


def beamline() -> Beamline:
    """The devices of ``ophyd.sim``, made anew: each side has its own. That they are made leaves spans, and so comes first."""
    devices = Beamline()
    for name in _MADE:
        getattr(devices, name)
    return devices


@dataclass
class Case:
    """A plan, of devices that are made for it."""

    name: str
    plan: Callable[[Any], Any]
    devices: Callable[[], SimpleNamespace] = beamline
    #: What is done at a message, counted from 1: ``{"message": 5, "do": "pause"}``.
    at: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])
    #: What becomes of each pause: ``"resume"``, ``"abort"``, ``"stop"``, ``"halt"``; the last if nothing is said.
    on_pause: list[str] = field(default_factory=list[str])
    record_interruptions: bool = False
    md: dict[str, Any] = field(default_factory=dict[str, Any])
    #: In what the two differ on purpose: an expression for the lines that tell of it, and the row of DIFFERENCES.md that says why.
    differs: dict[str, str] = field(default_factory=dict[str, str])
    #: The same for what differs in some runs of bluesky, and in others does not.
    may_differ: dict[str, str] = field(default_factory=dict[str, str])


CASES: list[Case] = []


def case(**options: Any) -> Callable[[Callable[[Any], Any]], Callable[[Any], Any]]:
    """Makes a case of a function that takes the devices and gives a plan."""

    def register(plan: Callable[[Any], Any]) -> Callable[[Any], Any]:
        area = plan.__module__.rsplit(".", 1)[-1]
        CASES.append(Case(f"{area}: {plan.__name__}", plan, **options))
        return plan

    return register
