"""The words in Python that the page gives for spans, as the browser test has copied them: they run, and hold."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

import skyspan

ROOT = Path(__file__).parents[2]
WORDS = ROOT / "crates/skyspan-trace/tests/it/page/words"
TRACES = {
    "recorded": ROOT / "fixtures/recordings/grid_scan/spans.json",
    "service": ROOT / "crates/skyspan-trace/page/test/service.json",
}


def statements(name: str) -> list[str]:
    """Each assertion that was copied, alone."""
    text = (WORDS / f"{name}.py").read_text(encoding="utf-8")
    return [ast.unparse(statement) for statement in ast.parse(text).body]


@pytest.mark.parametrize("name", TRACES)
def test_the_words_of_the_page_hold_and_each_says_something(name: str) -> None:
    trace = skyspan.read(TRACES[name])
    nothing = skyspan.loads("[]", empty=True)
    copied = statements(name)
    assert len(copied) > 10
    for code in copied:
        exec(code, {"trace": trace, "span": skyspan.span})
        with pytest.raises(AssertionError):
            exec(code, {"trace": nothing, "span": skyspan.span})
