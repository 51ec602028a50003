"""Runs a case on bluesky's RunEngine and on skyspan's, and records what each does, in the layout that `oracle/compare.py` reads."""

from __future__ import annotations

import re
import sys
import warnings
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[2] / "oracle"))

import bluesky_oracle as oracle
import compare
import ophyd.sim
from bluesky.run_engine import RunEngine
from bluesky.utils import RunEngineInterrupted
from case import Case

import skyspan


@dataclass
class Recording:
    """What a side did."""

    folder: Path
    spans: str
    documents: list[Any]
    messages: list[dict[str, Any]]
    outcome: dict[str, Any]
    #: What the plan gave, and where its axes stand afterwards.
    result: Any
    positions: dict[str, float]

    def write(self) -> None:
        """Into its folder."""
        self.folder.mkdir(parents=True, exist_ok=True)
        oracle.write_recording(self.folder, [], self.documents, self.messages, [self.outcome])
        (self.folder / "spans.json").write_text(self.spans, encoding="utf-8")


def _row(message: Any) -> dict[str, Any]:
    said = {part: oracle.plain(getattr(message, part)) for part in ("obj", "args", "kwargs")}
    return {"command": message.command, **said, "run": message.run}


def _positions(devices: SimpleNamespace) -> dict[str, float]:
    axes = {name: device for name, device in vars(devices).items() if type(device) is ophyd.sim.SynAxis}
    return {name: float(axis.position) for name, axis in sorted(axes.items())}


def on_bluesky(case: Case, folder: Path) -> Recording:
    """What the RunEngine does, in the time that it takes."""
    devices = case.devices()
    engine = RunEngine({}, context_managers=[], call_returns_result=True)
    engine.record_interruptions = case.record_interruptions
    documents: list[Any] = []
    messages: list[dict[str, Any]] = []
    engine.subscribe(lambda name, doc: documents.append([name, oracle.plain(doc)]))
    outside = oracle.Outside(engine, case.at, {})

    def hook(message: Any) -> None:
        messages.append(_row(message))
        outside.seen(message)

    engine.msg_hook = hook
    outcome: dict[str, Any] = {"exception": None}
    result: Any = None

    def call(function: Any, *args: Any, **kwargs: Any) -> None:
        nonlocal result
        try:
            result = function(*args, **kwargs)
        except RunEngineInterrupted:
            pass
        except Exception as error:
            outcome["exception"] = type(error).__name__

    with skyspan.capture() as spans:
        call(engine, case.plan(devices), **case.md)
        decisions = list(case.on_pause)
        while engine.state == "paused":
            call(getattr(engine, decisions.pop(0) if decisions else "halt"))
        outside.end()
        try:
            # A status ends its span in a thread of its own.
            spans.settled(quiet=0.03, timeout=1)
        except TimeoutError:
            pass
    outcome |= {"exit_status": engine._exit_status, "reason": engine._reason}
    # What bluesky gives where a plan did not come to its end is an exception, or an object that stands for none.
    given = None if outcome["exit_status"] != "success" or outcome["exception"] else getattr(result, "plan_result", None)
    given = None if given is engine.NO_PLAN_RETURN or isinstance(given, BaseException) else oracle.shown(given)
    trace = spans.trace().ended().dump()
    return Recording(folder, trace, documents, messages, outcome, given, _positions(devices))


def on_skyspan(case: Case, folder: Path) -> Recording:
    """What a lab does, in no time."""
    devices = case.devices()
    lab = skyspan.Lab(record_interruptions=case.record_interruptions)
    for entry in case.at:
        getattr(lab.at_message(entry["message"]), entry["do"])()
    lab.on_pause(*case.on_pause)
    with warnings.catch_warnings():
        # That devices of other classes are called where they stand is meant.
        warnings.simplefilter("ignore", skyspan.RealTimeWarning)
        run = lab(case.plan(devices), **case.md)
        if run.paused:
            run = lab.halt()
    documents = [[name, oracle.plain(doc)] for name, doc in run.documents]
    outcome = {"exit_status": run.exit_status, "reason": run.reason}
    outcome["exception"] = None if run.exception is None else type(run.exception).__name__
    messages = [_row(message) for message in run.messages]
    trace = run.trace.ended().dump()
    return Recording(folder, trace, documents, messages, outcome, oracle.shown(run.result), _positions(devices))


def differences(case: Case, place: Path) -> list[str]:
    """In what the two differ, a line each, but for what the case says."""
    sides = on_bluesky(case, place / "bluesky"), on_skyspan(case, place / "skyspan")
    for side in sides:
        side.write()
    theirs, ours = sides
    found = compare.compare(theirs.folder, ours.folder) + compare.run_spans_agree(ours.folder)
    results = [compare.normal(oracle.plain(side.result), compare.Names()) for side in sides]
    found += [f"result{line}" for line in compare.differences(*results)]
    positions = [compare.normal(side.positions, compare.Names()) for side in sides]
    found += [f"positions{line}" for line in compare.differences(*positions)]
    unused = [allowed for allowed in case.differs if not any(re.match(allowed, line) for line in found)]
    found = [line for line in found if not any(re.match(allowed, line) for allowed in (*case.differs, *case.may_differ))]
    return found + [f"the two should differ, and do not: {allowed}" for allowed in unused]


