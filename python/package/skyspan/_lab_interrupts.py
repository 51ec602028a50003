"""Ctrl-C while a lab waits for what takes real time: a device that is called where it stands, a thread, or a real clock.

Python runs its handlers of signals between two steps of Python, and a lab that waits takes none. So a thread listens to the file descriptor
that Python writes signals to, and has the plan aborted, or the wait ended, after which Python raises KeyboardInterrupt as always.
"""

from __future__ import annotations

import contextlib
import signal
import socket
import threading
import time
from collections.abc import Generator
from typing import Protocol

_watcher: _Watcher | None = None


class _Interruptible(Protocol):
    """A lab whose plan runs, or the clock of one that is waited for."""

    @property
    def is_interrupted(self) -> bool: ...
    def interrupt(self) -> None: ...
    def kill(self) -> None: ...


class _Watcher(threading.Thread):
    """Aborts the plan that runs on the main thread when Ctrl-C is pressed, and ends it at once when it is pressed again."""

    #: A plan whose own code is running hears of it there, and so much earlier.
    PATIENCE_S = 0.2

    def __init__(self) -> None:
        super().__init__(name="skyspan-interrupts", daemon=True)
        self._heard, written = socket.socketpair()
        written.setblocking(False)
        self.written = written
        self.core: _Interruptible | None = None

    def run(self) -> None:
        while True:
            numbers = self._heard.recv(64)
            if not numbers:
                return
            core = self.core
            if core is None or signal.SIGINT not in numbers:
                continue
            if core.is_interrupted:
                core.kill()
                continue
            time.sleep(self.PATIENCE_S)
            if self.core is core:
                core.interrupt()


@contextlib.contextmanager
def heard_of(core: _Interruptible) -> Generator[None]:
    """Ctrl-C is heard of while a plan of a lab runs here; other threads than the main one are sent no signals."""
    global _watcher
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    if _watcher is None or not _watcher.is_alive():
        _watcher = _Watcher()
        _watcher.start()
    before = signal.set_wakeup_fd(_watcher.written.fileno(), warn_on_full_buffer=False)
    outer, _watcher.core = _watcher.core, core
    try:
        yield
    finally:
        _watcher.core = outer
        signal.set_wakeup_fd(before, warn_on_full_buffer=before == -1)
