"""A service with its real instrumentation, which knows nothing of tests."""

from __future__ import annotations

from typing import Any

import pytest
from opentelemetry import trace

from skyspan import Spans, exactly, forest, glob, none, span

flask: Any = pytest.importorskip("flask")
instrumentation: Any = pytest.importorskip("opentelemetry.instrumentation.flask")


@pytest.fixture
def client() -> Any:
    app = flask.Flask("shop")
    instrumentation.FlaskInstrumentor().instrument_app(app)
    tracer = trace.get_tracer("shop")

    def order(number: int) -> Any:
        with tracer.start_as_current_span("reserve", attributes={"order": number}):
            pass
        if number == 13:
            raise ValueError("no luck")
        return {"number": number}

    app.add_url_rule("/order/<int:number>", view_func=order)
    return app.test_client()


def test_a_request_leaves_its_trace(client: Any, spans: Spans) -> None:
    assert client.get("/order/7").status_code == 200
    spans.expect(forest([span(glob("GET /order/*"), kind="server").children([span("reserve", order=7)])]))
    client.get("/order/8")
    spans.expect(exactly(2, span("reserve").parent(span(kind="server"))), none(span(status="error")))


def test_what_fails_in_a_request_is_told(client: Any, spans: Spans) -> None:
    assert client.get("/order/13").status_code == 500
    spans.expect(exactly(1, span(kind="server", status="error").child(span("reserve", order=13))))
