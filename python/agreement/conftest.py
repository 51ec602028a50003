"""Which bluesky skyspan is held against: ``pytest agreement --bluesky 1.14.6``, with that one installed."""

from __future__ import annotations

import importlib.metadata

import pytest


def pytest_addoption(parser: pytest.Parser) -> None:
    """Adds ``--bluesky``."""
    parser.addoption("--bluesky", default="1.15.1", help="the version of bluesky that must be installed")


def pytest_configure(config: pytest.Config) -> None:
    """Refuses another one."""
    wanted, found = config.getoption("--bluesky"), importlib.metadata.version("bluesky")
    if wanted != found:
        raise pytest.UsageError(f"expected bluesky {wanted}, found {found}")
