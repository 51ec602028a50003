"""The plugin as users have it: what failing tests print, snapshots, and other plugins beside it."""

from __future__ import annotations

import importlib.util
import re
from pathlib import Path

import pytest

SHOP = '''
import pytest
from opentelemetry import trace
from skyspan import every, exactly, none, one, span, total, tree

tracer = trace.get_tracer("shop")

def order(cards=("visa",)):
    with tracer.start_as_current_span("order", attributes={"customer": "ada", "items": 3}):
        tracer.start_span("reserve", attributes={"row": 7}).end()
        for card in cards:
            with tracer.start_as_current_span("charge", attributes={"card": card}) as charge:
                if card == "none":
                    charge.set_status(trace.StatusCode.ERROR, "declined")
'''


#: Plugins that have tests of their own.
QUIET = ["-p", "no:pytest_opentelemetry", "-p", "no:asyncio", "-p", "no:logfire"]


def outcome(pytester: pytest.Pytester, test: str, *options: str) -> str:
    """What pytest prints for a test file, without times."""
    pytester.makepyfile(SHOP + test)
    # A process of its own takes a second and more.
    result = pytester.runpytest_inprocess("-p", "no:cacheprovider", *QUIET, *options)
    return re.sub(r" +\d+(\.\d+)? (ns|µs|ms|s)\b", " TIME", result.stdout.str())


#: A test that fails, and lines that its output has, in order.
FAILING = {
    "too few": (
        "def test_it(spans):\n    order()\n    spans.expect(exactly(2, span('charge')))\n",
        [
            ">       spans.expect(exactly(2, span('charge')))",
            "E       AssertionError: the trace is not as expected: 1 span is missing",
            'E       expected exactly 2 spans "charge", found 1',
            "E         ✓ └ charge TIME",
        ],
    ),
    "wrong attribute": (
        "def test_it(spans):\n    order()\n    spans.expect(one(span('charge', card='amex')))\n",
        [
            'E       expected exactly 1 span "charge" with card="amex", found none',
            'card: expected "amex", found "visa"',
        ],
    ),
    "a number that is a text": (
        "def test_it(spans):\n    order()\n    spans.expect(one(span('order', items='3')))\n",
        ['items: expected "3", found 3'],
    ),
    "forbidden": (
        "def test_it(spans):\n    order(['visa', 'none'])\n    spans.expect(none(span(status='error')))\n",
        ["E       AssertionError: the trace is not as expected: 1 span is not expected", "E         - └ charge TIME"],
    ),
    "every": (
        "def test_it(spans):\n    order()\n    spans.expect(every(span('charge')).lasting(at_least=1))\n",
        ["E         ✗ └ charge TIME", "duration: expected at least TIME, found TIME"],
    ),
    "order": (
        "def test_it(spans):\n    order()\n    spans.expect(every(span('charge')).before(every(span('reserve'))))\n",
        ["order: expected that it ends before every span"],
    ),
    "tree": (
        'def test_it(spans):\n    order()\n    spans.expect_tree("""\n        order\n          reserve\n          pay\n    """)\n',
        ["✓ order", "├ reserve", "├ charge", "└ pay*missing"],
    ),
    "total": (
        "def test_it(spans):\n    order()\n    spans.expect(total(span('charge')).within(at_least=1))\n",
        ["a total is off", 'expected that all spans "charge" take at least TIME in total, found TIME over 1 span'],
    ),
    "because": (
        "def test_it(spans):\n    order()\n    spans.expect(one(span('pack')).because('nothing is sent without a parcel'))\n",
        ["E       nothing is sent without a parcel", "E         + pack"],
    ),
    "all at once": (
        "def test_it(spans):\n    order()\n    spans.expect(one(span('pack')), none(span('charge')), span('order', customer='eve'))\n",
        ["E       AssertionError: the trace is not as expected: ", 'customer: expected "eve", found "ada"'],
    ),
    "another reason": (
        "def test_it(spans):\n    order()\n    assert len(spans) == 5\n",
        [
            "E       assert 3 == 5",
            "*Captured spans call*",
            "3 spans*",
            'order*customer=*items=3*',
            "├ reserve*row=7",
        ],
    ),
    "no tree": (
        'def test_it(spans):\n    order()\n    spans.expect_tree("order\\n     charge")\n',
        ["E       ValueError: the text is no tree: line 2, column 6: *", "E         |      charge", "E         |      ^"],
    ),
}


