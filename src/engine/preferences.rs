//! What a user may change on an engine between calls: subscriptions, hooks, metadata, preprocessors.

use std::pin::Pin;
use std::sync::Arc;

use super::{RunEngine, RunEngineHandle, RunEngineState, Subscriber, SubscriberOutcome, SubscriptionToken};
use crate::clock::Clock;
use crate::document::{Document, DocumentName};
use crate::message::{PlanError, Response, Subscribe};
use crate::plan::Plan;
use crate::value::{Map, Text, Value};

/// Gives the line that `input` asks for, after the prompt.
pub(super) type Input = Box<dyn FnMut(Text, &Clock) -> Line + Send>;
pub(super) type Line = Pin<Box<dyn Future<Output = Result<Text, PlanError>> + Send>>;

/// What becomes of metadata before a run is opened.
pub(super) struct MetadataRules {
    pub(super) validator: Validator,
    pub(super) normalizer: Normalizer,
    pub(super) scan_id_source: ScanIdSource,
}

type Validator = Box<dyn FnMut(&Map) -> Result<(), PlanError> + Send>;
type Normalizer = Box<dyn FnMut(Map) -> Result<Map, PlanError> + Send>;
type ScanIdSource = Box<dyn FnMut(&Map) -> Result<Value, PlanError> + Send>;

impl Default for MetadataRules {
    fn default() -> Self {
        Self {
            validator: Box::new(super::runs::validate),
            normalizer: Box::new(Ok),
            scan_id_source: Box::new(|md| Ok((md.get("scan_id").and_then(Value::as_i64).unwrap_or(0) + 1).into())),
        }
    }
}

impl RunEngine {
    /// What tells it from outside what to do.
    #[must_use]
    pub fn handle(&self) -> RunEngineHandle {
        RunEngineHandle::new(Arc::clone(&self.control))
    }

    /// What it is doing.
    #[must_use]
    pub fn state(&self) -> RunEngineState {
        self.control.state()
    }

    /// Whether a pause waits for the next checkpoint. It stays so after a call that came to none, until the next call.
    #[must_use]
    pub fn deferred_pause_requested(&self) -> bool {
        self.control.deferred_pause_requested()
    }

    /// Calls `hook` with the new state and the one before, at every change (`RE.state_hook`).
    pub fn set_state_hook(&mut self, hook: impl FnMut(RunEngineState, RunEngineState) + Send + 'static) {
        self.control.set_hook(Box::new(hook));
    }

    /// Gives every document to `subscriber`, from now on. What it returns is `()`, or a result whose error ends the run.
    pub fn subscribe<R: SubscriberOutcome>(
        &mut self,
        subscriber: impl FnMut(&Document) -> R + Send + 'static,
    ) -> SubscriptionToken {
        self.subscribe_to(DocumentName::All, subscriber)
    }

    /// Gives the documents of one name to `subscriber`, from now on.
    ///
    /// ```
    /// use skyspan::document::DocumentName;
    /// use skyspan::prelude::*;
    ///
    /// let lab = Harness::new();
    /// lab.with_engine(|engine| {
    ///     engine.subscribe_to(DocumentName::Stop, |_| Err::<(), _>(plan_error!("the disk is full")));
    /// });
    /// let run = lab.run(plans::count(&lab.device("det"), 1));
    /// assert_eq!(run.exception().map(ToString::to_string).as_deref(), Some("the disk is full"));
    /// ```
    pub fn subscribe_to<R: SubscriberOutcome>(
        &mut self,
        name: DocumentName,
        subscriber: impl FnMut(&Document) -> R + Send + 'static,
    ) -> SubscriptionToken {
        self.subscriptions.add(name, Subscriber::new(subscriber))
    }

    /// Gives the documents of one name to a subscriber that others may share, from now on.
    pub fn add_subscriber(&mut self, name: DocumentName, subscriber: &Subscriber) -> SubscriptionToken {
        self.subscriptions.add(name, subscriber.clone())
    }

    /// Gives every document to `recorder`, before all who subscribe, and whoever unsubscribes.
    pub(crate) fn record_documents(&mut self, recorder: impl FnMut(&Document) + Send + 'static) {
        self.subscriptions.record(Subscriber::new(recorder));
    }

    /// Ends a subscription; one that is not there has ended already.
    pub fn unsubscribe(&mut self, token: SubscriptionToken) {
        self.subscriptions.remove(token);
    }

    /// Ends all subscriptions (`bluesky.run_engine.Dispatcher.unsubscribe_all`, 1.15.1).
    pub fn unsubscribe_all(&mut self) {
        self.subscriptions.clear();
    }

    /// Says whether a subscriber that fails or panics keeps the run going (`RE.ignore_callback_exceptions`); it ends the
    /// run unless one says so. What was ignored is told by [`ignored_callback_errors`](Self::ignored_callback_errors).
    pub const fn ignore_callback_errors(&mut self, ignore: bool) {
        self.subscriptions.ignore_errors = ignore;
    }

    /// What subscribers failed of and was ignored, since the engine was made.
    #[must_use]
    pub fn ignored_callback_errors(&self) -> &[Text] {
        &self.subscriptions.ignored
    }

