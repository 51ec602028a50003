"""Every place where a plan can break: a plan is run once for each of its messages and each thing that can happen there."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Literal

from . import _core

Trouble = Literal["pause", "suspend", "abort", "stop", "halt", "fails", "hangs", "late", "callback", "lost"]
Verdict = Literal["as_before", "at_home", "excused", "left", "hung"]


@dataclass(frozen=True)
class Cell:
    """What came of one case."""

    case: str
    """Its number, as the map has it: ``map.case("172")`` runs it again, for its trace."""
    troubles: list[tuple[int, Trouble]]
    """What happened: numbers of messages, counted from 1, and what happened there."""
    verdict: Verdict
    """What it comes to."""
    leftovers: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])
    """What is left."""
    excused: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])
    """What is left, or hangs, and no plan could have helped: the ``excuse``, and the ``leftover`` if it is one."""
    hung: str | None = None
    """Why it would never have ended, if it would not."""
    exit_status: str = "success"
    """How the plan ended."""
    error: str | None = None
    """What came out of it."""

    @property
    def message(self) -> int:
        """The number of the message where it happened; 0 where nothing did but another order of what is due at one moment."""
        return self.troubles[0][0] if self.troubles else 0

    @property
    def trouble(self) -> Trouble | None:
        """What happened there."""
        return self.troubles[0][1] if self.troubles else None


class TortureMap:
    """What came of all cases. ``str`` is the map: a row for each message of the undisturbed run, a column for each trouble."""

    def __init__(self, made: _core.TortureMap, run_case: Callable[[str], _core.Tortured]) -> None:
        self._made = made
        self._run_case = run_case

    @property
    def is_well(self) -> bool:
        """Whether nothing is left in any case, and nothing hangs. What no plan could have helped does not count."""
        return self._made.is_well

    @property
    def findings(self) -> list[str]:
        """What is left and what hangs, all cases of one together, those first that come most often."""
        return self._made.findings

    @property
    def excused(self) -> list[str]:
        """What is left, or hangs, and no plan could have helped, in the same order; nothing where the plan is tortured strictly."""
        return self._made.excused

    @property
    def cells(self) -> list[Cell]:
        """What came of each case, in the order of the messages; then pairs, then other orders of what is due at one moment."""
        return [Cell(case, troubles, **came) for case, troubles, came in self._made.cases]

    def count(self, verdict: Verdict) -> int:
        """How many cases come to a verdict."""
        return self._made.count(verdict)

    def case(self, case: str) -> _core.Tortured:
        """Runs a case again, for its trace: ``print(map.case("172"))``. ValueError for what is none."""
        return self._run_case(case)

    def assert_home(self) -> None:
        """Raises AssertionError with the map if anything is left in any case, or hangs, that a plan could have helped."""
        __tracebackhide__ = True
        self._made.assert_home()

    def to_dict(self) -> dict[str, Any]:
        """All of it as plain values, as ``skyspan torture --json`` has it."""
        return self._made.to_dict()

    def __str__(self) -> str:
        return str(self._made)

    def __repr__(self) -> str:
        return repr(self._made)
