"""Every place where a plan can break: a plan is run once for each of its messages and each thing that can happen there."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, cast

from . import _core

Trouble = Literal["pause", "suspend", "abort", "stop", "halt", "fails", "hangs", "late", "callback", "lost"]
Verdict = Literal["as_before", "at_home", "left", "hung"]


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
        """Whether nothing is left in any case, and nothing hangs."""
        return self._made.is_well

    @property
    def findings(self) -> list[str]:
        """What is left and what hangs, all cases of one together, those first that come most often."""
        return self._made.findings

    @property
    def cells(self) -> list[Cell]:
        """What came of each case, in the order of the messages; then pairs, then other orders of what is due at one moment."""
        return [Cell(case, troubles, **{name: _text(value) for name, value in came.items()}) for case, troubles, came in self._made.cases]

    def count(self, verdict: Verdict) -> int:
        """How many cases come to a verdict."""
        return self._made.count(verdict)

    def case(self, case: str) -> _core.Tortured:
        """Runs a case again, for its trace: ``print(map.case("172"))``. ValueError for what is none."""
        return self._run_case(case)

    def assert_home(self) -> None:
        """Raises AssertionError with the map if anything is left in any case, or hangs."""
        __tracebackhide__ = True
        self._made.assert_home()

    def to_dict(self) -> dict[str, Any]:
        """All of it as plain values, as ``skyspan torture --json`` has it."""
        return self._made.to_dict()

    def __str__(self) -> str:
        return str(self._made)

    def __repr__(self) -> str:
        return repr(self._made)


def _text(value: Any) -> Any:
    if not isinstance(value, Mapping):
        return value
    words = cast("Mapping[str, Any]", value)
    return next(iter(words)) if len(words) == 1 else words