    /// Puts a preprocessor around the plan of every call (`RE.preprocessors`). The one that is added last is the
    /// outermost, as in bluesky 1.15.1, whose documentation says the reverse.
    pub fn add_preprocessor(&mut self, preprocess: impl Fn(Plan) -> Plan + Send + Sync + 'static) {
        self.preprocessors.push(Arc::new(preprocess));
    }

    /// Takes all preprocessors away.
    pub fn clear_preprocessors(&mut self) {
        self.preprocessors.clear();
    }

    /// Has every run refused whose metadata `validator` refuses (`RE.md_validator`), in place of bluesky's own rule that
    /// `sample` is a string or a map.
    pub fn set_md_validator(&mut self, validator: impl FnMut(&Map) -> Result<(), PlanError> + Send + 'static) {
        self.metadata.validator = Box::new(validator);
    }

    /// Has `normalizer` make the metadata of every run of what was validated (`RE.md_normalizer`).
    pub fn set_md_normalizer(&mut self, normalizer: impl FnMut(Map) -> Result<Map, PlanError> + Send + 'static) {
        self.metadata.normalizer = Box::new(normalizer);
    }

    /// Has `source` give the `scan_id` of every run, of the engine's metadata (`RE.scan_id_source`), in place of one more
    /// than that of the last run.
    pub fn set_scan_id_source(&mut self, source: impl FnMut(&Map) -> Result<Value, PlanError> + Send + 'static) {
        self.metadata.scan_id_source = Box::new(source);
    }

    /// Has `input` answered by that, in place of the standard input.
    ///
    /// ```
    /// use skyspan::message::{Command, Response};
    /// use skyspan::prelude::*;
    ///
    /// let lab = Harness::new();
    /// lab.with_engine(|engine| engine.set_input(async |prompt| Ok(format!("{prompt} yes").into())));
    /// let run = lab.run(plan(async |p| match p.msg(Command::Input { prompt: Some("go on?".into()) }).await? {
    ///     Response::Value(line) => Ok(line),
    ///     _ => Err(plan_error!("no line")),
    /// }));
    /// assert_eq!(run.plan_result(), Some(&"go on? yes".into()));
    /// ```
    pub fn set_input<F, Fut>(&mut self, mut input: F)
    where
        F: FnMut(Text) -> Fut + Send + 'static,
        Fut: Future<Output = Result<Text, PlanError>> + Send + 'static,
    {
        self.hooks.input = Box::new(move |prompt, _| Box::pin(input(prompt)));
    }

    /// Has `input` ask at the standard input, as it does unless one [says otherwise](Self::set_input).
    pub fn use_standard_input(&mut self) {
        self.hooks.input = standard_input();
    }

    /// Says whether interruptions are events of the runs that are opened from now on (`RE.record_interruptions`).
    pub const fn record_interruptions(&mut self, record: bool) {
        self.record_interruptions = record;
    }

    /// Whether messages are kept for a replay (`RE.rewindable`). The message `rewindable` changes it for later calls, too;
    /// a suspension that is cut short by an abort leaves it false, as in bluesky 1.15.1.
    #[must_use]
    pub const fn is_rewindable(&self) -> bool {
        self.rewindable
    }

    /// Whether the plan can be led back to a checkpoint (`RE.resumable`).
    #[must_use]
    pub const fn is_resumable(&self) -> bool {
        self.call.cache.is_some()
    }

    pub(super) fn subscribe_for_call(&mut self, subscribe: &Subscribe) -> Result<Response, PlanError> {
        let name = match &subscribe.name {
            None => DocumentName::All,
            Some(name) => name
                .as_str()
                .and_then(DocumentName::of_name)
                .ok_or_else(|| PlanError::raised("KeyError", crate::value::repr(name)))?,
        };
        let Some(subscriber) = subscribe.callback.downcast_ref::<Subscriber>() else {
            let class = subscribe.callback.class_name();
            return Err(PlanError::type_error(format!("a {class} cannot get documents; make it a Subscriber")));
        };
        let token = self.subscriptions.add(name, subscriber.clone());
        self.call.subscriptions.push(token);
        self.reset_checkpoint();
        Ok(Response::Value(token.into()))
    }

    pub(super) fn unsubscribe_for_call(&mut self, token: &Value) -> Result<Response, PlanError> {
        let known = self.subscriptions.token_of(token);
        if let Some(token) = known {
            self.subscriptions.remove(token);
        }
        let of_call = known.and_then(|token| self.call.subscriptions.iter().position(|other| *other == token));
        match of_call {
            Some(at) => {
                self.call.subscriptions.remove(at);
                self.reset_checkpoint();
                Ok(Response::None)
            }
            None => Err(PlanError::raised("KeyError", crate::value::repr(token))),
        }
    }
}

/// Reads a line from the standard input, on a thread of its own.
pub(super) fn standard_input() -> Input {
    Box::new(|prompt, clock| {
        let clock = clock.clone();
        Box::pin(async move {
            let read = clock.run_blocking(move || {
                use std::io::{BufRead, Write};
                let mut out = std::io::stderr();
                out.write_all(prompt.as_bytes())?;
                out.flush()?;
                let mut line = String::new();
                std::io::stdin().lock().read_line(&mut line)?;
                Ok::<_, std::io::Error>(line)
            });
            match read.await {
                Ok(line) => Ok(line.trim_end_matches(['\r', '\n']).into()),
                Err(error) => Err(PlanError::raised("OSError", error.to_string())),
            }
        })
    })
}
