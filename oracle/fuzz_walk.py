"""What fuzz_plans.py remembers while it writes a plan file, and how it keeps out of the way of threads."""

import copy
import os

# What a detector reads when it is triggered.
DEPENDS = {"det": ["motor"], "det1": ["motor1"], "det2": ["motor2"], "det3": ["motor3"], "det4": ["motor1", "motor2"]}
AXES = ["motor", "motor1", "motor2", "motor3"]
DETECTORS = ["det", "det1", "det2", "det3", "det4"]
SIGNALS = ["sig", "bool_sig", "signal"]
# Devices whose names are those of others, and devices of other kinds; they are only read, moved and triggered.
ODD_AXES = ["motor_no_pos", "motor_empty_hints1", "motor_no_hints1"]
ODD_DETECTORS = ["identical_det", "direct_img_list", "invariant1", "det_with_conf"]
FLYERS = ["trivial_flyer", "new_trivial_flyer"]
CONFIGURABLE = {"SynAxis": ["velocity", "acceleration"], "SynGauss": ["Imax", "center", "sigma"]}

# How many times as long all of that takes: 1, or more where the machine is so busy that a message takes long itself.
SLOWER = float(os.environ.get("FUZZ_SLOWER", "1"))

# How long a slow axis moves, how long one waits when the time is to be up before that, and when a fault comes; how soon one comes at
# least, and after which time a suspender is let go.
SLOW_S, SOON_S, LATER_S = 0.1 * SLOWER, 0.03 * SLOWER, 0.2 * SLOWER
AT_ONCE_S, RELEASED_S = 0.01 * SLOWER, 0.4 * SLOWER

# How often an answer is shown, and to which messages and stubs: those whose answer is the same on both sides by its form.
SHOWN = 0.06
SHOWABLE = {
    *("open_run", "close_run", "create", "save", "drop", "read", "rd", "set", "abs_set", "mv", "mvr", "trigger", "trigger_and_read"),
    *("stage", "unstage", "wait", "sleep", "checkpoint", "clear_checkpoint", "rewindable", "null", "stop", "locate", "monitor"),
    *("unmonitor", "configure", "kickoff", "complete", "prepare", "one_shot", "input", "input_plan", "move_per_step", "wait_for"),
    *("count", "scan", "stage_all", "unstage_all", "RE_class"),
}


class Run:
    """What the messages so far have left of an open run."""

    def __init__(self):
        self.streams, self.bundle, self.monitored = {}, None, []


class State:
    """What the messages so far have left."""

    def __init__(self):
        self.runs = {}  # by run key
        self.groups = {}  # the devices of each group that nobody has waited for
        self.moving = set()
        self.staged = []
        self.kept = set()  # what was open before a body that may be repeated, and must be so afterwards
        self.pauses = 0
        self.deferred = 0
        self.installed, self.subscribed = [], []  # suspenders and callbacks of the plan's own


def message(command, obj=None, args=(), kwargs=None, run=None):
    parts = {"command": command, "obj": obj, "args": list(args), "kwargs": dict(kwargs or {}), "run": run}
    return {key: value for key, value in parts.items() if key == "command" or value not in (None, [], {})}


def stub(name, /, *args, **kwargs):
    parts = {"name": name, "args": list(args), "kwargs": kwargs}
    return {"plan": {key: value for key, value in parts.items() if value not in ([], {})}}


def words_of(tree):
    """The words by which --without leaves out a node: those in it, and what kind of node it is."""
    if isinstance(tree, dict):
        kinds = {"span", "repeat", "raise", "until", "show", "catch"} & set(tree)
        if "wrap" in tree:
            kinds.add("wrap " + tree["wrap"])
        if "plan" in tree:
            kinds.add("plan " + tree["plan"]["name"])
        return kinds.union(*(words_of(value) for key, value in tree.items() if key != "wrap"))
    if isinstance(tree, list):
        return set().union(*(words_of(value) for value in tree))
    return {tree} if isinstance(tree, str) else set()


