"""Plans of bluesky on skyspan's engine."""

from __future__ import annotations

import asyncio
import functools
import gc
import pathlib
import signal
import subprocess
import sys
import threading
import time
import weakref
from collections.abc import Callable, Generator
from typing import Any, TypeAlias, cast

import pytest

from skyspan import Deadlock, Lab, RealTimeWarning, exactly, none, one, span

bp: Any = pytest.importorskip("bluesky.plans")
bps: Any = pytest.importorskip("bluesky.plan_stubs")
bpp: Any = pytest.importorskip("bluesky.preprocessors")
utils: Any = pytest.importorskip("bluesky.utils")

Plan: TypeAlias = Generator[Any, Any, Any]


def careful_scan(detectors: list[Any], stage: Any) -> Any:
    """A plan of a user's own: it comes home however it ends."""
    return bpp.finalize_wrapper(bp.scan(detectors, stage, 0, 10, 6), bps.mv(stage, 0))


def test_a_scan_leaves_its_trace_documents_and_messages(lab: Lab) -> None:
    stage = lab.motor("stage", velocity=2.0, acceleration_time=0.0)
    camera = lab.detector("camera", exposure_time=0.5)
    run = lab(bp.scan([camera], stage, 0, 10, 6))
    run.assert_success()
    assert run.duration == 8.0 and run.duration_ns == 8_000_000_000
    run.expect(
        exactly(6, span("Bluesky RunEngine set").child(span("Ophyd Status", device_name="stage"))),
        one(span("Bluesky RunEngine run", exit_status="success")),
        none(span(status="error")),
    )
    assert [name for name, _ in run.documents] == ["start", "descriptor", *["event"] * 6, "stop"]
    assert [event["data"]["stage"] for event in run.events] == [0, 2, 4, 6, 8, 10]
    assert run.messages[0] == utils.Msg("stage", camera, group=run.messages[0].kwargs["group"])


def test_it_comes_home_when_the_stage_stalls(lab: Lab) -> None:
    stage = lab.motor("stage", velocity=2.0, acceleration_time=0.0)
    camera = lab.detector("camera", exposure_time=0.5)
    stage.fault("set", nth=4, fails="stalled", after=0.5)
    run = lab(careful_scan([camera], stage))
    assert isinstance(run.exception, utils.FailedStatus) and stage.position == 0
    assert run.duration == pytest.approx(6.5)
    run.expect(one(span("Ophyd Status", exception="stalled")))


def test_the_devices_of_ophyd_sim_are_simulated(lab: Lab, sim: Any) -> None:
    sim.motor.delay = 1.0
    sim.motor.sim_state.update(readback=4.0, setpoint=4.0)
    run = lab(bp.rel_scan([sim.det], sim.motor, -1, 1, 3))
    run.assert_success()
    assert [event["data"]["motor"] for event in run.events] == [3, 4, 5]
    assert sim.motor.position == 4
    assert run.duration == 4.0


def test_an_exception_comes_back_as_the_same_object(lab: Lab) -> None:
    no_light = ValueError("no light")

    def plan() -> Plan:
        yield from bps.null()
        raise no_light

    run = lab(plan())
    assert run.exception is no_light and run.exit_status == "fail"
    with pytest.raises(AssertionError, match="ValueError: no light") as raised:
        run.assert_success()
    assert raised.value.__cause__ is no_light


def test_times_between_counts_are_exact(lab: Lab) -> None:
    run = lab(bp.count([lab.device("det")], 3, delay=0.1))
    # bluesky takes the time by `time.time()`, and waits after the last one, too.
    assert run.duration_ns == 300_000_000


def test_a_pause_is_left_by_resume(lab: Lab) -> None:
    def plan() -> Plan:
        yield from bps.checkpoint()
        yield from bps.sleep(3)

    lab.at(1.0).pause()
    run = lab(plan())
    assert run.paused and lab.state == "paused" and run.exception is None
    run = lab.resume()
    assert not run.paused and run.duration == 4.0
    lab.at(1.0).pause()
    lab.on_pause(("resume", 5.0))
    assert lab(plan()).duration == 9.0


