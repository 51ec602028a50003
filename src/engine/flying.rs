//! `prepare`, `kickoff`, `complete` and `collect`.

use std::sync::Arc;

use opentelemetry::Context;

use super::RunEngine;
use super::asking::Purpose;
use super::attending::without_panic;
use super::bundler::{RunBundler, illegal, refused};
use crate::device::{AssetDoc, CollectedStreams, Cx, DataKeys, Device, PartialEvent, PartialEventPage};
use crate::document::{Document, Event, EventPage};
use crate::message::{Collect, DeviceCall, Payload, PlanError, Response};
use crate::value::{Map, Text, Value};

const NO_RUN_TO_COLLECT: &str = "A 'collect' message was sent but no run is open.";

impl RunEngine {
    pub(super) fn prepare(&mut self, call: &DeviceCall, parent: &Context) -> Result<Response, PlanError> {
        let DeviceCall { obj, args, group } = call;
        let status = obj.preparable()?.prepare(self.cx(obj, parent), args)?;
        self.add_status(group.as_ref().unwrap_or(&Value::Null), &status);
        Ok(Response::Status(status))
    }

    pub(super) fn kickoff(&mut self, run: &Value, call: &DeviceCall, parent: &Context) -> Result<Response, PlanError> {
        let DeviceCall { obj, args, group } = call;
        if self.bundler(run).is_none() {
            return Err(illegal("A 'kickoff' message was sent but no run is open."));
        }
        let status = obj.flyable()?.kickoff(self.cx(obj, parent), args)?;
        if let Some(bundler) = self.bundler(run) {
            bundler.flights.kicked_off(obj);
        }
        self.add_status(group.as_ref().unwrap_or(&Value::Null), &status);
        Ok(Response::Status(status))
    }

    pub(super) fn complete(&mut self, call: &DeviceCall, parent: &Context) -> Result<Response, PlanError> {
        let DeviceCall { obj, args, group } = call;
        let status = obj.flyable()?.complete(self.cx(obj, parent), args)?;
        self.add_status(group.as_ref().unwrap_or(&Value::Null), &status);
        Ok(Response::Status(status))
    }

    /// Emits what devices have gathered and written (`RunBundler.collect`).
    pub(super) async fn collect(
        &mut self,
        run: &Value,
        collect: &Collect,
        parent: &Context,
    ) -> Result<Response, PlanError> {
        let objs = &collect.objs;
        let bundler = self.bundler(run).ok_or_else(|| illegal(NO_RUN_TO_COLLECT))?;
        if collect.stream == Some(true) {
            return Err(PlanError::runtime(
                "Collect now emits EventPages (stream=False), so emitting Events (stream=True) is no longer supported",
            ));
        }
        for obj in objs {
            obj.collectable()?;
        }
        if objs.len() > 1 {
            for obj in objs {
                obj.writes_stream_assets()?;
            }
        }
        objs.iter().for_each(|obj| bundler.flights.collected(obj));
        let stream = bundler.flights.stream_of(objs, collect.name.as_ref())?;
        if stream.is_none() {
            match &**objs {
                [obj] => self.describe_own_streams(run, obj, parent).await?,
                _ => {
                    return Err(illegal(
                        "If collecting multiple objects you must predeclare a stream for all the objects first and \
                         provide the stream name",
                    ));
                }
            }
        }
        let index = if objs.len() > 1 { Some(self.least_index(objs, parent).await?) } else { None };
        let mut assets = Vec::new();
        for obj in objs {
            assets.append(&mut self.asset_docs(obj, index, parent).await?);
        }
        let width = self.emit_assets(run, assets, stream.as_ref())?;
        match &**objs {
            [obj] if obj.as_writes_stream_assets().is_none() => {
                let payload = self.collect_events(run, obj, stream.as_ref(), width, parent).await?;
                let payload = payload.filter(|_| collect.return_payload.unwrap_or(true));
                Ok(payload.map_or(Response::None, Response::Payload))
            }
            // There is no event that would count them.
            _ => self.count(run, stream.as_ref(), width).map(|()| Response::None),
        }
    }

    fn count(&mut self, run: &Value, stream: Option<&Text>, width: u64) -> Result<(), PlanError> {
        let bundler = self.bundler(run).ok_or_else(|| illegal(NO_RUN_TO_COLLECT))?;
        let stream = stream.ok_or_else(|| PlanError::raised("KeyError", "None"))?;
        bundler.composer.count(stream, width).map_err(refused)
    }

