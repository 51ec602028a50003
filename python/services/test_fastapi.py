"""A FastAPI service with the instrumentation package that users have: its tests know nothing of tracing but what they expect."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

import httpx
import pytest
from fastapi import BackgroundTasks, FastAPI, HTTPException
from fastapi.testclient import TestClient
from opentelemetry import trace
from opentelemetry.instrumentation.fastapi import FastAPIInstrumentor

from skyspan import Spans, every, exactly, forest, glob, none, one, span

tracer = trace.get_tracer("shop")


def shop() -> FastAPI:
    app = FastAPI()

    async def reserve(row: int) -> None:
        with tracer.start_as_current_span("reserve", attributes={"row": row}):
            await asyncio.sleep(0.001)

    def parcel(number: int) -> None:
        with tracer.start_as_current_span("send parcel", attributes={"order": number}):
            pass

    @app.get("/order/{number}")
    async def order(number: int, later: BackgroundTasks) -> dict[str, int]:
        if number == 13:
            raise HTTPException(404, "no such order")
        if number == 14:
            raise RuntimeError("no luck")
        await asyncio.gather(*(reserve(row) for row in range(3)))
        later.add_task(parcel, number)
        return {"number": number}

    FastAPIInstrumentor.instrument_app(app)
    return app


@pytest.fixture
def client() -> Iterator[TestClient]:
    with TestClient(shop(), raise_server_exceptions=False) as client:
        yield client


def test_an_order_reserves_three_rows_and_sends_one_parcel(client: TestClient, spans: Spans) -> None:
    assert client.get("/order/7").json() == {"number": 7}
    server = span("GET /order/{number}", kind="server", attributes={"http.route": "/order/{number}"})
    spans.expect(
        one(server),
        exactly(3, span("reserve").parent(server)),
        one(span("send parcel", order=7).ancestor(server)),
        none(span(status="error")),
    )
    spans.expect(forest([server.any_children()]))


def test_what_is_not_there_is_no_error_of_the_server(client: TestClient, spans: Spans) -> None:
    assert client.get("/order/13").status_code == 404
    spans.expect(
        one(span(kind="server").attr("http.status_code", 404)),
        none(span("reserve")),
        none(span(kind="server", status="error")),
    )


def test_what_raises_is_an_error_with_its_exception(client: TestClient, spans: Spans) -> None:
    assert client.get("/order/14").status_code == 500
    spans.expect(one(span(kind="server", status="error").exception(RuntimeError, "no luck")))


def test_requests_that_run_together_have_a_tree_each(spans: Spans) -> None:
    async def requests() -> None:
        async with httpx.AsyncClient(transport=httpx.ASGITransport(shop()), base_url="http://shop") as client:
            await asyncio.gather(*(client.get(f"/order/{number}") for number in range(20, 30)))

    asyncio.run(requests())
    spans.expect(
        exactly(10, span(glob("GET /order/*"), kind="server").is_root()),
        exactly(30, span("reserve")),
        every(span("reserve")).parent(span(kind="server")),
        exactly(10, span("send parcel")),
    )
