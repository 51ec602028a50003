"""What several tests use: a RunEngine and simulated devices of ophyd, and a trace that is the same each time."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

import skyspan

pytest_plugins = ["pytester"]


@pytest.fixture
def RE() -> Any:
    """A RunEngine of bluesky."""
    run_engine = pytest.importorskip("bluesky.run_engine")
    return run_engine.RunEngine({}, call_returns_result=True)


@pytest.fixture
def sim() -> SimpleNamespace:
    """The simulated devices of ophyd."""
    devices: SimpleNamespace = pytest.importorskip("ophyd.sim").hw()
    return devices


SHOP = """
{"resourceSpans": [{
  "resource": {"attributes": [{"key": "service.name", "value": {"stringValue": "shop"}}]},
  "scopeSpans": [{"scope": {"name": "shop.orders", "version": "1.2"}, "spans": [
    {"traceId": "00000000000000000000000000000001", "spanId": "0000000000000001", "name": "order", "kind": 2,
     "startTimeUnixNano": "1000000000", "endTimeUnixNano": "1100000000", "traceState": "a=1",
     "attributes": [{"key": "customer", "value": {"stringValue": "ada"}}, {"key": "items", "value": {"intValue": "3"}},
                    {"key": "weight", "value": {"doubleValue": 2.0}}, {"key": "express", "value": {"boolValue": true}},
                    {"key": "sizes", "value": {"arrayValue": {"values": [{"intValue": "1"}, {"doubleValue": 2.5}]}}},
                    {"key": "note", "value": {"stringValue": "{\\"to\\": {\\"city\\": \\"Paris\\", \\"floors\\": [1, 2]}}"}}]},
    {"traceId": "00000000000000000000000000000001", "spanId": "0000000000000002", "parentSpanId": "0000000000000001",
     "name": "reserve", "kind": 1, "startTimeUnixNano": "1010000000", "endTimeUnixNano": "1040000000",
     "events": [{"timeUnixNano": "1020000000", "name": "locked", "attributes": [{"key": "row", "value": {"intValue": "7"}}]},
                {"timeUnixNano": "1030000000", "name": "unlocked"}]},
    {"traceId": "00000000000000000000000000000001", "spanId": "0000000000000003", "parentSpanId": "0000000000000001",
     "name": "charge", "kind": 3, "startTimeUnixNano": "1050000000", "endTimeUnixNano": "1090000000",
     "status": {"code": 2, "message": "card declined at 3"},
     "links": [{"traceId": "00000000000000000000000000000001", "spanId": "0000000000000002",
                "attributes": [{"key": "why", "value": {"stringValue": "retry"}}]},
               {"traceId": "00000000000000000000000000000009", "spanId": "0000000000000009"}],
     "events": [{"timeUnixNano": "1080000000", "name": "exception", "attributes": [
        {"key": "exception.type", "value": {"stringValue": "ValueError"}},
        {"key": "exception.message", "value": {"stringValue": "no such card"}}]}]},
    {"traceId": "00000000000000000000000000000001", "spanId": "0000000000000004", "parentSpanId": "0000000000000003",
     "name": "ask bank", "kind": 1, "startTimeUnixNano": "1060000000", "endTimeUnixNano": "1075000000"},
    {"traceId": "00000000000000000000000000000002", "spanId": "0000000000000005", "name": "audit", "kind": 1,
     "startTimeUnixNano": "1200000000"}
  ]}]
}]}
"""


@pytest.fixture(scope="session")
def shop() -> skyspan.Trace:
    """An order, what it takes, and an audit that never ends."""
    return skyspan.loads(SHOP)