    /// Emits asset documents that came together; gives how many values the stream data among them are of.
    pub(super) fn emit_assets(
        &mut self,
        run: &Value,
        assets: Vec<AssetDoc>,
        stream: Option<&Text>,
    ) -> Result<u64, PlanError> {
        let Some(bundler) = self.bundler(run) else { return Ok(0) };
        let (documents, outcome) = bundler.pack(assets, stream);
        for document in documents {
            self.emit(|| document)?;
        }
        outcome
    }

    /// Describes the streams that a flyer brings with it, where they are not described with it
    /// (`RunBundler._describe_collect`).
    async fn describe_own_streams(&mut self, run: &Value, obj: &Device, parent: &Context) -> Result<(), PlanError> {
        let streams = match self.bundler(run).and_then(|bundler| bundler.flights.described(obj).cloned()) {
            Some(known) => known,
            None => {
                let (shared, collectable) = (Arc::clone(&self.shared), obj.collectable()?);
                let described = collectable.describe_collect(Cx::new(&shared, obj, parent));
                let described = self.given("describe_collect", obj, described).await?;
                if let Some(bundler) = self.bundler(run) {
                    bundler.flights.learn(obj, described.clone());
                }
                described
            }
        };
        let streams = match streams {
            CollectedStreams::Named(streams) => streams,
            CollectedStreams::One(data_keys) if data_keys.0.is_empty() => Vec::new(),
            CollectedStreams::One(_) => {
                return Err(PlanError::raised("AssertionError", "Single nested data keys should be pre-declared"));
            }
        };
        check_duplicates(&streams)?;
        for (name, data_keys) in streams {
            self.describe_own_stream(run, obj, &name, data_keys, parent).await?;
        }
        Ok(())
    }

    async fn describe_own_stream(
        &mut self,
        run: &Value,
        obj: &Device,
        name: &Text,
        data_keys: DataKeys,
        parent: &Context,
    ) -> Result<(), PlanError> {
        self.learn(run, name, std::slice::from_ref(obj), Purpose::Collect, parent).await?;
        let Some(bundler) = self.bundler(run) else { return Ok(()) };
        bundler.learn(name, obj, Some(data_keys.clone()), None);
        if bundler.stream(name).is_some_and(|stream| stream.describes(obj)) {
            return Ok(());
        }
        self.describe(run, name, vec![(obj.clone(), data_keys)]).map(drop)
    }

    /// Emits the events that one device has gathered, and gives them. One that gathers none has its stream data counted.
    async fn collect_events(
        &mut self,
        run: &Value,
        obj: &Device,
        stream: Option<&Text>,
        width: u64,
        parent: &Context,
    ) -> Result<Option<Payload>, PlanError> {
        let shared = Arc::clone(&self.shared);
        let cx = Cx::new(&shared, obj, parent);
        if let Some(collectable) = obj.as_event_page_collectable() {
            let pages = self.given("collect_pages", obj, collectable.collect_pages(cx)).await?;
            for page in &pages {
                let bundler = self.bundler(run).ok_or_else(|| illegal(NO_RUN_TO_COLLECT))?;
                let page = compose_page(bundler, obj, stream, page)?;
                self.emit(|| Document::EventPage(page.into()))?;
            }
            return Ok(Some(Payload::Pages(pages)));
        }
        if let Some(collectable) = obj.as_event_collectable() {
            let events = self.given("collect", obj, collectable.collect(cx)).await?;
            let now = self.shared.clock.now();
            let bundler = self.bundler(run).ok_or_else(|| illegal(NO_RUN_TO_COLLECT))?;
            let mut pages: Vec<(Text, Vec<Event>)> = Vec::new();
            for partial in &events {
                let (name, event) = compose_event(bundler, obj, stream, partial, now)?;
                match pages.iter_mut().find(|(other, _)| *other == name) {
                    Some((_, page)) => page.push(event),
                    None => pages.push((name, vec![event])),
                }
            }
            for page in pages.into_iter().filter_map(|(_, events)| EventPage::pack(events)) {
                self.emit(|| Document::EventPage(page.into()))?;
            }
            return Ok(Some(Payload::Events(events)));
        }
        if stream.is_none() {
            return Err(PlanError::runtime(
                "A `collect` message on a device that isn't EventCollectable or EventPageCollectable requires a \
                 `name=stream_name` argument",
            ));
        }
        self.count(run, stream, width).map(|()| None)
    }

