"""The steps of fuzz_plans.py that are seldom in a plan: stubs with plans in them, devices of other classes, suspenders and subscribers."""

from fuzz_walk import AXES, DETECTORS, FLYERS, LATER_S, SOON_S, Walk, message, stub

# Classes of devices that the default beamline lacks, or that get other options there: those options, and what such a device may be set to.
OTHERS = {
    "ABDetector": ({}, None),
    "DetWithConf": ({}, None),
    "DetWithCountTime": ({}, None),
    "DirectImage": ({}, None),
    "Device": (
        {"components": {"a": {"value": 1}, "b": {"value": 2, "kind": "config"}, "c": {"value": 3, "kind": "hinted"}}},
        None,
    ),
    "EnumSignal": ({"enum_strings": ["low", "high"]}, ["low", "high"]),
    "FakeEpicsPathSignal": ({"prefix": "XF:1", "path_semantics": "posix"}, None),
    "FakeEpicsSignal": ({"read_pv": "XF:2"}, [1, 2.5]),
    "FakeEpicsSignalRO": ({"read_pv": "XF:3"}, None),
    "FakeEpicsSignalWithRBV": ({"prefix": "XF:4"}, [1, 2.5]),
    "InvariantSignal": ({}, [3]),
    "LocatableSynAxis": ({"value": 1}, [0, 1, 2.5]),
    "SPseudo1x3": ({}, [0, 1, 2]),
    "SPseudo3x3": ({}, None),
    "SoftPositioner": ({"init_pos": 0, "limits": [-5, 5]}, [0, 1, -2.5, 7]),
    "SynAxisEmptyHints": ({}, [0, 1, 2.5]),
    "SynAxisNoHints": ({}, [0, 1, 2.5]),
    "SynAxisNoPosition": ({}, [0, 1, 2.5]),
    "SynGauss": ({"motor": "motor1", "motor_field": "motor1", "center": 0, "Imax": 1}, None),
    "Syn2DGauss": ({"motor0": "motor1", "motor_field0": "motor1", "motor1": "motor2", "motor_field1": "motor2", "center": [0, 1], "Imax": 3}, None),
    "SynSignalRO": ({}, None),
    "TrivialFlyer": ({}, None),
    "NewTrivialFlyer": ({}, None),
    "UnreplayableSynAxis": ({}, [0, 1, 2.5]),
}

# What a suspender has besides its signal, and what the signal is when all is well, and when it is not.
SUSPENDERS = {
    "SuspendBoolHigh": ({}, 0, 1),
    "SuspendBoolLow": ({}, 1, 0),
    "SuspendCeil": ({"suspend_thresh": 2, "resume_thresh": 1}, 0, 3),
    "SuspendFloor": ({"suspend_thresh": 2, "resume_thresh": 3}, 4, 1),
    "SuspendInBand": ({"band_bottom": 1, "band_top": 3}, 2, 5),
    "SuspendOutBand": ({"band_bottom": 1, "band_top": 3}, 5, 2),
    "SuspendWhenChanged": ({"expected_value": 2, "allow_resume": True}, 2, 3),
    "SuspendWhenOutsideBand": ({"band_bottom": 1, "band_top": 3}, 2, 0),
}


