"""What a plan of Python costs: its generator alone, on a lab, and on bluesky's RunEngine, all in one run.

    python benches/plan_cost.py [POINTS]

The lab keeps spans, documents and messages; the RunEngine has a subscriber, and no tracer provider. Times are those of the
processor, so that what else runs on the machine counts for little. What a lab is held to: 1.1 × the generator alone, and a third of
the RunEngine.
"""

from __future__ import annotations

import gc
import sys
import time
import warnings
from collections.abc import Callable
from typing import Any

import bluesky.plans as bp
from bluesky import RunEngine
from ophyd.sim import SynAxis, SynGauss

import skyspan


class OwnAxis(SynAxis):
    """An axis that a lab does not know, and calls where it stands."""


def devices(axis: Callable[..., Any] = SynAxis) -> tuple[Any, Any]:
    motor = axis(name="motor")
    return SynGauss("det", motor, "motor", center=0, Imax=1, sigma=1), motor


def measured(work: Callable[[], Any]) -> float:
    gc.collect()
    begin = time.process_time()
    work()
    return time.process_time() - begin


def alone(points: int) -> float:
    detector, motor = devices()
    plan = bp.scan([detector], motor, 0, 1, points)

    def drain() -> None:
        for _ in plan:
            pass

    return measured(drain)


def on_a_lab(points: int, axis: Callable[..., Any] | None = SynAxis) -> float:
    lab = skyspan.Lab()
    detector, motor = (lab.device("det"), lab.device("motor")) if axis is None else devices(axis)
    runs: list[skyspan.Run] = []
    took = measured(lambda: runs.append(lab(bp.scan([detector], motor, 0, 1, points))))
    runs[0].assert_success()
    return took


def on_bluesky(points: int) -> float:
    detector, motor = devices()
    engine = RunEngine({}, context_managers=[])
    documents: list[Any] = []
    engine.subscribe(lambda name, doc: documents.append((name, doc)))
    took = measured(lambda: engine(bp.scan([detector], motor, 0, 1, points)))
    assert len(documents) == points + 3
    return took


def main() -> None:
    points = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000
    warnings.simplefilter("ignore", skyspan.RealTimeWarning)
    ways: dict[str, Callable[[int], float]] = {
        "the generator alone": alone,
        "lab, its own devices": lambda points: on_a_lab(points, None),
        "lab, ophyd.sim mapped": on_a_lab,
        "lab, an axis called back": lambda points: on_a_lab(points, OwnAxis),
        "bluesky's RunEngine": on_bluesky,
    }
    took: dict[str, list[float]] = {name: [] for name in ways}
    for _ in range(5):
        for name, way in ways.items():
            took[name].append(way(points))
    best = {name: min(all_of) for name, all_of in took.items()}
    for name, seconds in best.items():
        print(
            f"{name:26} {seconds / points * 1e6:8.1f} µs a point  {points / seconds:8.0f} points/s  "
            f"{seconds / best['the generator alone']:5.2f} × the generator"
        )
    ratio = best["bluesky's RunEngine"] / best["lab, ophyd.sim mapped"]
    print(f"bluesky's RunEngine takes {ratio:.2f} × the lab, where ophyd.sim is mapped")


if __name__ == "__main__":
    main()
