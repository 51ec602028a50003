//! [`SpanGroup`]: the spans that are alike, and how long they took.

use std::collections::HashMap;
use std::time::Duration;

use serde::Serialize;

use super::Times;
use crate::trace::bluesky::device_of;
use crate::trace::{SpanRef, Status, Trace};
use crate::value::{Text, Value, nanoseconds, to_json};

/// The spans of a trace that are alike in what they were grouped by, and how long they took.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct SpanGroup {
    /// What they are alike in, in the order in which that was asked for; `name` and `device` unless something was. Null where a
    /// span has nothing of the kind.
    pub key: Vec<(Text, Option<Text>)>,
    /// How many there are.
    pub count: u64,
    /// How many of them never ended; these have no time.
    pub open: u64,
    /// How many of them failed: those with status error, and statuses of devices with an exception.
    pub failed: u64,
    /// How long they took.
    #[serde(flatten)]
    pub times: Times,
    /// How long they took, without what their children took.
    #[serde(rename = "self_ns", serialize_with = "nanoseconds")]
    pub self_time: Duration,
    /// Their total as a part of the time of the whole trace; above 1 where many are under way at once.
    pub share: f64,
}

impl SpanGroup {
    /// What they are alike in, by its name.
    #[must_use]
    pub fn key(&self, name: &str) -> Option<&str> {
        self.key.iter().find(|(known, _)| known == name).and_then(|(_, value)| value.as_deref())
    }

    /// What the spans are called, where they were grouped by that.
    #[must_use]
    pub fn name(&self) -> Option<&str> {
        self.key("name")
    }

    /// The device that they are of, where they were grouped by that and are of one.
    #[must_use]
    pub fn device(&self) -> Option<&str> {
        self.key("device")
    }
}

/// Whether a span failed, or the status of a device.
pub(super) fn has_failed(span: SpanRef<'_>) -> bool {
    matches!(span.status(), Status::Error { .. }) || span.attr("exception").is_some()
}

/// What a span is asked for to be grouped by it: `name`, `kind`, `status`, `device`, or an attribute of it or of its resource.
fn value_of(span: SpanRef<'_>, by: &str) -> Option<Text> {
    let shown = |value: &Value| match value {
        Value::Str(text) => text.clone(),
        value => to_json(value).into(),
    };
    let (own, resource) = (|key: &str| span.span().attr(key), |key: &str| span.span().resource().attributes.get(key));
    match by {
        "name" => Some(span.span().name_text().clone()),
        "kind" => Some(format!("{:?}", span.kind()).to_lowercase().into()),
        "status" => Some(Text::literal(match span.status() {
            Status::Unset => "unset",
            Status::Ok => "ok",
            Status::Error { .. } => "error",
        })),
        "device" => device_of(span.span()).map(Text::from),
        key => match (key.strip_prefix("span.").or(key.strip_prefix('.')), key.strip_prefix("resource.")) {
            // It may be the beginning of the key as well.
            (_, Some(rest)) => own(key).or_else(|| resource(rest)).map(shown),
            (Some(rest), None) => own(key).or_else(|| own(rest)).or_else(|| resource(rest)).map(shown),
            (None, None) => own(key).or_else(|| resource(key)).map(shown),
        },
    }
}

/// The spans of a trace by what they are alike in, those first that took longest together.
pub(super) fn groups_of(trace: &Trace, by: &[Text], whole: Duration) -> Vec<SpanGroup> {
    let mut place_of: HashMap<Vec<Option<Text>>, usize> = HashMap::new();
    let mut groups: Vec<(SpanGroup, Vec<Duration>)> = Vec::new();
    for span in trace.spans() {
        let key: Vec<Option<Text>> = by.iter().map(|by| value_of(span, by)).collect();
        let place = *place_of.entry(key).or_insert_with_key(|key| {
            let key = by.iter().cloned().zip(key.iter().cloned()).collect();
            let times = Times::default();
            groups.push((
                SpanGroup { key, count: 0, open: 0, failed: 0, times, self_time: Duration::ZERO, share: 0.0 },
                Vec::new(),
            ));
            groups.len() - 1
        });
        let (group, durations) = &mut groups[place];
        group.count += 1;
        group.open += u64::from(span.end().is_none());
        group.failed += u64::from(has_failed(span));
        durations.extend(span.duration());
        let own = span.duration().and(span.self_time_ns()).unwrap_or_default();
        group.self_time = group.self_time.saturating_add(Duration::from_nanos(own.try_into().unwrap_or(u64::MAX)));
    }
    let mut groups: Vec<SpanGroup> = groups
        .into_iter()
        .map(|(group, mut durations)| {
            let times = Times::of(&mut durations);
            SpanGroup { times, share: share(times.total, whole), ..group }
        })
        .collect();
    groups.sort_by(|a, b| b.times.total.cmp(&a.times.total).then_with(|| a.key.cmp(&b.key)));
    groups
}

/// A time as a part of a whole; of nothing, 0.
pub(super) fn share(part: Duration, whole: Duration) -> f64 {
    #[expect(clippy::cast_precision_loss, reason = "it is shown with a few digits")]
    let ns = |time: Duration| time.as_nanos() as f64;
    if whole.is_zero() { 0.0 } else { ns(part) / ns(whole) }
}
