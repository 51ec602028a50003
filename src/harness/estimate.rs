//! [`Estimate`]: how long a plan takes, where the time goes, and how much it writes.

use std::fmt;
use std::time::Duration;

use crate::message::PlanError;
use crate::value::Text;
use skyspan_trace::internal::{grouped, nanoseconds, table};

/// How wide the columns of the tables are at least, so that they stand below each other, unless a name is long.
const COLUMNS: [usize; 4] = [20, 14, 20, 9];

/// How long something took on a simulated clock, where the time went, and how much it would write. Made by
/// [`Harness::estimate`](super::Harness::estimate). Its `Display` is a table.
///
/// The numbers are exact for the simulated devices: as good as their delays are those of the real ones.
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct Estimate {
    /// How long it took.
    pub duration: Duration,
    /// How many runs were opened.
    pub runs: u64,
    /// How many events there are in the streams called `primary`.
    pub points: u64,
    /// How many events there are in the streams of each name, in the order in which they were first described.
    pub streams: Vec<(Text, u64)>,
    /// How many documents there are of each kind, and how long they are, in the order in which the kinds first came.
    pub documents: Vec<DocumentEstimate>,
    /// What is written besides the documents.
    pub assets: AssetEstimate,
    /// In which messages the time passed, the longest first. Each moment is counted once, for the message that was being
    /// executed; these and [`apart`](Self::apart) are the whole duration.
    pub commands: Vec<CommandEstimate>,
    /// Which devices were busy, the busiest first. Devices are busy at the same time, and while nobody waits for them.
    pub devices: Vec<DeviceEstimate>,
    /// How much time passed while no message was being executed: between calls, and in pauses.
    pub apart: Duration,
    /// What came out of the plan, where that was an error; then the numbers are those up to it.
    pub failure: Option<PlanError>,
}

/// The documents of one kind.
#[derive(Clone, Debug, PartialEq, serde::Serialize)]
#[non_exhaustive]
pub struct DocumentEstimate {
    /// The name of the documents, such as `event`.
    pub name: &'static str,
    /// How many documents of that name are written.
    pub documents: u64,
    /// How many bytes they take as a [`JsonLinesWriter`](crate::callbacks::JsonLinesWriter) writes them.
    pub bytes: u64,
}

/// What devices write besides the documents.
#[derive(Clone, Debug, Default, PartialEq, serde::Serialize)]
#[non_exhaustive]
pub struct AssetEstimate {
    /// How many files, or other resources.
    pub files: u64,
    /// How many values are in them: images, for a camera.
    pub values: u64,
    /// How many bytes they take, but for those of unknown size: what their data keys say of shape and `dtype_numpy`,
    /// without compression.
    pub bytes: u64,
    /// How many of the values have no `dtype_numpy`, so that their size is not known.
    pub values_of_unknown_size: u64,
}

/// The messages of one command.
#[derive(Clone, Debug, PartialEq, serde::Serialize)]
#[non_exhaustive]
pub struct CommandEstimate {
    /// The name of the command.
    pub command: Text,
    /// How many messages, those counted again that are done again after a pause.
    pub messages: u64,
    /// How long they took.
    #[serde(rename = "time_ns", serialize_with = "nanoseconds")]
    pub time: Duration,
}

/// The statuses of one device.
#[derive(Clone, Debug, PartialEq, serde::Serialize)]
#[non_exhaustive]
pub struct DeviceEstimate {
    /// The name of the device.
    pub device: Text,
    /// How many statuses it gave to messages.
    pub statuses: u64,
    /// How many of them were never done.
    pub unfinished: u64,
    /// How long there was at least one under way.
    #[serde(rename = "busy_ns", serialize_with = "nanoseconds")]
    pub busy: Duration,
    /// How long they took, each counted for itself: longer than `busy` where they overlap.
    #[serde(rename = "status_time_ns", serialize_with = "nanoseconds")]
    pub status_time: Duration,
}

impl AssetEstimate {
    /// Counts values, each of so many bytes if that is known.
    pub(super) const fn add(&mut self, bytes: Option<u64>, number: u64) {
        self.values += number;
        match bytes {
            Some(bytes) => self.bytes = self.bytes.saturating_add(bytes.saturating_mul(number)),
            None => self.values_of_unknown_size += number,
        }
    }
}

impl Estimate {
    /// How many messages were executed.
    #[must_use]
    pub fn messages(&self) -> u64 {
        self.commands.iter().map(|command| command.messages).sum()
    }