@pytest.mark.parametrize("name", FAILING)
def test_a_failing_test_shows_the_trace_and_what_is_wrong_with_it(name: str, pytester: pytest.Pytester) -> None:
    test, lines = FAILING[name]
    plain = outcome(pytester, test)
    pytester_lines = pytest.LineMatcher(plain.splitlines())
    pytester_lines.fnmatch_lines([f"*{line}*" if not line.startswith(("E", ">", "*")) else f"{line}*" for line in lines])
    assert "\x1b" not in plain
    colored = outcome(pytester, test, "--color=yes")
    without = re.sub(r"\x1b\[[0-9;]*m", "", colored)
    for line in lines[:1]:
        assert line.strip("*").split("TIME")[0].strip() in without
    if name not in {"another reason", "no tree"}:
        assert "\x1b[1mthe trace is not as expected" in colored


def test_colours_stay_out_of_files(pytester: pytest.Pytester) -> None:
    test, _ = FAILING["too few"]
    outcome(pytester, test, "--color=yes", "--junitxml=report.xml")
    report = (pytester.path / "report.xml").read_text(encoding="utf-8")
    assert "expected exactly 2 spans" in report
    assert "\x1b" not in report and "#x1B" not in report


@pytest.mark.parametrize("style", ["short", "line", "native", "no", "auto", "long"])
def test_each_style_of_traceback_shows_the_report(style: str, pytester: pytest.Pytester) -> None:
    test, _ = FAILING["too few"]
    shown = outcome(pytester, test, f"--tb={style}", "--color=yes")
    assert "1 failed" in re.sub(r"\x1b\[[0-9;]*m", "", shown)
    assert ("the trace is not as expected" in shown) or style == "no"


def test_the_test_begins_with_its_body(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        SHOP
        + """
@pytest.fixture
def device():
    order()
    yield
    order()

def test_after(spans, device):
    assert len(spans) == 0
    order()
    assert len(spans) == 3

def test_before(device, spans):
    assert len(spans) == 0

@pytest.fixture
def ordered(spans):
    order()
    return spans

def test_a_fixture_that_asks_for_spans_keeps_them(ordered, spans, device):
    assert ordered is spans
    spans.expect(exactly(2, span("order")))
"""
    )
    pytester.runpytest_subprocess("-p", "no:pytest_opentelemetry").assert_outcomes(passed=3)


def test_snapshots_are_written_and_compared(pytester: pytest.Pytester) -> None:
    test = """
@pytest.mark.parametrize("card", ["visa", "a/b c"])
def test_it(spans, card):
    order([CARD or card])
    spans.expect_snapshot()
    spans.expect_snapshot("tree", of=spans.trace(), without=["row"])
    spans.expect_snapshot()
CARD = None
"""
    missing = outcome(pytester, test)
    assert "there is no snapshot snapshots" in missing and "`pytest --skyspan-update` writes this one:" in missing
    assert not (pytester.path / "snapshots").exists()
    written = outcome(pytester, test, "--skyspan-update")
    assert "skyspan: 6 new snapshots" in written and "2 passed" in written
    files = sorted(path.name for path in pytester.path.glob("snapshots/*/*.txt"))
    assert files == [
        "test_it[a_b_c]-2.txt",
        "test_it[a_b_c]-tree.txt",
        "test_it[a_b_c].txt",
        "test_it[visa]-2.txt",
        "test_it[visa]-tree.txt",
        "test_it[visa].txt",
    ]
    text = next(pytester.path.glob("snapshots/*/test_it[[]visa].txt")).read_text(encoding="utf-8")
    assert text == 'order  customer="ada" items=3\n  reserve  row=7\n  charge  card="visa"\n'
    assert "2 passed" in outcome(pytester, test)
    changed = outcome(pytester, test.replace("CARD = None", "CARD = 'amex'"))
    matcher = pytest.LineMatcher(changed.splitlines())
    matcher.fnmatch_lines(
        [
            "E       AssertionError: the trace is not that of the snapshot snapshots*; where the change is meant, *",
            'E       -  charge  card="visa"',
            'E       +  charge  card="amex"',
        ]
    )
    assert "__tracebackhide__" not in changed and "_snapshot.py" not in changed
    again = outcome(pytester, test.replace("CARD = None", "CARD = 'amex'"), "--skyspan-update")
    assert "skyspan: 6 changed snapshots" in again


