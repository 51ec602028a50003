"""A lab: plans of bluesky on skyspan's engine, on simulated devices and a clock that nobody waits for."""

from __future__ import annotations

import contextlib
import inspect
import os
from collections.abc import Callable, Coroutine, Generator, Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any, TypeVar

from . import _core
from ._lab_clock import now_of, running
from ._lab_devices import Device
from ._lab_interrupts import heard_of
from ._lab_loop import loop_of
from ._lab_mirrors import end_answers, link, mirrored, stand_in_object
from ._lab_spans import watch_plans
from ._torture import TortureMap, Trouble
from ._what_if import Alternative, WhatIf

Run = _core.Run
_T = TypeVar("_T")


class Lab:
    """Runs plans of bluesky, unchanged, on simulated devices and a simulated clock that is exact to the nanosecond::

        def test_the_scan(lab):
            stage = lab.motor("stage", velocity=2.0)
            camera = lab.detector("camera", exposure_time=0.5)
            run = lab(bp.scan([camera], stage, 0, 10, 6))
            run.assert_success()
            assert run.duration == 8.0

    Everything in it is its own: the clock, the devices, the metadata, the seed of all chance. The same seed gives the same spans and
    documents.

    ``md`` goes into every start document. ``start_time`` is when its clock starts. With ``record_interruptions`` pauses become events
    of the runs; with ``nested_spans`` each run is one tree of spans; with ``shuffled_moments`` what is due at one moment comes in an
    order that is drawn from the seed. ``limits`` are how much a call may do before it is aborted, by name: ``{"messages": 1000}``, and None
    for no limit; the others are as they are (10,000,000 messages, ten simulated years, 5,000,000 spans, 2 GiB kept). With ``limits=False``
    a plan may go on for ever. With ``real_time`` the clock is the real one. With
    ``ignore_callback_exceptions`` a callback that raises keeps the run going.
    """

    def __init__(
        self,
        seed: int = 0,
        *,
        md: Mapping[str, Any] | None = None,
        start_time: datetime | float | None = None,
        record_interruptions: bool = False,
        nested_spans: bool = False,
        shuffled_moments: bool = False,
        limits: bool | Mapping[str, int | None] = True,
        real_time: bool = False,
        ignore_callback_exceptions: bool = False,
        chronicled: bool = False,
    ) -> None:
        if isinstance(start_time, datetime):
            start_time = start_time.timestamp()
        self._core = _core.LabCore(
            seed,
            None if start_time is None else round(start_time * 1e9),
            real_time,
            dict(md or {}),
            record_interruptions,
            nested_spans,
            shuffled_moments,
            _limits(limits),
            chronicled,
        )
        if ignore_callback_exceptions:
            self._core.ignore_callback_exceptions(True)
        #: Each takes the plan of a call and gives another one, as those of ``RunEngine.preprocessors``.
        self.preprocessors: list[Callable[[Any], Any]] = []

    # --- plans

    def __call__(
        self,
        plan: Iterable[Any],
        subs: Callable[[str, dict[str, Any]], object] | Iterable[Any] | Mapping[str, Any] | None = None,
        /,
        **metadata: Any,
    ) -> Run:
        """Takes a plan to its end, or to a pause, and tells what came of it.

        ``subs`` get the documents of this call, as ``RunEngine`` has them: a callable, several, or a dict of those by the name of a
        document. The metadata go into the start documents of this call.

        An exception that comes out of the plan is ``run.exception``, and the same object. Ctrl-C, and what else is no ``Exception``,
        is raised. A call from within a plan is refused.
        """
        generator, name = _generator_of(plan)
        for preprocessor in self.preprocessors:
            generator, _ = _generator_of(preprocessor(generator))
        metadata.setdefault("plan_type", type(plan).__name__)
        receivers = _subscribers(subs)
        # bluesky prints the whole stack of calls for each plan within a plan: every frame here would be printed ten times a point.
        with self._call():
            return self._core.run(generator, name, metadata, receivers)

    def resume(self) -> Run:
        """Goes on from a pause; the outcome tells of the whole call."""
        with self._call():
            return self._core.resume()

    def abort(self, reason: str = "") -> Run:
        """Ends a paused plan as aborted, after its clean-up."""
        with self._call():
            return self._core.abort(reason)

    def stop(self) -> Run:
        """Ends a paused plan as a success, after its clean-up."""
        with self._call():
            return self._core.stop()

    def halt(self) -> Run:
        """Ends a paused plan as aborted, without its clean-up: its generator is closed."""
        with self._call():
            return self._core.halt()

    @contextlib.contextmanager
    def _call(self) -> Generator[None]:
        """A call of the engine, in which the time and the mapped devices are the lab's."""
        core = self._core
        if core.is_calling_here:
            yield  # It is refused.
            return
        watch_plans()
        known, was_paused = core.mirrors(), core.state == "paused"
        # Each is restored, whatever another one raises.
        with contextlib.ExitStack() as ends:
            for mirror in known:
                ends.callback(_end_unless_paused, core, mirror)
                if not was_paused:
                    mirror.begin()  # One of a paused plan has begun, and has what the plan has left it with.
            try:
                with mirrored(core), heard_of(core), running(core):
                    yield
            finally:
                for mirror in core.mirrors()[len(known) :]:
                    ends.callback(_end_unless_paused, core, mirror)

    def run_file(self, path: str | os.PathLike[str]) -> Run:
        """Runs a plan file, whose devices are added to those of the lab, and tells what came of its last call.

        ValueError, with the place, for a file that is none.
        """
        with self._call():
            return self._core.run_file(os.fspath(path))

    # --- what happens from outside

    def at(self, time: float | timedelta) -> _core.Scheduled:
        """Says what happens at a time of the next call, in seconds from its beginning: ``lab.at(3.0).pause()``."""
        return self._core.at(time)

    def at_message(self, number: int) -> _core.Scheduled:
        """Says what happens when the message of that number, counted from 1, is about to be executed in the next call."""
        return self._core.at_message(number)

    def on_pause(self, *decisions: str | tuple[str, float | timedelta] | tuple[str, float | timedelta, str]) -> None:
        """Says what becomes of the pauses of the next call, one after another.

        Each is ``"resume"``, ``"abort"``, ``"stop"`` or ``"halt"``; or that, after how many seconds, and for an abort why:
        ``lab.on_pause(("resume", 30.0), ("abort", 0, "it is late"))``.
        """
        whole: list[tuple[str, float | timedelta, str]] = []
        for decision in decisions:
            what, *rest = (decision,) if isinstance(decision, str) else decision
            after: Any = rest[0] if rest else 0.0
            whole.append((str(what), after, str(rest[1]) if len(rest) > 1 else ""))
        self._core.on_pause(whole)

    # --- how long it takes

    def estimate(self, make_plan: Callable[[], Iterable[Any]], /, **metadata: Any) -> _core.Estimate:
        """How long a plan takes, where the time goes, and how much it writes: ``lab.estimate(lambda: bp.scan([det], motor, 0, 10, 6))``.

        It takes a callable that makes the plan, as a plan runs once. The plan is run on a lab like this one, whose devices are where
        they are here; this lab, and its devices, stay as they are.
        """
        return self._estimate(make_plan, [], metadata)

    def what_if(self, make_plan: Callable[[], Iterable[Any]], /, *changes: str) -> WhatIf:
        """How long a plan would take with devices that are otherwise: ``lab.what_if(make_plan, "stage.velocity=4")``.

        Each change is of one option of a device that was made. Without changes, each such device is twice as quick in turn: its rate
        doubled, or its exposure or other time halved. Each is run, on a lab like this one.
        """
        as_it_is = self._estimate(make_plan, [], {})
        asked = [(change, self._core.change(change)) for change in changes] if changes else self._core.quicker()
        alternatives = [
            Alternative(change, in_words, self._estimate(make_plan, [change], {})) for change, in_words in asked
        ]
        return WhatIf(as_it_is, sorted(alternatives, key=lambda alternative: alternative.duration))

    def _estimate(
        self, make_plan: Callable[[], Iterable[Any]], changes: list[str], metadata: dict[str, Any]
    ) -> _core.Estimate:
        if not callable(make_plan):
            raise TypeError("expected a callable that makes the plan, such as `lambda: scan(...)`: a plan is a generator, which runs once")
        core = self._core.twin(changes)
        generator, name = _generator_of(make_plan())
        with contextlib.ExitStack() as ends:
            ends.callback(_leave, core)
            ends.enter_context(mirrored(core, of=self._core))
            ends.enter_context(running(core))
            return core.estimate(generator, name, metadata)

    def torture(
        self,
        make_plan: Callable[[], Iterable[Any]],
        /,
        *,
        only: Iterable[Trouble] = (),
        without: Iterable[Trouble] = (),
        home: Mapping[str, Any] | None = None,
        hold: float | timedelta = 10.0,
        late_by: float | timedelta = 60.0,
        messages: tuple[int, int] | None = None,
        pairs: int = 0,
        orders: int = 0,
        most: int | None = None,
        strict: bool = False,
    ) -> TortureMap:
        """Runs a plan once for each of its messages and each trouble that can come there, and tells what is left of each::

            lab.torture(lambda: careful_scan([camera], stage)).assert_home()

        Each run is on a lab like this one, whose devices are where they are here, but for its limits: those come of the run in which nothing
        happens. It is compared with that one: a device that this brings back has to be back whatever happens; ``home`` says of others where they have to be, by their names:
        a value, ``"start"`` or ``"end"``. This lab, and its devices, stay as they are.

        Troubles: ``pause``, ``suspend``, ``abort``, ``stop``, ``halt``, ``fails``, ``hangs``, ``late``, ``callback``, ``lost``: ``only``
        these, or all ``without`` those. Pauses last for ``hold`` seconds; what is late is so by ``late_by``. ``messages`` are the first and
        the last to be looked at, counted from 1. Besides, ``pairs`` of troubles are drawn, and each run is made in so many other
        ``orders`` of what is due at one moment.

        What no plan could have helped, as that a halt skips the clean-up, is excused, and does not count against the plan; with ``strict``
        it does. ValueError where all runs together would execute more than ``most`` messages, and for a lab with ``real_time``.
        """
        if not callable(make_plan):
            raise TypeError("expected a callable that makes the plan, such as `lambda: scan(...)`: a plan is a generator, which runs once")
        options: dict[str, Any] = {
            "only": list(only), "without": list(without), "home": dict(home or {}), "hold": hold, "late_by": late_by,
            "messages": messages, "pairs": pairs, "orders": orders, "most": most, "strict": strict,
        }  # fmt: skip

        cores: list[_core.LabCore] = []

        def leave_the_last() -> None:
            while cores:
                _leave(cores.pop())

        def make(core: _core.LabCore) -> tuple[Any, str]:
            leave_the_last()
            cores.append(core)
            now_of(core)
            return _generator_of(make_plan())

        @contextlib.contextmanager
        def runs() -> Generator[None]:
            with contextlib.ExitStack() as ends:
                ends.callback(leave_the_last)
                ends.enter_context(mirrored(self._core))
                ends.enter_context(running(self._core))
                yield

        def case(number: str) -> _core.Tortured:
            with runs():
                return self._core.torture_case(make, options, number)

        with runs():
            made = self._core.torture(make, options)
        return TortureMap(made, case)

    # --- devices

    def device(self, name: str) -> Any:
        """The device of that name: one that was made, or one of the default beamline, which has those of ``ophyd.sim.hw()``.

        Dots reach components: ``lab.device("det.Imax")``. KeyError if there is none.
        """
        return stand_in_object(self._core, self._core.handle(name))

    @property
    def devices(self) -> list[str]:
        """The names of the devices."""
        return self._core.names()

    def make(self, class_name: str, name: str, /, **options: Any) -> Any:
        """Makes a device of any class that plan files know, with its options: ``skyspan list devices`` has all of them."""
        return self._core.object_of(self._core.make(class_name, name, {key: self._option(value) for key, value in options.items()}))

    def _option(self, value: Any) -> Any:
        if type(value) in (list, tuple):
            return [self._option(element) for element in value]
        if isinstance(value, Device) or self._core.known(value) is not None:
            return self._core.handle_of(value)
        return value.total_seconds() if isinstance(value, timedelta) else value

    def motor(self, name: str, /, **options: Any) -> Any:
        """A motor that accelerates, moves and settles.

        Options: ``value``, ``velocity`` (infinite unless said), ``acceleration_time`` or ``acceleration``, ``settle_time``, ``backlash``,
        ``limits``, ``readback_noise``, ``readback_resolution``, ``update_period``, ``precision``, ``egu``, ``labels``.
        """
        return self.make("SimMotor", name, **options)

    def detector(self, name: str, /, **options: Any) -> Any:
        """A detector that counts.

        Options: ``exposure_time`` (0.1 s unless said), ``readout_time``, ``dead_time``, ``frames``, ``rate``, ``dark_rate``,
        ``saturates_at``, ``noise``, ``motor`` with ``center`` and ``sigma`` for a peak along an axis, ``labels``.
        """
        return self.make("SimDetector", name, **options)

    def camera(self, name: str, /, **options: Any) -> Any:
        """A camera that tells of the files it writes.

        Options: ``exposure_time``, ``readout_time``, ``dead_time``, ``frames``, ``shape``, ``root``, ``assets``, ``labels``.
        """
        return self.make("SimCamera", name, **options)

    def signal(self, name: str, /, value: Any = 0.0, **options: Any) -> Any:
        """A value that can be read and set, and be given by ``signal.put(...)``."""
        return self.make("Signal", name, value=value, **options)

    def shutter(self, name: str, /, **options: Any) -> Any:
        """A shutter, set to ``"Open"`` and ``"Close"``. Options: ``opens_in``, ``closes_in``, ``open``, ``labels``."""
        return self.make("SimShutter", name, **options)

    def furnace(self, name: str, /, **options: Any) -> Any:
        """An oven that comes to its setpoint.

        Options: ``value``, ``time_constant`` or ``ramp_rate``, ``tolerance``, ``hold_time``, ``limits``, ``update_period``, ``egu``,
        ``labels``.
        """
        return self.make("SimTemperatureController", name, **options)

    def beam(self, name: str, /, **options: Any) -> Any:
        """The current of a ring. Options: ``current``, ``lifetime``, ``refilled_every``, ``drops``, ``labels``."""
        return self.make("SimBeam", name, **options)

    def map(self, device: Any, stand_in: Any) -> Any:
        """Has a device of the lab stand for one of others, wherever a plan names that; gives the former back.

        The devices of ``ophyd.sim`` need not be mapped. What a plan does with the device by messages is done with its stand-in; so is
        what it asks the device directly while it runs: ``device.position``, ``device.read()``, ``device.get()``, ``device.limits`` and their
        like. Components of the device are mapped to those of the stand-in that have the same attribute (``velocity``) or mean the same
        (``user_readback`` is a ``readback``, ``user_setpoint`` a ``setpoint``); what has no counterpart is the device's own. The device
        itself is not changed, and after the call it is asked as ever. Of two calls with one device, or a component of it, the last counts.

        TypeError where what is to stand for it is no device.
        """
        link(self._core, device, self._core.handle_of(stand_in))
        return stand_in

    # --- the engine

    def subscribe(self, callback: Callable[[str, dict[str, Any]], object], name: str = "all") -> int:
        """Gives the documents of all calls from now on to a callable; gives the token that ends it."""
        return self._core.subscribe(callback, getattr(name, "name", name))

    def unsubscribe(self, token: int) -> None:
        """Ends a subscription; one that is not there has ended already."""
        self._core.unsubscribe(token)

    def install_suspender(self, suspender: Any) -> None:
        """Has a suspender of ``bluesky.suspenders``, or of a class derived from one, watch a device of the lab."""
        self._core.install_suspender(suspender)

    def remove_suspender(self, suspender: Any) -> None:
        """Ends its watch."""
        self._core.remove_suspender(suspender)

    def register_command(self, name: str, function: Callable[[Any], Any]) -> None:
        """Executes messages of a command by a function, which may be a coroutine function, as ``RunEngine`` wants it."""
        self._core.register_command(name, function)

    def unregister_command(self, name: str) -> None:
        """Forgets a command, one of bluesky's or one that was registered; KeyError if there is none."""
        self._core.unregister_command(name)

    def on_input(self, *answers: str | Callable[[str], str]) -> None:
        """Has the plan's ``input`` answered: by these lines, one after another, or by a callable that gets the prompt."""
        if len(answers) == 1 and callable(answers[0]):
            self._core.set_input(answers[0])
            return
        lines = iter(answers)

        def answer(prompt: str) -> Any:
            for line in lines:
                return line
            raise EOFError(f"the plan asks {prompt!r}, and lab.on_input(...) has no more answers")

        self._core.set_input(answer)

    def on_message(self, hook: Callable[[Any], object] | None) -> None:
        """Calls back with every message before it is executed (``RE.msg_hook``); None to call nobody.

        What it raises aborts the plan, and is raised by the call.
        """
        self._core.set_msg_hook(hook)

    def on_state(self, hook: Callable[[str, str], object] | None) -> None:
        """Calls back with the new state and the one before (``RE.state_hook``); None to call nobody."""
        self._core.set_state_hook(hook)

    @property
    def loop(self) -> Any:
        """The loop of asyncio that lives on the lab's clock, where devices of ophyd-async live."""
        return loop_of(self._core)

    def finish(self, coroutine: Coroutine[Any, Any, _T]) -> _T:
        """Takes a coroutine to its end on the lab's loop, and gives what it returns: ``lab.finish(stage.connect(mock=True))``."""
        return loop_of(self._core).finish(coroutine)

    # --- the rest

    @property
    def md(self) -> dict[str, Any]:
        """The metadata that go into every start document; to change them, set all of them."""
        return self._core.md()

    @md.setter
    def md(self, md: Mapping[str, Any]) -> None:
        self._core.set_md(dict(md))

    @property
    def seed(self) -> int:
        """The seed of all chance."""
        return self._core.seed

    @property
    def time(self) -> float:
        """What time it is on the lab's clock, in seconds since 1970."""
        return self._core.now_ns / 1e9

    @property
    def state(self) -> str:
        """What the engine is doing: ``idle``, ``running``, ``paused``, ..."""
        return self._core.state

    @property
    def trace(self) -> _core.Trace:
        """The spans of all calls so far."""
        return self._core.trace()

    def sleep(self, time: float | timedelta) -> None:
        """Lets the lab's clock go on between calls."""
        self._core.sleep(time)

    def __repr__(self) -> str:
        return f"<Lab: seed {self.seed}, {self.state}>"


