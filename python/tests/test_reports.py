"""Reports are byte for byte those of Rust: the snapshots are those of crates/skyspan-trace/tests/it/expect/same_in_python.rs."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

import skyspan
from skyspan import (
    Expectation,
    all_of,
    at_most,
    diff,
    every,
    exactly,
    forest,
    glob,
    if_any,
    none,
    one,
    share,
    span,
    total,
    tree,
)

FIXTURES = Path(__file__).parents[2] / "fixtures"

SET = span("Bluesky RunEngine set")
STATUS = span("Ophyd Status")
RUN = span("Bluesky RunEngine run")

SAME: dict[str, Expectation] = {
    "one": one(span("Bluesky RunEngine set", attributes={"msg.args": [6]})),
    "none": none(span("Ophyd Status", device_name=glob("mot*"))),
    "exactly": exactly(2, SET.child(span("Ophyd Status", device_name="motor"))),
    "at_most": at_most(1, SET).because("a scan of one point"),
    "every": every(STATUS).attr("device_name", "motor").ended(),
    "before": every(SET).before(every(RUN)),
    "if_any": if_any(SET).then(one(span("Bluesky RunEngine run", exit_status="fail"))),
    "all": all_of(one(span("pack")), one(SET.lasting("1 ns")), none(RUN)),
    "forest": forest([RUN, SET.times(2).children([STATUS]), span("unstage")]).or_more(),
    "total": total(SET).exactly(0),
    "share": share(STATUS).of(RUN).at_least(2),
    "parent": every(STATUS).parent(span("Bluesky RunEngine set", attributes={"msg.command": "trigger"})),
    "tree": tree("""
        Bluesky RunEngine run  exit_status=abort
        Bluesky RunEngine set {5}
          Ophyd Status  device_name=motor target=0..=1
        ...
    """),
}


def recordings(side: str) -> list[skyspan.Trace]:
    """Five recordings each, of a plan before and after a motor became slower."""
    return [skyspan.read(FIXTURES / "slower" / side / f"{number}.json.gz") for number in range(1, 6)]


def scan() -> skyspan.Trace:
    return skyspan.read(FIXTURES / "recordings" / "scan" / "spans.json")


#: What differs, as a text.
DIFFERENCES: dict[str, Callable[[], skyspan.TraceDiff]] = {
    "diff_several": lambda: diff(recordings("before"), recordings("after")),
    "diff_options": lambda: diff(
        recordings("before")[0], recordings("after")[0], slower=0.5, faster=0.0, without=[glob("msg.*")]
    ),
    "diff_structure": lambda: diff(scan(), skyspan.read(FIXTURES / "recordings" / "count" / "spans.json")),
    "diff_none": lambda: diff(scan(), scan()),
}


def kept(name: str) -> str:
    """The text of a snapshot, behind its header."""
    return (FIXTURES / "reports" / f"{name}.snap").read_text(encoding="utf-8").split("---\n", 2)[2].rstrip("\n")


@pytest.mark.parametrize("name", SAME)
def test_a_report_is_that_of_rust(name: str) -> None:
    trace = skyspan.read(FIXTURES / "recordings" / "scan" / "spans.json")
    mismatch = trace.check(SAME[name])
    assert mismatch is not None
    colored = mismatch.colored(100).replace("\x1b", "\\x1b")
    assert f"{mismatch}\n{colored}".rstrip("\n") == kept(name)
    with pytest.raises(AssertionError) as error:
        trace.expect(SAME[name])
    assert f"{error.value}\n" == str(mismatch)


@pytest.mark.parametrize("name", DIFFERENCES)
def test_a_difference_is_told_as_in_rust(name: str) -> None:
    assert str(DIFFERENCES[name]()).rstrip("\n") == kept(name)


def test_the_code_of_an_expectation_is_that_of_rust() -> None:
    assert scan().bless(as_="python").rstrip("\n") == kept("bless_python")
    code = scan().bless(as_="python", times=0, exact=True, all_attributes=True, without=[glob("*repr")])
    assert code.rstrip("\n") == kept("bless_python_all")


def test_none_is_missing() -> None:
    assert sorted([*SAME, *DIFFERENCES, "bless_python", "bless_python_all"]) == sorted(path.stem for path in (FIXTURES / "reports").glob("*.snap"))
