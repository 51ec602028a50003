"""Property tests of plans: circumstances as strategies of hypothesis, the laws, and what a failing test prints."""

from __future__ import annotations

import re
from typing import Any

import pytest

hypothesis: Any = pytest.importorskip("hypothesis")
bp: Any = pytest.importorskip("bluesky.plans")
bps: Any = pytest.importorskip("bluesky.plan_stubs")
bpp: Any = pytest.importorskip("bluesky.preprocessors")

from hypothesis import given  # noqa: E402
from hypothesis import settings as profile  # noqa: E402
from hypothesis import strategies as st  # noqa: E402

import skyspan  # noqa: E402
from skyspan import Lab  # noqa: E402
from skyspan.hypothesis import (  # noqa: E402
    Circumstances,
    Fault,
    Interruption,
    Settings,
    circumstances,
    faults,
    interruptions,
)

few = profile(max_examples=15, deadline=None, derandomize=True, database=None)


def bench(lab: Lab) -> tuple[Any, Any]:
    return lab.motor("stage", velocity=2.0), lab.detector("camera", exposure_time=0.5)


def careful_scan(lab: Lab, points: int = 3) -> Any:
    """It comes home however it ends, as long as its stage moves at all."""
    stage, camera = bench(lab)
    return bpp.finalize_wrapper(bp.scan([camera], stage, 0, 4, points), lambda: bps.mv(stage, 0))


@few
@given(points=st.integers(2, 4), what=circumstances(camera=["trigger", "read"]))
def test_a_plan_of_a_user_obeys_the_laws(points: int, what: Circumstances) -> None:
    run = what.obey(lambda lab: careful_scan(lab, points))
    assert run.exit_status in ("success", "abort", "fail")


@few
@given(what=circumstances({"camera": ["trigger"]}, interrupted=["pause", "suspend", "abort", "stop"]))
def test_it_comes_home(what: Circumstances) -> None:
    lab = what.lab()
    run = what.run(lab, careful_scan(lab))
    run.assert_lawful()
    # The move that an abort cuts short fails, also for the clean-up, which then does not bring the stage home.
    is_aborted = "abort" in [interruption.do for interruption in what.interruptions]
    assert lab.device("stage").position == 0 or "halt" in what.on_pause or is_aborted


@few
@given(what=circumstances(stage=["set"], camera=["trigger"]))
def test_the_repr_is_the_code_that_makes_it(what: Circumstances) -> None:
    names = {made.__name__: made for made in (Circumstances, Fault, Interruption, Settings)}
    assert eval(repr(what), names) == what


@few
@given(what=circumstances(stage=["set"]))
def test_the_code_does_what_run_does(what: Circumstances) -> None:
    lab = what.lab()
    first = what.run(lab, careful_scan(lab))
    first_line, *rest = what.code().splitlines()
    names: dict[str, Any] = {"Lab": skyspan.Lab}
    exec(first_line, names)
    lab = names["lab"]
    plan = careful_scan(lab)
    exec("\n".join(rest), names)
    second = lab(plan)
    second = lab.halt() if second.paused else second
    assert (second.exit_status, second.duration_ns) == (first.exit_status, first.duration_ns)
    assert second.trace == first.trace


def test_all_kinds_come_up() -> None:
    seen: set[str] = set()

    @profile(few, max_examples=200)
    @given(faults({"stage": ["set"]}, max_size=3), interruptions(max_size=3))
    def gather(wrong: list[Fault], happens: list[Interruption]) -> None:
        seen.update(kind for fault in wrong for kind in fault.arguments())
        seen.update(interruption.do for interruption in happens)

    gather()
    assert seen >= {"raises", "fails", "after", "hangs", "late_by", "slow_by", "pause", "deferred_pause", "suspend", "abort", "halt"}


def test_a_run_that_is_no_run_of_skyspan_breaks_no_law() -> None:
    lab = Lab(chronicled=True)
    lab(careful_scan(lab)).assert_lawful()


@pytest.mark.parametrize(
    ("wrong", "kind", "said"),
    [
        (lambda: faults({}), ValueError, "expected devices by their names"),
        (lambda: faults({"stage": []}), ValueError, "expected devices by their names"),
        (lambda: faults({"stage": "set"}), TypeError, "expected a list of methods of 'stage', found 'set'"),
        (lambda: circumstances(stage=["sett"]), ValueError, "expected a method of devices (set, trigger"),
    ],
)
def test_what_cannot_go_wrong_is_told(wrong: Any, kind: type[Exception], said: str) -> None:
    with pytest.raises(kind) as error:
        wrong()
    assert said in str(error.value)


HEAD = """
import bluesky.plan_stubs as bps, bluesky.plans as bp, bluesky.preprocessors as bpp
from hypothesis import Phase, given, settings, strategies as st
from skyspan import Lab, every, none, one, span, total
from skyspan.hypothesis import circumstances

few = settings(
    max_examples=100, deadline=None, derandomize=True, database=None, print_blob=False, phases=[Phase.generate, Phase.shrink]
)

def bench(lab):
    return lab.motor("stage", velocity=2.0, acceleration_time=0.0), lab.detector("camera", exposure_time=0.5)

def careless(camera, stage):
    yield from bp.scan([camera], stage, 0, 4, 3)
    yield from bps.mv(stage, 0)
"""

