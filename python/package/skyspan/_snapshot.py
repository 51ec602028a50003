"""Snapshots: the shape of a trace in a file beside its test."""

from __future__ import annotations

import difflib
import re
from dataclasses import dataclass, field
from pathlib import Path


@dataclass
class Written:
    """What a run of pytest has written."""

    new: list[Path] = field(default_factory=list[Path])
    changed: list[Path] = field(default_factory=list[Path])


class Snapshots:
    """The snapshots of one test."""

    def __init__(self, test_file: Path, test: str, update: bool, written: Written) -> None:
        self._folder = test_file.parent / "snapshots" / test_file.stem
        # Parameters of a test may have any characters.
        self._test = re.sub(r"[^A-Za-z0-9_.\[\],=-]", "_", test)[:150]
        self._update = update
        self._written = written
        self._unnamed = 0

    def compare(self, shape: str, name: str | None) -> None:
        __tracebackhide__ = True
        path = self._path(name)
        before = path.read_text(encoding="utf-8") if path.exists() else None
        if before == shape:
            return
        if self._update:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(shape, encoding="utf-8", newline="\n")
            (self._written.new if before is None else self._written.changed).append(path)
            return
        shown = _shown(path)
        if before is None:
            raise AssertionError(f"there is no snapshot {shown}; `pytest --skyspan-update` writes this one:\n\n{shape.rstrip()}")
        # From the old to the new, as the shapes of other tools have it.
        lines = list(difflib.unified_diff(before.splitlines(), shape.splitlines(), n=3, lineterm=""))[2:]
        raise AssertionError(
            f"the trace is not that of the snapshot {shown}; where the change is meant, `pytest --skyspan-update` writes it\n"
            "- what the snapshot has, + what the trace has\n\n" + "\n".join(lines)
        )

    def _path(self, name: str | None) -> Path:
        if name is None:
            self._unnamed += 1
            behind = "" if self._unnamed == 1 else f"-{self._unnamed}"
        else:
            if not re.fullmatch(r"[A-Za-z0-9_.-]+", name):
                raise ValueError(f"the name of a snapshot has letters, digits, `_`, `.` and `-`, found {name!r}")
            behind = f"-{name}"
        return self._folder / f"{self._test}{behind}.txt"


def _shown(path: Path) -> str:
    try:
        return str(path.relative_to(Path.cwd()))
    except ValueError:
        return str(path)
