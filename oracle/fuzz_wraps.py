"""The steps of fuzz_plans.py that have steps within: spans, repetitions and wrappers."""

import copy

from fuzz_walk import AXES, DETECTORS, FLYERS, Run, Walk, message, stub

class Wraps(Walk):
    """Steps with steps within."""

    def deep(self):
        return self.depth > 3 or self.budget < 3

    def span(self):
        if self.deep():
            return []
        name = self.pick(["align", "measure", "outer"])
        return [{"span": name, "body": self.body(self.random.randint(1, 6), balanced=False)}]

    def repeat(self):
        if self.deep() or self.bundles():
            return []
        nodes = self.settle()
        return nodes + [{"repeat": self.random.randint(0, 3), "body": self.body(self.random.randint(1, 5))}]

    def raised(self):
        return [*self.settle(), {"raise": self.pick(["no light", "door open"])}] if self.caught else []

    def wrap(self):
        if self.deep() or self.bundles():
            return []
        name = self.pick(name for name in WRAPS if "wrap " + name not in self.without)
        if name is None:
            return []
        before = self.settle()
        node = getattr(self, "wrap_" + name)()
        return before + [node] if node else []

    def length(self):
        return self.random.randint(2, 9)

    def wrap_run(self):
        if self.key in self.state.runs:
            return None
        self.state.runs[self.key] = Run()
        node = {"wrap": "run"}
        if self.chance(0.3):
            node["md"] = {"sample": self.pick(["A", "B"])}
        # What a body leaves open in its run, ends with the run.
        node["body"] = self.body(self.length()) + self.fault(0.1)
        self.state.runs.pop(self.key, None)
        return node

    def with_run(self, length, watched=()):
        """A body that mostly opens and closes a run, in which a wrapper around it monitors some devices."""
        if self.key in self.state.runs or self.chance(0.15):
            return self.body(length)
        run = self.state.runs[self.key] = Run()
        run.monitored.extend(watched)
        body = self.body(length)
        self.state.runs.pop(self.key, None)
        if "wrap run" not in self.without and self.chance(0.6):
            return [{"wrap": "run", "body": body}]
        return [message("open_run"), *body, message("close_run")]

    def around_runs(self, name, devices, watched=()):
        """A wrapper that does something after each open_run and before each close_run."""
        self.at_runs += 1
        node = {"wrap": name, "devices": devices, "body": self.with_run(self.length(), watched)}
        self.at_runs -= 1
        return node

    def wrap_baseline(self):
        return self.around_runs("baseline", self.some(AXES + DETECTORS, 2))

    def wrap_monitor_during(self):
        device = self.pick(["sig", "bool_sig", "motor"])
        return self.around_runs("monitor_during", [device], [device]) if not self.state.runs else None

    def wrap_fly_during(self):
        return self.around_runs("fly_during", self.some(FLYERS, 2))

    def wrap_stage(self):
        devices = [device for device in self.some(AXES + DETECTORS, 2) if device not in self.state.staged]
        if self.lazy:
            return None
        kept, self.state.staged = self.state.kept, self.state.staged + devices
        self.state.kept = kept | {("staged", device) for device in devices}
        node = {"wrap": "stage", "devices": devices, "body": self.with_run(self.length())}
        self.state.kept, self.state.staged = kept, [device for device in self.state.staged if device not in devices]
        return node

    def wrap_lazily_stage(self):
        if self.state.staged or self.lazy:
            return None
        return {"wrap": "lazily_stage", "body": self.body(self.length(), lazy=True)}

    def wrap_relative_set(self):
        return self.moving_wrapper("relative_set")

    def wrap_reset_positions(self):
        return self.moving_wrapper("reset_positions")

    def moving_wrapper(self, name):
        node = {"wrap": name}
        if self.chance(0.3):
            node["devices"] = self.some(AXES, 2)
        node["body"] = self.body(self.length()) + self.fault(0.1)
        return node

    def wrap_rewindable(self):
        return {"wrap": "rewindable", "rewindable": self.chance(0.3), "body": self.body(self.length())}

    def wrap_inject_md(self):
        md = {"sample": "C", "number": self.random.randint(1, 9)}
        return {"wrap": "inject_md", "md": md, "body": self.with_run(self.length())}

    def wrap_set_run_key(self):
        key = self.pick(key for key in ["a", "b", 7] if key not in self.state.runs)
        if key is None or self.key is not None:
            return None
        # A run without a key cannot be reached from within.
        hidden = self.state.runs.pop(None, None)
        before, self.key = self.key, key
        body = self.with_run(self.length())
        self.key = before
        if hidden is not None:
            self.state.runs[None] = hidden
        return {"wrap": "set_run_key", "run": key, "body": body}

    def wrap_supplemental_data(self):
        self.at_runs += 1
        device = self.pick(["sig", "bool_sig"])
        node = {"wrap": "supplemental_data"}
        if self.chance(0.8):
            # Now and then with two devices that have the same data keys.
            node["baseline"] = ["det", "identical_det"] if self.chance(0.06) else self.some(AXES + DETECTORS, 2)
        monitors = [device] if self.chance(0.5) and not self.state.runs else []
        if monitors:
            node["monitors"] = monitors
        if self.chance(0.3):
            node["flyers"] = self.some(FLYERS, 1)
        node["body"] = self.with_run(self.length(), monitors)
        self.at_runs -= 1
        return node

    def wrap_subs(self):
        name = self.fresh("subscriber")
        fault = {"fault": {"nth": self.random.randint(1, 5), "message": "full"}} if self.chance(0.3) else {}
        self.callbacks.append({"name": name, **fault})
        documents = self.pick(["all", "start", "descriptor", "event", "stop"])
        subs = [name] if self.chance(0.3) else {documents: [name]}
        return {"wrap": "subs", "subs": subs, "body": self.body(self.length())}

    def wrap_suspend(self):
        """A suspender that is tripped from outside, if at all: see `from_outside`."""
        if self.gate is not None:
            return None
        name, self.gate = self.suspender()
        return {"wrap": "suspend", "suspenders": [name], "body": self.body(self.length())}

    def wrap_configure_count_time(self):
        return {"wrap": "configure_count_time", "time": self.pick([0.5, 2, None]), "body": self.body(self.length())}

    def wrap_stub(self):
        """What is in it has no runs, and stages nothing."""
        before = copy.deepcopy(self.state)
        nodes = self.pick([[self.whole_plan(self.some(DETECTORS, 2), "motor", "motor1")], self.with_run(self.length())])
        # Where there is no run, what belongs to one is refused.
        plain = self.key in before.runs or self.caught
        self.state = before
        return {"wrap": "stub", "body": nodes if plain else [message("null"), stub("mv", self.pick(AXES), 1)]}

    def wrap_pchain(self):
        return {"wrap": "pchain", "body": self.body(self.length())}

    def wrap_print_summary(self):
        """What is in it is told, and not done; so it leaves nothing."""
        before = copy.deepcopy(self.state)
        nodes = self.with_run(min(self.length(), 5))
        before.pauses, self.state = self.state.pauses, before
        return {"wrap": "print_summary", "body": nodes}

    def wrap_msg_mutator(self):
        node = {"wrap": "msg_mutator"}
        commands = ["null", "sleep", "checkpoint", "trigger"]
        if self.chance(0.6):
            node["drop"] = self.some(commands, 2)
        if self.chance(0.6) or "drop" not in node:
            node["replace"] = {self.pick(commands): self.pick([message("null", args=["instead"]), message("sleep", args=[0.001])])}
        return {**node, "body": self.body(self.length())}

    def wrap_plan_mutator(self):
        node = {"wrap": "plan_mutator"}
        for part in self.some(["before", "instead", "after"], 2):
            command = self.pick(["null", "sleep"] if part == "instead" else ["set", "null", "sleep", "save", "checkpoint", "open_run"])
            node[part] = {command: [message("null", args=[part])]}
        return {**node, "body": self.body(self.length())}

    def wrap_finalize(self):
        body = self.body(self.length()) + self.fault(0.15)
        return {"wrap": "finalize", "final": self.body(self.random.randint(0, 2), mischief=0), "body": body}

    def wrap_contingency(self):
        calm = self.chance(0.8)
        node = {"wrap": "contingency"}
        if calm:
            node["auto_raise"] = False
        body = self.body(self.length(), caught=calm or self.caught) + self.fault(0.7 if calm else 0.15)
        for part in ("except", "else", "final"):
            if self.chance(0.5) or calm and part == "except":
                node[part] = self.body(self.random.randint(1, 2), mischief=0)
        return {**node, "body": body}


# The wrappers that are written, each by the method of its name. `vocabulary.py` tells which skyspan knows besides.
WRAPS = [name.removeprefix("wrap_") for name in vars(Wraps) if name.startswith("wrap_")]
