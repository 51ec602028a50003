"""The steps of fuzz_plans.py that are messages and plan stubs. Each gives nodes, or none where it makes no sense."""

from fuzz_walk import AXES, CONFIGURABLE, DETECTORS, FLYERS, SOON_S, Run, Walk, message, namesake, stub


# Flyers that take frames: their classes.
FRAME_FLYERS = ["NestedFlyer", "FlatFlyer", "PageFlyer", "StreamFlyer"]


class Steps(Walk):
    """Steps of a message or a few."""

    def open_run(self):
        key = self.free_key()
        if key is None and self.key is not None or key in self.state.runs:
            return []
        nodes = self.settle() if self.at_runs else []
        self.state.runs[key] = Run()
        kwargs = {} if self.chance(0.6) else {"purpose": self.pick(["first", "again", 3])}
        if key == self.key and self.chance(0.2):
            return nodes + [stub("open_run", kwargs)] if kwargs else nodes + [stub("open_run")]
        return nodes + [message("open_run", kwargs=kwargs, run=self.addressed(key))]

    def close_run(self):
        key = self.pick(key for key in self.state.runs if (key, "run") not in self.state.kept)
        if key not in self.state.runs or (key, "run") in self.state.kept:
            return []
        run, nodes = self.state.runs[key], self.settle() if self.at_runs or self.state.runs[key].monitored else []
        if run.bundle is not None and self.chance(0.9):
            nodes += self.end_bundle(key)
        del self.state.runs[key]
        if key == self.key and self.chance(0.3):
            return nodes + [stub("close_run")]
        kwargs = {"exit_status": self.pick(["success", "fail", "abort"]), "reason": "dark"} if self.chance(0.2) else {}
        return nodes + [message("close_run", kwargs=kwargs, run=self.addressed(key))]

    def create(self):
        key = self.run_key()
        run = self.state.runs.get(key)
        if run is None or run.bundle is not None:
            return []
        name = self.pick(list(run.streams) * 2 + ["primary", "primary", "dark"])
        run.bundle = (name, [])
        if key == self.key and self.chance(0.2):
            return [stub("create", name)]
        return [message("create", kwargs={"name": name}, run=self.addressed(key))]

    def unread(self, run):
        """A device that may still be read into the bundle: of a known stream one that belongs to it, in any order."""
        name, read = run.bundle
        if name in run.streams:
            return self.pick(device for device in run.streams[name] if device not in read and self.still(device))
        # Two devices of one name would have the same keys.
        names = {namesake(device) for device in read}
        device = self.readable()
        return device if device and namesake(device) not in names else None

    def bundled_read(self):
        key = self.run_key()
        run = self.state.runs.get(key)
        if run is None or run.bundle is None:
            return []
        device = self.unread(run)
        if device is None:
            return []
        run.bundle[1].append(device)
        if key == self.key and self.chance(0.2):
            return [stub("read", device)]
        return [message("read", device, run=self.addressed(key))]

    def end_bundle(self, key):
        """Save, if what was read is what the stream has; else drop."""
        run = self.state.runs[key]
        (name, read), run.bundle = run.bundle, None
        fits = set(read) == set(run.streams.get(name, read))
        if read and fits and self.chance(0.95):
            run.streams[name] = read
            if key == self.key and self.chance(0.2):
                return [stub("save")]
            return [message("save", run=self.addressed(key))]
        how = self.pick(["drop", "save"]) if not read else "drop"
        if key == self.key and self.chance(0.2):
            return [stub(how)]
        return [message(how, run=self.addressed(key))]

    def save(self):
        key = self.run_key()
        run = self.state.runs.get(key)
        if run is None or run.bundle is None or (key, "bundle") in self.state.kept:
            return []
        if not run.bundle[1] and self.chance(0.9):
            return []
        nodes = []
        missing = [device for device in run.streams.get(run.bundle[0], []) if device not in run.bundle[1]]
        if missing and all(self.still(device) for device in missing) and self.chance(0.9):
            run.bundle[1].extend(missing)
            nodes = [message("read", device, run=self.addressed(key)) for device in missing]
        return nodes + self.end_bundle(key)

    def event(self):
        """A whole event by a plan stub."""
        run = self.state.runs.get(self.key)
        if run is None or run.bundle is not None:
            return []
        name = self.pick([*run.streams, "primary", "third"])
        devices = run.streams.get(name) or self.some(DETECTORS + AXES, 3)
        if not all(self.still(device) for device in devices):
            return []
        run.streams[name] = devices
        if name == "primary" and self.chance(0.3):
            return [stub("one_shot", list(devices))]
        by_name = stub("trigger_and_read", list(devices), name=name)
        return [self.pick([stub("trigger_and_read", list(devices), name), by_name])]

    def read(self):
        device = self.readable()
        return [self.pick([message("read", device), stub("rd", device)])] if device and not self.bundles() else []

    def bundles(self):
        return [key for key, run in self.state.runs.items() if run.bundle is not None]

    def watched(self):
        return {device for run in self.state.runs.values() for device in run.monitored}

    def group(self):
        return self.pick(["a", "a", "b", "c", None, 5])

    def move(self):
        """A set, which may or may not be waited for at once."""
        device = self.movable()
        if device is None:
            return []
        target = self.pick([True, False]) if device == "bool_sig" else self.target()
        group = self.group()
        kwargs = {} if group is None and self.chance(0.5) else {"group": group}
        if self.chance(0.15):
            node = stub("abs_set", device, target, **kwargs)
        else:
            node = message("set", device, [target], kwargs)
        self.state.groups.setdefault(group, set()).add(device)
        self.state.moving.add(device)
        # What depends on a device may be monitored as well as the device.
        if self.watched() or self.chance(0.4):
            return [node, *self.wait_for(group)]
        return [node]

    def wait(self):
        group = self.pick([*self.state.groups, "a", "never used"])
        if self.chance(0.15):
            self.state.moving -= self.state.groups.pop(group, set())
            return [message("wait", kwargs={"group": group, "timeout": 2, "error_on_timeout": self.chance(0.5)})]
        return self.wait_for(group)

    def stub_move(self):
        devices = self.some([axis for axis in AXES if self.still(axis)], 2)
        if not devices:
            return []
        pairs = [part for device in devices for part in (device, self.target())]
        name = self.pick(["mv", "mv", "mov", "mvr", "movr", "abs_set", "rel_set"])
        if name in ("abs_set", "rel_set"):
            return [stub(name, *pairs[:2], wait=True)]
        return [stub(name, *pairs)]

    def trigger(self):
        device = self.detector()
        if device is None or device == "det_with_conf":
            return []
        group = self.group()
        self.state.groups.setdefault(group, set())
        if self.chance(0.2):
            return [stub("trigger", device, group=group, wait=True) if group else stub("trigger", device)]
        return [message("trigger", device, kwargs={"group": group} if group is not None else {})]

    def exposure(self):
        """A detector that takes its time, waited for."""
        device = self.add("shot", **{"class": "SynSignal", "exposure_time": 0.02})
        group = self.fresh("t")
        return [message("trigger", device, kwargs={"group": group}), *self.wait_for(group)]

    def slow_move(self):
        """A move that takes its time, with other things meanwhile, or a timeout before it ends."""
        device, group = self.slow(), self.fresh("s")
        nodes = [message("set", device, [self.target()], {"group": group})]
        if self.chance(0.5):
            if self.chance(0.2):
                self.state.pauses += 1
                nodes.append(message("pause"))
            elif self.chance(0.2) and not self.bundles():
                nodes.append(message("checkpoint"))
            nodes.append(self.pick([message("null"), message("sleep", args=[0.01]), message("stop", device)]))
        if self.chance(0.3):
            timeout = {"group": group, "timeout": SOON_S, "error_on_timeout": False}
            nodes += [message("wait", kwargs=timeout)] * self.random.randint(1, 2)
        return nodes + [message("wait", kwargs={"group": group})]

    def stage(self):
        if self.lazy:
            return []
        device = self.pick(device for device in AXES + DETECTORS + ["sig"] if device not in self.state.staged)
        if device is None:
            return []
        if device != "sig":
            self.state.staged.append(device)
        waits = self.pick([{}, {"wait": True}, {"group": "staged", "wait": None}])
        return [stub("stage", device, **waits) if self.chance(0.2) else message("stage", device)]

    def unstage(self):
        device = self.pick(device for device in self.state.staged if ("staged", device) not in self.state.kept)
        if device is None:
            return []
        self.state.staged.remove(device)
        waits = self.pick([{}, {"wait": True}])
        return [stub("unstage", device, **waits) if self.chance(0.2) else message("unstage", device)]

    def checkpoint(self):
        return [] if self.bundles() else [self.pick([message("checkpoint"), stub("checkpoint")])]

    def clear_checkpoint(self):
        return [self.pick([message("clear_checkpoint"), stub("clear_checkpoint")])]

    def rewindable(self):
        return [message("rewindable", args=[self.pick([True, True, False, None])])]

    def pause(self):
        self.state.pauses += 1
        nodes = self.settle() if self.chance(0.7) or self.watched() else []
        how = [message("pause"), message("pause", kwargs={"defer": False}), message("pause", args=[False])]
        return nodes + [self.pick([*how, stub("pause")])]

    def deferred_pause(self):
        # Each costs half a second.
        if self.state.deferred:
            return []
        self.state.deferred += 1
        self.state.pauses += 1
        how = [message("pause", kwargs={"defer": True}), message("pause", args=[True]), stub("deferred_pause")]
        return self.settle() + [self.pick(how)]

    def declare_stream(self):
        key = self.run_key()
        run = self.state.runs.get(key)
        # Within a bundle it makes bluesky lose what was read.
        if run is None or run.bundle is not None and self.chance(0.95):
            return []
        name = self.pick(["primary", "declared", "dark"])
        if name in run.streams and self.chance(0.9):
            return []
        # Now and then with two devices that have the same data keys.
        devices = ["det", "identical_det"] if self.chance(0.08) else self.some(DETECTORS + AXES, 3)
        run.streams[name] = devices
        kwargs = {"name": name} if self.chance(0.7) else {"name": name, "collect": False}
        if key == self.key and self.chance(0.3):
            return [stub("declare_stream", *devices, **kwargs)]
        return [message("declare_stream", None, devices, kwargs, self.addressed(key))]

    def monitor(self):
        key = self.run_key()
        run = self.state.runs.get(key)
        if run is None:
            return []
        nodes = self.settle()
        devices = ["sig", "motor", "det", "motor1", "bool_sig"]
        device = self.pick(device for device in devices if device not in self.watched())
        if device is None:
            return []
        run.monitored.append(device)
        if key == self.key and self.chance(0.2):
            return nodes + [stub("monitor", device, name=f"{device}_monitor")]
        kwargs = {"name": f"{device}_monitor"} if self.chance(0.8) else {}
        return nodes + [message("monitor", device, kwargs=kwargs, run=self.addressed(key))]

    def unmonitor(self):
        candidates = [(key, device) for key, run in self.state.runs.items() for device in run.monitored]
        key, device = self.pick(pair for pair in candidates if pair not in self.state.kept) or (None, None)
        if device is None:
            return []
        self.state.runs[key].monitored.remove(device)
        if key == self.key and self.chance(0.2):
            return self.settle() + [stub("unmonitor", device)]
        return self.settle() + [message("unmonitor", device, run=self.addressed(key))]

    def configure(self):
        device = self.pick(device for device in AXES + DETECTORS[:4] if self.still(device))
        if device is None or self.bundles():
            return []
        kind = "SynAxis" if device in AXES else "SynGauss"
        values = {name: self.random.randint(1, 5) for name in self.some(CONFIGURABLE[kind], 2)}
        key = self.run_key()
        if self.chance(0.2):
            return [stub("configure", device, values)]
        return [message("configure", device, [values], run=self.addressed(key))]

    def stop(self):
        device = self.pick(AXES + FLYERS)
        return [self.pick([message("stop", device), stub("stop", device)])]

    def fly(self):
        """A flyer that is done at once, in the order that is meant or nearly."""
        key = self.run_key()
        if key not in self.state.runs or self.state.runs[key].bundle is not None and self.chance(0.9):
            return []
        flyer, run, group = self.pick(FLYERS), self.addressed(key), self.pick(["f", "g"])
        kickoff = [message("kickoff", flyer, kwargs={"group": group}, run=run), *self.wait_for(group)]
        complete = [message("complete", flyer, kwargs={"group": group}, run=run), *self.wait_for(group)]
        options = self.pick([{}, {}, {"stream": False}, {"return_payload": False}])
        collect = [message("collect", flyer, kwargs=options, run=run)]
        if run is None and self.chance(0.3):
            kickoff, complete = [stub("kickoff", flyer, wait=True)], [stub("complete_all", flyer, wait=True)]
            collect = [stub("collect", flyer)]
        parts = [kickoff, complete, collect]
        if self.chance(0.25):
            parts.remove(self.pick(parts))
        if self.chance(0.15):
            self.random.shuffle(parts)
        meanwhile = [self.pick([message("null"), message("checkpoint") if not self.bundles() else message("null")])]
        return [node for part in parts for node in part + (meanwhile if self.chance(0.2) else [])]

    def mock_fly(self):
        """A flyer that moves motor and triggers det in a thread, of which nobody else knows meanwhile."""
        key = self.run_key()
        if key not in self.state.runs or self.state.runs[key].bundle is not None or self.watched() & {"motor", "det"}:
            return []
        run, flyer = self.addressed(key), self.mock_flyer()
        declared = message("declare_stream", None, [flyer], {"name": {"str": flyer}, "collect": True}, run)
        return [
            *self.settle(),
            *([declared] if self.chance(0.3) else []),
            message("kickoff", flyer, kwargs={"group": "k"}, run=run),
            *([message("wait", kwargs={"group": "k"})] if self.chance(0.7) else []),
            *([message("null")] if self.chance(0.3) else []),
            message("complete", flyer, kwargs={"group": "m"}, run=run),
            message("wait", kwargs={"group": "m"}),
            message("collect", flyer, kwargs={"stream": self.chance(0.1)} if self.chance(0.4) else {}, run=run),
        ]

    def frame_fly(self):
        """A flyer of frames, in the one stream that is declared for it, or in two that it names."""
        key = self.run_key()
        if key not in self.state.runs or self.state.runs[key].bundle is not None:
            return []
        run, kind = self.addressed(key), self.pick(FRAME_FLYERS)
        flyer = self.add("frames", **{"class": kind, "num": self.random.randint(1, 3), "early": self.pick([0, 1])})
        stream, group = self.fresh("taken"), self.fresh("k")
        declared = message("declare_stream", None, [flyer], {"name": stream, "collect": True}, run)
        named = {} if kind == "NestedFlyer" else {"name": stream}
        collect = message("collect", flyer, kwargs={**named, **({"stream": False} if kind != "StreamFlyer" and self.chance(0.3) else {})}, run=run)
        return [
            *self.settle(),
            *([declared] if kind != "NestedFlyer" or self.chance(0.1) else []),
            message("kickoff", flyer, kwargs={"group": group}, run=run),
            message("wait", kwargs={"group": group}),
            *([collect] if self.chance(0.3) else []),
            message("complete", flyer, kwargs={"group": group}, run=run),
            message("wait", kwargs={"group": group}),
            *([collect] if self.chance(0.9) else []),
        ]

    def mock_flyer(self):
        if self.chance(0.5):
            return "flyer1"
        spec = {"class": "MockFlyer", "detector": "det", "motor": "motor", "start": 0, "stop": 2, "num": 3}
        return self.add("flier", **spec)

    def trifle(self):
        return [self.pick([message("null"), message("null", args=["a", 1]), stub("null"), message("RE_class")])]

    def sleep(self):
        seconds = self.pick([0, 0.001, 0.01, 0.02])
        return [self.pick([message("sleep", args=[seconds]), stub("sleep", seconds)])]
