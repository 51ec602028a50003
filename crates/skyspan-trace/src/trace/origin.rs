//! Where a span comes from: [`Resource`] and [`Scope`].

use std::sync::{Arc, LazyLock};

use super::Attributes;
use crate::value::Text;

/// The entity that emitted spans, such as a service (OpenTelemetry specification, "Resource").
///
/// All spans of a provider share one.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Resource {
    /// What describes it, such as `service.name`. From the Rust SDK, which keeps no order, sorted by key.
    pub attributes: Attributes,
    /// The schema that the attributes follow; empty if none was given, as Python prints it.
    pub schema_url: Text,
}

impl Resource {
    /// The resource of spans that were made without one; all of them share it.
    pub(super) fn none() -> Arc<Self> {
        static NONE: LazyLock<Arc<Resource>> = LazyLock::new(Arc::default);
        Arc::clone(&NONE)
    }
}

/// The library whose tracer made a span (OpenTelemetry specification, "Instrumentation Scope").
///
/// The console JSON does not hold it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Scope {
    /// The name that was given to the tracer.
    pub name: Text,
    /// The version of the library, if it was given.
    pub version: Option<Text>,
    /// The schema that its telemetry follows, if it was given.
    pub schema_url: Option<Text>,
    /// What else describes it.
    pub attributes: Attributes,
}
