//! [`RunEngineBuilder`]: an engine to be.

use std::sync::Arc;

use super::call::Call;
use super::commands::Commands;
use super::control::Control;
use super::mishaps::Mishaps;
use super::preferences::MetadataRules;
use super::run_engine::Hooks;
use super::subscriptions::Subscriptions;
use super::{BLUESKY_SCOPE, RunEngine, STATUS_SCOPE, SpanConvention};
use crate::clock::{Clock, HearsPanics, SpanProvider, Tracer};
use crate::device::CallEnvironment;
use crate::plan::PlanEnv;
use crate::seed::Seed;
use crate::value::{IntoEntries, Map, Text};

/// An engine to be, with its options; made by [`RunEngine::builder`].
#[derive(Debug)]
pub struct RunEngineBuilder {
    clock: Clock,
    control: Arc<Control>,
    mishaps: Arc<Mishaps>,
    /// The clock for all that a timer may hold.
    lent: Clock,
    seed: u64,
    convention: SpanConvention,
    tracer: Tracer,
    status_tracer: Tracer,
    md: Map,
    record_interruptions: bool,
    predeclares: bool,
}

impl RunEngineBuilder {
    pub(super) fn new(clock: Clock) -> Self {
        let control = Arc::new(Control::default());
        let mishaps = Arc::new(Mishaps::of(&control));
        let hearing: Arc<dyn HearsPanics> = Arc::clone(&mishaps) as _;
        Self {
            lent: clock.lent(hearing),
            clock,
            control,
            mishaps,
            seed: 0,
            convention: SpanConvention::default(),
            tracer: Tracer::off(),
            status_tracer: Tracer::off(),
            md: Map::new(),
            record_interruptions: false,
            predeclares: false,
        }
    }

    /// The seed of uids, names of groups and noise; 0 unless one says otherwise.
    #[must_use]
    pub const fn seed(mut self, seed: u64) -> Self {
        self.seed = seed;
        self
    }

    /// Which spans it leaves.
    #[must_use]
    pub const fn convention(mut self, convention: SpanConvention) -> Self {
        self.convention = convention;
        self
    }

    /// Sends the spans to a provider, in bluesky's and ophyd's scopes: that of an SDK, or the
    /// [direct one](crate::trace::Capture::direct_provider) of a capture, which costs less. Without one there are none, and
    /// nothing is paid.
    #[must_use]
    pub fn provider(mut self, provider: impl Into<SpanProvider>) -> Self {
        let provider = provider.into();
        self.tracer = Tracer::of_provider(&provider, BLUESKY_SCOPE, self.lent.clone());
        self.status_tracer = Tracer::of_provider(&provider, STATUS_SCOPE, self.lent.clone());
        self
    }

    /// Starts all spans with one tracer, that of a global provider for example.
    #[must_use]
    pub fn tracer(mut self, tracer: Tracer) -> Self {
        self.tracer = tracer.clone();
        self.status_tracer = tracer;
        self
    }

    /// The metadata that goes into every start document.
    ///
    /// It is taken as `json!({...})`, as a [`Map`], or as a list of pairs.
    ///
    /// # Panics
    ///
    /// If it is JSON, but no object.
    #[must_use]
    #[track_caller]
    pub fn md(mut self, md: impl IntoEntries) -> Self {
        self.md.extend(md.into_entries());
        self
    }

    /// Makes interruptions events of the runs (`RE.record_interruptions`).
    #[must_use]
    pub const fn record_interruptions(mut self, record: bool) -> Self {
        self.record_interruptions = record;
        self
    }

    /// Has plans declare their stream before they read anything of it, where they have no `per_step` or `per_shot` of their own
    /// (the environment variable `BLUESKY_PREDECLARE` of bluesky 1.15.1).
    ///
    /// ```
    /// use skyspan::prelude::*;
    ///
    /// let lab = Harness::builder().predeclare(true).build();
    /// let run = lab.run(plans::count(&lab.device("det"), 1));
    /// let commands: Vec<_> = run.messages().iter().map(Msg::command).collect();
    /// assert_eq!(commands[..3], ["stage", "open_run", "declare_stream"]);
    /// ```
    #[must_use]
    pub const fn predeclare(mut self, predeclares: bool) -> Self {
        self.predeclares = predeclares;
        self
    }

    /// Makes the engine from these options.
    #[must_use]
    pub fn build(self) -> RunEngine {
        let seed = Seed::new(self.seed);
        let shared = Arc::new(CallEnvironment {
            clock: self.lent.clone(),
            tracer: self.status_tracer,
            seed: seed.stream("noise"),
        });
        let env = Arc::new(
            PlanEnv::new(self.lent, seed.stream("names of groups"), self.tracer).predeclaring(self.predeclares),
        );
        let versions = Map::from_iter([("skyspan", env!("CARGO_PKG_VERSION"))]);
        let mut md = self.md;
        if !md.contains_key("versions") {
            md.insert(Text::literal("versions"), versions);
        }
        RunEngine {
            clock: self.clock,
            mishaps: self.mishaps,
            shared,
            env,
            convention: self.convention,
            control: self.control,
            seed: seed.stream("uids of documents"),
            md,
            metadata: MetadataRules::default(),
            commands: Commands::default(),
            preprocessors: Vec::new(),
            subscriptions: Subscriptions::default(),
            hooks: Hooks::default(),
            record_interruptions: self.record_interruptions,
            rewindable: true,
            call: Call::default(),
            suspenders: Vec::new(),
        }
    }
}
