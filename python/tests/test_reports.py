"""Reports are byte for byte those of Rust: the snapshots are those of crates/skyspan-trace/tests/it/expect/same_in_python.rs."""

from __future__ import annotations

from pathlib import Path

import pytest

import skyspan
from skyspan import (
    Expectation,
    all_of,
    at_most,
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


def test_none_is_missing() -> None:
    assert sorted(SAME) == sorted(path.stem for path in (FIXTURES / "reports").glob("*.snap"))
