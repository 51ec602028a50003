//! What devices are asked about themselves, all at once.

use std::future::poll_fn;
use std::pin::Pin;
use std::sync::Arc;
use std::task::Poll;

use opentelemetry::Context;

use super::RunEngine;
use crate::device::{AssetDoc, CollectedStreams, Cx, DataKeys, Device, DeviceError, Readings, SyncOrAsync};
use crate::document::Configuration;
use crate::message::PlanError;
use crate::value::{Text, Value};

/// Whether devices are read or collected.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Purpose {
    /// They are asked what describes their readings.
    Read,
    /// They are asked what describes what they have to be collected.
    Collect,
}

/// What a device told.
enum Told {
    DataKeys(DataKeys),
    Collected(CollectedStreams),
    ConfigurationKeys(DataKeys),
    Configuration(Readings),
}

/// What is asked, by the place of the device.
type Question<'a> = (usize, Pin<Box<dyn Future<Output = Result<Told, DeviceError>> + Send + 'a>>);

/// What a device has told so far.
#[derive(Default)]
struct Answers {
    data_keys: Option<DataKeys>,
    collected: Option<CollectedStreams>,
    configuration: Option<Configuration>,
}

impl RunEngine {
    /// Asks devices what a stream of a run does not know of them yet, all at once (`RunBundler._ensure_cached`).
    pub(super) async fn learn(
        &mut self,
        run: &Value,
        stream: &Text,
        devices: &[Device],
        purpose: Purpose,
        parent: &Context,
    ) -> Result<(), PlanError> {
        let shared = Arc::clone(&self.shared);
        let mut questions: Vec<Question<'_>> = Vec::new();
        let mut answers: Vec<Answers> = Vec::new();
        let Some(bundler) = self.bundler(run) else { return Ok(()) };
        let known = bundler.stream(stream);
        for (at, device) in devices.iter().enumerate() {
            let cx = Cx::new(&shared, device, parent);
            match purpose {
                Purpose::Read if known.is_none_or(|known| known.data_keys(device).is_none()) => {
                    questions.push(question(at, device.readable()?.describe(cx), Told::DataKeys));
                }
                Purpose::Collect if bundler.flights.described(device).is_none() => {
                    questions.push(question(at, device.collectable()?.describe_collect(cx), Told::Collected));
                }
                Purpose::Read | Purpose::Collect => {}
            }
            let mut answer = Answers::default();
            if known.is_none_or(|known| known.configuration(device).is_none()) {
                // What has no configuration has an empty one.
                answer.configuration = Some(Configuration::default());
                if let Some(configurable) = device.as_configurable() {
                    let described = configurable.describe_configuration(cx);
                    questions.push(question(at, described, Told::ConfigurationKeys));
                    questions.push(question(at, configurable.read_configuration(cx), Told::Configuration));
                }
            }
            answers.push(answer);
        }
        if !questions.is_empty() || answers.iter().any(|answer| answer.configuration.is_some()) {
            self.take_loop_turns(3);
        }
        self.answered(devices, questions, &mut answers).await?;
        let Some(bundler) = self.bundler(run) else { return Ok(()) };
        for (device, answer) in devices.iter().zip(answers) {
            if let Some(collected) = answer.collected {
                bundler.flights.learn(device, collected);
            }
            bundler.learn(stream, device, answer.data_keys, answer.configuration);
        }
        Ok(())
    }

    /// Waits for all answers at once; the first error ends it.
    async fn answered(
        &mut self,
        devices: &[Device],
        mut questions: Vec<Question<'_>>,
        answers: &mut [Answers],
    ) -> Result<(), PlanError> {
        let asked = devices.to_vec();
        let what = move || {
            let names: Vec<&str> = asked.iter().map(|device| &**device.name()).collect();
            format!("description of {}", names.join(", ")).into()
        };
        let all = poll_fn(|cx| {
            let mut failure = None;
            questions.retain_mut(|(at, question)| match question.as_mut().poll(cx) {
                _ if failure.is_some() => true,
                Poll::Pending => true,
                Poll::Ready(Ok(told)) => {
                    answers[*at].note(told);
                    false
                }
                Poll::Ready(Err(error)) => {
                    failure = Some(error);
                    false
                }
            });
            match failure {
                Some(error) => Poll::Ready(Err(error)),
                None if questions.is_empty() => Poll::Ready(Ok(())),
                None => Poll::Pending,
            }
        });
        self.or_deadlock(what, all).await?.map_err(PlanError::Device)
    }

    /// What a device has written since the last time, of values before `index` only, if there is one
    /// (`bluesky.utils.maybe_collect_asset_docs`).
    pub(super) async fn asset_docs(
        &mut self,
        device: &Device,
        index: Option<u64>,
        parent: &Context,
    ) -> Result<Vec<AssetDoc>, PlanError> {
        let shared = Arc::clone(&self.shared);
        let cx = Cx::new(&shared, device, parent);
        let object = device.object();
        let docs = match (object.as_writes_stream_assets(), object.as_writes_external_assets()) {
            (Some(writer), _) => writer.collect_asset_docs(cx, index),
            (None, Some(writer)) => writer.collect_asset_docs(cx),
            (None, None) => return Ok(Vec::new()),
        };
        self.given("collect_asset_docs", device, docs).await
    }

    /// How many values all devices have written at least, asked at once.
    pub(super) async fn least_index(&mut self, devices: &[Device], parent: &Context) -> Result<u64, PlanError> {
        let shared = Arc::clone(&self.shared);
        let mut asked = Vec::new();
        for device in devices {
            asked.push((device.writes_stream_assets()?.get_index(Cx::new(&shared, device, parent)), None));
        }
        let what = || Text::literal("get_index");
        let all = poll_fn(|cx| {
            for (asking, index) in asked.iter_mut().filter(|(_, index)| index.is_none()) {
                if let Poll::Ready(told) = Pin::new(asking).poll(cx) {
                    match told {
                        Ok(told) => *index = Some(told),
                        Err(error) => return Poll::Ready(Err(error)),
                    }
                }
            }
            let least = asked.iter().map(|(_, index)| *index).min();
            // None is less than any number: somebody has not answered.
            least.flatten().map_or(Poll::Pending, |least| Poll::Ready(Ok(least)))
        });
        self.or_deadlock(what, all).await?.map_err(PlanError::Device)
    }
}

impl Answers {
    fn note(&mut self, told: Told) {
        match told {
            Told::DataKeys(data_keys) => self.data_keys = Some(data_keys),
            Told::Collected(collected) => self.collected = Some(collected),
            Told::ConfigurationKeys(data_keys) => self.configuration.get_or_insert_default().data_keys = data_keys,
            Told::Configuration(readings) => self.configuration.get_or_insert_default().readings = readings.0,
        }
    }
}

fn question<'a, T: Send + Unpin + 'a>(
    at: usize,
    asked: SyncOrAsync<'a, Result<T, DeviceError>>,
    told: fn(T) -> Told,
) -> Question<'a> {
    (at, Box::pin(async move { asked.await.map(told) }))
}
