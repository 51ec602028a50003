"""A Starlette service: what it does in threads is in the tree of its request, too."""

from __future__ import annotations

from opentelemetry import trace
from opentelemetry.instrumentation.starlette import StarletteInstrumentor
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route
from starlette.testclient import TestClient

from skyspan import Spans, every, exactly, one, span

tracer = trace.get_tracer("page")


def render(name: str) -> str:
    with tracer.start_as_current_span("render", attributes={"template": name}):
        return f"<{name}>"


async def page(request: Request) -> PlainTextResponse:
    parts = [await run_in_threadpool(render, name) for name in ("head", "body")]
    return PlainTextResponse("".join(parts))


def test_a_page_is_rendered_in_threads(spans: Spans) -> None:
    app = Starlette(routes=[Route("/page/{name}", page)])
    StarletteInstrumentor.instrument_app(app)
    assert TestClient(app).get("/page/first").text == "<head><body>"
    server = span("GET /page/{name}", kind="server")
    spans.expect(
        one(server.is_root()),
        exactly(2, span("render").parent(server)),
        every(span("render", template="head")).before(every(span("render", template="body"))),
    )