def test_a_halt_closes_the_generator(lab: Lab) -> None:
    closed: list[BaseException] = []

    def plan() -> Plan:
        try:
            yield from bps.sleep(100)
        except GeneratorExit as halted:
            closed.append(halted)
            raise

    lab.at(2).halt()
    run = lab(plan())
    assert (run.exit_status, run.exception, run.duration) == ("abort", None, 2.0)
    assert [type(halted) for halted in closed] == [utils.PlanHalt]


def test_an_abort_keeps_its_reason(lab: Lab) -> None:
    lab.at(3.0).abort("beam lost")
    run = lab(bps.sleep(3600))
    assert (run.exit_status, run.reason, run.duration) == ("abort", "beam lost", 3.0)


def test_a_call_from_within_a_plan_is_refused(lab: Lab) -> None:
    def plan() -> Plan:
        yield from bps.null()
        lab([])

    run = lab(plan())
    assert isinstance(run.exception, RuntimeError) and "yield from" in str(run.exception)
    assert lab([utils.Msg("null")]).exit_status == "success"


def test_ctrl_c_is_raised_and_the_plan_cleans_up(lab: Lab) -> None:
    motor = lab.motor("stage", value=5.0)

    def interrupted() -> Plan:
        yield from bps.mv(motor, 7)
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        lab(bpp.finalize_wrapper(interrupted(), bps.mv(motor, 5)))
    assert lab.state == "idle" and motor.position == 5