    /// Collects what was kicked off and not collected, of all runs (`RunBundler.backstop_collect`). What goes wrong is
    /// kept, and the rest is collected nevertheless.
    pub(super) async fn backstop_collect(&mut self) {
        let flights = self.call.runs.iter_mut().map(|(run, open)| {
            let uncollected = std::mem::take(&mut open.bundler.flights.uncollected);
            (run.clone(), uncollected)
        });
        for (run, uncollected) in flights.collect::<Vec<_>>() {
            for obj in uncollected {
                let what = || format!("`collect` of {obj}").into();
                let objs = vec![obj.clone()];
                let collect = Collect { objs, stream: None, return_payload: Some(false), name: None };
                let none = Context::new();
                let collected = without_panic(what, Box::pin(self.collect(&run, &collect, &none)).as_mut()).await;
                if let Err(error) = collected {
                    self.call.cleanup_errors.push(format!("Failed to collect {obj:?}: {error}").into());
                }
            }
        }
    }
}

fn compose_event(
    bundler: &mut RunBundler,
    obj: &Device,
    stream: Option<&Text>,
    partial: &PartialEvent,
    now: crate::clock::Timestamp,
) -> Result<(Text, Event), PlanError> {
    let keys: Vec<&Text> = partial.readings.iter().map(|(key, _)| key).collect();
    let name = stream_of_event(bundler, obj, stream, &keys)?;
    check_no_stream_keys(bundler, &name, &keys, "event")?;
    let filled: Map = partial.filled.clone();
    let event = bundler.composer.event_of(&name, partial.readings.clone(), filled, now).map_err(refused)?;
    Ok((name, event.compose()))
}

fn compose_page(
    bundler: &mut RunBundler,
    obj: &Device,
    stream: Option<&Text>,
    page: &PartialEventPage,
) -> Result<EventPage, PlanError> {
    let keys: Vec<&Text> = page.data.iter().map(|(key, _)| key).collect();
    let name = stream_of_event(bundler, obj, stream, &keys)?;
    check_no_stream_keys(bundler, &name, &keys, "event_page")?;
    bundler.composer.page(&name, page.clone()).map_err(refused)
}

/// The stream of what was gathered: the one that was declared, or that of the device's own with exactly these data keys.
fn stream_of_event(
    bundler: &RunBundler,
    obj: &Device,
    stream: Option<&Text>,
    keys: &[&Text],
) -> Result<Text, PlanError> {
    if let Some(stream) = stream {
        return Ok(stream.clone());
    }
    let own = match bundler.flights.described(obj) {
        Some(CollectedStreams::Named(streams)) => &streams[..],
        Some(CollectedStreams::One(_)) | None => &[],
    };
    let has_these = |described: &DataKeys| {
        described.0.len() == keys.len() && described.0.iter().all(|(key, _)| keys.contains(&key))
    };
    let own = own.iter().find(|(_, described)| has_these(described));
    own.map(|(name, _)| name.clone()).ok_or_else(|| {
        let keys: Vec<&str> = keys.iter().map(|key| &***key).collect();
        PlanError::raised("KeyError", format!("{obj:?} has no stream with the data keys {}", keys.join(", ")))
    })
}

/// Wants no data for what a device writes somewhere else.
fn check_no_stream_keys(bundler: &RunBundler, stream: &Text, keys: &[&Text], what: &str) -> Result<(), PlanError> {
    let descriptor = bundler.composer.descriptor(stream);
    if descriptor.is_some_and(|descriptor| descriptor.stream_keys().any(|key| keys.contains(&key))) {
        let message = format!("Received an {what} containing data for external data keys.");
        return Err(PlanError::runtime(message));
    }
    Ok(())
}

/// Wants no data key in two streams of one flyer: nobody could tell to which an event belongs.
fn check_duplicates(streams: &[(Text, DataKeys)]) -> Result<(), PlanError> {
    for (at, (name, data_keys)) in streams.iter().enumerate() {
        for (other, others) in &streams[at + 1..] {
            let common = data_keys.0.iter().find(|(key, _)| others.0.iter().any(|(known, _)| known == key));
            if let Some((key, _)) = common {
                let message =
                    format!("Can't use identical data keys in multiple streams: {key} is in {name} and {other}");
                return Err(PlanError::runtime(message));
            }
        }
    }
    Ok(())
}
