"""Each page for users is a test: its code runs as it stands, and prints what it says."""

from __future__ import annotations

import importlib.util
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md")), ROOT.parent / "README.md"]
#: What a page needs besides.
NEEDS = {
    "README.md": "ophyd",
    "bluesky.md": "ophyd",
    "plans.md": "ophyd",
    "properties.md": "hypothesis",
    "services.md": "flask",
    "snapshots.md": "syrupy",
    "files.md": "requests",
}
#: numpy, which bluesky brings, cannot be loaded twice in a process.
OWN_PROCESS = ("README.md", "bluesky.md", "plans.md", "properties.md")


def blocks(page: Path, language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", page.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)


def without_times(text: str) -> str:
    text = re.sub(r"[0-9a-f]{8}-[0-9a-f-]{27}", "UID", text)
    text = re.sub(r" +\d+(\.\d+)? (ns|µs|ms|s)\b", " TIME", text)
    return re.sub(r"[ \t]+", " ", text)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT.parent)))
def test_a_page_is_true(page: Path, pytester: pytest.Pytester) -> None:
    needed = NEEDS.get(page.name)
    if needed and importlib.util.find_spec(needed) is None:
        pytest.skip(f"{needed} is not installed")
    code = "\n".join(blocks(page, "python"))
    assert "def test_" in code
    pytester.makepyfile(code)
    options = ["-p", "no:pytest_opentelemetry", "-p", "no:cacheprovider", "-p", "no:asyncio"]
    run = pytester.runpytest_subprocess if page.name in OWN_PROCESS else pytester.runpytest_inprocess
    if page.name == "snapshots.md":
        pytester.runpytest_inprocess(*options, "--skyspan-update", "--snapshot-update")
    result = run(*options)
    failing = len(re.findall(r"^def test_fails_", code, re.MULTILINE))
    passing = len(re.findall(r"^def test_", code, re.MULTILINE)) - failing
    result.assert_outcomes(passed=passing, failed=failing)
    shown = without_times(result.stdout.str())
    for text in blocks(page, "text"):
        if text.startswith("E "):
            wanted = "\n".join(line.rstrip() for line in without_times(text).splitlines())
            assert wanted in "\n".join(line.rstrip() for line in shown.splitlines()), shown
