"""Plans of public packages on a lab, unchanged: how many run, and what each other lacks.

    python others/plans_of_others.py

They are imported from where they are installed: apstools, dls-bluesky-core, ibex-bluesky-core, bluesky-darkframes, nbs-bl. A package
that is not installed, or cannot be imported, is told. Each plan runs on the devices of a lab, on those of ``ophyd.sim``, and on
bluesky's RunEngine, since what fails there too is no fault of the lab.

``polling_plan`` of ibex-bluesky-core is left out: it asks a status again and again without a wait, and on a lab time passes only where
something waits. It goes on to the limit of messages.
"""

from __future__ import annotations

import importlib
import logging
import os
import sys
import tempfile
import warnings
from collections import Counter
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import bluesky.plan_stubs as bps
import bluesky.plans as bp
from bluesky import RunEngine
from bluesky.utils import RunEngineInterrupted
from ophyd import sim

from skyspan import Lab, RealTimeWarning

Plan = Any
PLANS: list[tuple[str, str, Callable[[Any, Any], Plan]]] = []


def of(package: str) -> Callable[[Callable[[Any, Any], Plan]], Any]:
    def register(plan: Callable[[Any, Any], Plan]) -> Any:
        PLANS.append((package, plan.__name__, plan))

    return register


@of("apstools.plans")
def lineup2(plans: Any, d: Any) -> Plan:
    return plans.lineup2([d.det], d.motor, -3, 3, 21)


@of("apstools.plans")
def lineup2_three_times(plans: Any, d: Any) -> Plan:
    return plans.lineup2([d.det], d.motor, -2, 2, 11, nscans=3, feature="x_at_max_y", md={"sample": "A"})


@of("apstools.plans")
def nscan(plans: Any, d: Any) -> Plan:
    return plans.nscan([d.det], d.motor, 0, 1, d.motor1, 5, 6, num=5)


@of("apstools.plans")
def tune_axis(plans: Any, d: Any) -> Plan:
    return plans.TuneAxis([d.det], d.motor, signal_name="det").tune(width=4, num=17)


@of("apstools.plans")
def multi_pass_tune(plans: Any, d: Any) -> Plan:
    return plans.TuneAxis([d.det], d.motor, signal_name="det").multi_pass_tune(width=4, num=11, pass_max=2)


@of("apstools.plans")
def documentation_run(plans: Any, d: Any) -> Plan:
    return plans.documentation_run("what was done", stream="notes")


@of("apstools.plans")
def write_stream(plans: Any, d: Any) -> Plan:
    yield from bps.open_run()
    yield from plans.write_stream([d.motor, d.det], "readings")
    yield from bps.close_run()


@of("apstools.plans")
def stage_sigs_wrapper(plans: Any, d: Any) -> Plan:
    return plans.stage_sigs_wrapper(bp.count([d.det]), [sim.det])


@of("apstools.plans")
def mesh_list_grid_scan(plans: Any, d: Any) -> Plan:
    return plans.mesh_list_grid_scan([d.det], d.motor, [1, 2], d.motor1, [5, 6], number_of_collection_points=6)


@of("apstools.plans")
def run_blocking_function(plans: Any, d: Any) -> Plan:
    yield from plans.run_blocking_function(lambda: None)
    yield from bps.mv(d.motor, 1)


@of("apstools.plans")
def request_input(plans: Any, d: Any) -> Plan:
    return plans.request_input("go on?", bypass=True)


@of("apstools.plans")
def label_stream_wrapper(plans: Any, d: Any) -> Plan:
    return plans.label_stream_wrapper(bp.count([d.det]), "motors", when="start", ns={"motor": d.motor, "det": d.det})


@of("apstools.plans")
def execute_command_list(plans: Any, d: Any) -> Plan:
    return plans.execute_command_list("here", [["sleep", ["0.1"], 1, "sleep 0.1"]])


@of("dls_bluesky_core.plans")
def count(plans: Any, d: Any) -> Plan:
    return plans.count([d.det], num=3, metadata={"sample": "A"})


@of("dls_bluesky_core.plans")
def scan(plans: Any, d: Any) -> Plan:
    spec = importlib.import_module("scanspec.specs").Line("motor", 0, 1, 5)
    return plans.scan([d.det], {"motor": d.motor}, spec)


@of("dls_bluesky_core.stubs")
def set_absolute(stubs: Any, d: Any) -> Plan:
    yield from stubs.set_absolute(d.motor, 3, wait=True)
    yield from stubs.set_relative(d.motor, 1, wait=True)


@of("dls_bluesky_core.stubs")
def move(stubs: Any, d: Any) -> Plan:
    yield from stubs.move({d.motor: 2, d.motor1: 3})
    yield from stubs.move_relative({d.motor: 2})
    yield from stubs.sleep(0.1)
    yield from stubs.wait()


