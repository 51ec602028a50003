"""The plans of ``bluesky.plans``."""

from __future__ import annotations

from typing import Any

import bluesky.plan_stubs as bps
import bluesky.plans as bp
from bluesky.plan_patterns import chunk_outer_product_args
from bluesky.utils import Msg
from case import case
from cycler import cycler

Plan = Any


@case()
def count(d: Any) -> Plan:
    return bp.count([d.det], 3)


@case(md={"sample": "A", "temperature": 4.5, "where": {"x": [1, 2]}})
def count_with_metadata(d: Any) -> Plan:
    return bp.count([d.det1, d.det2], num=2, delay=0.3, md={"purpose": "test"})


@case()
def count_with_delays(d: Any) -> Plan:
    return bp.count([d.det], num=3, delay=[0.3, 0.4])


@case()
def count_for_each_shot(d: Any) -> Plan:
    def shot(detectors: Any) -> Plan:
        yield from bps.mv(d.motor, 1)
        yield from bps.trigger_and_read([*detectors, d.motor])

    return bp.count([d.det], 2, per_shot=shot)


@case()
def scan(d: Any) -> Plan:
    return bp.scan([d.det], d.motor, -1, 1, 5)


@case()
def scan_of_two(d: Any) -> Plan:
    return bp.scan([d.det4], d.motor1, -1, 1, d.motor2, 0, 10, 4)


@case()
def scan_for_each_step(d: Any) -> Plan:
    def step(detectors: Any, motor: Any, at: float) -> Plan:
        yield from bps.checkpoint()
        yield from bps.abs_set(motor, at + 0.5, wait=True)
        return (yield from bps.trigger_and_read([*detectors, motor], name="primary"))

    return bp.scan([d.det], d.motor, 0, 2, 3, per_step=step)


@case()
def rel_scan(d: Any) -> Plan:
    return bp.rel_scan([d.det], d.motor, -1, 1, 3)


@case()
def list_scan(d: Any) -> Plan:
    return bp.list_scan([d.det], d.motor, [1, 4, 2])


@case()
def list_scan_of_two(d: Any) -> Plan:
    return bp.list_scan([d.det], d.motor1, [1, 4, 2], d.motor2, [0.5, 0.25, 0.125])


@case()
def rel_list_scan(d: Any) -> Plan:
    return bp.rel_list_scan([d.det], d.motor, [1, -1, 0.5])


@case()
def log_scan(d: Any) -> Plan:
    return bp.log_scan([d.det], d.motor, 1, 100, 3)


@case()
def rel_log_scan(d: Any) -> Plan:
    return bp.rel_log_scan([d.det], d.motor, 1, 100, 3)


@case()
def grid_scan(d: Any) -> Plan:
    return bp.grid_scan([d.det4], d.motor1, 0, 1, 2, d.motor2, 0, 2, 3)


@case()
def grid_scan_that_snakes(d: Any) -> Plan:
    return bp.grid_scan([d.det4], d.motor1, 0, 1, 3, d.motor2, 0, 2, 3, snake_axes=True)


@case()
def grid_scan_that_snakes_one_of_three(d: Any) -> Plan:
    return bp.grid_scan(
        [d.det], d.motor1, 0, 1, 2, d.motor2, 0, 2, 3, d.motor3, 5, 6, 2, snake_axes=[d.motor3]
    )


@case()
def rel_grid_scan(d: Any) -> Plan:
    return bp.rel_grid_scan([d.det], d.motor1, -1, 1, 3, d.motor2, -1, 1, 2)


@case(differs={r"span_forest.*\.target: bluesky \"\d+\", skyspan": "an attribute that is a `numpy.int64`"})
def list_grid_scan(d: Any) -> Plan:
    return bp.list_grid_scan([d.det], d.motor1, [1, 2], d.motor2, [5, 7, 6], snake_axes=True)


@case()
def rel_list_grid_scan(d: Any) -> Plan:
    return bp.rel_list_grid_scan([d.det], d.motor1, [1, 2], d.motor2, [5, 7, 6])


@case()
def adaptive_scan(d: Any) -> Plan:
    return bp.adaptive_scan([d.det], "det", d.motor, -3, 3, 0.1, 1, 0.2, True)


@case()
def rel_adaptive_scan(d: Any) -> Plan:
    return bp.rel_adaptive_scan([d.det], "det", d.motor, -3, 3, 0.1, 1, 0.2, False)


@case()
def tune_centroid(d: Any) -> Plan:
    return bp.tune_centroid([d.det], "det", d.motor, -2, 3, 0.2, 5)


@case()
def tune_centroid_that_snakes(d: Any) -> Plan:
    return bp.tune_centroid([d.det], "det", d.motor, -2, 3, 0.2, 5, snake=True)


@case()
def spiral(d: Any) -> Plan:
    return bp.spiral([d.det4], d.motor1, d.motor2, 0, 0, 1.1, 1.3, 0.3, 4)


@case()
def rel_spiral(d: Any) -> Plan:
    return bp.rel_spiral([d.det4], d.motor1, d.motor2, 1.1, 1.3, 0.3, 4, tilt=0.2)


@case()
def spiral_fermat(d: Any) -> Plan:
    return bp.spiral_fermat([d.det4], d.motor1, d.motor2, 0, 0, 1.1, 1.3, 0.3, 1.5)


@case()
def rel_spiral_fermat(d: Any) -> Plan:
    return bp.rel_spiral_fermat([d.det4], d.motor1, d.motor2, 1.1, 1.3, 0.3, 1.5)


@case()
def spiral_square(d: Any) -> Plan:
    return bp.spiral_square([d.det4], d.motor1, d.motor2, 0, 0, 2, 2, 3, 3)


@case()
def rel_spiral_square(d: Any) -> Plan:
    return bp.rel_spiral_square([d.det4], d.motor1, d.motor2, 2, 2, 3, 3)


# Its dimensions come out of a set.
@case(may_differ={r"(messages|documents)\[.*\.hints\.dimensions": "`scan_nd`"})
def scan_nd(d: Any) -> Plan:
    return bp.scan_nd([d.det], cycler(d.motor1, [1, 2, 3]) + cycler(d.motor2, [3, 2, 1]))


@case()
def rel_scan_of_two(d: Any) -> Plan:
    return bp.rel_scan([d.det], d.motor1, -1, 1, d.motor2, -2, 2, 3)


@case()
def x2x_scan(d: Any) -> Plan:
    return bp.x2x_scan([d.det], d.motor1, d.motor2, -1, 1, 3)


@case()
def fly(d: Any) -> Plan:
    return bp.fly([d.trivial_flyer])


@case()
def two_plans_in_a_row(d: Any) -> Plan:
    first = yield from bp.count([d.det], 1)
    second = yield from bp.scan([d.det], d.motor, 0, 1, 2)
    assert isinstance(first, str) and isinstance(second, str) and first != second
    return "done"


@case()
def a_list_of_messages(d: Any) -> Plan:
    return [Msg("open_run", None, purpose="list"), Msg("set", d.motor, 3, group="a"), Msg("wait", None, "a"), Msg("close_run")]


@case()
def points_of_an_outer_product(d: Any) -> Plan:
    for motor, start, stop, number, _ in chunk_outer_product_args([d.motor1, 0, 1, 2, d.motor2, 5, 6, 3, False]):
        yield from bp.scan([d.det], motor, start, stop, number)
