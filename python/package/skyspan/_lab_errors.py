"""What goes wrong in a lab and has no exception of bluesky's."""

from __future__ import annotations


class DeviceFault(Exception):
    """What a fault makes a simulated device fail of, where no exception of its own was given."""


class Deadlock(RuntimeError):
    """Everything waits, no timer is left, and nothing can ever go on: when, and what waits."""


class Panic(RuntimeError):
    """Something of skyspan itself went wrong: please report it."""
