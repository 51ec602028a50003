"""Spans of all sorts, sent by the OTLP exporter of Python's SDK, and printed as its console exporter prints them.

    python python_spans.py http|grpc
"""

import sys

from opentelemetry import trace
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, ConsoleSpanExporter, SimpleSpanProcessor

if sys.argv[1] == "grpc":
    from opentelemetry.exporter.otlp.proto.grpc.trace_exporter import OTLPSpanExporter
else:
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter


def main():
    provider = TracerProvider(resource=Resource({"service.name": "shop", "replicas": 3}), shutdown_on_exit=True)
    provider.add_span_processor(SimpleSpanProcessor(ConsoleSpanExporter()))
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
    tracer = provider.get_tracer("shop", "1.2")
    # Whole microseconds, as the console has no more.
    with tracer.start_as_current_span("order", start_time=1_700_000_000_000_001_000, end_on_exit=False) as order:
        order.set_attributes({"n": 5, "eur": 1.5, "paid": True, "items": ["a", "b"], "text": "grüß dich"})
        order.add_event("stored", {"rows": 2}, timestamp=1_700_000_000_000_002_000)
        link = trace.Link(order.get_span_context(), {"why": "again"})
        for at in range(600):
            charge = tracer.start_span("charge", kind=trace.SpanKind.CLIENT, links=[link], start_time=1_700_000_000_000_003_000)
            charge.set_attribute("at", at)
            if at == 7:
                charge.set_status(trace.Status(trace.StatusCode.ERROR, "declined"))
            charge.end(1_700_000_000_000_004_000 + 1000 * at)
        order.end(1_700_000_001_000_000_000)
    provider.shutdown()


main()
