"""The steps of fuzz_plans.py that fail: faulty devices, and messages that are refused."""

from fuzz_walk import AT_ONCE_S, AXES, DETECTORS, LATER_S, SLOW_S, SOON_S, Walk, message, stub


class Faults(Walk):
    """Steps that fail."""

    def fault(self, probability):
        """Something that fails at the end of a body; less often if nobody catches it."""
        if not self.chance(probability if self.caught or probability > 0.5 else probability / 3):
            return []
        write = self.pick([self.fails_while_waiting, self.refuses, self.hangs, self.refused_bare, self.raise_now])
        return self.allowed(write)

    def raise_now(self):
        return [*self.settle(), {"raise": self.pick(["no light", "door open"])}]

    def faulted(self):
        """Something that fails, mostly caught."""
        nodes = self.pick([self.fails_while_waiting, self.fails_while_waiting, self.refuses, self.hangs])()
        return self.maybe_caught(nodes)

    def maybe_caught(self, nodes):
        is_caught = self.chance(0.85 if not self.caught else 0.3)
        if is_caught and self.chance(0.3) and "catch" not in self.without:
            return [{"catch": nodes}, *([message("checkpoint")] if self.chance(0.6) and not self.bundles() else [])]
        if is_caught and "wrap contingency" not in self.without:
            # Without a plan for it, an error is not caught.
            caught = {"wrap": "contingency", "auto_raise": False, "except": [message("null")], "body": nodes}
            # What was caught is not caught again when it is replayed.
            return [caught, message("checkpoint")] if self.chance(0.6) and not self.bundles() else [caught]
        return nodes

    def fails_while_waiting(self):
        group, soon = self.fresh("x"), {"group": self.fresh("y")}
        device = self.faulty("fail", after=self.pick([SOON_S, AT_ONCE_S]))
        start = [*self.settle(), message("set", device, [1], {"group": group})]
        kind = self.pick(["wait", "wait", "sleep", "other", "watch", "mv", "null"])
        if kind == "wait":
            return [*start, message("wait", kwargs={"group": group})]
        if kind == "sleep":
            return [*start, message("sleep", args=[SLOW_S]), message("null")]
        if kind == "mv":
            return [*start[:-1], stub("mv", device, 1)]
        if kind == "null":
            return [*start, message("null"), message("wait", args=[group])]
        slow = message("set", self.slow(), [1], soon)
        if kind == "other":
            return [*start, slow, message("wait", kwargs=soon), message("sleep", args=[0.01])]
        return [*start, slow, message("wait", kwargs={**soon, "watch": [group]}), message("sleep", args=[LATER_S])]

    def refuses(self):
        device = self.faulty("raise")
        return [*self.settle(), self.pick([message("set", device, [1], {"group": "a"}), stub("mv", device, 1)])]

    def hangs(self):
        device, group = self.faulty("hang"), self.fresh("h")
        if self.chance(0.3):
            return [*self.settle(), stub("mv", device, 1, timeout=SOON_S)]
        wait = {"group": group, "timeout": SOON_S}
        nodes = [*self.settle(), message("set", device, [1], {"group": group})]
        if self.chance(0.5):
            nodes.append(message("wait", kwargs={**wait, "error_on_timeout": False}))
        return nodes + ([message("wait", kwargs=wait)] if self.chance(0.7) else [])

    def refused(self):
        """A message that must be refused, or nearly so; mostly caught."""
        return self.maybe_caught(self.refused_bare())

    def refused_bare(self):
        key = self.run_key() if self.state.runs else None
        run, nodes = self.addressed(key), self.settle()
        axis, detector = self.pick(AXES), self.pick(DETECTORS)
        choices = [
            message("open_shutter", args=[1]),
            message("close_run", run="nobody"),
            message("create", kwargs={"name": "primary"}, run="nobody"),
            message("save", run="nobody"),
            message("drop", run="nobody"),
            message("kickoff", "trivial_flyer", run="nobody"),
            message("collect", "trivial_flyer", run="nobody"),
            message("monitor", "sig", run="nobody"),
            message("unmonitor", "sig", run="nobody"),
            message("declare_stream", None, [detector], {"name": "primary"}, "nobody"),
            message("set", detector, [1]),
            message("set", axis),
            message("set", args=[1]),
            message("set", "sig", [1, 2]),
            message("trigger", axis),
            message("read", "trivial_flyer"),
            message("read"),
            message("stage"),
            message("stop", "sig"),
            message("stop"),
            message("locate", axis),
            message("locate", axis, [detector], {"squeeze": False}),
            stub("locate", axis),
            message("declare_stream", None, ["trivial_flyer"], {"name": "stream_name", "collect": True}, run),
            message("collect", "trivial_flyer", kwargs={"stream": True}, run=run),
            message("prepare", axis, [1]),
            message("prepare", "trivial_flyer", [1], {"group": "a"}),
            message("kickoff", axis, run=run),
            message("complete", axis),
            message("collect", axis, run=run),
            message("complete", "flyer2"),
            message("configure", axis, [{"nonsense": 1}], run=run),
            message("configure", "sig", [{"value": 1}], run=run),
            message("configure", axis, run=run),
            message("wait"),
            message("wait", args=["a", "b"]),
            message("sleep"),
            message("rewindable"),
            message("unsubscribe", args=[99]),
            message("wait_for"),
            message("wait_for", args=[[]]),
            message("remove_suspender", args=["nothing"]),
        ]
        if key in self.state.runs:
            choices += self.refused_in_run(key, run)
        return nodes + [self.pick(choices)]

    def refused_in_run(self, key, run):
        """Messages that an open run refuses."""
        state, axis, detector = self.state.runs[key], self.pick(AXES), self.pick(DETECTORS)
        choices = [
            message("open_run", run=run),
            message("unmonitor", "motor3", run=run),
            message("monitor", "motor3", ["value"], run=run),
            message("monitor", "trivial_flyer", run=run),
            message("declare_stream", None, [detector], run=run),
            message("declare_stream", None, [detector], {"name": "primary", "collect": True}, run),
            message("collect", "trivial_flyer", kwargs={"name": "undeclared"}, run=run),
        ]
        choices += [message("monitor", device, run=run) for device in state.monitored]
        if state.bundle is None:
            return choices + [message("save", run=run), message("drop", run=run), message("create", run=run)]
        again = [message("read", device, run=run) for device in state.bundle[1]]
        return choices + again + [
            message("create", kwargs={"name": "primary"}, run=run),
            message("checkpoint"),
            message("configure", axis, [{"velocity": 2}], run=run),
            message("read", axis + ".setpoint", run=run),
        ]
