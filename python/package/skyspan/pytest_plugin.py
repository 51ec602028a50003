"""The plugin of pytest: the fixtures ``spans`` and ``received``, their colours, snapshots.

pytest finds it by its entry point; nothing needs to be imported or configured.
"""

from __future__ import annotations

from collections.abc import Generator, Iterator
from pathlib import Path
from typing import Any

import pytest
from _pytest._code.code import ExceptionChainRepr, ReprEntry, ReprExceptionInfo
from _pytest._io import TerminalWriter

from . import _core
from ._lab import Lab
from ._snapshot import Snapshots, Written
from ._spans import Spans, watch

_WRITTEN = pytest.StashKey[Written]()
_CAUGHT = pytest.StashKey[Spans]()
#: Before the lines of an error pytest writes so much.
_MARGIN = 8
#: A longer tree is cut where a test failed for another reason.
_LINES_MAX = 60


def pytest_addoption(parser: pytest.Parser) -> None:
    """Adds ``--skyspan-update``."""
    parser.getgroup("skyspan").addoption(
        "--skyspan-update", action="store_true", help="write the snapshots of `spans.expect_snapshot()`"
    )


def pytest_configure(config: pytest.Config) -> None:
    """Notes what is written in this run."""
    config.stash[_WRITTEN] = Written()
    if hasattr(config, "workerinput"):
        return  # It prints nothing itself.
    config.pluginmanager.register(_Painter(), "skyspan-painter")
    if config.pluginmanager.hasplugin("xdist"):
        config.pluginmanager.register(_Workers(), "skyspan-workers")


@pytest.fixture
def spans(request: pytest.FixtureRequest) -> Iterator[Spans]:
    """Every span that the test emits, from anywhere in the process: ``spans.expect(one(span("work")))``.

    It begins with the body of the test. Where a fixture asks for it, it begins there instead.
    """
    node: Any = request.node
    config = request.config
    caught = Spans()
    caught._snapshots = Snapshots(
        Path(node.path), node.name, bool(config.getoption("--skyspan-update")), config.stash[_WRITTEN]
    )
    if config.pluginmanager.hasplugin("pytest_opentelemetry"):
        caught._ignore("pytest-opentelemetry")
    if not _is_wanted_by_a_fixture(node):
        node.stash[_CAUGHT] = caught
    with _no_parent(), caught:
        yield caught


@pytest.fixture
def lab() -> Lab:
    """A lab of the test's own: ``run = lab(bp.scan([det], motor, 0, 10, 6))``."""
    return Lab()


@pytest.fixture(scope="session")
def receiver() -> Iterator[_core.Received]:
    """A receiver of OTLP that all tests of this process share, for servers that outlive a test: ``receiver.environment``."""
    with _core.receive() as received:
        yield received


@pytest.fixture
def received(receiver: _core.Received) -> _core.ReceivedByTest:
    """What other processes emit because of this test: requests carry ``received.headers``, programs its ``environment``."""
    return receiver.test()


def _is_wanted_by_a_fixture(node: Any) -> bool:
    info = getattr(node, "_fixtureinfo", None)
    definitions = getattr(info, "name2fixturedefs", {})
    return any("spans" in definition.argnames for of_name in definitions.values() for definition in of_name)


class _no_parent:
    """No span of another plugin, such as one around each test, is the parent of all that the test emits."""

    def __enter__(self) -> None:
        from opentelemetry import context, trace

        self._token: Any = None
        if trace.get_current_span().get_span_context().is_valid:
            self._token = context.attach(trace.set_span_in_context(trace.INVALID_SPAN))

    def __exit__(self, *_: object) -> None:
        from opentelemetry import context

        if self._token is not None:
            context.detach(self._token)


@pytest.hookimpl(wrapper=True, trylast=True)
def pytest_fixture_setup(fixturedef: pytest.FixtureDef[Any]) -> Generator[None, object, object]:
    """What a fixture emits that asks for the spans has no parent either."""
    if "spans" not in fixturedef.argnames:
        return (yield)
    with _no_parent():
        return (yield)


