//! `open_run` and `close_run`.

use super::bundler::{RunBundler, refused};
use super::spans::{RUN_SPAN, set_msg_attributes};
use super::{ExitStatus, RunEngine, SpanConvention};
use crate::clock::LiveSpan;
use crate::document::{Document, RunComposer, RunStart, RunStop};
use crate::message::{Msg, PlanError};
use crate::value::{Map, Text, Value, repr};

/// A run that is open: what it bundles, and its span.
#[derive(Debug)]
pub(super) struct OpenRun {
    pub(super) bundler: RunBundler,
    span: LiveSpan,
    /// By what the span is taken away from around the messages of the run, where it is around them.
    around: Option<u64>,
    /// Whether its stop document was emitted, at which a subscriber failed.
    is_stopped: bool,
}

impl OpenRun {
    /// Whether it has still to be stopped.
    pub(super) const fn is_to_be_stopped(&self) -> bool {
        !self.is_stopped
    }
}

impl RunEngine {
    pub(super) fn open_run(&mut self, msg: &Msg, md: &Map) -> Result<Text, PlanError> {
        if self.call.runs.iter().any(|(key, _)| *key == msg.run) {
            return Err(PlanError::IllegalMessageSequence(Text::literal(
                "A 'close_run' message was not received before the 'open_run' message",
            )));
        }
        let scan_id = (self.metadata.scan_id_source)(&self.md)?;
        self.md.insert(Text::literal("scan_id"), scan_id);
        let metadata = self.metadata_of_run(md);
        (self.metadata.validator)(&metadata)?;
        let metadata = (self.metadata.normalizer)(metadata)?;
        let composer = RunComposer::begin(self.shared.clock.clone(), self.seed.clone(), metadata).map_err(refused)?;
        let start = composer.start().clone();
        let uid = start.uid.clone();
        let (span, around) = self.start_run_span(msg, &start);
        let bundler = RunBundler::new(composer);
        self.call.runs.push((msg.run.clone(), OpenRun { bundler, span, around, is_stopped: false }));
        self.emit(|| Document::Start(start))?;
        self.call.run_start_uids.push(uid.clone());
        // A run whose start a subscriber refuses has no stream of interruptions, as in bluesky: its events would have no descriptor.
        if self.record_interruptions
            && let Some((_, run)) = self.call.runs.last_mut()
        {
            let descriptor = run.bundler.describe_interruptions()?;
            self.emit(|| descriptor)?;
        }
        Ok(uid)
    }

    /// What goes into the start document; of what is given twice, the later holds: that of the engine, of the plan, of
    /// the message, of the call.
    fn metadata_of_run(&self, md: &Map) -> Map {
        let mut metadata = self.md.clone();
        metadata.insert(Text::literal("plan_type"), Value::literal("Plan"));
        metadata.insert(Text::literal("plan_name"), &self.call.plan_name);
        metadata.extend(md.clone());
        metadata.extend(self.call.md.clone());
        metadata
    }

    fn start_run_span(&self, msg: &Msg, start: &RunStart) -> (LiveSpan, Option<u64>) {
        if self.env.tracer.is_off() {
            return (LiveSpan::off(), None);
        }
        let mut span = self.env.tracer.start(RUN_SPAN, &self.env.parent(&msg.run));
        set_msg_attributes(&mut span, msg);
        if self.convention == SpanConvention::Bluesky || !span.is_recording() {
            return (span, None);
        }
        span.set(Text::literal("run.uid"), &start.uid);
        if let Some(scan_id) = start.metadata.get("scan_id") {
            span.set(Text::literal("run.scan_id"), scan_id.clone());
        }
        span.set(Text::literal("run.key"), msg.run.clone());
        let around = self.env.put_around(Some(msg.run.clone()), span.context());
        (span, Some(around))
    }

    /// Emits the stop document of a run. A run at whose stop document a subscriber fails stays, as in bluesky: what is left of
    /// it can be collected, and nothing else can take its key, until the call ends.
    pub(super) fn close_run(
        &mut self,
        run: &Value,
        exit_status: Option<&Value>,
        reason: Option<&Value>,
    ) -> Result<Text, PlanError> {
        let at = self.call.runs.iter().position(|(key, _)| key == run).ok_or_else(|| {
            PlanError::IllegalMessageSequence(Text::literal(
                "A 'close_run' message was not received before the 'open_run' message",
            ))
        })?;
        let exit_status = match exit_status.filter(|status| status.is_truthy()) {
            None => ExitStatus::Success,
            Some(value) => value.as_str().and_then(ExitStatus::of_name).ok_or_else(|| {
                let message = format!("{} is not one of ['success', 'abort', 'fail']", repr(value));
                PlanError::raised("ValidationError", message)
            })?,
        };
        let reason = match reason {
            None | Some(Value::Null) => Text::default(),
            Some(Value::Str(reason)) => reason.clone(),
            Some(other) => {
                return Err(PlanError::raised("ValidationError", format!("{} is not of type 'string'", repr(other))));
            }
        };
        let reason = match exit_status {
            // bluesky loses the reason of an abort where the plan closes the run without one.
            ExitStatus::Abort if reason.is_empty() => self.call.abort_reason.clone(),
            _ => reason,
        };
        self.call.runs[at].1.bundler.monitors.clear();
        self.emit_monitored();
        let stop = self.call.runs[at].1.bundler.composer.stop(exit_status, reason).map_err(refused)?;
        let uid = stop.run_start.clone();
        self.end_run_span(at, &stop);
        let emitted = self.emit(|| Document::Stop(stop.into()));
        match emitted {
            Ok(()) => {
                drop(self.call.runs.remove(at));
                self.note_closed_run(run, &uid);
            }
            Err(_) => {
                let stopped = &mut self.call.runs[at].1;
                stopped.is_stopped = true;
                stopped.bundler.composer.go_on_belatedly();
            }
        }
        emitted.map(|()| uid)
    }

    /// Notes on the spans of all open runs that something happened to them from outside, where spans say more than bluesky's.
    pub(super) fn note_on_runs(&mut self, what: &'static str, reason: Option<&Text>) {
        if self.convention == SpanConvention::Nested {
            for (_, run) in &mut self.call.runs {
                run.span.event(Text::literal(what), || reason.map(|reason| (Text::literal("reason"), reason.into())));
            }
        }
    }

    /// Ends the span of a run with what its stop document says.
    fn end_run_span(&mut self, at: usize, stop: &RunStop) {
        let run = &mut self.call.runs[at].1;
        let mut span = std::mem::replace(&mut run.span, LiveSpan::off());
        if let Some(around) = run.around.take() {
            self.env.take_away(around);
        }
        span.set(Text::literal("exit_status"), stop.exit_status);
        span.set(Text::literal("reason"), &stop.reason);
        if self.convention == SpanConvention::Nested && stop.exit_status == ExitStatus::Fail {
            span.set_error(&stop.reason);
        }
    }
}

/// What bluesky's default validator refuses: `sample` has a meaning of its own.
pub(super) fn validate(metadata: &Map) -> Result<(), PlanError> {
    match metadata.get("sample") {
        None | Some(Value::Str(_) | Value::Map(_)) => Ok(()),
        Some(other) => Err(PlanError::value(format!(
            "You specified 'sample' metadata. We give this field special significance in order to make your data \
             easily searchable. Therefore, you must make 'sample' a string or a dictionary, not {}",
            repr(other)
        ))),
    }
}
