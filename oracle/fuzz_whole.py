"""The steps of fuzz_plans.py that are whole plans, each with its own run."""

from fuzz_walk import AXES, DETECTORS, FLYERS, SLOW_S, Walk, message, stub

# What a person answers to `tweak`: steps, and the end.
TWEAKS = [["q"], ["", "0.5", "q"], ["1", "-2", "", "q"], ["x", "q"]]


class WholePlans(Walk):
    """Steps that are plans."""

    def plan(self):
        """A whole plan, with its own run."""
        if self.key in self.state.runs or self.lazy or self.watched():
            return []
        motors = [axis for axis in AXES if axis not in self.state.staged]
        detectors = [device for device in DETECTORS if device not in self.state.staged]
        if len(motors) < 2 or not detectors:
            return []
        self.budget -= 4
        return self.settle() + [self.whole_plan(self.some(detectors, 2), *self.random.sample(motors, 2))]

    def whole_plan(self, detectors, motor, other):
        kind = self.pick([self.counts, self.scans, self.scans, self.grids, self.scans_by_former_names, self.spirals, self.by_readings, self.flights])
        node = self.pick(kind(detectors, motor, other))
        if self.chance(0.1):
            node["plan"].setdefault("kwargs", {})["md"] = {"sample": self.pick(["A", "B"])}
        return node

    def counts(self, detectors, motor, other):
        num = self.random.randint(1, 3)
        shot = [stub("one_shot", detectors), message("null")]
        return [
            stub("count", detectors, num),
            stub("count", detectors, num=min(num, 2), delay=SLOW_S),
            stub("count", detectors, num, per_shot=shot[: self.random.randint(1, 2)]),
        ]

    def scans(self, detectors, motor, other):
        num = self.random.randint(1, 3)
        points = [1, 0, 2][:num]
        at_point = {"per_step": [stub("trigger_and_read", [*detectors, motor]), message("null")]} if self.chance(0.2) else {}
        return [
            stub("scan", detectors, motor, 0, 2, num, **at_point),
            stub("scan", detectors, motor, -1, 1, other, 0, 1, num=num),
            stub("rel_scan", detectors, motor, -1, 1, num, **at_point),
            stub("list_scan", detectors, motor, points, **at_point),
            stub("rel_list_scan", detectors, motor, points, other, points),
            stub("log_scan", detectors, motor, 0, 1, num),
            stub("rel_log_scan", detectors, motor, 0, 1, num),
            stub("x2x_scan", detectors, motor, other, -1, 1, num),
            stub("scan_nd", detectors, [motor, points]),
        ]

    def grids(self, detectors, motor, other):
        snake = {"snake_axes": self.pick([True, False, [other]])} if self.chance(0.4) else {}
        return [
            stub("grid_scan", detectors, motor, 0, 1, 2, other, 0, 1, 2, **snake),
            stub("rel_grid_scan", detectors, motor, 0, 1, 2, other, 0, 1, 2, **snake),
            stub("list_grid_scan", detectors, motor, [0, 1.5], other, [0.5, 1], **snake),
            stub("rel_list_grid_scan", detectors, motor, [0, 1.5], other, [0.5, 1], **snake),
        ]

    def scans_by_former_names(self, detectors, motor, other):
        num = self.random.randint(1, 3)
        return [
            stub("inner_product_scan", detectors, num, motor, 0, 1, other, 1, 2),
            stub("outer_product_scan", detectors, motor, 0, 1, 2, other, 0, 1, 2, self.chance(0.5)),
            stub("relative_scan", detectors, motor, -1, 1, num),
            stub("relative_list_scan", detectors, motor, [1, 0, 2][:num]),
            stub("relative_log_scan", detectors, motor, 0, 1, num),
            stub("relative_inner_product_scan", detectors, num, motor, 0, 1),
            stub("relative_outer_product_scan", detectors, motor, 0, 1, 2, other, 0, 1, 2, self.chance(0.5)),
        ]

    def spirals(self, detectors, motor, other):
        return [
            stub("spiral", detectors, motor, other, 0, 0, 1, 1, 0.4, 3),
            stub("rel_spiral", detectors, motor, other, 1, 1, 0.4, 3),
            stub("relative_spiral", detectors, motor, other, 1, 1, 0.4, 3),
            stub("spiral_fermat", detectors, motor, other, 0, 0, 1.1, 1.1, 0.4, 1),
            stub("rel_spiral_fermat", detectors, motor, other, 1.1, 1.1, 0.4, 1),
            stub("relative_spiral_fermat", detectors, motor, other, 1.1, 1.1, 0.4, 1),
            stub("spiral_square", detectors, motor, other, 0, 0, 1, 2, 2, 3),
            stub("rel_spiral_square", detectors, motor, other, 1, 2, 2, 3),
        ]

    def by_readings(self, detectors, motor, other):
        """Plans that go by what is read of a motor, which is all that each of them knows."""
        field, back = {"str": motor}, self.chance(0.5)
        return [
            stub("adaptive_scan", [*detectors], field, motor, 0, 3, 0.5, 1, 1, back),
            stub("rel_adaptive_scan", [*detectors], field, motor, 0, 2, 0.5, 1, 1, back),
            stub("relative_adaptive_scan", [*detectors], field, motor, 0, 2, 0.5, 1, 1, back),
            stub("tune_centroid", [*detectors], field, motor, 0, 2, 0.9, 3),
        ]

    def flights(self, detectors, motor, other):
        return [stub("fly", [self.pick(FLYERS)]), stub("fly", self.random.sample(FLYERS, 2))]

    def tweaked(self):
        """A `tweak`, with the lines that answer it: an item of its own, for it asks until it is told to end."""
        detector, axis = self.pick([("det", "motor"), ("det1", "motor1"), ("det2", "motor2")])
        return {"item_type": "plan", "name": "tweak", "args": [detector, {"str": detector}, axis, 1], "input": self.pick(TWEAKS)}
