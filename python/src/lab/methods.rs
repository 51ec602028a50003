//! Which methods an object of Python has, as far as protocols ask for them.

use pyo3::prelude::*;

/// The methods that it has, as far as protocols ask for them.
pub(crate) struct Methods(Vec<&'static str>);

impl Methods {
    const ASKED: &'static [&'static str] = &[
        "read",
        "describe",
        "read_configuration",
        "describe_configuration",
        "configure",
        "set",
        "locate",
        "position",
        "trigger",
        "stage",
        "unstage",
        "stop",
        "pause",
        "resume",
        "kickoff",
        "complete",
        "prepare",
        "describe_collect",
        "collect",
        "collect_pages",
        "collect_asset_docs",
        "get_index",
        "subscribe",
        "clear_sub",
        "hints",
    ];

    /// Those of an object.
    pub(crate) fn of(object: &Bound<'_, PyAny>) -> Self {
        Self(Self::ASKED.iter().copied().filter(|method| object.hasattr(*method).unwrap_or(false)).collect())
    }

    /// Whether it has all of these.
    pub(crate) fn all(&self, methods: &[&str]) -> bool {
        methods.iter().all(|method| self.0.contains(method))
    }
}