def test_a_name_of_a_snapshot_is_no_path(pytester: pytest.Pytester) -> None:
    shown = outcome(pytester, "def test_it(spans):\n    spans.expect_snapshot('../x')\n")
    assert "the name of a snapshot has letters, digits" in shown


def needs(module: str) -> pytest.MarkDecorator:
    return pytest.mark.skipif(importlib.util.find_spec(module) is None, reason=f"{module} is not installed")


@needs("xdist")
def test_beside_xdist(pytester: pytest.Pytester) -> None:
    test = "".join(
        f"def test_{at}(spans):\n    order()\n    spans.expect(exactly({1 if at else 2}, span('order')))\n" for at in range(8)
    )
    shown = outcome(pytester, test, "-n2", "--color=yes")
    assert "7 passed" in re.sub(r"\x1b\[[0-9;]*m", "", shown)
    assert "\x1b[1mthe trace is not as expected: 1 span is missing" in shown


@needs("pytest_asyncio")
def test_beside_asyncio(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        SHOP
        + """
import asyncio

@pytest.fixture
async def service():
    order()
    yield
    order()

@pytest.mark.asyncio
async def test_tasks(service, spans):
    async def work():
        await asyncio.sleep(0)
        order()
    with tracer.start_as_current_span("outer"):
        await asyncio.gather(work(), asyncio.create_task(work()), asyncio.to_thread(order))
    spans.expect(exactly(3, span("order").parent(span("outer"))), one(span("outer").is_root()))

@pytest.mark.asyncio
async def test_alone(spans):
    order()
    spans.expect(tree("order\\n  ..."))
"""
    )
    result = pytester.runpytest_subprocess("-p", "no:pytest_opentelemetry", "-o", "asyncio_mode=auto")
    result.assert_outcomes(passed=2)


@needs("pytest_opentelemetry")
def test_beside_pytest_opentelemetry(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        SHOP
        + """
@pytest.fixture
def ordered(spans):
    order()

def test_roots(spans):
    order()
    spans.expect(tree("order  customer=ada\\n  reserve\\n  charge"))
    assert spans.trace().defects == []

def test_in_a_fixture(ordered, spans):
    spans.expect(tree("order\\n  reserve\\n  charge"))
    assert spans.trace().defects == []
"""
    )
    result = pytester.runpytest_subprocess("-p", "no:cacheprovider", "-p", "no:asyncio")
    result.assert_outcomes(passed=2)


@needs("syrupy")
def test_beside_syrupy(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> None:
    # In a worker of pytest-xdist it does not tell what it wrote.
    monkeypatch.delenv("PYTEST_XDIST_WORKER", raising=False)
    test = """
from skyspan.syrupy import TraceExtension

@pytest.fixture
def snapshot(snapshot):
    return snapshot.use_extension(TraceExtension)

def test_it(spans, snapshot):
    order()
    assert spans == snapshot
    assert spans.trace() == snapshot
    assert {"other": 1} == snapshot
"""
    assert "3 snapshots generated" in outcome(pytester, test, "--snapshot-update")
    [file] = pytester.path.glob("__snapshots__/*.ambr")
    assert '    charge  card="visa"' in file.read_text(encoding="utf-8")
    assert "3 snapshots passed" in outcome(pytester, test)
    changed = outcome(pytester, test.replace("    order()\n", "    order(['amex'])\n"))
    assert '-   charge  card="visa"' in changed and '+   charge  card="amex"' in changed


@needs("logfire")
def test_beside_logfire(pytester: pytest.Pytester, tmp_path: Path) -> None:
    pytester.makepyfile(
        SHOP
        + """
import logfire

logfire.configure(send_to_logfire=False, console=False)

def test_it(spans):
    with logfire.span("hello {name}", name="ada"):
        order()
    spans.expect(one(span("hello {name}", name="ada").child(span("order")).ended()))
    assert len(spans) == 4
"""
    )
    pytester.runpytest_subprocess("-p", "no:pytest_opentelemetry").assert_outcomes(passed=1)
