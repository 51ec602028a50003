//! [`CaptureScope`]: what belongs to a capture.

use std::fmt;
use std::sync::Arc;

use opentelemetry_sdk::trace::SdkTracerProvider;

use super::home::Home;
use super::homes::{self, AlreadyProcessWide, ProcessScope};
use super::lost::Obstacle;
use super::place::{Entered, Place};
use super::{Capture, router};

impl Capture {
    /// Catches what the program makes of spans from now on, until the guard is dropped: of OpenTelemetry's global provider, and
    /// with the feature `tracing` of `tracing`. See [`CaptureScope`].
    ///
    /// ```
    /// use opentelemetry::global;
    /// use opentelemetry::trace::{Span as _, Tracer as _};
    /// use skyspan_trace::trace::Capture;
    ///
    /// fn handle_request() {
    ///     global::tracer("app").start("request").end();
    /// }
    ///
    /// let capture = Capture::new();
    /// let scope = capture.scope();
    /// handle_request();
    /// drop(scope);
    /// handle_request();
    /// assert_eq!(capture.trace().named("request").count(), 1);
    /// ```
    pub fn scope(&self) -> CaptureScope {
        CaptureScope::new(self, self.home())
    }

    /// The scope in which another provider makes the spans: one that has a resource, say, a sampler, ids from a seed, or further
    /// processors. It is made by [`provider_builder`](Self::provider_builder).
    ///
    /// Where the program's own global provider has a [`processor`](super::processor()), it is that which makes them.
    ///
    /// ```
    /// use opentelemetry::global;
    /// use opentelemetry::trace::{Span as _, Tracer as _};
    /// use opentelemetry_sdk::Resource;
    /// use skyspan_trace::trace::Capture;
    ///
    /// let capture = Capture::new();
    /// let resource = Resource::builder_empty().with_service_name("shop").build();
    /// let _scope = capture.scope_with(capture.provider_builder().with_resource(resource).build());
    /// global::tracer("app").start("request").end();
    /// let trace = capture.trace();
    /// assert_eq!(trace.spans().next().unwrap().resource().attributes.get("service.name"), Some(&"shop".into()));
    /// ```
    pub fn scope_with(&self, provider: SdkTracerProvider) -> CaptureScope {
        CaptureScope::new(self, Home::new(self, provider))
    }

    /// Catches what the program makes of spans wherever that is, and whatever belongs to no other capture, until the guard is
    /// dropped: for one test a process, as nextest runs them, and for programs that are one test.
    ///
    /// ```
    /// use opentelemetry::global;
    /// use opentelemetry::trace::{Span as _, Tracer as _};
    /// use skyspan_trace::trace::Capture;
    ///
    /// let capture = Capture::new();
    /// let _all = capture.process_wide()?;
    /// std::thread::spawn(|| global::tracer("app").start("request").end()).join().unwrap();
    /// assert_eq!(capture.trace().named("request").count(), 1);
    /// # Ok::<(), skyspan_trace::trace::capture::AlreadyProcessWide>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`AlreadyProcessWide`] if another capture is, as under `cargo test` those of other tests may be.
    pub fn process_wide(&self) -> Result<ProcessScope, AlreadyProcessWide> {
        let scope = ProcessScope::begin(self)?;
        install(self, &self.home());
        Ok(scope)
    }
}

/// Has the program's spans routed, and a home be known.
fn install(capture: &Capture, home: &Arc<Home>) {
    router::put_in_front();
    #[cfg(feature = "tracing")]
    super::tracing::install();
    homes::begin(home);
    capture.watch().scope_begins();
}

