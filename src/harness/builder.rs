//! [`HarnessBuilder`]: a harness to be.

use opentelemetry::KeyValue;

use super::{Harness, Kept};
use crate::clock::{Clock, Moments, Timestamp};
use crate::engine::{Limits, RunEngine, SpanConvention};
use crate::hardware::Beamline;
use crate::program::{EngineOptions, Program};
use crate::seed::Seed;
use crate::trace::{Capture, SeededIds};
use crate::value::{IntoEntries, Map};

/// A harness to be, with its options; made by [`Harness::builder`].
#[derive(Debug)]
#[must_use = "build() makes the harness"]
pub struct HarnessBuilder {
    seed: u64,
    start: Option<Timestamp>,
    real_time: bool,
    convention: SpanConvention,
    resource: Map,
    md: Map,
    record_interruptions: bool,
    predeclares: bool,
    ignores_callback_errors: bool,
    kept: Vec<Kept>,
    limits: Limits,
    chronicled: Option<Chronicled>,
    moments: Option<Picks>,
    beamline: Option<Beamline>,
    through_sdk: bool,
}

/// How those are picked that are due at one moment.
#[derive(Clone, Debug)]
enum Picks {
    OfSeed,
    Given(Vec<u8>),
}

/// What is noted in a chronicle.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Chronicled {
    All,
    /// Neither statuses nor documents, nor what is asked of devices.
    #[cfg(feature = "property")]
    States,
}

impl HarnessBuilder {
    pub(super) fn new() -> Self {
        Self {
            seed: 0,
            start: None,
            real_time: false,
            convention: SpanConvention::default(),
            resource: Map::from_iter([("service.name", "skyspan")]),
            md: Map::new(),
            record_interruptions: false,
            predeclares: false,
            ignores_callback_errors: false,
            kept: vec![Kept::Spans, Kept::Documents, Kept::Messages],
            limits: Limits::default(),
            chronicled: None,
            moments: None,
            beamline: None,
            // So the whole test suite is run both ways.
            through_sdk: cfg!(debug_assertions) && std::env::var_os("SKYSPAN_THROUGH_SDK").is_some(),
        }
    }

    /// The seed of all chance; 0 unless one says otherwise.
    pub const fn seed(mut self, seed: u64) -> Self {
        self.seed = seed;
        self
    }

    /// When the simulated clock starts; 2024-06-18T08:40:56Z unless one says otherwise.
    pub const fn start_time(mut self, start: Timestamp) -> Self {
        self.start = Some(start);
        self
    }

    /// Runs plans in real time. Then two runs are no longer the same to the byte.
    pub const fn real_time(mut self) -> Self {
        self.real_time = true;
        self
    }

    /// Which spans the engine leaves.
    pub const fn convention(mut self, convention: SpanConvention) -> Self {
        self.convention = convention;
        self
    }

    /// The attributes of the resource on all spans; `service.name` is `skyspan` unless one says otherwise.
    ///
    /// They are taken as `json!({...})`, as a [`Map`], or as a list of pairs.
    ///
    /// # Panics
    ///
    /// If they are JSON, but no object.
    #[track_caller]
    pub fn resource(mut self, attributes: impl IntoEntries) -> Self {
        self.resource = attributes.into_entries().into_iter().collect();
        self
    }

    /// The metadata that goes into every start document.
    ///
    /// It is taken as `json!({...})`, as a [`Map`], or as a list of pairs.
    ///
    /// # Panics
    ///
    /// If it is JSON, but no object.
    #[track_caller]
    pub fn md(mut self, md: impl IntoEntries) -> Self {
        self.md.extend(md.into_entries());
        self
    }

    /// Makes interruptions events of the runs.
    pub const fn record_interruptions(mut self, record: bool) -> Self {
        self.record_interruptions = record;
        self
    }

    /// Has plans declare their stream before they read anything of it; see
    /// [`RunEngineBuilder::predeclare`](crate::engine::RunEngineBuilder::predeclare).
    pub const fn predeclare(mut self, predeclares: bool) -> Self {
        self.predeclares = predeclares;
        self
    }

    /// The resource, the metadata and the options of the engine that a program has.
    pub fn program(self, program: &Program) -> Self {
        let EngineOptions { record_interruptions, predeclare, ignore_callback_exceptions, md, limits, moments } =
            &program.engine;
        let ignores = self.ignores_callback_errors || *ignore_callback_exceptions;
        let builder = self.resource(program.resource.clone()).md(md.clone());
        let builder = builder.record_interruptions(*record_interruptions).predeclare(*predeclare).limits(*limits);
        let builder = Self { ignores_callback_errors: ignores, ..builder };
        match moments {
            Moments::InOrder => builder,
            Moments::Shuffled(_) => builder.shuffled_moments(),
            Moments::Picked(picks) => builder.picked_moments(picks.iter().copied()),
        }
    }

    /// The devices; those of [`Beamline::simulated`] unless one says otherwise.
    pub fn beamline(mut self, beamline: Beamline) -> Self {
        self.beamline = Some(beamline);
        self
    }

    /// Makes the spans by OpenTelemetry's SDK: the same spans, for more than they cost when the
    /// [capture itself](Capture::direct_provider) makes them.
    ///
    /// ```
    /// use skyspan::prelude::*;
    ///
    /// let (direct, sdk) = (Harness::new(), Harness::builder().through_sdk().build());
    /// let [direct, sdk] = [direct, sdk].map(|lab| lab.run(plans::count(&lab.device("det"), 3)).trace().to_console_json());
    /// assert_eq!(direct, sdk);
    /// ```
    pub const fn through_sdk(mut self) -> Self {
        self.through_sdk = true;
        self
    }