class Stubs(Walk):
    """Steps that are seldom in a plan."""

    def suspender(self):
        """A suspender on a signal of its own, which is as it should be; gives the names of both, and what trips it and lets it go."""
        kind = self.pick(SUSPENDERS)
        options, good, bad = SUSPENDERS[kind]
        gate = self.add("gate", **{"class": "Signal", "value": good})
        spec = {"name": self.fresh("guard"), "class": kind, "signal": gate, **options}
        for part in ("pre_plan", "post_plan"):
            if self.chance(0.3):
                spec[part] = [message("null", args=[part])]
        if self.chance(0.2):
            spec["tripped_message"] = "closed"
        self.suspenders.append(spec)
        return spec["name"], (gate, bad, good)

    def guard(self):
        """A suspender that is installed and never tripped, or removed again."""
        name = self.pick(self.state.installed)
        if name is not None and self.chance(0.5):
            self.state.installed.remove(name)
            return [self.pick([message("remove_suspender", args=[name]), stub("remove_suspender", name)])]
        name, _ = self.suspender()
        self.state.installed.append(name)
        return [self.pick([message("install_suspender", args=[name]), stub("install_suspender", name)])]

    def subscriber(self):
        """A subscriber of the plan's own, or the end of its subscription."""
        name = self.pick(self.state.subscribed)
        if name is not None and self.chance(0.5):
            self.state.subscribed.remove(name)
            return [self.pick([message("unsubscribe", args=[name]), stub("unsubscribe", name)])]
        name, documents = self.fresh("subscriber"), self.pick(["all", "start", "descriptor", "event", "stop"])
        fault = {"fault": {"nth": self.random.randint(1, 5), "message": "full"}} if self.chance(0.2) else {}
        self.callbacks.append({"name": name, **fault})
        self.state.subscribed.append(name)
        return [self.pick([message("subscribe", args=[name, documents]), stub("subscribe", documents, name)])]

    def futures(self):
        """What ends, fails, or does not end within the timeout."""
        awaited = [{"sleep": self.pick([0, 0.005])} for _ in range(self.random.randint(1, 2))]
        if self.chance(0.7):
            return [self.pick([message("wait_for", args=[awaited]), stub("wait_for", awaited)])]
        if self.chance(0.5):
            return self.maybe_caught([*self.settle(), message("wait_for", args=[[*awaited, {"sleep": 0, "raise": "dark"}]])])
        late = message("wait_for", args=[[{"sleep": 5 * SOON_S}]], kwargs={"timeout": SOON_S})
        return self.maybe_caught([*self.settle(), late])

    def asked(self):
        return [self.pick([message("input"), message("input", kwargs={"prompt": "go? "}), stub("input_plan", "go? ")])]

    def broadcast(self):
        axes, group = [axis for axis in AXES if self.still(axis)], self.fresh("bc")
        if len(axes) < 2:
            return []
        some = self.random.sample(axes, 2)
        if self.chance(0.3) and not self.bundles():
            return [stub("broadcast_msg", "read", some)]
        return [stub("broadcast_msg", "set", some, self.target(), group=group), message("wait", kwargs={"group": group})]

    def stage_many(self):
        if self.lazy:
            return []
        devices = [device for device in self.some(AXES + DETECTORS, 3) if device not in self.state.staged]
        group = self.pick([{}, {"group": "all"}])
        if not devices:
            return []
        if self.chance(0.5):
            return [stub("stage_all", *devices, **group), stub("unstage_all", *reversed(devices), **group)]
        self.state.staged += devices
        return [stub("stage_all", *devices, **group)]

    def fly_many(self):
        key = self.run_key()
        if key not in self.state.runs or key != self.key or self.state.runs[key].bundle is not None:
            return []
        flyers = self.random.sample(FLYERS, 2)
        begin = self.pick([[stub("kickoff_all", *flyers)], [stub("kickoff_all", *flyers, group="k", wait=False), stub("wait", "k")]])
        end = [self.pick([stub("complete", flyer, wait=True), stub("complete", flyer, group="done", wait=True)]) for flyer in flyers]
        end = self.pick([end, [stub("complete_all", *flyers, wait=True)]])
        return [*begin, *end, *(stub("collect", flyer) for flyer in flyers)]

    def fly_to_the_end(self):
        """A flyer of frames that is collected again and again until it is done."""
        key = self.run_key()
        if key not in self.state.runs or key != self.key or self.key is not None or self.state.runs[key].bundle is not None:
            return []
        kind = self.pick(["FlatFlyer", "PageFlyer", "StreamFlyer"])
        flyer, stream = self.add("frames", **{"class": kind, "num": self.random.randint(1, 3), "early": self.pick([0, 1])}), self.fresh("taken")
        return [
            *self.settle(),
            stub("declare_stream", flyer, name=stream, collect=True),
            stub("kickoff", flyer, wait=True),
            stub("collect_while_completing", [flyer], [flyer], flush_period=5 * SOON_S, stream_name=stream),
        ]

    def step_of_scan(self):
        """What a scan does at a point."""
        motors = self.random.sample([axis for axis in AXES if axis not in self.state.staged] or AXES, 1)
        place = {motor: self.pick([0, 1, 2.5]) for motor in motors}
        nowhere = {motor: None for motor in motors}
        if self.chance(0.4):
            return [*self.settle(), stub("move_per_step", place, nowhere)]
        run, detectors = self.state.runs.get(self.key), self.some(DETECTORS, 2)
        devices = [*detectors, *motors]
        if run is None or run.bundle is not None or run.streams.get("primary", devices) != devices or self.watched():
            return []
        run.streams["primary"] = devices
        if self.chance(0.5):
            return [*self.settle(), stub("one_nd_step", detectors, place, nowhere)]
        return [*self.settle(), stub("one_1d_step", detectors, motors[0], place[motors[0]])]

    def repeated(self):
        """The stubs that do a plan again and again."""
        if self.depth > 3 or self.budget < 3 or self.bundles():
            return []
        name, before = self.pick(["repeat", "repeat", "repeater", "caching_repeater"]), self.settle()
        times = self.random.randint(0, 3)
        if name == "caching_repeater":
            # Its plan is asked for all messages before any is done, so that nothing in it may depend on an answer.
            simple = [message("null"), message("set", self.pick(AXES), [1], {"group": "c"}), message("wait", kwargs={"group": "c"})]
            return [*before, stub(name, times, simple[self.pick([0, 0, 1]) :])]
        nodes = self.body(self.random.randint(1, 5))
        if name == "repeater":
            return [*before, stub(name, times, nodes)]
        return [*before, stub(name, nodes, **self.pick([{}, {"num": times}, {"num": min(times, 2), "delay": LATER_S}]))]

    def until(self):
        """A loop on a value, which is mostly there after the first round."""
        if self.depth > 3 or self.budget < 3 or self.bundles():
            return []
        before, axis = self.settle(), self.pick(AXES)
        never = self.caught and self.chance(0.3)
        nodes = self.body(self.random.randint(1, 4))
        condition = {"device": axis, "comparison": ">" if never else ">=", "value": 99 if never else -9, "at_most": self.random.randint(1, 2)}
        return [*before, {"until": condition, "body": nodes}]

    def other(self):
        """A device of another class: read, moved, triggered, staged, asked where it is."""
        known = [name for name, spec in self.devices.items() if name.startswith("other") and spec["class"] in OTHERS]
        name = self.pick(known) if known and self.chance(0.5) else self.another()
        _, targets = OTHERS[self.devices[name]["class"]]
        if "Flyer" in self.devices[name]["class"]:
            return [message("kickoff", name, kwargs={"group": "o"}, run=self.addressed(self.run_key())), message("wait", kwargs={"group": "o"})]
        choices = [lambda: [message("read", name)] if not self.bundles() else [message("null")]]
        choices += [lambda: [message("stop", name)], lambda: [message("stage", name), message("unstage", name)]]
        if targets:
            choices += [lambda: [stub(self.pick(["mv", "mv", "mvr"]), name, self.pick(targets))]] * 3
        elif "RO" not in self.devices[name]["class"]:
            choices += [lambda: [stub("trigger", name, wait=True)]]
        if self.devices[name]["class"] == "LocatableSynAxis":
            group = self.fresh("p")
            choices += [
                lambda: [stub("locate", name)],
                lambda: [message("locate", name, kwargs={"squeeze": False})],
                lambda: [stub("prepare", name, 2, wait=True)],
                lambda: [message("prepare", name, [1], {"group": group}), message("wait", args=[group])],
            ]
        if self.devices[name]["class"] == "SPseudo3x3":
            choices += [lambda: [message("set", name, [1, 2, 3], {"group": "o"}), message("wait", args=["o"])]]
        run = self.state.runs.get(self.key)
        if run is not None and run.bundle is None:
            choices += [lambda: self.event_of(run, name)] * 3
        return self.maybe_caught([*self.settle(), *self.pick(choices)()])

    def another(self):
        kind = self.pick(OTHERS)
        return self.add("other", **{"class": kind, **OTHERS[kind][0]})

    def event_of(self, run, name):
        run.streams[f"{name}_stream"] = [name]
        return [stub("trigger_and_read", [name], name=f"{name}_stream")]
