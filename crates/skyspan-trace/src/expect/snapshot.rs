//! Snapshots: [`assert_trace_snapshot!`](crate::assert_trace_snapshot) and
//! [`assert_console_snapshot!`](crate::assert_console_snapshot).

/// Compares the [`shape`](crate::expect::shape) of a trace, or a [`Shape`](crate::expect::Shape) with rules of one's own,
/// with a file in the folder `snapshots` of the package that
/// calls this, and panics where it is another. `cargo insta review` shows what changed and takes it over.
///
/// The file is called after the test; a name given first is used instead.
///
/// ```no_run
/// use skyspan_trace::assert_trace_snapshot;
/// use skyspan_trace::trace::{Span, Trace};
///
/// let trace = Trace::from_spans([Span::builder("demo plan").build()]);
/// assert_trace_snapshot!(trace);
/// assert_trace_snapshot!("the demo plan", trace);
/// assert_trace_snapshot!(skyspan_trace::expect::Shape::of(&trace).replace_key("port", "<port>"));
/// ```
///
/// A snapshot that is not there is a failure, too (not run here, as insta would leave a file to be reviewed):
///
/// ```should_panic,no_run
/// # use skyspan_trace::{assert_trace_snapshot, trace::Trace};
/// assert_trace_snapshot!("nobody has seen this", Trace::default());
/// ```
#[macro_export]
macro_rules! assert_trace_snapshot {
    ($trace:expr $(,)?) => {
        $crate::__skyspan_snapshot!($crate::expect::shape(&$trace))
    };
    ($name:expr, $trace:expr $(,)?) => {
        $crate::__skyspan_snapshot!($name, $crate::expect::shape(&$trace))
    };
}

/// Compares the [console JSON](crate::trace::Trace::to_console_json) of a trace, as it is, with a file in the folder
/// `snapshots` of the package that calls this, and panics where it is another. The trace must be the same in each run,
/// ids and times included: one of the simulated clock and of seeded ids is. Of any other trace give a
/// [`Shape`](crate::expect::Shape): its [console JSON](crate::expect::Shape::to_console_json) is compared then.
///
/// The file is called after the test; a name given first is used instead.
///
/// ```no_run
/// use skyspan_trace::assert_console_snapshot;
/// use skyspan_trace::trace::{Span, Trace};
///
/// let trace = Trace::from_spans([Span::builder("demo plan").build()]);
/// assert_console_snapshot!(trace);
/// assert_console_snapshot!("the demo plan, for the console", trace);
/// ```
///
/// ```should_panic,no_run
/// # use skyspan_trace::{assert_console_snapshot, trace::Trace};
/// assert_console_snapshot!("nobody has seen this", Trace::default());
/// ```
#[macro_export]
macro_rules! assert_console_snapshot {
    ($trace:expr $(,)?) => {
        $crate::__skyspan_snapshot!($crate::expect::__private::console_json(&$trace))
    };
    ($name:expr, $trace:expr $(,)?) => {
        $crate::__skyspan_snapshot!($name, $crate::expect::__private::console_json(&$trace))
    };
}

/// What both snapshot macros come down to. The folder is that of the package in which it is expanded.
#[doc(hidden)]
#[macro_export]
macro_rules! __skyspan_snapshot {
    ($($argument:expr),*) => {{
        let settings = $crate::expect::__private::settings(::core::concat!(::core::env!("CARGO_MANIFEST_DIR"), "/snapshots"));
        let _settings = settings.bind_to_scope();
        $crate::expect::__private::insta::assert_snapshot!($($argument),*);
    }};
}

/// What the macros need where they are expanded; of no use to anyone else.
#[doc(hidden)]
pub mod __private {
    pub use insta;

    /// What has a console JSON: a trace as it is, or a shape.
    pub trait ConsoleJson {
        /// The console JSON.
        fn console_json(&self) -> String;
    }

    impl ConsoleJson for crate::trace::Trace {
        fn console_json(&self) -> String {
            self.to_console_json()
        }
    }

    impl ConsoleJson for crate::expect::Shape<'_> {
        fn console_json(&self) -> String {
            self.to_console_json()
        }
    }

    impl<T: ConsoleJson + ?Sized> ConsoleJson for &T {
        fn console_json(&self) -> String {
            (**self).console_json()
        }
    }

    /// The console JSON of a trace as it is, or of a shape.
    #[must_use]
    pub fn console_json(of: &impl ConsoleJson) -> String {
        of.console_json()
    }

    /// The settings for snapshots in a folder.
    #[must_use]
    pub fn settings(folder: &str) -> insta::Settings {
        let mut settings = insta::Settings::clone_current();
        settings.set_snapshot_path(folder);
        settings.set_prepend_module_to_snapshot(false);
        settings.set_omit_expression(true);
        settings
    }
}
