"""Plans in the manner of those of facilities: of apstools, and of mx-bluesky. Nothing of theirs is in here."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import bluesky.plan_stubs as bps
import bluesky.plans as bp
import bluesky.preprocessors as bpp
from bluesky.callbacks import CollectThenCompute
from bluesky.callbacks.fitting import PeakStats
from bluesky.utils import FailedStatus, Msg
from case import beamline, case
from faulty import FailingDetector, StallingAxis

Plan = Any


# --- in the manner of apstools


@case()
def lineup_on_a_peak(d: Any) -> Plan:
    """Scans, goes to where the peak is, scans finer."""

    def lineup(width: float, points: int) -> Plan:
        peak = PeakStats("motor", "det")

        @bpp.subs_decorator(peak)
        def once() -> Plan:
            yield from bp.rel_scan([d.det], d.motor, -width, width, points)

        yield from once()
        yield from bps.mv(d.motor, peak["cen"])
        return peak["cen"]

    centers = []
    for width, points in ((3, 13), (1, 11)):
        centers.append(round((yield from lineup(width, points)), 6))
    return centers


@case()
def a_snapshot_of_readings(d: Any) -> Plan:
    def snapshot(objects: list[Any], stream: str = "primary", md: dict[str, Any] | None = None) -> Plan:
        yield from bps.open_run(md={"plan_name": "snapshot", "iso8601": "2026", "items": len(objects), **(md or {})})
        yield from bps.create(name=stream)
        for each in objects:
            yield from bps.read(each)
        yield from bps.save()
        yield from bps.close_run()

    yield from snapshot([d.motor1, d.motor2, d.det], md={"purpose": "archive"})


@case()
def a_table_of_samples(d: Any) -> Plan:
    """Measures the samples of a list, each in its run, and goes on where one cannot be reached."""
    rows = [("empty", 0.0), ("water", 2.0), ("glass", "nowhere"), ("steel", 4.0)]
    done = []
    for name, place in rows:
        try:
            yield from bps.mv(d.motor, place)
        except Exception:
            continue
        yield from bp.count([d.det], md={"sample": {"name": name, "position": place}})
        done.append(name)
    return done


@case()
def a_scan_of_regions(d: Any) -> Plan:
    @bpp.stage_decorator([d.det, d.motor])
    @bpp.run_decorator(md={"plan_name": "regions", "hints": {"dimensions": [(["motor"], "primary")]}})
    def inner() -> Plan:
        for start, stop, step in ((0.0, 1.0, 0.5), (1.0, 1.2, 0.1), (2.0, 4.0, 1.0)):
            at = start
            while at <= stop + 1e-9:
                yield from bps.checkpoint()
                yield from bps.mv(d.motor, at)
                yield from bps.trigger_and_read([d.det, d.motor])
                at += step

    return inner()


@case()
def two_motors_until_the_signal_is_there(d: Any) -> Plan:
    yield from bps.open_run()
    for step in range(20):
        yield from bps.mv(d.motor, -2 + 0.25 * step)
        reading = yield from bps.trigger_and_read([d.det, d.motor])
        if reading["det"]["value"] > 0.9:
            break
    yield from bps.close_run(reason=f"after {step + 1} steps")
    return step


# ophyd describes a value by what it was when it was read last: a float, for what was never read.
@case(differs={r"documents\[\d+\]\[1\]\.data_keys\.motor3\w*\.dtype: bluesky \"number\", skyspan \"integer\"": "a descriptor"})
def a_baseline_of_every_run(d: Any) -> Plan:
    sd = bpp.SupplementalData(baseline=[d.motor2, d.motor3])

    def night() -> Plan:
        for sample in ("A", "B"):
            yield from bp.scan([d.det], d.motor, 0, 1, 3, md={"sample": sample})

    return sd(night())


@case()
def a_counting_whose_end_is_computed(d: Any) -> Plan:
    class Mean(CollectThenCompute):
        means: list[float] = []

        def compute(self) -> None:
            values = [event["data"]["det"] for event in self._events]
            self.means = [*self.means, sum(values) / len(values)]

    mean = Mean()
    yield from bpp.subs_wrapper(bp.count([d.det], 5), mean)
    return mean.means


@case()
def a_setting_is_given_back(d: Any) -> Plan:
    """What is changed for a measurement is as it was, afterwards."""
    before = yield from bps.rd(d.motor2)

    def measurement() -> Plan:
        yield from bps.mv(d.motor2, before + 7)
        yield from bp.count([d.det])

    def restore() -> Plan:
        yield from bps.mv(d.motor2, before)

    yield from bpp.finalize_wrapper(measurement, restore)
    return (yield from bps.rd(d.motor2)) == before


@case()
def a_fly_scan_between_two_readings(d: Any) -> Plan:
    @bpp.run_decorator(md={"plan_name": "taxi and fly"})
    def plan() -> Plan:
        yield from bps.trigger_and_read([d.motor1], name="taxi")
        yield from bps.kickoff(d.trivial_flyer, group="fly")
        yield from bps.wait("fly")
        yield from bps.complete(d.trivial_flyer, group="fly")
        yield from bps.wait("fly")
        yield from bps.collect(d.trivial_flyer)
        yield from bps.trigger_and_read([d.motor1], name="return")

    return plan()


@case()
def documents_are_watched_by_the_plan(d: Any) -> Plan:
    seen: list[Any] = []

    def watch(name: str, doc: Any) -> None:
        if name == "stop":
            seen.append((doc["exit_status"], dict(doc["num_events"])))

    token = yield from bps.subscribe("stop", watch)
    yield from bp.count([d.det], 2)
    yield from bp.scan([d.det], d.motor, 0, 1, 3)
    yield from bps.unsubscribe(token)
    return seen


# --- in the manner of mx-bluesky


def with_goniometer() -> SimpleNamespace:
    d = beamline()
    d.smargon = SimpleNamespace(x=d.motor1, y=d.motor2, z=d.motor3)
    d.eiger = FailingDetector(name="eiger")
    d.backlight = d.motor
    return d


@case(devices=with_goniometer)
def a_grid_detection_and_a_collection(d: Any) -> Plan:
    """Runs within runs, each with its key; streams for the hardware as it stands; all of it given back at the end."""

    def read_hardware(stream: str) -> Plan:
        yield from bps.create(name=stream)
        for axis in (d.smargon.x, d.smargon.y, d.smargon.z):
            yield from bps.read(axis)
        yield from bps.save()

    @bpp.set_run_key_decorator("grid detection")
    @bpp.run_decorator(md={"subplan_name": "grid detection"})
    def detect() -> Plan:
        for omega in (0, 90):
            yield from bps.mv(d.smargon.z, omega)
            yield from read_hardware("snapshot")

    @bpp.set_run_key_decorator("do_fgs")
    @bpp.run_decorator(md={"subplan_name": "do_fgs"})
    @bpp.contingency_decorator(except_plan=lambda error: bps.null(), final_plan=lambda: bps.unstage(d.det))
    def collect() -> Plan:
        yield from bps.stage(d.det, wait=True)
        yield from bps.abs_set(d.smargon.x, 1, group="ready")
        yield from bps.abs_set(d.smargon.y, 2, group="ready")
        yield from bps.wait("ready", timeout=10)
        yield from read_hardware("pre")
        yield from bps.kickoff(d.trivial_flyer, wait=True)
        yield from bps.complete(d.trivial_flyer, wait=True)
        yield from bps.collect(d.trivial_flyer)

    @bpp.set_run_key_decorator("outer")
    @bpp.run_decorator(md={"subplan_name": "outer", "activate_callbacks": ["Ispyb", "Nexus"], "visit": "cm00001-1"})
    @bpp.finalize_decorator(lambda: bps.mv(d.backlight, 0))
    def outer() -> Plan:
        yield from bps.abs_set(d.backlight, 1, group="backlight")
        yield from detect()
        yield from bps.wait("backlight")
        yield from collect()

    yield from outer()


@case(devices=with_goniometer)
def rotations_of_a_list(d: Any) -> Plan:
    @bpp.set_run_key_decorator("rotations")
    @bpp.run_decorator(md={"subplan_name": "multi rotation"})
    def rotations() -> Plan:
        for number, (start, width) in enumerate(((0, 30), (90, 10))):

            @bpp.set_run_key_decorator(f"rotation {number}")
            @bpp.run_decorator(md={"scan_width_deg": width, "omega_start": start})
            def one() -> Plan:
                yield from bps.mv(d.smargon.x, start)
                yield from bps.abs_set(d.smargon.x, start + width, group="rotate")
                yield from bps.trigger(d.eiger, group="rotate")
                yield from bps.wait("rotate")
                yield from bps.create("during")
                yield from bps.read(d.smargon.x)
                yield from bps.read(d.eiger)
                yield from bps.save()

            yield from one()

    return rotations()


def with_stalling_robot() -> SimpleNamespace:
    d = with_goniometer()
    d.robot = StallingAxis(name="robot", nth=1)
    return d


@case(devices=with_stalling_robot)
def a_robot_that_loads_the_second_time(d: Any) -> Plan:
    """A load that fails is tried again, and what failed is noted in a stream of its own."""

    @bpp.set_run_key_decorator("load")
    @bpp.run_decorator(md={"subplan_name": "robot load", "sample_id": 12345})
    def load() -> Plan:
        for attempt in range(2):
            try:
                yield from bps.abs_set(d.robot, 5, group="load")
                yield from bps.wait("load", timeout=5)
                break
            except FailedStatus:
                yield from bps.create(name="failed attempt")
                yield from bps.read(d.smargon.x)
                yield from bps.save()
        return attempt

    return load()


@case(devices=with_stalling_robot)
def a_collection_that_fails_is_tidied_up(d: Any) -> Plan:
    def tidy(error: Exception) -> Plan:
        yield from bps.mv(d.backlight, 0)
        yield Msg("null", None, type(error).__name__)

    @bpp.run_decorator(md={"subplan_name": "collection"})
    def collection() -> Plan:
        yield from bps.mv(d.backlight, 1)
        yield from bps.abs_set(d.robot, 5, wait=True)

    return bpp.contingency_wrapper(collection(), except_plan=tidy)


@case(devices=with_goniometer)
def an_energy_change_that_waits_for_several(d: Any) -> Plan:
    moves = {d.motor1: 12_700.0, d.motor2: 5.5, d.motor3: 0.01}

    def change() -> Plan:
        for device, value in moves.items():
            yield from bps.abs_set(device, value, group="energy")
        yield from bps.sleep(0.001)
        yield from bps.wait("energy")

    yield from bpp.run_wrapper(change(), md={"energy_kev": 12.7})


@case(devices=with_goniometer)
def a_snapshot_at_each_angle(d: Any) -> Plan:
    @bpp.stage_decorator([d.smargon.x])
    @bpp.run_decorator(md={"oav_snapshot": True})
    def plan() -> Plan:
        for angle in (0, 90, 180, 270):
            yield from bps.mvr(d.smargon.z, angle)
            yield from bps.trigger_and_read([d.eiger, d.smargon.z], name=f"snapshot_{angle}")

    return plan()