def export(plan: Iterable[Any] | Run, path: str | os.PathLike[str], *, lab: Lab | None = None) -> Run:
    """Writes a plan as a plan file, which ``skyspan run``, ``check`` and all its other commands take.

    The plan is run, on ``lab`` or on one of its own, and the file has the devices of its messages, and the messages one by one: what
    the plan does after what it is answered is as it was there. What comes of a call may be given in place of the plan, with its lab.

    ValueError for a message that no plan file has a word for, such as one with a callback in it, or about a device that is called where
    it stands.
    """
    if isinstance(plan, Run):
        if lab is None:
            raise TypeError("expected the lab of the run, too: export(run, path, lab=lab)")
        run = plan
    else:
        lab = lab or Lab()
        run = lab(plan)
    text = lab._core.plan_file(run)
    with open(path, "w", encoding="utf-8", newline="\n") as file:
        file.write(text)
    return run


def _end_unless_paused(core: _core.LabCore, mirror: Any) -> None:
    """A call has ended: what is mirrored is left as the plan has left it. While the plan pauses it stays as it is."""
    if core.state != "paused":
        mirror.end()


def _leave(core: _core.LabCore) -> None:
    """A run on a lab like another one has ended: what it mirrors is what it was before."""
    with contextlib.ExitStack() as ends:
        ends.callback(end_answers, core)
        for mirror in core.mirrors():
            ends.callback(mirror.leave)


