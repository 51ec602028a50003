"""Random plan files for fuzz.py, the same for the same seed.

plan_file() walks from one message to the next and remembers what the messages so far have left: open runs and bundles,
devices that are staged, monitored or on their way. So most of what it writes gets somewhere. In some files it now and
then writes a message that must be refused; most errors are caught, so that the file goes on.

What bluesky does in two threads at once has no order that one could compare. Therefore

- a device that is on its way is not read, moved or triggered again, nor is a detector that depends on it, before it is
  waited for; a monitored device is waited for at once, for its events come from its own thread;
- everything has arrived before something that may raise, and before the wrappers that read or move devices do so;
- the times of moves, timeouts and faults are far apart, and a fault is followed at once by what it is to hit (on a busy machine they
  have to be further apart: FUZZ_SLOWER=6 in the environment makes them six times as long, and other files of the same seed);
- a MockFlyer, which moves the motor in a thread, is waited for before anything else happens;
- between items and in the end there is time for all to arrive.

Whatever still depends on a thread is found by fuzz.py, which runs a file that differs twice on bluesky.
"""

from fuzz_faults import Faults
from fuzz_steps import FRAME_FLYERS, Steps
from fuzz_stubs import Stubs
from fuzz_walk import AXES, DETECTORS, LATER_S, RELEASED_S, SLOWER, SOON_S, State, words_of
from fuzz_whole import WholePlans
from fuzz_wraps import Wraps


def in_run(weight, otherwise=0):
    return lambda walk: weight if walk.state.runs else otherwise


def in_bundle(weight, otherwise=0):
    return lambda walk: weight if walk.bundles() else otherwise


# How likely each step is, that is each method of that name; a number, or one that depends on where we are.
WEIGHTS = {
    "open_run": lambda walk: 2 if walk.state.runs else 30,
    "close_run": in_run(2),
    "create": in_run(12),
    "bundled_read": in_bundle(16),
    "save": in_bundle(12),
    "event": in_run(4),
    "read": 1,
    "move": 10,
    "wait": lambda walk: 10 if walk.state.moving else 1,
    "stub_move": 3,
    "trigger": 5,
    "exposure": 1,
    "slow_move": 1,
    "stage": 2,
    "unstage": lambda walk: 2 if walk.state.staged else 0,
    "checkpoint": 8,
    "clear_checkpoint": 0.4,
    "rewindable": 0.7,
    "pause": 4,
    "deferred_pause": 0.7,
    "declare_stream": in_run(2),
    "monitor": in_run(1.5),
    "unmonitor": in_run(1),
    "configure": 1.2,
    "stop": 0.7,
    "fly": in_run(1.5),
    "mock_fly": in_run(0.4),
    "frame_fly": in_run(0.8),
    "trifle": 2,
    "sleep": 1.5,
    "plan": 0.6,
    "span": 1.5,
    "repeat": 1.2,
    "wrap": 7,
    "raised": 0.5,
    "faulted": 0.8,
    "guard": 0.3,
    "subscriber": 0.4,
    "futures": 0.4,
    "asked": 0.3,
    "broadcast": 0.4,
    "stage_many": 0.4,
    "fly_many": in_run(0.4),
    "fly_to_the_end": in_run(0.3),
    "step_of_scan": 0.5,
    "repeated": 0.6,
    "until": 0.4,
    "other": 1.5,
}


