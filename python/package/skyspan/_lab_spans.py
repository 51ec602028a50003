"""The spans that plans make themselves: those of a plan that runs on a lab are in the trace of the lab, at its time."""

from __future__ import annotations

import threading
from typing import Any

from . import _core
from ._lab_clock import core_here
from ._spans import _global_provider, _innermost


class _PlanSpans:
    """A span processor: what starts on the thread of a plan belongs to the lab of the plan."""

    def __init__(self) -> None:
        self._open: dict[tuple[int, int], _core.LabCore] = {}

    def on_start(self, span: Any, parent_context: Any = None) -> None:
        core = core_here()
        # The engine makes a span for each status that a device gives it, also for one of ophyd.
        if core is not None and not _is_of_ophyd(span):
            self._open[_ids(span)] = core
            core.span_started(span)

    def _on_ending(self, span: Any) -> None: ...

    def on_end(self, span: Any) -> None:
        core = self._open.pop(_ids(span), None)
        if core is not None:
            core.span_ended(span)

    def shutdown(self) -> None: ...

    def force_flush(self, timeout_millis: int = 30_000) -> bool:
        return True


def _is_of_ophyd(span: Any) -> bool:
    scope = getattr(span, "instrumentation_scope", None)
    return str(getattr(scope, "name", "")).startswith("ophyd.")


def _ids(span: Any) -> tuple[int, int]:
    context: Any = span.get_span_context()
    return context.trace_id, context.span_id


_plan_spans = _PlanSpans()
_watched: dict[int, Any] = {}
_lock = threading.Lock()


def watch_plans() -> None:
    """Listens to the global provider of OpenTelemetry, once."""
    with _lock:
        provider = _innermost(_global_provider())
        if _watched.get(id(provider)) is provider:
            return
        add = getattr(provider, "add_span_processor", None)
        if add is not None and not getattr(provider, "_disabled", False):
            add(_plan_spans)
        _watched[id(provider)] = provider
