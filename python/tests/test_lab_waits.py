"""How a wait of a lab ends: by Ctrl-C, at a limit; and what a lab keeps no longer than it is of use."""

from __future__ import annotations

import gc
import pathlib
import signal
import subprocess
import sys
import weakref
from collections.abc import Generator
from typing import Any, TypeAlias

import pytest

import skyspan
from skyspan import Lab

bp: Any = pytest.importorskip("bluesky.plans")
bps: Any = pytest.importorskip("bluesky.plan_stubs")
utils: Any = pytest.importorskip("bluesky.utils")

Plan: TypeAlias = Generator[Any, Any, Any]

THREAD = """
import asyncio, threading
async def stuck():
    loop = asyncio.get_running_loop()
    thread = loop.run_in_executor(None, threading.Event().wait, 30)
    loop.call_soon(lambda: print("waiting", flush=True))
    try:
        await thread
    except asyncio.CancelledError:
        print("cancelled", flush=True)
        raise
lab.finish(stuck())
"""
COMPUTING = """
import asyncio
async def stuck():
    await asyncio.sleep(1)
    print("waiting", flush=True)
    while True:
        pass
lab.finish(stuck())
"""
REAL = """
import threading
status = lab.motor("stage", velocity=1.0).set(100.0)
threading.Timer(0.2, lambda: print("waiting", flush=True)).start()
status.wait()
"""
ASLEEP = """
import threading
threading.Timer(0.2, lambda: print("waiting", flush=True)).start()
lab.sleep(100.0)
"""
PROGRAM = """
import os
from skyspan import Lab
lab = Lab(real_time={real})
try:
{body}
except KeyboardInterrupt:
    print("interrupted", lab.state, flush=True)
    lab(()).assert_success()
    os._exit(0)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="Ctrl-C goes to all there")
@pytest.mark.parametrize(
    ("body", "real", "said"),
    [
        (THREAD, False, "cancelled\ninterrupted idle\n"),
        (COMPUTING, False, "interrupted idle\n"),
        (REAL, True, "interrupted idle\n"),
        (ASLEEP, True, "interrupted idle\n"),
    ],
    ids=["a thread", "a coroutine that computes", "a status in real time", "a sleep in real time"],
)
def test_ctrl_c_ends_a_wait_outside_of_plans(body: str, real: bool, said: str) -> None:
    indented = "".join(f"    {line}\n" for line in body.strip().splitlines())
    command = [sys.executable, "-c", PROGRAM.format(real=real, body=indented)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None and process.stdout.readline() == "waiting\n"
            process.send_signal(signal.SIGINT)
            rest, _ = process.communicate(timeout=50)
        finally:
            process.kill()  # Without that, one that does not end would be waited for.
    assert rest == said


def test_a_plan_that_polls_is_told_what_to_do() -> None:
    small = Lab(limits={"messages": 1_000})
    stage = small.motor("stage", velocity=1.0)

    def polls() -> Plan:
        yield from bps.abs_set(stage, 5)
        while stage.position < 5:
            yield from bps.null()

    run = small(polls())
    assert run.exit_status == "abort" and run.reason.startswith("the limit of messages, 1000, is reached: a plan that asks again")
    assert "yield a sleep, or wait for the status; Lab(limits={\"messages\": N})" in run.reason
    with pytest.raises(AssertionError, match="Lab\\(limits=False\\) none"):
        run.assert_success()


def test_a_read_that_takes_time_is_waited_for_in_real_time() -> None:
    lab = Lab(real_time=True)
    stage = lab.motor("stage", velocity=1.0)
    stage.fault("read", late_by=0.01)
    assert stage.read()["stage"]["value"] == 0.0

    async def reads() -> float:
        return float(stage.read()["stage"]["value"])

    assert lab.finish(reads()) == 0.0


def test_a_hook_that_raises_is_raised_by_a_plan_file_as_well(lab: Lab, tmp_path: pathlib.Path) -> None:
    file = tmp_path / "sleeps.yaml"
    skyspan.export(bps.sleep(1.0), file)
    dark = LookupError("dark")

    def hook(_: Any) -> None:
        raise dark

    lab.on_message(hook)
    with pytest.raises(LookupError) as raised:
        lab.run_file(file)
    assert raised.value is dark
    lab.on_message(None)
    assert lab.run_file(file).duration == 1.0
    lab(bps.null()).assert_success()


def test_limits_are_by_name() -> None:
    assert Lab(limits=False)(bps.sleep(1e9)).exit_status == "success"
    run = Lab(limits={"simulated_seconds": 60})([utils.Msg("sleep", None, 3600), utils.Msg("null")])
    assert run.reason.startswith("the limit of simulated_seconds, 60,")
    with pytest.raises(ValueError, match=r"by its name \(messages, simulated_seconds, spans, kept_bytes\), found \"message\""):
        Lab(limits={"message": 3})


class Token:
    """Something that Rust has no value for."""


def test_objects_that_travel_through_a_lab_are_forgotten_with_what_came_of_the_call(lab: Lab) -> None:
    def one(alive: list[weakref.ref[Token]]) -> Any:
        token, callback = Token(), Token()
        alive += [weakref.ref(token), weakref.ref(callback)]

        def heard(name: str, doc: dict[str, Any], _: Token = callback) -> None:
            pass

        def plan() -> Plan:
            yield from bps.subscribe("stop", heard)
            yield from bps.open_run(md={"many": [token, [token]]})
            yield from bps.close_run()

        return lab(plan())

    alive: list[weakref.ref[Token]] = []
    run = one(alive)
    lab(()).assert_success()
    gc.collect()
    assert all(token() is not None for token in alive)
    assert run.documents[0][1]["many"][0] is alive[0]()
    del run
    lab(()).assert_success()
    gc.collect()
    assert [token() for token in alive] == [None, None]


def test_a_long_call_does_not_keep_what_it_is_done_with(lab: Lab) -> None:
    ways: list[weakref.ref[Token]] = []

    def plan() -> Plan:
        for _ in range(2_000):
            token = Token()
            ways.append(weakref.ref(token))
            yield utils.Msg("look", token)

    lab.register_command("look", lambda msg: msg.obj)
    lab(plan()).assert_success()
    lab(()).assert_success()
    gc.collect()
    assert sum(token() is not None for token in ways) <= 1