# Its command is registered by its own `get_run_engine()`, and so on neither side here.
@of("ibex_bluesky_core.plan_stubs")
def call_sync(stubs: Any, d: Any) -> Plan:
    found = yield from stubs.call_sync(lambda a, b: a + b, 2, b=3)
    yield from bps.mv(d.motor, found)
    assert found == 5


@of("bluesky_darkframes")
def dark_frames(package: Any, d: Any) -> Plan:
    def dark(detector: Any) -> Plan:
        yield from bps.unstage(detector)
        yield from bps.stage(detector)
        yield from bps.trigger(detector, group="dark")
        yield from bps.wait("dark")
        snapshot = package.SnapshotDevice(detector)
        yield from bps.unstage(detector)
        yield from bps.stage(detector)
        return snapshot

    return package.DarkFramePreprocessor(dark_plan=dark, detector=d.det, max_age=3)(bp.count([d.det]))


@of("nbs_bl.plans.conditions")
def conditions(plans: Any, d: Any) -> Plan:
    yield from bps.mv(d.motor, 2)
    below = yield from plans.is_signal_below(d.motor, 3)
    assert below


@of("nbs_bl.plans.maximizers")
def find_max(plans: Any, d: Any) -> Plan:
    return plans.find_max(bp.scan, [d.det], d.motor, -2, 2, 9)


@of("nbs_bl.plans.maximizers")
def halfmax_adaptive(plans: Any, d: Any) -> Plan:
    return plans.halfmax_adaptive([d.det], d.motor, 0.5)


@of("nbs_bl.plans.preprocessors")
def run_return_wrapper(plans: Any, d: Any) -> Plan:
    return plans.run_return_wrapper(bps.trigger_and_read([d.det]))


@of("nbs_bl.plans.metaplans")
def repeated_for_a_time(plans: Any, d: Any) -> Plan:
    return plans.repeat_plan_sequence_for_duration([bps.mv, bps.sleep], [[d.motor, 1], [0.1]], [{}, {}], 0.35)


def of_ophyd() -> SimpleNamespace:
    motor, motor1 = sim.SynAxis(name="motor", labels={"motors"}), sim.SynAxis(name="motor1", labels={"motors"})
    det = sim.SynGauss("det", motor, "motor", center=0.3, Imax=100, sigma=0.8, labels={"detectors"})
    return SimpleNamespace(motor=motor, motor1=motor1, det=det)


def of_a_lab(lab: Lab) -> SimpleNamespace:
    motor, motor1 = lab.motor("motor", velocity=1.0), lab.motor("motor1", velocity=1.0)
    det = lab.detector("det", exposure_time=0.1, motor=motor, center=0.3, sigma=0.8, rate=1000.0)
    return SimpleNamespace(motor=motor, motor1=motor1, det=det)


def outcome(attempt: Callable[[], Any]) -> str:
    """``ran``, or what went wrong in a line."""
    try:
        attempt()
    except RunEngineInterrupted:
        return "paused"
    except Exception as error:
        return f"{type(error).__name__}: {error}".splitlines()[0][:110]
    return "ran"


def on_a_lab(lab: Lab, plan: Plan) -> None:
    run = lab(plan)
    if run.exception is not None:
        raise run.exception
    run.assert_success()


def main() -> int:
    warnings.simplefilter("ignore")
    warnings.simplefilter("ignore", RealTimeWarning)
    logging.disable()
    # Some of the packages write logs where they are imported.
    os.chdir(tempfile.mkdtemp())
    ran: Counter[str] = Counter()
    for package, name, make in PLANS:
        try:
            module = importlib.import_module(package)
        except Exception as error:
            print(f"{package:28} {name:24} not imported: {type(error).__name__}: {error}"[:150])
            ran["not imported"] += 1
            continue

        def simulated(make: Any = make, module: Any = module) -> None:
            lab = Lab()
            on_a_lab(lab, make(module, of_a_lab(lab)))

        found = {
            "lab": outcome(simulated),
            "ophyd.sim on the lab": outcome(lambda: on_a_lab(Lab(), make(module, of_ophyd()))),
            "bluesky": outcome(lambda: RunEngine({}, context_managers=[])(make(module, of_ophyd()))),
        }
        told = "unchanged" if set(found.values()) == {"ran"} else "  ".join(f"{side}: {how}" for side, how in found.items())
        print(f"{package:28} {name:24} {told}")
        ran.update(side for side, how in found.items() if how == "ran")
        ran["plans"] += 1
        ran["all three"] += set(found.values()) == {"ran"}
    print(", ".join(f"{what} {number}" for what, number in ran.items()))
    return 0


if __name__ == "__main__":
    sys.exit(main())