def _limits(limits: bool | Mapping[str, int | None]) -> list[tuple[str, int | None]]:
    if isinstance(limits, Mapping):
        return list(limits.items())
    return [] if limits else [(name, None) for name in ("messages", "simulated_seconds", "spans", "kept_bytes")]


def _generator_of(plan: Any) -> tuple[Any, str]:
    """The generator of a plan, and its name, which is empty where it has none (`RunEngine._open_run`)."""
    if inspect.isgeneratorfunction(plan) or (callable(plan) and not hasattr(plan, "__iter__")):
        name = getattr(plan, "__name__", "plan")
        raise TypeError(f"expected the plan that {name} makes, found {name} itself: lab({name}(...))")
    name = getattr(plan, "__name__", None) or type(plan).__name__
    if hasattr(plan, "send") and hasattr(plan, "throw"):
        if getattr(plan, "gi_running", False):
            raise ValueError(f"the plan {name} is running already")
        if getattr(plan, "gi_frame", plan) is None:
            raise ValueError(f"the plan {name} has run already: a generator runs once, so call the function again for another")
        return plan, name
    if not hasattr(plan, "__iter__"):
        raise TypeError(f"expected a plan, a generator of Msgs, found {plan!r}")
    messages: Any = plan
    iterator: Any = iter(messages)
    if hasattr(iterator, "send"):
        return iterator, getattr(plan, "__name__", "")
    return _each(iterator), getattr(plan, "__name__", "")


def _each(messages: Iterable[Any]) -> Generator[Any, Any, None]:
    for message in messages:
        yield message


def _subscribers(subs: Any) -> list[tuple[str, Any]]:
    """Who gets the documents of a call, by the name of the documents (`bluesky.utils.normalize_subs_input`)."""
    if subs is None:
        return []
    if callable(subs):
        return [("all", subs)]
    several: Any = subs
    if isinstance(subs, Mapping):
        return [
            (str(getattr(name, "name", name)), function)
            for name, functions in several.items()
            for function in ([functions] if callable(functions) else functions)
        ]
    if isinstance(subs, Iterable):
        return [("all", function) for function in several]
    raise TypeError(f"expected a callable, several, or a dict of them by the name of a document, found {subs!r}")
