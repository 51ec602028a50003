#!/usr/bin/env python3
"""Run a plan file on real bluesky with a virtual clock and counted uids, and record when everything happens.

usage: exact_times.py PLAN_FILE OUT_DIR
       exact_times.py --compare OUT_DIR SKYSPAN_DIR

What bluesky_oracle.py records takes the time that the machine takes, so it says nothing of durations. Here the loop of the
RunEngine has a clock of its own, which goes on to the next timer when nothing else is left to do; `time.time` and
`time.monotonic` are that clock, and uids count. So the same plan file leaves the same bytes each time.

ophyd's devices have threads, which know no such clock. In their place stand devices of this file, of the classes SynAxis,
SynSignal and Signal, whose statuses end by timers of the loop; of the default beamline there are the axes `motor`,
`motor1`, `motor2` and `motor3`, the detectors `det` to `det4`, and the signals `sig` and `bool_sig`, which take no time. A
plan file with other devices is refused.

Writes the files of bluesky_oracle.py. --compare holds when documents came, and when spans of the engine began and ended,
against a recording of `skyspan run`, to the microsecond, and prints each difference; it exits 0 where there is none, and 1
otherwise. The order of spans of one moment is not looked at, nor run spans, whose ends bluesky crosses.
"""

import asyncio
import json
import os
import selectors
import sys
import time
import uuid
from datetime import datetime
from pathlib import Path

EPOCH_S = 1_700_000_000.0
# Two clocks that add floats agree to so much.
EXACT_S = 1e-6


class VirtualClock:
    """Seconds since it began; it goes on only while `may_go_on` says so."""

    now = 0.0
    may_go_on = staticmethod(lambda: False)


class VirtualSelector(selectors.DefaultSelector):
    """Goes on in time in place of waiting."""

    def select(self, timeout=None):
        if timeout is None or timeout <= 0:
            return super().select(timeout)
        ready = super().select(0)
        if ready:
            return ready
        if not VirtualClock.may_go_on():
            return super().select(0.002)
        VirtualClock.now += timeout
        return []


class VirtualLoop(asyncio.SelectorEventLoop):
    def __init__(self):
        super().__init__(VirtualSelector())

    def time(self):
        return VirtualClock.now


class LoopStatus:
    """A status (bluesky.protocols.Status) that ends in the loop of the engine, in whose thread all happens."""

    def __init__(self):
        self.done, self.error, self.callbacks = False, None, []

    def add_callback(self, callback):
        if self.done:
            callback(self)
        else:
            self.callbacks.append(callback)

    def exception(self, timeout=0.0):
        return self.error

    @property
    def success(self):
        return self.done and self.error is None

    def end(self, error=None):
        if not self.done:
            self.done, self.error = True, error
            for callback in self.callbacks:
                callback(self)


class LoopDevice:
    """A device whose statuses end by timers of the loop."""

    parent = None
    hints = {}

    def __init__(self, name, value=0, seconds=0, fault=None):
        self.name, self.value, self.seconds, self.fault = name, value, seconds, fault or {}
        self.loop, self.calls, self.subscribers = None, 0, []

    def __repr__(self):
        return f"{type(self).__name__}(name={self.name!r})"

    def read(self):
        return {self.name: {"value": self.value, "timestamp": time.time()}}

    def describe(self):
        return {self.name: {"source": "SIM:" + self.name, "dtype": "number", "shape": []}}

    def read_configuration(self):
        return {}

    def describe_configuration(self):
        return {}

    def stage(self):
        return [self]

    def unstage(self):
        return [self]

    def subscribe(self, callback, event_type=None, run=True):
        self.subscribers.append(callback)
        if run:
            callback(value=self.value, timestamp=time.time())

    def clear_sub(self, callback):
        self.subscribers = [known for known in self.subscribers if known is not callback]

    def put(self, value):
        self.value = value
        for callback in list(self.subscribers):
            callback(value=value, timestamp=time.time())

    def begin(self, end):
        """A status that ends after the time of the device, when `end` is called, or as its fault has it."""
        from bluesky_oracle import error_of

        self.calls += 1
        status, kind = LoopStatus(), self.fault.get("kind") if self.calls == self.fault.get("nth", 1) else None
        if kind == "raise":
            raise error_of(self.fault)
        if kind == "fail":
            self.loop.call_later(self.fault.get("after", 0.01), status.end, error_of(self.fault))
        elif kind is None and self.seconds:
            self.loop.call_later(self.seconds, lambda: (end(), status.end()))
        elif kind is None:
            end()
            status.end()
        return status


class Axis(LoopDevice):
    position = property(lambda self: self.value)

    def set(self, value):
        return self.begin(lambda: self.put(value))

    def stop(self, success=False):
        pass


class Detector(LoopDevice):
    def trigger(self):
        return self.begin(lambda: None)


CLASSES = {"SynAxis": (Axis, "delay"), "SynSignal": (Detector, "exposure_time"), "Signal": (Axis, None)}
AXES, DETECTORS = ["motor", "motor1", "motor2", "motor3"], ["det", "det1", "det2", "det3", "det4"]


def build_devices(specs):
    devices = {name: Axis(name) for name in [*AXES, "sig", "bool_sig"]}
    devices |= {name: Detector(name) for name in DETECTORS}
    for spec in specs or []:
        spec = dict(spec)
        name, class_name = spec.pop("name"), spec.pop("class")
        if class_name not in CLASSES or spec.keys() - {"delay", "exposure_time", "value", "fault"}:
            sys.exit(f"{name}: only {', '.join(CLASSES)} have exact times, with a delay, an exposure_time, a value and a fault")
        made, seconds = CLASSES[class_name]
        devices[name] = made(name, spec.get("value", 0), spec.get(seconds, 0), spec.get("fault"))
    return devices


