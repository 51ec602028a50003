"""A loop of asyncio that lives on the clock of a lab: what is awaited there takes simulated time, and none of the real one.

It runs when the engine calls what lives on it, and when one of its timers is due on the lab's clock; it never waits itself. Devices of
ophyd-async in mock mode live there, and what plans hand to ``wait_for``.
"""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

from . import _core
from ._lab_clock import on_clock

_T = TypeVar("_T")


def loop_of(core: _core.LabCore) -> LabLoop:
    """The loop of a lab."""
    loop = core.belongings.get("loop")
    if loop is None:
        loop = core.belongings["loop"] = LabLoop(core.clock)
    assert isinstance(loop, LabLoop)
    return loop


class LabLoop(asyncio.SelectorEventLoop):
    """A loop of asyncio on the clock of a lab."""

    _ready: Any
    _scheduled: Any

    def __init__(self, clock: _core.LabClock) -> None:
        super().__init__()
        self._lab_clock = clock
        self._start_ns = clock.now_ns
        self._armed_ns: int | None = None
        self._threads: ThreadPoolExecutor | None = None

    def time(self) -> float:
        """What time it is on the lab's clock, in seconds since the loop was made."""
        return (self._lab_clock.now_ns - self._start_ns) / 1e9

    def run_until_complete(self, future: Any) -> Any:
        """Takes the lab's clock on until that is done; from outside of plans."""
        return self.finish(future)

    def finish(self, awaitable: Coroutine[Any, Any, _T]) -> _T:
        """The same."""
        begun: list[asyncio.Task[Any]] = []
        try:
            task = self._lab_clock.run_until_told(lambda keep: self._begin(awaitable, keep, begun))
        except BaseException:
            # Ctrl-C, or a deadlock: it does not go on behind anybody's back.
            for left in begun:
                left.cancel()
            self.pump()
            raise
        result: _T = task.result()
        return result

    def begin(self, awaitable: Any, keep: Callable[[Any], None]) -> asyncio.Task[Any]:
        """Has something come about, and tells with its task when it has."""
        begun: list[asyncio.Task[Any]] = []
        self._begin(awaitable, keep, begun)
        return begun[0]

    def _begin(self, awaitable: Any, keep: Callable[[Any], None], begun: list[asyncio.Task[Any]]) -> None:
        task = self.create_task(_whole(awaitable))
        # It is known before it runs: Ctrl-C may come where it does.
        begun.append(task)
        task.add_done_callback(keep)
        self.pump()

    def call(self, owner: Any, method: str, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        """Calls a method where the loop runs, and gives what that gives at once."""
        outcome: list[tuple[Any, BaseException | None]] = []

        def called() -> None:
            try:
                outcome.append((getattr(owner, method)(*args, **kwargs), None))
            except Exception as error:
                outcome.append((None, error))

        if asyncio._get_running_loop() is self:
            called()
        else:
            self.call_soon(called)
            self.pump()
        given, error = outcome[0]
        if error is not None:
            raise error
        return given

    def pump(self) -> None:
        """Runs all that is due now."""
        if self.is_running():
            return  # It is being run.
        # A test may be a coroutine itself, on a loop of its own.
        outer = asyncio._get_running_loop()
        asyncio._set_running_loop(None)
        try:
            with on_clock(self._lab_clock):
                while True:
                    self.call_soon(self.stop)
                    self.run_forever()
                    if not self._ready and not self._is_due():
                        break
        finally:
            asyncio._set_running_loop(outer)
        self._arm()

    def _due_ns(self) -> int | None:
        times = [handle.when() for handle in self._scheduled if not handle.cancelled()]
        return None if not times else self._start_ns + max(0, round(min(times) * 1e9))

    def _is_due(self) -> bool:
        due = self._due_ns()
        return due is not None and due <= self._lab_clock.now_ns

    def _arm(self) -> None:
        due = self._due_ns()
        if due is not None and due != self._armed_ns:
            self._armed_ns = due
            self._lab_clock.call_at(due, self._on_timer)

    def _on_timer(self) -> None:
        self._armed_ns = None
        self.pump()

    def call_soon_threadsafe(  # type: ignore[override]
        self, callback: Any, *args: Any, context: Any = None
    ) -> asyncio.Handle:
        """Calls soon, from any thread: the loop runs when the lab's clock comes to it."""
        handle = super().call_soon_threadsafe(callback, *args, context=context)
        # It may be running, and have looked already.
        self._lab_clock.call_at(self._lab_clock.now_ns, self.pump)
        return handle

    def run_in_executor(self, executor: Any, func: Any, *args: Any) -> Any:  # type: ignore[override]
        """Has a thread do something: the lab's clock stands still meanwhile."""
        if executor is None:
            if self._threads is None:
                self._threads = ThreadPoolExecutor(thread_name_prefix="skyspan")
            executor = self._threads
        future = self.create_future()
        work = self._lab_clock.outside_work()

        def settle(result: Any, error: BaseException | None) -> None:
            if future.cancelled():
                return
            if error is None:
                future.set_result(result)
            else:
                future.set_exception(error)

        def run() -> None:
            try:
                result, error = func(*args), None
            except BaseException as raised:
                result, error = None, raised
            # The loop is told before the clock may go on.
            self.call_soon_threadsafe(settle, result, error)
            work.end()

        executor.submit(run)
        return future


async def _whole(awaitable: Any) -> Any:
    if inspect.isasyncgen(awaitable):
        return [element async for element in awaitable]
    return await awaitable
