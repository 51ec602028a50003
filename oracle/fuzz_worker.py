#!/usr/bin/env python3
"""A process that runs plan files on real bluesky, one after another, for fuzz.py.

usage: fuzz_worker.py

Reads a line of JSON for each plan file, [PLAN_FILE, OUT_DIR], from standard input, writes the recording into OUT_DIR as
bluesky_oracle.py does, and answers with a line on standard output: "ok", or what the engine let through that is no
Exception. Importing bluesky takes a second, and running a plan file mostly less.

Nothing of one plan file gets into the recording of the next: each has its own devices, its own RunEngine, and its own
list of spans, into which only the spans go that began while it ran.
"""

import gc
import json
import logging
import os
import sys
import threading
import time
import traceback
import warnings

import yaml
from opentelemetry import trace
from opentelemetry.sdk.trace import SpanProcessor, TracerProvider

import bluesky_oracle
import fuzz_explained

# Threads of devices that are still moving when the last item has ended; the longest is the scan of a MockFlyer.
SETTLE_MAX_S = 2.0


# Which item is under way, and how many of its messages and documents there were.
PROGRESS = {}


class SpansOfOneFile(SpanProcessor):
    """Keeps the ended spans that began since the last call of begin()."""

    def __init__(self):
        self.began, self.ended = None, []

    def begin(self):
        self.began, self.ended = set(), []

    def end(self):
        began, ended = self.began, self.ended
        self.began, self.ended = None, []
        return [span for span in ended if span.context.span_id in began]

    def on_start(self, span, parent_context=None):
        if self.began is not None:
            self.began.add(span.context.span_id)

    def on_end(self, span):
        self.ended.append(span)


def settle(threads_before):
    """Waits for what still moves, so that it neither misses its recording nor gets into the next."""
    until = time.monotonic() + SETTLE_MAX_S
    while set(threading.enumerate()) - threads_before and time.monotonic() < until:
        time.sleep(0.002)


def record(plan_file, out_dir, spans, faults):
    with open(plan_file) as f:
        spec = yaml.safe_load(f)
    os.makedirs(out_dir, exist_ok=True)
    names = bluesky_oracle.build_names(spec)
    RE = bluesky_oracle.build_engine(spec.get("engine", {}))
    threads_before = set(threading.enumerate())
    faults.clear()
    spans.begin()
    try:
        rows = bluesky_oracle.run_items(RE, spec, names, PROGRESS)
        settle(threads_before)
    finally:
        ended = spans.end()
    bluesky_oracle.write_recording(out_dir, ended, *rows)
    with open(os.path.join(out_dir, fuzz_explained.NOTED), "w") as f:
        json.dump(faults, f)


def main():
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "w", buffering=1)
    with open(os.devnull, "w") as nowhere:  # bluesky prints at each pause, and logs each failure
        os.dup2(nowhere.fileno(), 1)
        os.dup2(nowhere.fileno(), 2)
    logging.disable(logging.CRITICAL)
    warnings.simplefilter("ignore")
    spans, provider, faults = SpansOfOneFile(), TracerProvider(), []
    fuzz_explained.watch(faults, lambda: dict(PROGRESS))
    provider.add_span_processor(spans)
    trace.set_tracer_provider(provider)
    for line in sys.stdin:
        try:
            record(*json.loads(line), spans, faults)
            answer = "ok"
        except BaseException as error:  # such as a CancelledError, which is no Exception
            answer = f"{type(error).__name__}: {error} {traceback.format_exc()}".replace("\n", " | ")
        # A plan that was halted and would not close lives on as garbage; it ends now, or it would within another file.
        gc.collect()
        print(answer, file=answers)


if __name__ == "__main__":
    main()
