"""How long a plan would take with devices that are otherwise."""

from __future__ import annotations

from dataclasses import dataclass

from . import _core


@dataclass(frozen=True)
class Alternative:
    """How long a plan would take with an option of a device changed."""

    change: str
    """What is otherwise, as it is written: ``stage.velocity=4``."""
    in_words: str
    """The same with what it is now: ``stage.velocity 2 → 4``."""
    estimate: _core.Estimate
    """How long it takes then, and where the time goes."""

    @property
    def duration(self) -> float:
        """How long it would take, in seconds."""
        return self.estimate.duration


@dataclass(frozen=True)
class WhatIf:
    """How long a plan takes, and how long with devices that are otherwise, those first that save most. ``str`` is a table."""

    estimate: _core.Estimate
    """How long it takes as it is, and where the time goes."""
    alternatives: list[Alternative]
    """The same with each of the changes."""

    @property
    def duration(self) -> float:
        """How long it takes as it is, in seconds."""
        return self.estimate.duration

    def __str__(self) -> str:
        rows = [("what if", "duration", "saved", "", "")]
        for in_words, estimate in [
            ("as it is", self.estimate),
            *((other.in_words, other.estimate) for other in self.alternatives),
        ]:
            saved = self.duration - estimate.duration
            share = f"{100 * saved / self.duration:.1f} %" if self.duration and estimate is not self.estimate else ""
            fails = "" if estimate.exception is None else "(fails)"
            told = "" if estimate is self.estimate else f"{saved:.6g} s"
            rows.append((in_words, f"{estimate.duration:.6g} s", told, share, fails))
        widths = [max(len(row[column]) for row in rows) for column in range(5)]
        lines = (
            "  ".join(
                [row[0].ljust(widths[0]), *(cell.rjust(width) for cell, width in zip(row[1:], widths[1:], strict=True))]
            ).rstrip()
            for row in rows
        )
        return "\n".join(lines) + "\n"
