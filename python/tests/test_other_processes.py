"""Spans of other processes: what they send is received as it comes."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import urllib.error
import urllib.request
from typing import Any

import pytest

import skyspan
from skyspan import exactly, forest, one, span

PROGRAM = """
from opentelemetry import trace
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter

provider = TracerProvider()
provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
with provider.get_tracer("plan").start_as_current_span("plan", attributes={"points": 3}):
    for point in range(3):
        provider.get_tracer("plan").start_span("point", attributes={"at": point}).end()
provider.shutdown()
"""


def test_what_another_program_sends_is_received() -> None:
    pytest.importorskip("opentelemetry.exporter.otlp.proto.http.trace_exporter")
    with skyspan.receive() as received:
        assert received.endpoint.startswith("http://127.0.0.1:")
        assert received.endpoint in received.environment["OTEL_EXPORTER_OTLP_ENDPOINT"]
        program = subprocess.run([sys.executable, "-c", PROGRAM], env={**os.environ, **received.environment}, timeout=60)
        assert program.returncode == 0
        received.wait_until(one(span("plan", points=3)))
        received.settled()
        received.expect(exactly(3, span("point").parent(span("plan"))), one(span("point", at=2)))
        received.expect_tree("plan\n  point {3}")
        assert (len(received), received[-1].name, received.warnings) == (4, "plan", [])
        assert [found.name for found in received.query("{ span.at = 1 }")] == ["point"]
    # What has come stays; nothing more comes.
    assert len(received.trace()) == 4
    received.close()
    with pytest.raises(RuntimeError, match="the receiver is closed"):
        received.settled()
    with pytest.raises(urllib.error.URLError):
        urllib.request.urlopen(received.endpoint, timeout=5)


def test_what_does_not_come_is_told_with_the_report() -> None:
    with skyspan.receive() as received:
        received.expect(forest([]))
        with pytest.raises(AssertionError) as error:
            received.wait_until(one(span("plan")), timeout=0.1)
        assert "waited 0.1 s for it" in str(error.value)
        assert repr(received) == f"<Received: 0 spans at {received.endpoint}>"


def test_tests_that_share_a_receiver_have_their_own_spans() -> None:
    pytest.importorskip("opentelemetry.exporter.otlp.proto.http.trace_exporter")
    with skyspan.receive() as receiver:
        first, second = receiver.test(), receiver.test()
        assert first.trace_id != second.trace_id and first.traceparent == f"00-{first.trace_id}-{first.traceparent[36:52]}-01"
        assert first.headers == {"traceparent": first.traceparent}
        for test in (first, second):
            subprocess.run([sys.executable, "-c", PROGRAM], env={**os.environ, **test.environment}, timeout=60, check=True)
            test.wait_until(one(span("plan", points=3)), exactly(3, span("point")))
            test.settled()
        assert len(first) == len(second) == 4 and len(receiver) == 8
        first.clear()
        assert (len(first), repr(first)) == (0, "<ReceivedByTest: 0 spans>")
        with pytest.raises(AssertionError, match="waited 0.1 s for it"):
            first.wait_until(span("plan"), timeout=0.1)
        second.expect_tree("plan\n  point {3}")
        assert second[-1].name == "plan" and [found.name for found in second.query("{ span.at = 1 }")] == ["point"]
    with pytest.raises(RuntimeError, match="the receiver is closed"):
        receiver.test()


def send(endpoint: str, traceparent: str, name: str) -> None:
    """What a server sends that was asked by a request."""
    _, trace_id, parent, _ = traceparent.split("-")
    sent = {"traceId": trace_id, "spanId": "00000000000000ab", "parentSpanId": parent, "name": name}
    sent |= {"startTimeUnixNano": "1000", "endTimeUnixNano": "2000"}
    body = json.dumps({"resourceSpans": [{"scopeSpans": [{"spans": [sent]}]}]}).encode()
    request = urllib.request.Request(f"{endpoint}/v1/traces", body, {"Content-Type": "application/json"})
    urllib.request.urlopen(request, timeout=5).close()


@pytest.mark.parametrize("number", [1, 2])
def test_a_request_belongs_to_its_test(
    number: int, receiver: skyspan.Received, received: skyspan.ReceivedByTest, spans: skyspan.Spans
) -> None:
    def belongs(found: skyspan.Span) -> bool:
        return found.trace_id == received.trace_id and found.parent_id == received.traceparent[36:52]

    assert len(received) == 0
    send(receiver.endpoint, received.headers["traceparent"], f"GET /order/{number}")
    received.wait_until(one(span(f"GET /order/{number}").that("it is of the test", belongs)))
    received.expect(exactly(1, span()))
    assert len(spans) == 0


def test_a_port_that_is_taken_is_told() -> None:
    with skyspan.receive() as received:
        port = int(received.endpoint.rsplit(":", 1)[1])
        with pytest.raises(OSError, match="another program has this port"):
            skyspan.receive(port=port)
    with pytest.raises(ValueError, match="expected an address of this machine"):
        skyspan.receive(host="nowhere at all")


def test_an_address_of_a_store_is_asked() -> None:
    with pytest.raises(ValueError, match="the address"):
        skyspan.read("tempo+http://")
    with pytest.raises(ConnectionError):
        skyspan.read("tempo+http://127.0.0.1:9/5fa3c0ffee")


def test_a_trace_is_fetched_from_a_store(shop: skyspan.Trace) -> None:
    import threading
    from http.server import BaseHTTPRequestHandler, HTTPServer

    asked: list[str] = []

    class Tempo(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            message: bytes = shop.dump("otlp-proto")
            # The answer holds the trace in its first field.
            assert 127 < len(message) < 16_384
            body = bytes([0x0A, len(message) % 128 + 128, len(message) // 128]) + message
            self.send_response(200)
            self.send_header("Content-Type", "application/protobuf")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: Any) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Tempo)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        trace = skyspan.read(f"tempo+http://127.0.0.1:{server.server_port}/00000000000000000000000000000001")
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
    trace.expect(one(span("order", customer="ada")))
    assert asked and asked[0].split("?")[0].endswith("/00000000000000000000000000000001")