@pytest.hookimpl(wrapper=True, trylast=True)
def pytest_pyfunc_call(pyfuncitem: pytest.Function) -> Generator[None, object, object]:
    """Forgets what the fixtures emitted: the test begins."""
    if "spans" not in pyfuncitem.fixturenames:
        return (yield)
    # A fixture may have set another provider meanwhile.
    watch()
    caught = pyfuncitem.stash.get(_CAUGHT, None)
    if caught is not None:
        caught._forget_open()
        caught.clear()
    with _no_parent():
        return (yield)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Keeps the coloured report, and draws the spans where a test failed for another reason."""
    report = yield
    if call.excinfo is not None and report.failed:
        mismatch = getattr(call.excinfo.value, "mismatch", None)
        if isinstance(mismatch, _core.Mismatch):
            # A report goes as JSON from a worker of pytest-xdist to the terminal.
            vars(report)["skyspan_colored"] = mismatch.colored(_width(item.config))
        elif call.when == "call":
            arguments: dict[str, Any] = getattr(item, "funcargs", {})
            for name, title in (("spans", "Captured spans call"), ("received", "Received spans call")):
                caught = arguments.get(name)
                if isinstance(caught, Spans | _core.ReceivedByTest) and len(caught) > 0:
                    report.sections.append((title, _cut(str(caught))))
    return report


def _cut(text: str) -> str:
    lines = text.splitlines()
    if len(lines) > _LINES_MAX:
        lines[_LINES_MAX:] = [f"... {len(lines) - _LINES_MAX} more"]
    return "\n".join(lines)


def _width(config: pytest.Config) -> int:
    worker: dict[str, Any] = getattr(config, "workerinput", {})
    width = worker.get("skyspan_width") or config.get_terminal_writer().fullwidth
    return int(width) - _MARGIN


class _Workers:
    """Tells the workers of pytest-xdist how wide the terminal is."""

    @pytest.hookimpl(optionalhook=True)
    def pytest_configure_node(self, node: Any) -> None:
        node.workerinput["skyspan_width"] = node.config.get_terminal_writer().fullwidth


class _ColoredEntry(ReprEntry):
    """The place of an error whose text has colours of its own, where colours are wanted."""

    colored: list[str]

    def _write_entry_lines(self, tw: TerminalWriter) -> None:
        first = next((at for at, line in enumerate(self.lines) if line.startswith("E   ")), len(self.lines))
        rest = self.lines[first:]
        if not tw.hasmarkup or len(rest) != len(self.colored):
            return super()._write_entry_lines(tw)
        lines, self.lines = self.lines, self.lines[:first]
        super()._write_entry_lines(tw)
        self.lines = lines
        for plain, colored in zip(rest, self.colored):
            margin = plain[: 1 + len(plain[1:]) - len(plain[1:].lstrip(" "))]
            head = "E" + plain[1:_MARGIN] if len(margin) >= _MARGIN else margin
            name = "AssertionError: " if plain.lstrip("E ").startswith("AssertionError: ") else ""
            tw.write(head, bold=True, red=True)
            tw.line(name + colored)


class _Painter:
    """Puts the coloured report in the place of the plain one, for terminals alone."""

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        colored = getattr(report, "skyspan_colored", None)
        if colored is None or not isinstance(report.longrepr, ReprExceptionInfo | ExceptionChainRepr):
            return
        entries: Any = report.longrepr.reprtraceback.reprentries
        if not entries or type(entries[-1]) is not ReprEntry:
            return
        plain = entries[-1]
        entry = _ColoredEntry(plain.lines, plain.reprfuncargs, plain.reprlocals, plain.reprfileloc, plain.style)
        entry.colored = colored.rstrip("\n").split("\n")
        entries[-1] = entry


def pytest_terminal_summary(terminalreporter: Any, config: pytest.Config) -> None:
    """Tells which snapshots were written."""
    written = config.stash[_WRITTEN]
    for what, paths in (("new", written.new), ("changed", written.changed)):
        if paths:
            terminalreporter.write_sep("-", f"skyspan: {len(paths)} {what} snapshot{'s' if len(paths) > 1 else ''}")
            for path in paths:
                terminalreporter.write_line(str(path))