def test_labs_in_threads_do_not_meet() -> None:
    durations: list[float] = []

    def one(seed: int) -> None:
        lab = Lab(seed=seed)
        stage = lab.motor("stage", velocity=1.0, acceleration_time=0.0)
        durations.append(lab(bp.scan([lab.device("det")], stage, 0, 100, 11)).duration)

    threads = [threading.Thread(target=one, args=(seed,)) for seed in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert durations == [100.0] * 4


def test_one_seed_gives_the_same_run() -> None:
    def run() -> tuple[Any, Any]:
        lab = Lab(seed=3)
        done = lab(bp.scan([lab.detector("camera")], lab.motor("stage", velocity=1.0), 0, 3, 4))
        return done.trace.dump("otlp"), done.documents

    assert run() == run()


def test_the_time_is_the_labs_on_the_thread_of_the_plan_alone(lab: Lab) -> None:
    seen: dict[str, float] = {}

    def plan() -> Plan:
        started = time.time()
        yield from bps.sleep(3600)
        seen["plan"] = time.time() - started
        thread = threading.Thread(target=lambda: seen.update(thread=time.time()))
        thread.start()
        thread.join()

    lab(plan())
    assert seen["plan"] == 3600
    assert abs(seen["thread"] - time.time()) < 60


def test_what_is_awaited_takes_simulated_time(lab: Lab) -> None:
    async def five() -> int:
        await asyncio.sleep(5)
        return 42

    async def fails() -> None:
        raise ValueError("no light")

    def plan() -> Plan:
        done = cast("Any", (yield from bps.wait_for([five, fails])))
        return done[0].result(), done[1].exception()

    run = lab(plan())
    assert run.duration == 5.0
    assert run.result[0] == 42 and isinstance(run.result[1], ValueError)


def test_a_suspender_of_bluesky_suspends(lab: Lab) -> None:
    suspenders = pytest.importorskip("bluesky.suspenders")
    ring = lab.signal("ring", 300.0)
    suspender = suspenders.SuspendFloor(ring, 200, resume_thresh=250, sleep=60, tripped_message="no beam")
    lab.install_suspender(suspender)
    for at, current in [(10, 0.0), (30, 220.0), (40, 260.0)]:
        lab.at(at).call(functools.partial(ring.put, current))
    assert lab(bps.sleep(25)).duration == 10 + 30 + 60 + 25
    lab.remove_suspender(suspender)
    ring.put(0.0)
    assert lab(bps.sleep(25)).duration == 25


def test_a_suspender_of_ones_own_says_when_it_trips(lab: Lab) -> None:
    suspenders = pytest.importorskip("bluesky.suspenders")

    class Odd(suspenders.SuspenderBase):  # type: ignore[misc, name-defined, unused-ignore]
        def _should_suspend(self, value: int) -> bool:
            return value % 2 == 1

        def _should_resume(self, value: int) -> bool:
            return value % 2 == 0

    number = lab.signal("number", 0)
    said: list[str] = []

    def before() -> Plan:
        said.append("before")
        yield from bps.null()

    def plan() -> Plan:
        yield from bps.install_suspender(Odd(number, pre_plan=before))
        yield from bps.checkpoint()
        yield from bps.sleep(10)

    lab.at(4).call(lambda: number.put(3))
    lab.at(5).call(lambda: number.put(4))
    run = lab(plan())
    assert run.duration == 4 + 1 + 10 and said == ["before"]


def test_callbacks_commands_input_and_hooks_are_pythons(lab: Lab) -> None:
    seen: list[str] = []
    every: list[str] = []
    own: list[str] = []

    async def greet(msg: Any) -> str:
        await asyncio.sleep(1)
        return f"hello {msg.args[0]}"

    lab.on_message(lambda msg: seen.append(msg.command))
    lab.on_input("yes")
    lab.register_command("greet", greet)
    lab.subscribe(lambda name, _: every.append(name))

    def heard(name: str, doc: dict[str, Any]) -> None:
        own.append(name)

    def plan() -> Plan:
        greeting = yield utils.Msg("greet", None, "you")
        answer = cast("str", (yield from bps.input_plan("ready?")))
        yield from bps.subscribe("stop", heard)
        yield from bp.count([lab.device("det")])
        return greeting, answer

    run = lab(plan())
    assert run.result == ("hello you", "yes") and run.duration == 1.0
    assert seen[:3] == ["greet", "input", "subscribe"]
    assert every == ["start", "descriptor", "event", "stop"] and own == ["stop"]


def test_a_callback_that_raises_ends_the_run(lab: Lab) -> None:
    full = OSError("the disk is full")

    def fails(name: str, doc: dict[str, Any]) -> None:
        raise full

    run = lab(bp.count([lab.device("det")]), fails)
    assert run.exception is full


def test_a_hook_that_raises_is_heard(lab: Lab) -> None:
    def refuses(msg: Any) -> None:
        raise LookupError(msg.command)

    lab.on_message(refuses)
    with pytest.raises(LookupError, match="stage"):
        lab(bp.count([lab.device("det")]))
    lab.on_message(None)
    lab(bp.count([lab.device("det")])).assert_success()


def test_an_unknown_device_is_called_with_a_warning(lab: Lab) -> None:
    class Counter:
        name = "counter"
        parent = None
        read_so_often = 0

        def read(self) -> dict[str, Any]:
            self.read_so_often += 1
            return {"counter": {"value": self.read_so_often, "timestamp": time.time()}}

        def describe(self) -> dict[str, Any]:
            return {"counter": {"source": "here", "dtype": "integer", "shape": []}}

    counter = Counter()
    with pytest.warns(RealTimeWarning, match="'counter'.*real time passes"):
        run = lab(bp.count([counter], 3))
    run.assert_success()
    assert [event["data"]["counter"] for event in run.events] == [1, 2, 3]
    assert run.messages[0].obj is counter


def test_a_device_is_mapped_by_the_users_word(lab: Lab, sim: Any) -> None:
    class Stage:
        name = "stage"
        parent = None

        def read(self) -> Any:
            raise AssertionError("the real one is left alone")

        set = describe = read

    stage = Stage()
    lab.map(stage, lab.motor("stage", velocity=2.0, acceleration_time=0.0))
    run = lab(bps.mv(stage, 8))
    assert run.duration == 4.0 and run.messages[0].obj is stage


def test_a_mapped_device_that_lacks_a_protocol_says_which(lab: Lab) -> None:
    class Stage:
        name = "stage"
        parent = None

        def set(self, value: Any) -> Any: ...

    stage = Stage()
    lab.map(stage, lab.detector("counts"))
    run = lab(bps.abs_set(stage, 8))
    assert "does not implement all Movable methods" in str(run.exception)


def test_devices_of_two_labs_are_not_mixed(lab: Lab) -> None:
    other = Lab()
    run = lab(bps.mv(other.motor("stage"), 1))
    assert "belongs to another lab" in str(run.exception)
    run = lab(bps.mv(Lab().motor("stage"), 1))
    assert "is gone" in str(run.exception)


def test_objects_that_rust_has_no_value_for_come_back(lab: Lab) -> None:
    path = pathlib.PurePosixPath("/data")

    def plan() -> Plan:
        yield from bps.open_run(md={"path": path, "shape": (1, 2)})
        yield from bps.close_run()
        return path

    run = lab(plan())
    assert run.documents[0][1]["path"] is path and run.documents[0][1]["shape"] == (1, 2)
    assert run.messages[0].kwargs["path"] is path and run.result is path


def test_an_object_and_a_text_that_says_the_same_are_told_apart(lab: Lab) -> None:
    class Short:
        def __repr__(self) -> str:
            return "None"

    short, other = Short(), Short()
    md = {"short": short, "text": "None", "other": other, "nothing": [], "many": ["None", "None"]}

    def plan() -> Plan:
        yield from bps.open_run(md=md)
        yield from bps.close_run()

    start = lab(plan()).documents[0][1]
    assert start["short"] is short and start["other"] is other
    assert (start["text"], start["nothing"], start["many"]) == ("None", [], ["None", "None"])


def test_devices_are_of_the_protocols_that_they_support(lab: Lab) -> None:
    protocols = pytest.importorskip("bluesky.protocols")
    stage, camera = lab.motor("stage"), lab.detector("camera")
    assert isinstance(stage, protocols.Movable) and isinstance(stage, protocols.Locatable)
    assert isinstance(camera, protocols.Triggerable) and isinstance(camera, protocols.Readable)
    assert not isinstance(camera, protocols.Movable)
    assert stage.velocity.parent is stage and stage.velocity.get() == 1.0
    stage.set(5).wait()
    assert stage.position == 5 and stage.locate() == {"setpoint": 5, "readback": 5.0}


def test_what_is_wrong_is_said(lab: Lab) -> None:
    nothing: Any = 5
    wrongs: list[tuple[Callable[[], object], type[Exception], str]] = [
        (lambda: lab(bp.count), TypeError, r"lab\(count\(...\)\)"),
        (lambda: lab(nothing), TypeError, "expected a plan"),
        (lambda: lab.motor("stage", velosity=2), ValueError, "did you mean `velocity`"),
        (lambda: lab.motor("stage", velocity=-1), ValueError, "greater than zero"),
        (lambda: lab.device("nope"), KeyError, "there are motor"),
        (lambda: lab.device("det").fault("sett", raises="x"), ValueError, "expected a method of devices"),
        (lambda: lab.device("det").fault("set", raises="x"), ValueError, "has no method `set`"),
        (lambda: lab.device("det").fault("trigger"), TypeError, "say what goes wrong"),
        (lambda: lab.device("det").fault("trigger", nth=0, raises="x"), ValueError, "counted from 1"),
        (lambda: lab.at(-1), ValueError, "from zero on"),
        (lambda: lab.at(float("nan")), ValueError, "from zero on"),
        (lambda: lab.on_pause("go on"), ValueError, 'expected "resume"'),
        (lambda: lab.install_suspender(3), TypeError, "expected a suspender"),
        (lambda: lab.subscribe(print, "strat"), ValueError, "expected the name of a document"),
        (lambda: setattr(lab.device("motor"), "position", 3), AttributeError, "is not set"),
    ]
    for wrong, error, said in wrongs:
        with pytest.raises(error, match=said):
            wrong()


def test_a_plan_that_yields_what_is_no_message_is_told(lab: Lab) -> None:
    run = lab(iter([5]))
    assert isinstance(run.exception, TypeError) and "yields Msgs, found 5" in str(run.exception)


def test_a_deadlock_is_told(lab: Lab) -> None:
    stage = lab.motor("stage", velocity=1.0)
    stage.fault("set", hangs=True)
    run = lab(bps.mv(stage, 1))
    assert isinstance(run.exception, Deadlock) and "stage" in str(run.exception)


def test_a_plan_that_has_run_is_refused(lab: Lab) -> None:
    plan = (message for message in [utils.Msg("null")])
    lab(plan).assert_success()
    with pytest.raises(ValueError, match="a generator runs once"):
        lab(plan)


def test_the_plans_own_spans_are_of_its_trace_at_the_labs_time(lab: Lab) -> None:
    tracing: Any = pytest.importorskip("bluesky.tracing")
    stage = lab.motor("stage", velocity=2.0, acceleration_time=0.0)

    def align() -> Plan:
        yield from bps.mv(stage, 4)
        with tracing.tracer.start_as_current_span("back") as back:
            back.set_attribute("where", "home")
            yield from bps.mv(stage, 0)

    def plan() -> Plan:
        yield from tracing.trace_plan(tracing.tracer, "align")(align)()
        yield from bps.mv(stage, 1)

    run = lab(plan())
    run.assert_success()
    run.expect_tree("""
        align                     4 s
          Bluesky RunEngine set   0 s
            Ophyd Status          2 s
          Bluesky RunEngine wait  2 s
          back                    2 s  where=home
            Bluesky RunEngine set
              Ophyd Status
            Bluesky RunEngine wait
        Bluesky RunEngine set
          Ophyd Status
        Bluesky RunEngine wait
    """)


def test_a_lab_that_is_done_with_is_forgotten(lab: Lab) -> None:
    class Token:
        pass

    token = Token()
    alive = weakref.ref(token)

    def one(token: Token) -> None:
        lab = Lab(md={"token": token})
        stage = lab.motor("stage", velocity=1.0)
        camera = lab.camera("camera")
        lab.on_message(lambda msg: None)
        lab.subscribe(lambda name, doc: None)
        lab.finish(asyncio.sleep(1))
        run = lab(bp.scan([camera], stage, 0, 1, 2))
        assert run.documents and run.messages and stage.velocity.name

    one(token)
    del token
    gc.collect()
    assert alive() is None


def test_arguments_by_keyword_may_be_any_mapping(lab: Lab, sim: Any) -> None:
    run = lab(bpp.inject_md_wrapper(bp.count([sim.det]), {"sample": {"name": "A", "sizes": ()}}))
    run.assert_success()
    assert run.documents[0][1]["sample"] == {"name": "A", "sizes": ()}


def test_devices_of_ophyd_sim_that_are_made_otherwise_are_called_back(lab: Lab, sim: Any) -> None:
    with pytest.warns(RealTimeWarning, match="'jittery_motor1', a ophyd.sim.SynAxis"):
        run = lab(bp.scan([sim.det], sim.jittery_motor1, 0, 1, 2))
    run.assert_success()
    assert 0 <= run.events[0]["data"]["jittery_motor1"] < 1


def test_components_of_ophyd_sim_are_simulated_with_their_device(lab: Lab, sim: Any) -> None:
    run = lab(bpp.monitor_during_wrapper(bp.scan([sim.det], sim.motor, 0, 1, 2), [sim.motor.readback]))
    run.assert_success()
    streams = {doc["uid"]: doc["name"] for name, doc in run.documents if name == "descriptor"}
    monitored = [event["data"] for event in run.events if streams[event["descriptor"]] == "motor_monitor"]
    assert monitored[-1] == {"motor": 1.0} and sim.motor.readback.get() == 1.0


def test_axes_without_hints_or_position_are_where_they_were_left(lab: Lab, sim: Any) -> None:
    axes = [sim.motor_empty_hints1, sim.motor_no_hints2]
    lab(bps.mv(axes[0], 1, axes[1], 2)).assert_success()
    assert [axis.position for axis in axes] == [1, 2]


WAITS = """
import signal, sys
# Whoever began this may have had it ignore Ctrl-C.
signal.signal(signal.SIGINT, signal.default_int_handler)
from bluesky import plan_stubs as bps, preprocessors as bpp
from skyspan import Lab

class Stuck:
    name, parent = "stuck", None
    done = success = False

    def set(self, value):
        print("moving", flush=True)
        return self

    def add_callback(self, callback):
        self.kept = callback

stuck, lab = Stuck(), Lab()
stage = lab.motor("stage", value=3.0)
try:
    lab(bpp.finalize_wrapper(bps.mv(stuck, 1), bps.mv(stage, 0)))
except KeyboardInterrupt:
    print("interrupted", lab.state, stage.position)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="Ctrl-C goes to all there")
def test_ctrl_c_ends_a_wait_in_real_time() -> None:
    command = [sys.executable, "-W", "ignore", "-c", WAITS]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None and process.stdout.readline() == "moving\n"
        time.sleep(0.3)
        process.send_signal(signal.SIGINT)
        try:
            said, _ = process.communicate(timeout=50)
        finally:
            process.kill()
    assert said == "interrupted idle 0.0\n"