class PlanFile(Steps, Stubs, WholePlans, Wraps, Faults):
    """Writes one plan file."""

    WEIGHTS = WEIGHTS

    def actions(self):
        """What is done at the pauses, one more than there should be, for a replay may add some."""
        choices = ["resume", "abort", {"do": "abort", "reason": "beam lost"}, "stop", "halt"]
        # What leaves the engine paused is followed by the next.
        choices += ["pause", "deferred_pause", "call", {"sleep": 0.01}, {"set": {"sig": 2}}]
        weights = [14, 1, 1, 1, 1, 0.2, 0.2, 0.2, 0.5, 0.5]
        return self.random.choices(choices, weights, k=self.state.pauses + 2) if self.state.pauses else []

    def item(self, length):
        self.state, self.gate = State(), None
        self.budget = length
        if self.chance(0.015) and "tweak" not in self.without:
            return self.tweaked()
        if self.chance(0.02) and "request" not in self.without:
            return {"item_type": "request", "do": self.pick(["resume", "pause", "deferred_pause", "abort", "stop", "halt"])}
        if self.chance(0.1):
            node = self.whole_plan(self.some(DETECTORS, 2), "motor", "motor1")
            if not words_of(node) & self.without:
                return {"item_type": "plan", **node["plan"]}
        nodes = self.body(length, balanced=self.chance(0.7))
        item = {"item_type": "messages", "messages": nodes, **self.from_outside(length)}
        if self.chance(0.2):
            item["meta"] = {"purpose": "fuzz", "number": self.random.randint(1, 9)}
        if "input" in str(nodes) and self.chance(0.7):
            item["input"] = ["yes", "", "no", "q"][: self.random.randint(0, 4)]
        actions = self.actions()
        return {**item, "on_pause": actions} if actions else item

    def from_outside(self, length):
        """What is done at messages, and who subscribes and raises."""
        item = {}
        if self.gate is not None and self.chance(0.8):
            number, (gate, bad, good) = self.random.randint(1, max(2, length)), self.gate
            item["at"] = [{"message": number, "set": {gate: bad}}, {"message": number, "after_s": RELEASED_S, "set": {gate: good}}]
        elif self.chance(0.12):
            acts = [{"do": "pause"}, {"do": "pause"}, {"do": "deferred_pause"}, {"do": "abort", "reason": "dark"}, {"do": "stop"}, {"do": "halt"}]
            acts += [{"do": "suspend", "for_s": LATER_S}, {"do": "suspend", "for_s": SOON_S, "justification": "no beam"}]
            item["at"] = [{"message": self.random.randint(1, max(2, length)), **self.pick(acts)} for _ in range(self.random.randint(1, 2))]
            self.state.pauses += len(item["at"])
        if self.chance(0.12):
            name = self.fresh("subscriber")
            self.callbacks.append({"name": name, "fault": {"nth": self.random.randint(1, 4), "message": "refused"}})
            item["subs"] = {self.pick(["all", "start", "descriptor", "event", "event", "stop"]): [name]}
        return {key: value for key, value in item.items() if not words_of({key: value}) & self.without}

    def device_faults(self, text):
        """Calls of devices that raise. ophyd's `configure` reads the configuration itself, twice, and a call of a device by itself is no
        call to be counted."""
        devices, methods = AXES + DETECTORS, ["read", "describe", "stage", "unstage"]
        methods += [] if "'configure'" in text else ["read_configuration"]
        return [
            {"device": self.pick(devices), "method": self.pick(methods), "nth": self.random.randint(1, 3), "kind": "raise", "message": "jammed"}
            for _ in range(self.random.randint(1, 2))
        ]

    def stage_sigs(self):
        """What devices set when they are staged."""
        sigs = {"det": {"Imax": 5, "sigma": 2}, "det1": {"center": 1}, "motor": {"velocity": 3}, "motor1": {"acceleration": 2, "bool_sig": True}}
        return {device: sigs[device] for device in self.some(sigs, 2)}

    def nap(self, items):
        """Time in which everything arrives that an item left on its way."""
        text = str(items)
        fliers = ["flyer1", *(name for name, spec in self.devices.items() if spec["class"] == "MockFlyer")]
        mocked = any(f"'{name}'" in text for name in fliers)
        slow = any(f"'{name}'" in text for name, spec in self.devices.items() if spec["class"] not in ("Signal", *FRAME_FLYERS))
        return {"item_type": "plan", "name": "sleep", "args": [0.5 * SLOWER if mocked else LATER_S if slow else SOON_S]}

    def file(self, messages):
        low, high = messages
        total, count = self.random.randint(low, high), self.random.choices([1, 2, 3], [5, 3, 2])[0]
        items = []
        for _ in range(count):
            item = self.item(max(1, total // count))
            items += [item] if "sleep" in self.without else [item, self.nap([item])]
        text = str(items)
        spec = {"devices": [device for name, device in self.devices.items() if f"'{name}'" in text], "items": items}
        engine = {option: True for option in ("predeclare", "ignore_callback_exceptions") if self.chance(0.08) and option not in self.without}
        if self.chance(0.3) and "record_interruptions" not in self.without:
            engine["record_interruptions"] = True
        if self.callbacks:
            spec["callbacks"] = self.callbacks
        if self.suspenders:
            spec["suspenders"] = self.suspenders
            spec["devices"] = [device for name, device in self.devices.items() if f"'{name}'" in text + str(self.suspenders)]
        if self.chance(0.08) and "faults" not in self.without:
            spec["faults"] = self.device_faults(text)
        if self.chance(0.08) and "stage_sigs" not in self.without:
            spec["stage_sigs"] = self.stage_sigs()
        # Where the rest is left out, so is the time in which what is on its way arrives.
        if self.chance(0.1) and not self.devices and "fail_fast" not in self.without:
            spec["fail_fast"] = True
        if self.chance(0.2):
            engine["md"] = {"beamline": "fuzz"}
        return {**({"engine": engine} if engine else {}), **{key: value for key, value in spec.items() if value}}


def plan_file(random, messages, without=()):
    """A plan file as a tree; `messages` are the least and the most messages that it is to have."""
    return PlanFile(random, without).file(messages)
