"""Laws that run a plan again, in other circumstances or with something around it: what ``Circumstances.obey`` holds a plan against.

They are those of skyspan's ``property::laws`` that one run cannot tell; ``Run.assert_lawful`` has the others.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable, Generator, Iterable
from typing import Any, TypeAlias, cast

from ._core import Run
from ._lab import Lab
from ._lab_devices import message
from ._lab_errors import Deadlock

#: Runs a plan on a new lab, with something around it; gives the lab, what came of it, and whether the plan was closed before its end.
Again: TypeAlias = Callable[[Callable[[Any], Any]], "tuple[Lab, Run, bool]"]
_Plan: TypeAlias = Generator[Any, Any, Any]


def as_it_is(plan: Any) -> Any:
    """Nothing around a plan."""
    return plan


def watched(plan: Iterable[Any], closed: list[bool]) -> Any:
    """The plan, which notes that it is closed before its end: by a halt, or as nothing can go on."""
    if not hasattr(plan, "send"):
        return plan

    def inner() -> _Plan:
        try:
            result = cast("Any", (yield from cast("Any", plan)))
            return result
        except GeneratorExit:
            closed.append(True)
            raise

    return _named(inner(), plan)


def _named(generator: Any, after: Any) -> Any:
    # A start document has the name of the plan.
    generator.__name__ = getattr(after, "__name__", generator.__name__)
    return generator


def _preprocessors() -> Any:
    return importlib.import_module("bluesky.preprocessors")


def the_same_seed_gives_the_same(first: Run, again: Again) -> None:
    """Run again with the same seed, a plan leaves the same spans, documents and messages."""
    _, second, _ = again(as_it_is)
    _same(first, second, "the same seed gives the same")


def _same(first: Run, second: Run, law: str) -> None:
    for what in ("documents", "messages"):
        assert repr(getattr(first, what)) == repr(getattr(second, what)), f"{law} {what}"
    assert first.trace.dump() == second.trace.dump(), f"{law} spans"


def _adds_nothing(_: Any) -> tuple[None, None]:
    return None, None


def a_preprocessor_that_changes_nothing_changes_nothing(first: Run, again: Again) -> None:
    """With a ``msg_mutator`` that gives each message back and a ``plan_mutator`` that adds none, a plan leaves the same."""
    bpp = _preprocessors()
    def neutral(plan: Any) -> Any:
        if not hasattr(plan, "send"):
            return plan
        mutated: Any = bpp.msg_mutator(plan, as_it_is)
        return _named(bpp.plan_mutator(mutated, _adds_nothing), plan)

    _, second, _ = again(neutral)
    _same(first, second, "a preprocessor that changes nothing gives the same")


def a_finalizer_always_runs(first: Run, again: Again) -> None:
    """The plan of a ``finalize_wrapper`` is run in the end, after success, failure, stop and abort; after a halt it is not."""
    bpp = _preprocessors()
    marks: list[bool] = []

    def mark() -> _Plan:
        marks.append(True)
        yield message("null", None, (), {}, None)

    _, run, was_closed = again(lambda plan: bpp.finalize_wrapper(_generator(plan), mark))
    is_stuck = isinstance(run.exception, Deadlock)
    assert marks or was_closed or is_stuck, "a finalizer always runs: it was not run"


def _generator(plan: Iterable[Any]) -> Any:
    return plan if hasattr(plan, "send") else (msg for msg in plan)


def reset_positions_come_home(first: Run, again: Again) -> None:
    """A plan that succeeds within ``reset_positions_wrapper`` leaves every motor where it was before."""
    bpp = _preprocessors()
    if any(msg.command in ("kickoff", "stop") for msg in first.messages):
        return
    lab, run, _ = again(lambda plan: bpp.reset_positions_wrapper(_generator(plan)))
    if run.exit_status != "success":
        return
    # One that was made by the plan has no place where it was.
    untouched, _, _ = again(_nothing_of)
    before = _positions(untouched)
    for name, position in _positions(lab).items():
        was = before.get(name, position)
        assert abs(position - was) < 1e-9, f"reset positions come home: {name} was at {was}, and is at {position}"


def _nothing_of(plan: Any) -> tuple[()]:
    """No plan in place of one."""
    if hasattr(plan, "close"):
        plan.close()  # One that is dropped before it has begun warns of that (`bluesky.utils.Plan`).
    return ()


def _positions(lab: Lab) -> dict[str, float]:
    found: dict[str, float] = {}
    for name in lab.devices:
        position = getattr(lab.device(name), "position", None)
        if isinstance(position, (int, float)):
            found[name] = float(position)
    return found


_SECOND: list[tuple[str, tuple[float, ...]]] = [("open_run", ()), ("sleep", (1.0,)), ("close_run", ())]


def a_second_call_works(first: Run, again: Again) -> None:
    """After any call the next one starts anew: it succeeds, takes its own time, and has its own spans and documents alone."""
    lab, run, _ = again(as_it_is)
    assert lab.state == "idle", f"the engine is idle afterwards: it is {lab.state}"
    if any(msg.command == "install_suspender" for msg in run.messages):
        return  # What keeps a plan waiting is of the first call.
    for name in lab.devices:
        lab.device(name).mend()
    second = lab([message(command, None, args, {}, None) for command, args in _SECOND])
    law = "a second call works"
    assert second.exit_status == "success", f"{law}: it ended with {second.exit_status}, {second.exception!r}"
    names = [name for name, _ in second.documents if name not in ("descriptor", "event")]
    assert names == ["start", "stop"], f"{law}: its documents are {names}"
    assert len(second.messages) == 3, f"{law}: its messages are {second.messages}"
    assert second.duration_ns == 1_000_000_000, f"{law}: it took {second.duration} s and not one second"


ALWAYS = (
    the_same_seed_gives_the_same,
    a_preprocessor_that_changes_nothing_changes_nothing,
    a_finalizer_always_runs,
    a_second_call_works,
)
#: Of plans to which nothing happens.
UNDISTURBED = (reset_positions_come_home,)
