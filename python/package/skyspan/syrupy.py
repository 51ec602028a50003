"""An extension of syrupy: ``assert spans == snapshot`` compares the shape of the trace.

::

    from skyspan.syrupy import TraceExtension

    @pytest.fixture
    def snapshot(snapshot):
        return snapshot.use_extension(TraceExtension)
"""

from __future__ import annotations

from typing import Any

from syrupy.extensions.amber import AmberSnapshotExtension

from . import Spans, Trace


class TraceExtension(AmberSnapshotExtension):
    """Writes traces by their shapes, which stay the same from run to run, and anything else as syrupy does."""

    def serialize(self, data: Any, **options: Any) -> Any:
        """The shape of a trace, without times."""
        if isinstance(data, Spans | Trace):
            return data.shape().rstrip("\n")
        return super().serialize(data, **options)
