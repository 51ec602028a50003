//! Snapshots: [`assert_trace_snapshot!`](crate::assert_trace_snapshot) and
//! [`assert_console_snapshot!`](crate::assert_console_snapshot).

/// Compares the [`shape`](crate::expect::shape) of a trace, or a [`Shape`](crate::expect::Shape) with rules of one's own,
/// with a file in the folder `snapshots` of the package that
/// calls this, and panics where it is another. `cargo insta review` shows what changed and takes it over.
///
/// The file is called as insta calls it: after the module and the function in which this stands, as `my_tests__orders__an_order.snap`,
/// a second one in that function with `-2` behind. A name given first is used instead of that of the function.
///
/// Two callers cannot have one name: two places that give one, or two tests that share a function in which this stands. As tests run in
/// any order, neither would know which file is its own. (Tests are told apart by their threads, which have their names; with
/// `--test-threads=1` there is one thread, and places alone are told apart.)
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
/// The file is called as that of [`assert_trace_snapshot!`](crate::assert_trace_snapshot).
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
    ($text:expr) => {{
        fn here() {}
        $crate::expect::__private::claim_of_function(::core::any::type_name_of_val(&here));
        $crate::__skyspan_snapshot!(@ $text)
    }};
    ($name:expr, $text:expr) => {{
        let name = ::std::string::ToString::to_string(&$name);
        let place = (::core::file!(), ::core::line!(), ::core::column!());
        $crate::expect::__private::claim_name(::core::module_path!(), &name, place);
        $crate::__skyspan_snapshot!(@ name, $text)
    }};
    (@ $($argument:expr),*) => {{
        let settings = $crate::expect::__private::settings(::core::concat!(::core::env!("CARGO_MANIFEST_DIR"), "/snapshots"));
        let _settings = settings.bind_to_scope();
        $crate::expect::__private::insta::assert_snapshot!($($argument),*);
    }};
}

/// What the macros need where they are expanded; of no use to anyone else.
#[doc(hidden)]
pub mod __private {
    use std::collections::HashMap;
    use std::sync::Mutex;

    pub use insta;

    use crate::sync::lock;

    /// The caller that has taken a name.
    struct Caller {
        /// The test, by its thread, if that has a name.
        test: Option<String>,
        /// Nothing for a function, in which several places have names of their own.
        place: Option<(&'static str, u32, u32)>,
    }

    /// The names that are taken in this process, each with its caller.
    static CALLERS: Mutex<Option<HashMap<String, Caller>>> = Mutex::new(None);

    /// The names of a function are its caller's.
    ///
    /// # Panics
    ///
    /// If they are another's.
    #[track_caller]
    pub fn claim_of_function(here: &str) {
        let function = here.strip_suffix("::here").unwrap_or(here).trim_end_matches("::{{closure}}");
        claim(function.to_owned(), None);
    }

    /// A name is its caller's.
    ///
    /// # Panics
    ///
    /// If it is another's.
    #[track_caller]
    pub fn claim_name(module: &str, name: &str, place: (&'static str, u32, u32)) {
        claim(format!("{module}: {name:?}"), Some(place));
    }

    #[track_caller]
    fn claim(name: String, place: Option<(&'static str, u32, u32)>) {
        let caller = Caller { test: std::thread::current().name().map(str::to_owned), place };
        let other = {
            let mut callers = lock(&CALLERS);
            let callers = callers.get_or_insert_default();
            match callers.get(&name) {
                None => {
                    callers.insert(name, caller);
                    return;
                }
                Some(other) if other.is_same(&caller) => return,
                Some(other) => other.to_string(),
            }
        };
        panic!(
            "expected one caller of the snapshot {name}, found two: {other}, and {caller}. Give each a name of its own: \
             assert_trace_snapshot!(\"name\", trace)"
        );
    }

    impl Caller {
        fn is_same(&self, other: &Self) -> bool {
            let is_same_test = match (&self.test, &other.test) {
                (Some(test), Some(other)) => test == other,
                _ => true,
            };
            is_same_test && self.place == other.place
        }
    }

    impl std::fmt::Display for Caller {
        fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            write!(f, "test {}", self.test.as_deref().unwrap_or("(on a thread without a name)"))?;
            self.place.map_or(Ok(()), |(file, line, column)| write!(f, " at {file}:{line}:{column}"))
        }
    }

    /// What has a console JSON: a trace as it is, or a shape.
    pub trait ConsoleJson {
        /// The trace as the console JSON of Python's SDK.
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
        settings.set_omit_expression(true);
        settings
    }
}
