"""Property tests with hypothesis: what goes wrong with devices, and what happens from outside, as strategies.

::

    from hypothesis import given, strategies as st
    from skyspan.hypothesis import circumstances

    def bench(lab):
        return lab.motor("stage", velocity=2.0), lab.detector("camera", exposure_time=0.5)

    @given(points=st.integers(2, 6), what=circumstances(stage=["set"], camera=["trigger"]))
    def test_it_comes_home(points, what):
        lab = what.lab()
        stage, camera = bench(lab)
        what.run(lab, careful_scan([camera], stage, points)).assert_lawful()
        assert stage.position == 0

hypothesis looks for the simplest circumstances in which the test fails, and prints them as Python.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any, Literal, cast

from hypothesis import note
from hypothesis import strategies as st

from . import _laws
from ._core import Run
from ._lab import Lab

__all__ = ["Circumstances", "Fault", "Interruption", "Settings", "circumstances", "faults", "interruptions", "settings"]

Request = Literal["pause", "deferred_pause", "suspend", "abort", "stop", "halt"]
Decision = Literal["resume", "abort", "stop", "halt"]

#: The methods that begin something, which may fail or hang later on.
_BEGINS = ("set", "trigger", "kickoff", "complete", "prepare", "stage", "unstage")
_METHODS = (*_BEGINS, "read", "describe", "configure", "collect", "describe_collect", "read_configuration", "locate", "stop")


class _AsCode:
    """Is written as the code that makes it, without what is as it is by default."""

    def __repr__(self) -> str:
        said: list[str] = []
        for field in fields(self):  # type: ignore[arg-type]  # each is a dataclass
            value: object = getattr(self, field.name)
            if value != field.default and value != ():
                shown = f"[{', '.join(map(repr, cast('Sequence[object]', value)))}]" if isinstance(value, tuple) else repr(value)
                said.append(f"{field.name}={shown}")
        return f"{type(self).__name__}({', '.join(said)})"


@dataclass(frozen=True, repr=False)
class Fault(_AsCode):
    """What goes wrong with the nth call of a method of a device, as ``device.fault(...)`` takes it; exactly one of the last five."""

    device: str
    method: str
    nth: int
    raises: str | None = None
    fails: str | None = None
    after: float = 0.0
    hangs: bool = False
    late_by: float | None = None
    slow_by: float | None = None

    def arguments(self) -> dict[str, Any]:
        """What ``device.fault`` takes beside the method."""
        kinds = {"raises": self.raises, "fails": self.fails, "late_by": self.late_by, "slow_by": self.slow_by}
        said: dict[str, Any] = {"nth": self.nth, **{kind: value for kind, value in kinds.items() if value is not None}}
        if self.fails is not None and self.after:
            said["after"] = self.after
        return said | ({"hangs": True} if self.hangs else {})

    def code(self) -> str:
        """The call that brings it about."""
        said = ", ".join(f"{name}={value!r}" for name, value in self.arguments().items())
        return f"lab.device({self.device!r}).fault({self.method!r}, {said})"


@dataclass(frozen=True, repr=False)
class Interruption(_AsCode):
    """What happens from outside: at a message, counted from 1, or at a time, in seconds from the beginning."""

    do: Request
    message: int | None = None
    time: float | None = None
    seconds: float = 1.0

    def code(self) -> str:
        """The call that brings it about."""
        where = f"at_message({self.message})" if self.message is not None else f"at({self.time!r})"
        return f"lab.{where}.{self.do}({repr(self.seconds) if self.do == 'suspend' else ''})"


@dataclass(frozen=True, repr=False)
class Settings(_AsCode):
    """How a lab is made."""

    seed: int = 0
    record_interruptions: bool = False
    nested_spans: bool = False
    shuffled_moments: bool = False

    def arguments(self) -> dict[str, Any]:
        """What ``Lab`` takes, where it is another than by default."""
        values = {field.name: getattr(self, field.name) for field in fields(self)}
        return {name: value for name, value in values.items() if value}


@dataclass(frozen=True, repr=False)
class Circumstances(_AsCode):
    """What a plan runs in. Its ``repr`` is the code that makes it, for ``@example(what=Circumstances(...))``."""

    settings: Settings = Settings()
    faults: Sequence[Fault] = ()
    interruptions: Sequence[Interruption] = ()
    on_pause: Sequence[Decision] = ()

    def __post_init__(self) -> None:
        for name in ("faults", "interruptions", "on_pause"):
            object.__setattr__(self, name, tuple(getattr(self, name)))

    def lab(self, **options: Any) -> Lab:
        """A lab of these settings, which keeps what the laws want to know; with further options of ``Lab``."""
        arguments: dict[str, Any] = {**self.settings.arguments(), "chronicled": True, **options}
        return Lab(**arguments)

    def run(self, lab: Lab, plan: Iterable[Any], /, **metadata: Any) -> Run:
        """Takes a plan to its end in these circumstances: the devices must have been made.

        A pause that nothing is said of ends in a halt. Where hypothesis tells of the example, it tells the code besides.
        """
        _tell(self.code())
        return self._run(lab, plan, **metadata)

    def _run(self, lab: Lab, plan: Iterable[Any], /, **metadata: Any) -> Run:
        for fault in self.faults:
            lab.device(fault.device).fault(fault.method, **fault.arguments())
        for interruption in self.interruptions:
            at = lab.at_message(interruption.message) if interruption.message is not None else lab.at(interruption.time or 0.0)
            getattr(at, interruption.do)(*([interruption.seconds] if interruption.do == "suspend" else []))
        lab.on_pause(*self.on_pause)
        run = lab(plan, **metadata)
        return lab.halt() if run.paused else run

    def obey(self, make: Callable[[Lab], Iterable[Any]]) -> Run:
        """Runs the plan that a callable makes for a lab, again and again: it obeys all laws, also those that one run cannot tell.

        The standard laws hold; the same seed gives the same; a preprocessor that changes nothing changes nothing; a finalizer always
        runs, but for a halt; a second call works; and where nothing happens, what ``reset_positions_wrapper`` is around comes home.
        AssertionError with the law that is broken. bluesky must be installed.
        """

        def again(around: Callable[[Any], Any]) -> tuple[Lab, Run, bool]:
            lab, closed = self.lab(), list[bool]()
            run = self._run(lab, _laws.watched(around(make(lab)), closed))
            return lab, run, bool(closed)

        _tell(self.code())
        lab, first, _ = again(_laws.as_it_is)
        first.assert_lawful()
        assert lab.state == "idle", f"the engine is idle afterwards: it is {lab.state}"
        is_calm = not self.faults and not self.interruptions
        for law in (*_laws.ALWAYS, *(_laws.UNDISTURBED if is_calm else ())):
            law(first, again)
        return first

    def code(self) -> str:
        """The lines that bring all of it about, with ``lab``."""
        arguments = ", ".join(f"{name}={value!r}" for name, value in self.settings.arguments().items())
        lines = [f"lab = Lab({arguments})"]
        what: list[Fault | Interruption] = [*self.faults, *self.interruptions]
        lines += [each.code() for each in what]
        if self.on_pause:
            lines.append(f"lab.on_pause({', '.join(map(repr, self.on_pause))})")
        return "\n".join(lines)


def _tell(code: str) -> None:
    from hypothesis import currently_in_test_context

    if currently_in_test_context():
        note(f"in Python, behind what makes the devices:\n{code}")


def faults(devices: Mapping[str, Sequence[str]], /, *, max_size: int = 2) -> st.SearchStrategy[list[Fault]]:
    """What goes wrong with devices, by their names: of each the methods that may, ``{"stage": ["set"], "camera": ["trigger"]}``.

    A call raises; what ``set``, ``trigger`` and their like begin fails at once or later, is late, is slow, or never ends.
    """
    if not devices or not all(devices.values()):
        raise ValueError("expected devices by their names with methods that may go wrong, such as {'stage': ['set']}")
    for device, methods in devices.items():
        if isinstance(methods, str):
            raise TypeError(f"expected a list of methods of {device!r}, found {methods!r}")
        for method in methods:
            if method not in _METHODS:
                raise ValueError(f"expected a method of devices ({', '.join(_METHODS)}), found {method!r} of {device!r}")
    choices = [(device, method) for device, methods in devices.items() for method in methods]
    return st.lists(st.sampled_from(choices).flatmap(_fault), max_size=max_size)


def _fault(choice: tuple[str, str]) -> st.SearchStrategy[Fault]:
    device, method = choice
    nth = st.integers(1, 6)
    seconds = st.integers(0, 20).map(lambda tenths: tenths / 10)

    def made(**what: st.SearchStrategy[Any]) -> st.SearchStrategy[Fault]:
        return st.builds(Fault, st.just(device), st.just(method), nth, **what)

    kinds = [made(raises=st.just("refused"))]
    if method in _BEGINS:
        kinds += [
            made(fails=st.just("failed"), after=seconds),
            made(late_by=seconds.filter(bool)),
            made(slow_by=st.sampled_from([2.0, 10.0])),
            made(hangs=st.just(True)),
        ]
    return st.one_of(kinds)


def interruptions(
    *,
    kinds: Sequence[Request] = ("pause", "deferred_pause", "suspend", "abort", "stop", "halt"),
    max_message: int = 60,
    max_time: float = 30.0,
    max_size: int = 2,
) -> st.SearchStrategy[list[Interruption]]:
    """What happens from outside, at a message or at a time. One at a message that the plan never comes to does nothing."""
    seconds = st.integers(1, 5).map(float)
    at_message = st.builds(Interruption, st.sampled_from(kinds), message=st.integers(1, max_message), seconds=seconds)
    times = st.integers(0, max(0, round(max_time * 10))).map(lambda tenths: tenths / 10)
    at_time = st.builds(Interruption, st.sampled_from(kinds), time=times, seconds=seconds)
    return st.lists(st.one_of(at_message, at_time), max_size=max_size)


def settings() -> st.SearchStrategy[Settings]:
    """How a lab is made: the seed of all chance, what is recorded, how spans hang together, the order of what comes at once."""
    return st.builds(Settings, st.integers(0, 999), st.booleans(), st.booleans(), st.booleans())


def circumstances(
    devices: Mapping[str, Sequence[str]] | None = None,
    /,
    *,
    interrupted: bool | Sequence[Request] = True,
    max_message: int = 60,
    max_time: float = 30.0,
    max_size: int = 2,
    **more: Sequence[str],
) -> st.SearchStrategy[Circumstances]:
    """All of it together: ``circumstances(stage=["set"], camera=["trigger"])``.

    ``interrupted`` says whether anything happens from outside, or which kinds. A name that is no keyword of Python goes into the dict
    that comes first.
    """
    all_devices = {**(devices or {}), **more}
    what = faults(all_devices, max_size=max_size) if all_devices else st.just([])
    happens: st.SearchStrategy[list[Interruption]] = st.just([])
    if interrupted is True:
        happens = interruptions(max_message=max_message, max_time=max_time, max_size=max_size)
    elif interrupted:
        happens = interruptions(kinds=interrupted, max_message=max_message, max_time=max_time, max_size=max_size)
    decisions: list[Decision] = ["resume", "abort", "stop", "halt"]
    on_pause = st.lists(st.sampled_from(decisions), max_size=3) if interrupted else st.just([])
    return st.builds(Circumstances, settings(), what, happens, on_pause)
