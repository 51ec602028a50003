//! [`PagingFlyer`]: a flyer that gathers rows, and hands them out as columns.

use std::sync::Mutex;
use std::time::Duration;

use super::wanted;
use crate::clock::Timestamp;
use crate::device::{
    Args, Collectable, CollectedStreams, Cx, DataKey, DataKeys, Device, DeviceError, Dtype, EventPageCollectable,
    Flyable, OphydObject, PartialEventPage, Status, StatusKind, SyncOrAsync,
};
use crate::value::{Map, Text, Value};
use skyspan_trace::internal::lock;

/// A flyer that gathers rows of numbers, one every period, and hands them out as columns: no class of `ophyd.sim`, but a
/// simple `EventPageCollectable` of bluesky 1.15.1. Row number n, from 0, holds n in each column.
///
/// This is the flyer to be: `Device::from` makes the device. Its stream has to be declared.
///
/// ```
/// use skyspan::hardware::PagingFlyer;
/// use skyspan::prelude::*;
///
/// let lab = Harness::new();
/// let counter = lab.add(PagingFlyer::new("counter", ["counts"], 3).period_s(0.1));
/// let run = lab.run(plan(async move |p| {
///     p.open_run(Map::new()).await?;
///     p.declare_stream_to_collect(&counter, "counts").await?;
///     p.kickoff_all(&counter).await?;
///     p.complete_all(&counter, "done").await?;
///     p.wait("done").await?;
///     p.collect(&counter, None).await?;
///     p.close_run().await
/// }));
/// let Document::EventPage(page) = &run.documents()[2] else { panic!("a page was collected") };
/// assert_eq!(page.get("counts"), Some(&[0.into(), 1.into(), 2.into()][..]));
/// ```
#[derive(Clone, Debug)]
pub struct PagingFlyer {
    name: Text,
    columns: Vec<Text>,
    rows: u64,
    period: Duration,
}

impl PagingFlyer {
    /// A flyer with these columns and so many rows, which takes 0.1 s for each.
    #[must_use]
    pub fn new(name: impl Into<Text>, columns: impl IntoIterator<Item = impl Into<Text>>, rows: u64) -> Self {
        let columns = columns.into_iter().map(Into::into).collect();
        Self { name: name.into(), columns, rows, period: Duration::from_millis(100) }
    }

    /// How long it takes for a row, in seconds; 0.1 unless one says otherwise.
    ///
    /// # Panics
    ///
    /// If it is negative, no number, or more than a duration holds.
    #[must_use]
    #[track_caller]
    pub fn period_s(mut self, period_s: f64) -> Self {
        self.period = wanted::seconds("period_s", period_s);
        self
    }
}

impl From<PagingFlyer> for Device {
    fn from(flyer: PagingFlyer) -> Self {
        Self::new(PagingDevice { flyer, flight: Mutex::default() })
    }
}

#[derive(Debug)]
struct PagingDevice {
    flyer: PagingFlyer,
    flight: Mutex<Option<Flight>>,
}

/// A flight, and how many of its rows were handed out.
#[derive(Debug)]
struct Flight {
    began: Timestamp,
    handed_out: u64,
}

impl PagingDevice {
    /// When a row of a flight is gathered; rows count from 0.
    fn time_of(&self, flight: &Flight, row: u64) -> Timestamp {
        let periods = u32::try_from(row + 1).unwrap_or(u32::MAX);
        flight.began + self.flyer.period.saturating_mul(periods)
    }
}

impl Flyable for PagingDevice {
    fn kickoff(&self, cx: Cx<'_>, args: &Args) -> Result<Status, DeviceError> {
        args.nothing()?;
        *lock(&self.flight) = Some(Flight { began: cx.now(), handed_out: 0 });
        let status = Status::new(cx, StatusKind::Device);
        let _ = status.set_finished();
        Ok(status)
    }

    fn complete(&self, cx: Cx<'_>, args: &Args) -> Result<Status, DeviceError> {
        args.nothing()?;
        let end = match &*lock(&self.flight) {
            Some(flight) if self.flyer.rows > 0 => self.time_of(flight, self.flyer.rows - 1),
            Some(flight) => flight.began,
            None => return Err(DeviceError::other("RuntimeError", format!("{} was not kicked off", self.flyer.name))),
        };
        let status = Status::new(cx, StatusKind::Device);
        let finished = status.clone();
        if end > cx.now() {
            let _ = cx.clock().call_at(end, move || drop(finished.set_finished()));
        } else {
            let _ = finished.set_finished();
        }
        Ok(status)
    }
}

impl Collectable for PagingDevice {
    fn describe_collect<'a>(&'a self, _: Cx<'a>) -> SyncOrAsync<'a, Result<CollectedStreams, DeviceError>> {
        let keys = self.flyer.columns.iter().map(|column| {
            let source = Text::from(format!("SIM:{}", self.flyer.name));
            (column.clone(), DataKey { source, dtype: Dtype::Integer, shape: Vec::new(), more: Map::new() })
        });
        Ok(CollectedStreams::One(DataKeys(keys.collect()))).into()
    }
}

impl EventPageCollectable for PagingDevice {
    fn collect_pages<'a>(&'a self, cx: Cx<'a>) -> SyncOrAsync<'a, Result<Vec<PartialEventPage>, DeviceError>> {
        let mut state = lock(&self.flight);
        let Some(flight) = &mut *state else { return Ok(Vec::new()).into() };
        let first = flight.handed_out;
        let rows: Vec<u64> =
            (first..self.flyer.rows).take_while(|row| self.time_of(flight, *row) <= cx.now()).collect();
        if rows.is_empty() {
            return Ok(Vec::new()).into();
        }
        let time: Vec<Timestamp> = rows.iter().map(|row| self.time_of(flight, *row)).collect();
        flight.handed_out += rows.len() as u64;
        let values: Vec<Value> = rows.into_iter().map(Value::from).collect();
        let columns = || self.flyer.columns.iter().cloned();
        Ok(vec![PartialEventPage {
            data: columns().map(|column| (column, values.clone())).collect(),
            timestamps: columns().map(|column| (column, time.clone())).collect(),
            time,
        }])
        .into()
    }
}

impl OphydObject for PagingDevice {
    fn name(&self) -> &Text {
        &self.flyer.name
    }

    fn class_name(&self) -> Text {
        Text::literal("PagingFlyer")
    }

    fn as_flyable(&self) -> Option<&dyn Flyable> {
        Some(self)
    }

    fn as_collectable(&self) -> Option<&dyn Collectable> {
        Some(self)
    }

    fn as_event_page_collectable(&self) -> Option<&dyn EventPageCollectable> {
        Some(self)
    }
}
