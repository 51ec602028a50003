"""What a captured span costs beside one that the SDK's in-memory exporter keeps, both in one run.

    python benches/capture_cost.py [SPANS]
"""

from __future__ import annotations

import gc
import statistics
import sys
import time
from collections.abc import Callable
from typing import Any

from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

import skyspan


def emit(provider: TracerProvider, spans: int) -> float:
    """Emits spans as bluesky does, a set and its status; gives seconds."""
    tracer = provider.get_tracer("bluesky")
    gc.collect()
    begin = time.process_time()
    for at in range(spans // 2):
        with tracer.start_as_current_span("Bluesky RunEngine set") as span:
            span.set_attribute("msg.command", "set")
            span.set_attribute("msg.args", [float(at)])
            span.set_attribute("msg.kwargs", '{"group": "set-1"}')
            span.set_attribute("msg.obj", "SynAxis(prefix='', name='motor')")
            status = tracer.start_span("Ophyd Status")
            status.set_attribute("device_name", "motor")
            status.set_attribute("target", float(at))
            status.end()
    return time.process_time() - begin


def none(spans: int) -> tuple[float, float]:
    return emit(TracerProvider(), spans), 0.0


def in_memory(spans: int) -> tuple[float, float]:
    exporter, provider = InMemorySpanExporter(), TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    emitted = emit(provider, spans)
    begin = time.process_time()
    assert len(exporter.get_finished_spans()) == spans
    return emitted, time.process_time() - begin


def captured(spans: int) -> tuple[float, float]:
    provider = TracerProvider()
    with skyspan.capture(provider) as caught:
        emitted = emit(provider, spans)
        begin = time.process_time()
        assert len(caught.trace()) == spans
        return emitted, time.process_time() - begin


def main() -> None:
    spans = int(sys.argv[1]) if len(sys.argv) > 1 else 20_000
    ways: dict[str, Callable[[int], Any]] = {"no processor": none, "InMemorySpanExporter": in_memory, "skyspan": captured}
    took: dict[str, list[tuple[float, float]]] = {name: [] for name in ways}
    for _ in range(7):
        for name, way in ways.items():
            took[name].append(way(spans))
    best = {name: min(emitted + asked for emitted, asked in all_of) for name, all_of in took.items()}
    for name, all_of in took.items():
        middle = statistics.median(emitted for emitted, _ in all_of)
        print(f"{name:22} {best[name] / spans * 1e6:6.2f} µs a span at best, {middle / spans * 1e6:6.2f} in the middle")
    print(f"skyspan costs {best['skyspan'] / best['InMemorySpanExporter']:.2f} × the in-memory exporter")


if __name__ == "__main__":
    main()