/// As long as this lives, spans of the program that belong to it go to its capture, and nothing in the program need know of that.
///
/// Tests run in parallel, and the global provider and the subscriber of `tracing` are one for the whole process. So the first
/// scope of a process puts a router in their place, for good, which finds the capture of each span when it starts. A span
/// belongs to
///
/// 1. the capture of its parent, or of the trace that it is part of;
/// 2. the [`Place`] of the thread that starts it: the innermost scope that was begun there, or what was
///    [carried](super::carry) there or [entered](Place::enter) (a place is part of OpenTelemetry's context, so that all code
///    that hands contexts on hands it on with them);
/// 3. the innermost scope that was begun on the tokio runtime on which it starts, with the feature `tokio`: a `#[tokio::test]`
///    has one of its own, to which its workers, tasks, blocking threads and servers belong, whichever flavour it has;
/// 4. the capture that is [process-wide](Capture::process_wide);
/// 5. else to the provider that was there before the router, if there was one. It is counted, and every report on a trace that
///    is too short [says so](crate::trace::Trace::unseen).
///
/// That means:
///
/// - Tests in parallel, each with a scope, catch their own spans only.
/// - A bare thread that starts a trace of its own (under no span, on no runtime) belongs to nobody, unless it is
///   [carried](super::carry), or its pool [enters a place](Place::stay).
/// - What starts within a scope starts under none of the spans outside of it.
/// - A tracer that a program keeps (in a `static`, say) serves every test, if it was made when the router was there. One that was
///   made before the first scope is that of the provider of before, for ever.
/// - A span belongs to the scope in which it started, also when it ends after that, or elsewhere. What it has of children then
///   belongs there, too, for as long as anybody has the capture.
/// - A program with a provider of its own gives it [`processor`](super::processor()), one with a subscriber of its own gives
///   that `tracing_layer`; a provider that is set while the scope is there and has no such processor takes the router away, from every
///   test. [`obstacles`](Self::obstacles) tells, and so do reports.
///
/// Without a scope nothing global is set, nor read.
#[must_use = "the scope ends when this is dropped"]
pub struct CaptureScope {
    home: Arc<Home>,
    _entered: Entered,
    #[cfg(feature = "tokio")]
    on_runtimes: std::cell::RefCell<Vec<homes::runtimes::OnRuntime>>,
    /// A scope is of no use without its capture, but it must not be in vain.
    _capture: Capture,
}

impl CaptureScope {
    fn new(capture: &Capture, home: Arc<Home>) -> Self {
        install(capture, &home);
        #[cfg(feature = "tokio")]
        let on_runtimes = {
            let here = tokio::runtime::Handle::try_current().ok();
            here.map(|runtime| homes::runtimes::OnRuntime::new(&runtime, &home)).into_iter().collect()
        };
        Self {
            _entered: Place::at(Arc::clone(&home)).enter(),
            #[cfg(feature = "tokio")]
            on_runtimes: std::cell::RefCell::new(on_runtimes),
            home,
            _capture: capture.clone(),
        }
    }

    /// The place of this scope, to be entered on other threads: under no span, and with this capture.
    #[must_use]
    pub fn place(&self) -> Place {
        Place::at(Arc::clone(&self.home))
    }

    /// Has the scope be on one more tokio runtime, which is not that on which it was begun: one that the test has made itself, or
    /// that the program keeps for itself.
    ///
    /// ```
    /// use opentelemetry::global;
    /// use opentelemetry::trace::{Span as _, Tracer as _};
    /// use skyspan_trace::trace::Capture;
    ///
    /// let runtime = tokio::runtime::Builder::new_multi_thread().build().unwrap();
    /// let capture = Capture::new();
    /// let scope = capture.scope();
    /// scope.also_on(runtime.handle());
    /// runtime.block_on(runtime.spawn(async { global::tracer("app").start("request").end() })).unwrap();
    /// assert_eq!(capture.trace().named("request").count(), 1);
    /// ```
    #[cfg(feature = "tokio")]
    pub fn also_on(&self, runtime: &tokio::runtime::Handle) {
        self.on_runtimes.borrow_mut().push(homes::runtimes::OnRuntime::new(runtime, &self.home));
    }

    /// What stands between the program and its captures, as far as that is known; nothing where all is well.
    ///
    /// ```
    /// use opentelemetry::global;
    /// use skyspan_trace::trace::Capture;
    /// use skyspan_trace::trace::capture::Obstacle;
    ///
    /// let capture = Capture::new();
    /// let scope = capture.scope();
    /// assert_eq!(scope.obstacles(), []);
    /// global::set_tracer_provider(Capture::new().provider());
    /// assert_eq!(scope.obstacles(), [Obstacle::ProviderReplaced]);
    /// assert_eq!(capture.scope().obstacles(), [], "a scope that begins later puts the router in front of that provider");
    /// ```
    #[must_use]
    pub fn obstacles(&self) -> Vec<Obstacle> {
        obstacles()
    }
}

/// What stands between the program and captures that have a scope.
pub(super) fn obstacles() -> Vec<Obstacle> {
    let mut obstacles = Vec::new();
    // A provider that has our processor needs no router before it.
    if !router::is_in_front() && !super::processor::is_somewhere() {
        obstacles.push(Obstacle::ProviderReplaced);
    }
    #[cfg(feature = "tracing")]
    obstacles.extend(super::tracing::obstacles());
    obstacles
}

impl fmt::Debug for CaptureScope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("CaptureScope")
    }
}