    /// Leaves no spans, and pays for none.
    pub fn untraced(self) -> Self {
        self.without(Kept::Spans)
    }

    /// Makes and keeps nothing of this. A plan of any length then takes no memory for it, and next to no time.
    ///
    /// ```
    /// use skyspan::harness::Kept;
    /// use skyspan::prelude::*;
    ///
    /// let lab = Harness::builder().without(Kept::Spans).without(Kept::Messages).build();
    /// let run = lab.run(plans::count(&lab.device("det"), 3));
    /// assert!(run.trace().is_empty() && run.messages().is_empty());
    /// assert_eq!(run.events().count(), 3);
    /// ```
    pub fn without(mut self, what: Kept) -> Self {
        self.kept.retain(|kept| *kept != what);
        self
    }

    /// How much a plan may do and leave before it is ended.
    ///
    /// ```
    /// use skyspan::engine::Limits;
    /// use skyspan::prelude::*;
    ///
    /// let lab = Harness::builder().limits(Limits::none()).build();
    /// lab.run(plans::count(&lab.device("det"), 3)).assert_success();
    /// ```
    pub const fn limits(mut self, limits: Limits) -> Self {
        self.limits = limits;
        self
    }

    /// Keeps a [`Chronicle`](super::Chronicle) of each call.
    pub const fn chronicled(mut self) -> Self {
        self.chronicled = Some(Chronicled::All);
        self
    }

    /// Keeps of a chronicle what costs next to nothing: messages, failures and the states of the engine.
    #[cfg(feature = "property")]
    pub(crate) fn chronicled_states(mut self) -> Self {
        self.chronicled.get_or_insert(Chronicled::States);
        self
    }

    /// What is due at one moment comes in an order that is drawn from the seed; see [`Moments`]. The resource of the spans says so:
    /// `skyspan.shuffled_moments`.
    ///
    /// ```
    /// use skyspan::prelude::*;
    ///
    /// // Both arrive after a second, and only one of them is waited for.
    /// let is_where_it_should_be = |lab: Harness| {
    ///     let (x, y) = (lab.add(SynAxis::new("x").delay_s(1.0)), lab.add(SynAxis::new("y").delay_s(1.0)));
    ///     let run = lab.run(plan(async move |p| {
    ///         p.abs_set(&x, 5).await?;
    ///         p.abs_set_in(&y, 5, "y").await?;
    ///         p.wait("y").await?;
    ///         p.rd(&x).await
    ///     }));
    ///     run.plan_result().and_then(|position| position.as_f64()) == Some(5.0)
    /// };
    /// assert!(is_where_it_should_be(Harness::new()), "by luck: it was set first");
    /// let shuffled = (0..10).map(|seed| Harness::builder().seed(seed).shuffled_moments().build());
    /// assert!(!shuffled.map(is_where_it_should_be).all(|is| is));
    /// ```
    pub fn shuffled_moments(mut self) -> Self {
        self.moments = Some(Picks::OfSeed);
        self
    }

    /// What is due at one moment comes in the order of these [picks](Clock::picks), as a search prints them: one for each time
    /// that there is a choice.
    pub fn picked_moments(mut self, picks: impl IntoIterator<Item = u8>) -> Self {
        self.moments = Some(Picks::Given(picks.into_iter().collect()));
        self
    }

    /// Makes the harness from these options.
    #[must_use]
    #[track_caller]
    pub fn build(self) -> Harness {
        let clock = match (self.real_time, self.start) {
            (true, _) => Clock::real(),
            (false, Some(start)) => Clock::simulated_from(start),
            (false, None) => Clock::simulated(),
        };
        let is_shuffled = self.moments.is_some();
        match self.moments {
            None => {}
            Some(Picks::OfSeed) => clock.order_moments(Moments::Shuffled(self.seed)),
            Some(Picks::Given(picks)) => clock.order_moments(Moments::Picked(picks)),
        }
        let capture = Capture::new();
        let capture = if clock.is_simulated() { capture.in_certain_order() } else { capture };
        let mut engine = RunEngine::builder(clock.clone())
            .seed(self.seed)
            .convention(self.convention)
            .md(self.md)
            .record_interruptions(self.record_interruptions)
            .predeclare(self.predeclares);
        if self.kept.contains(&Kept::Spans) {
            let attributes = self.resource.iter().filter_map(|(key, value)| {
                Some(KeyValue::new(key.to_otel_key(), crate::trace::otel_value(value.clone())?))
            });
            let shuffled = is_shuffled.then(|| KeyValue::new("skyspan.shuffled_moments", true));
            let attributes = attributes.chain(shuffled);
            let resource = opentelemetry_sdk::Resource::builder_empty().with_attributes(attributes).build();
            let ids = SeededIds::new(self.seed);
            engine = if self.through_sdk {
                engine.provider(&capture.provider_builder().with_resource(resource).with_id_generator(ids).build())
            } else {
                engine.provider(&capture.direct_provider().with_resource(resource).with_id_generator(ids))
            };
        }
        let seed = Seed::new(self.seed);
        let beamline = self.beamline.unwrap_or_else(|| Beamline::simulated(&seed));
        let mut engine = engine.build();
        engine.ignore_callback_errors(self.ignores_callback_errors);
        beamline.added_to(engine.clock_of_devices());
        let lab = Harness::assemble(self.seed, clock, capture, engine, beamline, &self.kept, self.limits);
        if let Some(chronicled) = self.chronicled {
            lab.keep_chronicle(chronicled);
        }
        lab
    }
}
