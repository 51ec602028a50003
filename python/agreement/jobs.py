"""The twelve jobs of a beamline (fixtures/jobs) as plans of Python, on the devices of ophyd.sim.

Their times are shorter: the other side lives through them.
"""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import bluesky.plan_stubs as bps
import bluesky.plans as bp
import bluesky.preprocessors as bpp
import ophyd.sim
from bluesky.suspenders import SuspendFloor
from case import beamline, case
from faulty import FailingDetector, StallingAxis
from ophyd.sim import MockFlyer

Plan = Any


def with_shutter() -> SimpleNamespace:
    d = beamline()
    d.shutter = ophyd.sim.SynAxis(name="shutter", labels={"shutters"})
    d.motor.delay = 0.005
    return d


@case()
def job_01_align(d: Any) -> Plan:
    return bp.rel_scan([d.det], d.motor, -2, 2, 21)


@case()
def job_02_grid(d: Any) -> Plan:
    return bp.grid_scan([d.det4, d.det1], d.motor2, 0, 2, 5, d.motor1, 0, 3, 7, snake_axes=True)


@case()
def job_03_spectrum(d: Any) -> Plan:
    detectors = [d.det1, d.det_with_count_time]

    @bpp.run_decorator(md={"plan_name": "xafs"})
    def plan() -> Plan:
        for exposure, start, stop, number in [(0.5, 7000, 7090, 4), (1, 7091, 7140, 5), (4, 7145, 7500, 6)]:
            yield from bps.abs_set(d.det_with_count_time.count_time, exposure, wait=True)
            yield from bpp.stub_wrapper(bp.scan(detectors, d.motor, start, stop, number))

    return plan()


@case(devices=with_shutter)
def job_04_ramp(d: Any) -> Plan:
    @bpp.stage_decorator([d.det, d.motor])
    @bpp.run_decorator(md={"plan_name": "ramp"})
    @bpp.monitor_during_decorator([d.motor2])
    def plan() -> Plan:
        for setpoint in range(295, 300):
            yield from bps.abs_set(d.motor, setpoint, group="ramp")
            yield from bps.trigger_and_read([d.det], name="primary")
            yield from bps.wait("ramp")
            yield from bps.mv(d.motor2, setpoint)

    return plan()


def with_flyer() -> SimpleNamespace:
    d = beamline()
    d.flyer = MockFlyer("flyer", d.det, d.motor, 0, 18, 10)
    return d


@case(devices=with_flyer)
def job_05_tomography(d: Any) -> Plan:
    return bp.fly([d.flyer])


def with_beam() -> SimpleNamespace:
    d = beamline()
    d.ring = ophyd.Signal(name="ring", value=300.0)
    return d


@case(devices=with_beam)
def job_06_beam_dump(d: Any) -> Plan:
    guard = SuspendFloor(d.ring, 100, resume_thresh=200, sleep=0.01)

    def plan() -> Plan:
        yield from bps.install_suspender(guard)
        yield from bp.scan([d.det], d.motor, 0, 20, 11)
        yield from bps.remove_suspender(guard)

    return plan()


def with_stalling_stage() -> SimpleNamespace:
    d = with_shutter()
    d.stage = StallingAxis(name="stage", nth=3)
    return d


@case(devices=with_stalling_stage)
def job_07_shutter(d: Any) -> Plan:
    def plan() -> Plan:
        yield from bps.mv(d.shutter, 1)
        yield from bp.scan([d.det1], d.stage, 0, 5, 6)

    return bpp.finalize_wrapper(plan(), lambda: bps.mv(d.shutter, 0))


@case()
def job_08_nested(d: Any) -> Plan:
    @bpp.set_run_key_decorator("outer")
    @bpp.run_decorator(md={"purpose": "outer"})
    def plan() -> Plan:
        for _ in range(3):
            yield from bpp.set_run_key_wrapper(bp.count([d.det], 2), run="inner")
            yield from bps.mvr(d.motor, 1)

    return plan()


@case()
def job_09_count(d: Any) -> Plan:
    return bp.count([d.det], num=5, delay=0.3)


@case()
def job_10_adaptive(d: Any) -> Plan:
    return bp.adaptive_scan([d.det], "det", d.motor, start=-3, stop=3, min_step=0.01, max_step=0.5, target_delta=0.1, backstep=True)


def with_failing_detector() -> SimpleNamespace:
    d = beamline()
    d.lost = FailingDetector(name="lost", nth=5)
    return d


@case(devices=with_failing_detector)
def job_11_fails(d: Any) -> Plan:
    return bp.scan([d.lost], d.motor, 0, 10, 11)


@case(at=[{"message": 30, "do": "pause"}], on_pause=["resume"])
def job_12_pause(d: Any) -> Plan:
    return bp.scan([d.det], d.motor, 0, 10, 11)