    /// How many bytes all documents take as a [`JsonLinesWriter`](crate::callbacks::JsonLinesWriter) writes them.
    #[must_use]
    pub fn document_bytes(&self) -> u64 {
        self.documents.iter().map(|documents| documents.bytes).sum()
    }

    /// The messages of a command, if there are any.
    #[must_use]
    pub fn command(&self, command: &str) -> Option<&CommandEstimate> {
        self.commands.iter().find(|known| known.command == command)
    }

    /// The statuses of the device of that name, if there are any.
    #[must_use]
    pub fn device(&self, name: &str) -> Option<&DeviceEstimate> {
        self.devices.iter().find(|known| known.device == name)
    }

    /// How many events there are in the streams of that name.
    #[must_use]
    pub fn events(&self, stream: &str) -> u64 {
        self.streams.iter().find(|(name, _)| *name == stream).map_or(0, |(_, events)| *events)
    }

    fn share(&self, time: Duration) -> String {
        if self.duration.is_zero() {
            return "-".to_owned();
        }
        format!("{:.1} %", 100.0 * time.as_secs_f64() / self.duration.as_secs_f64())
    }
}

impl fmt::Display for Estimate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let number = |number: u64| grouped(number);
        let documents = self.documents.iter().map(|documents| documents.documents).sum();
        let row = |what: &str, amount: String, more: String| [what.to_owned(), amount, more, String::new()];
        let mut all = vec![
            row("duration", clock_time(self.duration), seconds(self.duration)),
            row("runs", number(self.runs), String::new()),
            row("points", number(self.points), String::new()),
            row("messages", number(self.messages()), String::new()),
            row("documents", number(documents), bytes(self.document_bytes())),
        ];
        let AssetEstimate { files, values, bytes: asset_bytes, values_of_unknown_size } = self.assets;
        if files + values > 0 {
            all.push(row("files", number(files), bytes(asset_bytes)));
            if values_of_unknown_size > 0 {
                all.push(row("of unknown size", number(values_of_unknown_size), "values".to_owned()));
            }
        }
        table(f, None, &all, COLUMNS)?;
        let rows = self.streams.iter().map(|(name, events)| [name.to_string(), number(*events), "".into(), "".into()]);
        table(f, Some(["stream", "events", "", ""]), &rows.collect::<Vec<_>>(), COLUMNS)?;
        let rows = self.documents.iter().map(|documents| {
            [documents.name.into(), number(documents.documents), bytes(documents.bytes), String::new()]
        });
        table(f, Some(["document", "number", "JSON", ""]), &rows.collect::<Vec<_>>(), COLUMNS)?;
        let mut rows: Vec<[String; 4]> = self
            .commands
            .iter()
            .map(|it| [it.command.to_string(), number(it.messages), seconds(it.time), self.share(it.time)])
            .collect();
        if !self.apart.is_zero() {
            rows.push(["(between messages)".into(), String::new(), seconds(self.apart), self.share(self.apart)]);
        }
        table(f, Some(["command", "messages", "time", "share"]), &rows, COLUMNS)?;
        let rows = self.devices.iter().map(|it| {
            let statuses = match it.unfinished {
                0 => number(it.statuses),
                unfinished => format!("{} ({} unfinished)", number(it.statuses), number(unfinished)),
            };
            [it.device.to_string(), statuses, seconds(it.busy), self.share(it.busy)]
        });
        table(f, Some(["device", "statuses", "busy", "share"]), &rows.collect::<Vec<_>>(), COLUMNS)?;
        match &self.failure {
            Some(error) => writeln!(f, "\nup to where it failed: {}: {error}", error.name()),
            None => Ok(()),
        }
    }
}

/// Hours, minutes and seconds: `8:00:00`.
fn clock_time(time: Duration) -> String {
    let seconds = time.as_secs();
    format!("{}:{:02}:{:02}", seconds / 3600, seconds / 60 % 60, seconds % 60)
}

fn seconds(time: Duration) -> String {
    let whole = grouped(time.as_secs());
    match time.subsec_nanos() {
        0 => format!("{whole} s"),
        nanos => format!("{whole}.{} s", format!("{nanos:09}").trim_end_matches('0')),
    }
}

/// Bytes in the unit in which they are easily read; exact below 10 kB.
fn bytes(bytes: u64) -> String {
    if bytes < 10_000 {
        return format!("{} B", grouped(bytes));
    }
    #[expect(clippy::cast_precision_loss, reason = "three digits are shown")]
    let mut number = bytes as f64 / 1e3;
    for unit in ["kB", "MB", "GB", "TB"] {
        if number < 1e3 {
            return format!("{number:.1} {unit}");
        }
        number /= 1e3;
    }
    format!("{number:.1} PB")
}