def named_in(tree, names):
    """Which of the names stand in a plan file, but for its keys."""
    if isinstance(tree, dict):
        return set().union(*(named_in(value, names) for value in tree.values()))
    if isinstance(tree, list):
        return set().union(*(named_in(value, names) for value in tree))
    return {tree.split(".")[0]} & names if isinstance(tree, str) else set()


def record(plan_file, out_dir):
    time.time = lambda: EPOCH_S + VirtualClock.now
    time.monotonic = lambda: VirtualClock.now
    time.time_ns = lambda: round((EPOCH_S + VirtualClock.now) * 1e9)
    count = iter(range(1, 10**9))
    uuid.uuid4 = lambda: uuid.UUID(int=next(count) | 4 << 76 | 8 << 60)

    import bluesky_oracle as oracle
    from bluesky.run_engine import RunEngine
    from opentelemetry import trace
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import SimpleSpanProcessor
    from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

    spec = oracle.read(plan_file)
    others = named_in(spec, set(vars(oracle.ophyd.sim.hw())) - set(build_devices([])))
    if others:
        sys.exit(f"{', '.join(sorted(others))}: no device of the default beamline that has exact times")
    oracle.build_devices = build_devices
    exporter, provider = InMemorySpanExporter(), TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    trace.set_tracer_provider(provider)
    options = spec.get("engine", {})
    RE = RunEngine(dict(options.get("md", {})), context_managers=[], loop=VirtualLoop())
    RE.record_interruptions = options.get("record_interruptions", False)
    RE.ignore_callback_exceptions = options.get("ignore_callback_exceptions", False)
    names = oracle.build_names(spec)
    for device in names.values():
        if isinstance(device, LoopDevice):
            device.loop = RE.loop
    busy = {"running", "pausing", "stopping", "aborting", "halting", "suspending"}
    between = {"goes_on": False}
    VirtualClock.may_go_on = lambda: between["goes_on"] or (RE.state in busy and not RE._blocking_event.is_set())

    def pass_time(seconds):
        """Time goes on while nobody executes anything."""

        async def nap():
            between["goes_on"] = True
            try:
                await asyncio.sleep(seconds)
            finally:
                between["goes_on"] = False

        asyncio.run_coroutine_threadsafe(nap(), RE.loop).result(60)

    class Outside(oracle.Outside):
        """What is done some time after a message is done by a timer of the loop."""

        def seen(self, message):
            number = None
            if message is not None:
                self.count += 1
                number = self.count
            for entry in [entry for entry in self.entries if entry.get("message") == number]:
                if "after_s" in entry:
                    self.timers.append(RE.loop.call_soon_threadsafe(RE.loop.call_later, entry["after_s"], self.do_in_hook, entry))
                else:
                    self.do_in_hook(entry)

    asked = oracle.request

    def request(RE, action, devices):
        if isinstance(action, dict) and "sleep" in action:
            return pass_time(action["sleep"])
        return asked(RE, action, devices)

    oracle.Outside, oracle.request = Outside, request
    recorded = oracle.run_items(RE, spec, names)
    pass_time(1.0)
    os.makedirs(out_dir, exist_ok=True)
    oracle.write_recording(out_dir, exporter.get_finished_spans(), *recorded)
    sys.stdout.flush()
    os._exit(0)  # what is left of plans is no part of the recording


def when(text):
    return datetime.fromisoformat(text.replace("Z", "+00:00")).timestamp()


def times(directory):
    """When each document came and each span of the engine began and ended, in seconds since the first of all that."""
    from compare import concatenated, lines

    documents = [(name, doc["time"]) for name, doc in lines(directory / "documents.jsonl") if "time" in doc]
    spans = [span for span in concatenated(directory / "spans.json") if span["name"] != "Ophyd Status"]
    # The run span of bluesky may be ended by another run.
    spans = [span for span in spans if span["name"] != "Bluesky RunEngine run"]
    spans = [(span["name"], when(span["start_time"]), when(span["end_time"])) for span in spans]
    first = min([time for _, time in documents] + [begin for _, begin, _ in spans], default=0)
    spans = sorted((begin - first, end - first, name) for name, begin, end in spans)
    return [(name, time - first) for name, time in documents], spans


def compare(oracle_dir, our_dir):
    """The differences of two recordings, a line each."""
    (documents, spans), (our_documents, our_spans) = times(Path(oracle_dir)), times(Path(our_dir))
    found = []
    for kind, theirs, ours in (("document", documents, our_documents), ("span", spans, our_spans)):
        if len(theirs) != len(ours):
            found.append(f"{len(theirs)} {kind}s in bluesky, {len(ours)} in skyspan")
        for number, (one, other) in enumerate(zip(theirs, ours)):
            if any(a != b if isinstance(a, str) else abs(a - b) > EXACT_S for a, b in zip(one, other)):
                found.append(f"{kind} {number}: bluesky {one}, skyspan {other}")
    return found


if __name__ == "__main__":
    if len(sys.argv) == 4 and sys.argv[1] == "--compare":
        differences = compare(*sys.argv[2:])
        print("\n".join(differences[:40]))
        sys.exit(1 if differences else 0)
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    record(*sys.argv[1:])