#: Plans that are not as careful as they should be, and what hypothesis says of them: the shortest, as Python.
FAILING: dict[str, tuple[str, list[str]]] = {
    "a scan that leaves its stage": (
        """
@few
@given(what=circumstances(camera=["trigger"], interrupted=False))
def test_it(what):
    lab = what.lab()
    stage, camera = bench(lab)
    what.run(lab, careless(camera, stage))
    assert stage.position == 0
""",
        ["lab.device('camera').fault('trigger', nth=2, raises='refused')"],
    ),
    "a pause that becomes an abort": (
        """
@few
@given(what=circumstances(interrupted=["pause"], max_message=40))
def test_it(what):
    lab = what.lab()
    stage, camera = bench(lab)
    assert what.run(lab, careless(camera, stage)).exit_status == "success"
""",
        ["lab = Lab() lab.at_message(1).pause()"],
    ),
    "a wait without a timeout": (
        """
@few
@given(what=circumstances(stage=["set"], interrupted=False))
def test_it(what):
    lab = what.lab()
    stage, camera = bench(lab)
    run = what.run(lab, careless(camera, stage))
    assert not type(run.exception).__name__ == "Deadlock"
""",
        ["lab.device('stage').fault('set', nth=1, hangs=True)"],
    ),
    "a plan that is late": (
        """
@few
@given(what=circumstances(stage=["set"], interrupted=False))
def test_it(what):
    lab = what.lab()
    stage, camera = bench(lab)
    run = what.run(lab, careless(camera, stage))
    assert run.duration <= 6.0
""",
        ["lab.device('stage').fault('set', nth="],
    ),
    "the number of points": (
        """
@few
@given(points=st.integers(1, 50), what=circumstances(interrupted=False))
def test_it(points, what):
    lab = what.lab()
    stage, camera = bench(lab)
    run = what.run(lab, bp.count([camera], points))
    assert run.duration < 5.0
""",
        ["points=10,", "lab = Lab()"],
    ),
    "a span that must not fail": (
        """
@few
@given(what=circumstances(stage=["set"], interrupted=False))
def test_it(what):
    lab = what.lab()
    stage, camera = bench(lab)
    what.run(lab, careless(camera, stage)).expect(none(span(status="error")), none(span().has_attr("exception")))
""",
        ["lab.device('stage').fault('set', nth=", "is not as expected"],
    ),
    "a shutter that stays open": (
        """
@few
@given(what=circumstances(camera=["trigger"], interrupted=["abort"]))
def test_it(what):
    lab = what.lab()
    stage, camera = bench(lab)
    shutter = lab.shutter("shutter", opens_in=0.3, closes_in=0.3)
    def plan():
        yield from bps.mv(shutter, "Open")
        yield from bp.count([camera], 2)
        yield from bps.mv(shutter, "Close")
    what.run(lab, plan())
    assert shutter.read()["shutter"]["value"] != "Open"
""",
        ["in Python, behind what makes the devices:", "lab = Lab()"],
    ),
    "a retry that never gives up": (
        """
@few
@given(what=circumstances(camera=["trigger"], interrupted=False, max_size=4))
def test_it(what):
    lab = what.lab()
    stage, camera = bench(lab)
    def plan():
        failed = 0
        yield from bps.open_run()
        for _ in range(2):
            while True:
                try:
                    yield from bps.trigger_and_read([camera])
                    break
                except Exception:
                    failed += 1
        yield from bps.close_run()
        return failed
    run = what.run(lab, plan())
    assert run.result is None or run.result < 2
""",
        ["lab.device('camera').fault('trigger', nth=1, raises='refused')", "nth=2, raises='refused')"],
    ),
    "a law of one's own": (
        """
@few
@given(what=circumstances(interrupted=["suspend"], max_message=30))
def test_it(what):
    lab = what.lab()
    stage, camera = bench(lab)
    run = what.run(lab, careless(camera, stage))
    run.expect(every(span("Bluesky RunEngine wait")).lasting("..=1 s"), total(span("Ophyd Status", device_name="stage")).at_most("3 s"))
""",
        ["lab = Lab()", "device_name"],
    ),
    "metadata and arguments": (
        """
@few
@given(start=st.floats(-10, 10), stop=st.floats(-10, 10), what=circumstances(interrupted=False))
def test_it(start, stop, what):
    lab = what.lab()
    stage, camera = bench(lab)
    run = what.run(lab, bp.scan([camera], stage, start, stop, 3), sample="A")
    assert [event["data"]["stage"] for event in run.events] == sorted(event["data"]["stage"] for event in run.events)
""",
        ["start=1.0, stop=0.0,", "lab = Lab()"],
    ),
}


@pytest.mark.parametrize("name", FAILING)
def test_a_failing_property_prints_the_shortest_case_as_python(name: str, pytester: pytest.Pytester) -> None:
    test, said = FAILING[name]
    pytester.makepyfile(HEAD + test)
    result = pytester.runpytest_inprocess("-p", "no:cacheprovider", "-p", "no:pytest_opentelemetry", "-p", "no:asyncio", "-q")
    result.assert_outcomes(failed=1)
    shown = re.sub(r"\s+", " ", re.sub(r"^E? *\|? *", "", result.stdout.str(), flags=re.MULTILINE))
    # Its name depends on the version of hypothesis.
    assert re.search(r"(Falsifying example|Failing test case): test_it\(", shown), shown
    for line in said:
        assert re.sub(r"\s+", " ", line) in shown, shown
