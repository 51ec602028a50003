"""Captures: what a process emits while somebody listens."""

from __future__ import annotations

import contextlib
import threading
import weakref
from collections.abc import Generator
from types import TracebackType
from typing import TYPE_CHECKING, Any

from . import _core

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from ._snapshot import Snapshots

_processor = _core.SpanProcessor()
#: By their `id`, as a provider need not be hashable.
_watched: weakref.WeakValueDictionary[int, Any] = weakref.WeakValueDictionary()
_lock = threading.Lock()


class Spans(_core.Capture):
    """Every span that starts while this listens, from any thread of the process.

    A context manager: it listens from entering to leaving, and keeps what it has. Several may listen together; each has all
    spans. What started before is no concern of it.
    """

    _snapshots: Snapshots | None = None

    def __enter__(self) -> Spans:
        watch()
        self._begin()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._end()

    def watch(self, provider: Any) -> None:
        """Listens to a tracer provider that is not OpenTelemetry's global one."""
        watch(provider)

    def expect_snapshot(
        self,
        name: str | None = None,
        *,
        of: _core.Trace | None = None,
        times: bool = False,
        ordered: bool = True,
        volatile: bool = False,
        without: Iterable[str | _core.Pattern] = (),
        replace: Mapping[Any, str] | None = None,
    ) -> None:
        """Raises AssertionError unless the shape of all spans so far is that of the file beside the test.

        The file is ``snapshots/<module>/<test>.txt``, with ``-name`` behind it if a name is given;
        ``pytest --skyspan-update`` writes it. ``of`` is another trace, such as ``spans.grouped_by_run()``.
        """
        __tracebackhide__ = True
        if self._snapshots is None:
            raise RuntimeError("snapshots belong to tests: use the fixture `spans` of pytest")
        trace = self.trace() if of is None else of
        shape = trace.shape(
            times=times,
            ordered=ordered,
            volatile=volatile,
            without=list(without),
            replace=None if replace is None else dict(replace),
        )
        self._snapshots.compare(shape, name)


@contextlib.contextmanager
def capture(*providers: Any) -> Generator[Spans]:
    """Everything that the process emits while the block runs.

    Without arguments it listens to OpenTelemetry's global provider, else to the providers that are given::

        with skyspan.capture() as spans:
            work()
        spans.expect(one(span("work")))
    """
    for provider in providers:
        watch(provider)
    spans = Spans()
    if providers:
        spans._begin()
        try:
            yield spans
        finally:
            spans._end()
    else:
        with spans:
            yield spans


def watch(provider: Any = None) -> None:
    """Puts the processor that all captures of the process share into a provider, once; the global one if none is given.

    The global provider of OpenTelemetry can be set once in a process. So whoever owns it keeps it.
    """
    with _lock:
        if provider is None:
            provider = _global_provider()
        provider = _innermost(provider)
        if _watched.get(id(provider)) is provider:
            return
        if getattr(provider, "_disabled", False):
            raise RuntimeError("OTEL_SDK_DISABLED is set in the environment: nothing makes spans, so there is nothing to capture")
        add = getattr(provider, "add_span_processor", None)
        if add is None:
            raise RuntimeError(
                f"{provider!r} takes no span processor: expected a TracerProvider of opentelemetry-sdk, or one that wraps it"
            )
        add(_processor)
        _watched[id(provider)] = provider


def _innermost(provider: Any) -> Any:
    """The provider that a proxy stands for, such as logfire's, which is given another with each `logfire.configure()`."""
    while hasattr(inner := getattr(provider, "provider", None), "add_span_processor"):
        provider = inner
    return provider


def _global_provider() -> Any:
    from opentelemetry import trace

    provider: Any = trace.get_tracer_provider()
    if isinstance(provider, trace.ProxyTracerProvider):
        # Nobody has set one. It makes every span, whole, whatever the environment says of limits and sampling.
        from opentelemetry.sdk.trace import SpanLimits, TracerProvider
        from opentelemetry.sdk.trace.sampling import ALWAYS_ON

        unset = SpanLimits.UNSET
        limits = SpanLimits(
            max_attributes=unset,
            max_events=unset,
            max_links=unset,
            max_span_attributes=unset,
            max_event_attributes=unset,
            max_link_attributes=unset,
            max_attribute_length=unset,
            max_span_attribute_length=unset,
        )
        provider = TracerProvider(sampler=ALWAYS_ON, span_limits=limits)
        trace.set_tracer_provider(provider)
        provider = trace.get_tracer_provider()
    return provider
