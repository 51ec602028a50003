//! Where a span comes from: [`Resource`] and [`Scope`].

use std::sync::{Arc, LazyLock};

use serde::{Deserialize, Serialize};

use super::Attributes;
use crate::value::{IntoEntries, Text};

/// The entity that emitted spans, such as a service (OpenTelemetry specification, "Resource").
///
/// All spans of a provider share one.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Resource {
    /// What describes it, such as `service.name`. From the Rust SDK, which keeps no order, sorted by key.
    #[serde(default)]
    pub attributes: Attributes,
    /// The schema that the attributes follow; empty if none was given, as Python prints it.
    #[serde(default, skip_serializing_if = "str::is_empty")]
    pub schema_url: Text,
}

impl Resource {
    /// A resource that these attributes describe: `json!({...})`, [`Attributes`], or a list of pairs.
    ///
    /// ```
    /// use serde_json::json;
    /// use skyspan_trace::trace::{Resource, Span};
    ///
    /// let shop = Resource::new(json!({"service.name": "shop"}));
    /// let span = Span::builder("order").resource(shop).build();
    /// assert_eq!(span.resource().attributes.get("service.name"), Some(&"shop".into()));
    /// ```
    ///
    /// # Panics
    ///
    /// If they are JSON, but no object.
    #[track_caller]
    pub fn new(attributes: impl IntoEntries) -> Self {
        Self { attributes: Attributes::from_entries(attributes.into_entries()), schema_url: Text::default() }
    }

    /// The resource of spans that were made without one; all of them share it.
    pub(super) fn none() -> Arc<Self> {
        static NONE: LazyLock<Arc<Resource>> = LazyLock::new(Arc::default);
        Arc::clone(&NONE)
    }
}

/// The library whose tracer made a span (OpenTelemetry specification, "Instrumentation Scope").
///
/// The console JSON does not hold it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Scope {
    /// The name that was given to the tracer.
    pub name: Text,
    /// The version of the library, if it was given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<Text>,
    /// The schema that its telemetry follows, if it was given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub schema_url: Option<Text>,
    /// What else describes it.
    #[serde(default, skip_serializing_if = "Attributes::is_empty")]
    pub attributes: Attributes,
}
