"""Plans of Python do the same on bluesky's RunEngine and on skyspan's: documents, messages, spans, exit statuses."""

from __future__ import annotations

import json
from pathlib import Path

import facilities
import interruptions
import jobs
import plans
import pytest
import stubs
import wrappers
from both import differences
from case import CASES, Case

#: Which of two threads of bluesky is first may differ once in a while; skyspan is always the same.
ATTEMPTS = 3
AREAS = (plans, stubs, wrappers, jobs, facilities, interruptions)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_both_do_the_same(case: Case, tmp_path: Path) -> None:
    for attempt in range(ATTEMPTS):
        found = differences(case, tmp_path / str(attempt))
        if not found:
            return
    pytest.fail("\n".join(found[:30]), pytrace=False)


def test_there_are_enough_of_each() -> None:
    numbers = {area.__name__: sum(case.name.startswith(area.__name__) for case in CASES) for area in AREAS}
    assert sum(numbers.values()) == len(CASES) >= 60, json.dumps(numbers)
    assert numbers["jobs"] == 12 and min(numbers.values()) >= 10


def test_what_differs_on_purpose_stands_in_the_list() -> None:
    listed = (Path(__file__).parents[2] / "DIFFERENCES.md").read_text(encoding="utf-8")
    for row in {row for case in CASES for row in (*case.differs.values(), *case.may_differ.values())}:
        assert f"| {row} |" in listed, f"DIFFERENCES.md has no row that begins with {row!r}"