class Walk:
    """Writes one plan file."""

    def __init__(self, random, without=()):
        self.random, self.without = random, set(without)
        self.devices, self.callbacks, self.suspenders = {}, [], []
        self.gate = None  # the signal that trips the suspender of the item, if it has one, and its values that do so and let go
        self.budget = 0
        self.state = State()
        self.depth = 0
        self.key = None  # the run key that a set_run_key wrapper around us gives to messages without one
        self.lazy = False  # within lazily_stage, which stages what is touched
        self.at_runs = 0  # how many wrappers around us act at each open_run and close_run
        self.caught = False
        # How often something must be refused.
        self.mischief = random.choice([0, 0, 0.02, 0.05, 0.12])
        self.serial = 0

    # Chance.

    def chance(self, probability):
        return self.random.random() < probability

    def pick(self, candidates):
        candidates = list(candidates)
        return self.random.choice(candidates) if candidates else None

    def some(self, candidates, most):
        candidates = list(candidates)
        return self.random.sample(candidates, self.random.randint(1, min(most, len(candidates)))) if candidates else []

    def target(self):
        return self.pick([0, 1, 2, 3, -1, 0.5, 2.5])

    def fresh(self, stem):
        self.serial += 1
        return f"{stem}{self.serial}"

    # Devices.

    def still(self, name):
        """Whether a device can be touched: neither it nor what it depends on is on its way."""
        return not self.state.moving & {name, *DEPENDS.get(name, [])}

    def movable(self):
        names = AXES * 40 + ["sig", "bool_sig"] * 10 + ODD_AXES
        return self.pick(name for name in names if self.still(name))

    def detector(self):
        return self.pick(name for name in DETECTORS * 5 + ODD_DETECTORS + ["signal"] if self.still(name))

    def readable(self):
        names = DETECTORS * 3 + AXES * 2 + SIGNALS + ODD_AXES + ODD_DETECTORS
        return self.pick(name for name in names if self.still(name))

    def add(self, stem, **spec):
        """A device of the file's own, and its name."""
        name = self.fresh(stem)
        self.devices[name] = {"name": name, **spec}
        return name

    def slow(self):
        return self.add("slow", **{"class": "SynAxis", "delay": SLOW_S})

    def faulty(self, kind, **fault):
        return self.add("faulty", **{"class": "SynAxis", "fault": {"kind": kind, "message": "stalled", **fault}})

    # Runs.

    def open_keys(self):
        return list(self.state.runs)

    def addressed(self, key):
        """The `run` of a message for that run; none if the message has it by itself."""
        return None if key == self.key else key

    def run_key(self):
        """The key of an open run, mostly that which needs no saying."""
        keys = self.open_keys()
        return self.key if self.key in keys and self.chance(0.8) else self.pick(keys)

    def free_key(self):
        keys = [self.key] * 6 + ["a", "b", 7]
        return self.pick(key for key in keys if key not in self.state.runs)

    # Settling.

    def settle(self):
        """Messages after which nothing is on its way."""
        nodes = []
        for group in [group for group, devices in self.state.groups.items() if devices & self.state.moving]:
            nodes += self.wait_for(group)
        if self.state.moving:
            nodes.append(message("sleep", args=[SOON_S]))
            self.state.moving.clear()
        return nodes

    def wait_for(self, group):
        self.state.moving -= self.state.groups.pop(group, set())
        how = self.pick(["args", "kwargs", "kwargs", "stub"])
        if how == "stub":
            return [stub("wait", group) if group is not None else stub("wait")]
        return [message("wait", args=[group])] if how == "args" else [message("wait", kwargs={"group": group})]

    def close_up(self, opened_before):
        """Messages that end what was begun since then."""
        nodes = self.settle()
        for key, run in list(self.state.runs.items()):
            if run.bundle is not None and (key, "bundle") not in opened_before:
                nodes += self.end_bundle(key)
            for device in [device for device in run.monitored if (key, device) not in opened_before]:
                run.monitored.remove(device)
                nodes.append(message("unmonitor", device, run=self.addressed(key)))
        for device in [device for device in self.state.staged if ("staged", device) not in opened_before]:
            self.state.staged.remove(device)
            nodes.append(message("unstage", device))
        for key in [key for key in self.state.runs if (key, "run") not in opened_before]:
            del self.state.runs[key]
            nodes.append(message("close_run", run=self.addressed(key)))
        return nodes

    def opened(self):
        runs = self.state.runs.items()
        things = {(key, "run") for key in self.state.runs}
        things |= {(key, "bundle") for key, run in runs if run.bundle is not None}
        things |= {(key, device) for key, run in runs for device in run.monitored}
        return things | {("staged", device) for device in self.state.staged}

    # Bodies.

    def body(self, length, balanced=True, **context):
        """Steps one after another; balanced ones leave open what they found open, and nothing else."""
        before, kept = {name: getattr(self, name) for name in context}, self.state.kept
        for name, value in context.items():
            setattr(self, name, value)
        opened = self.opened()
        if balanced:
            self.state.kept = self.state.kept | opened
        self.depth += 1
        nodes, last = [], self.budget - length
        while self.budget > max(last, 0):
            nodes += self.step()
        if balanced:
            nodes += self.close_up(opened)
        self.depth -= 1
        self.state.kept = kept
        for name, value in before.items():
            setattr(self, name, value)
        return nodes

    def step(self):
        """One step of the walk, of those that make sense where we are."""
        if self.chance(self.mischief):
            return self.allowed(self.refused)
        weights = [weight(self) if callable(weight) else weight for weight in self.WEIGHTS.values()]
        while self.budget > 0:
            name = self.random.choices(list(self.WEIGHTS), weights)[0]
            nodes = self.allowed(getattr(self, name))
            if nodes:
                return self.shown(nodes)
        return []

    def shown(self, nodes):
        """Now and then what one of the nodes gives is shown."""
        if not self.chance(SHOWN) or "show" in self.without:
            return nodes
        at = self.random.randrange(len(nodes))
        node = nodes[at]
        word = node.get("command") or node.get("plan", {}).get("name")
        return [*nodes[:at], {"show": node}, *nodes[at + 1 :]] if word in SHOWABLE else nodes

    def allowed(self, write):
        """What a step writes, unless it has in it what is to be left out."""
        before = copy.deepcopy((self.state, self.devices, self.budget, self.callbacks, self.suspenders, self.gate))
        nodes = write()
        used = words_of(nodes)
        used |= words_of([spec for name, spec in self.devices.items() if name in used])
        if used & self.without:
            self.state, self.devices, self.budget, self.callbacks, self.suspenders, self.gate = before
            self.budget -= 0.05  # so that it ends even if all is to be left out
            return []
        self.budget -= sum(1 for node in nodes if {"command", "plan", "catch"} & set(node))
        return nodes


def namesake(device):
    """Devices that have the same keys when they are read have the same namesake."""
    aliases = {"identical_det": "det", "det_with_conf": "det", "motor_no_pos": "motor"}
    aliases |= {"motor_empty_hints1": "motor1", "motor_no_hints1": "motor1"}
    return aliases.get(device, device)
