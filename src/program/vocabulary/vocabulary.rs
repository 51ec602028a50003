//! [`Vocabulary`]: the words that programs know, as lists.

use std::fmt;

use crate::program::devices::{CLASSES, DeviceClass, SUSPENDERS, SuspenderClass};
use crate::program::fault_kinds::{FAULTS, KindOfFault};
use crate::program::parameter::{By, Parameter, Takes};
use crate::program::plans::{NamedPlan, PLANS, STUBS};
use crate::program::wrappers::{WRAPPERS, Wrapper};
use crate::value::{Map, Value};

/// The words that programs know: the tables by which programs are read, to look things up, to print, and for tools.
///
/// ```
/// use skyspan::program::Vocabulary;
///
/// let count = Vocabulary::plans().iter().find(|plan| plan.name == "count").unwrap();
/// let names: Vec<&str> = count.parameters.iter().map(|parameter| parameter.name).collect();
/// assert_eq!(names, ["detectors", "num", "delay", "per_shot", "md"]);
/// assert!(Vocabulary::Wrappers.to_string().contains("finalize"));
/// ```
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum Vocabulary {
    /// Plans, by the names of `bluesky.plans`.
    Plans,
    /// Stubs, by the names of `bluesky.plan_stubs`.
    Stubs,
    /// Preprocessors, by the names of `bluesky.preprocessors`.
    Wrappers,
    /// The classes of devices.
    Devices,
    /// The classes of suspenders.
    Suspenders,
    /// The kinds of fault.
    Faults,
}

/// An entry of any of the tables.
struct Entry {
    name: &'static str,
    about: &'static str,
    parameters: &'static [Parameter],
    /// Whether it is called with arguments, or has options by name.
    is_called: bool,
}

impl Vocabulary {
    /// Every vocabulary that `skyspan list` prints.
    pub const ALL: [Self; 6] =
        [Self::Plans, Self::Stubs, Self::Wrappers, Self::Devices, Self::Suspenders, Self::Faults];

    /// The plans that programs know.
    #[must_use]
    pub const fn plans() -> &'static [NamedPlan] {
        PLANS
    }

    /// The plan stubs that programs know.
    #[must_use]
    pub const fn stubs() -> &'static [NamedPlan] {
        STUBS
    }

    /// The preprocessors that programs know.
    #[must_use]
    pub const fn wrappers() -> &'static [Wrapper] {
        WRAPPERS
    }

    /// The classes of devices that programs know.
    #[must_use]
    pub const fn devices() -> &'static [DeviceClass] {
        CLASSES
    }

    /// The classes of suspenders that programs know.
    #[must_use]
    pub const fn suspenders() -> &'static [SuspenderClass] {
        SUSPENDERS
    }

    /// The kinds of fault that programs know.
    #[must_use]
    pub const fn faults() -> &'static [KindOfFault] {
        FAULTS
    }

    fn entries(self) -> Vec<Entry> {
        let of_plans = |plans: &'static [NamedPlan]| {
            let entry = |plan: &'static NamedPlan| {
                let NamedPlan { name, about, parameters, .. } = *plan;
                Entry { name, about, parameters, is_called: true }
            };
            plans.iter().map(entry).collect()
        };
        let options = |name, about, parameters| Entry { name, about, parameters, is_called: false };
        match self {
            Self::Plans => of_plans(PLANS),
            Self::Stubs => of_plans(STUBS),
            Self::Wrappers => WRAPPERS.iter().map(|it| options(it.name, it.about, it.options)).collect(),
            Self::Devices => CLASSES.iter().map(|it| options(it.name, it.about, it.options)).collect(),
            Self::Suspenders => SUSPENDERS.iter().map(|it| options(it.name, it.about, it.options)).collect(),
            Self::Faults => FAULTS.iter().map(|it| options(it.name, it.about, it.options)).collect(),
        }
    }

    /// The list as data: of each its name, what it is, and what it takes.
    #[must_use]
    pub fn to_value(self) -> Value {
        let parameter = |parameter: &Parameter| {
            let mut map = Map::from_iter([
                ("name", Value::from(parameter.name)),
                ("takes", parameter.takes.as_str().into()),
                ("by", by(parameter.by).into()),
                ("required", parameter.is_required().into()),
                ("about", parameter.about.into()),
            ]);
            if let Takes::OneOf(words) = parameter.takes {
                map.insert("one_of", words.iter().map(|word| Value::from(*word)).collect::<Value>());
            }
            if let Some(unit) = parameter.takes.unit() {
                map.insert("unit", unit);
            }
            if let Some(default) = parameter.default {
                map.insert("default", default);
            }
            Value::from(map)
        };
        let entry = |entry: Entry| {
            let parameters: Value = entry.parameters.iter().map(parameter).collect();
            let of = if entry.is_called { "parameters" } else { "options" };
            Value::from(Map::from_iter([
                ("name", Value::from(entry.name)),
                ("about", entry.about.into()),
                (of, parameters),
            ]))
        };
        self.entries().into_iter().map(entry).collect()
    }

    /// The list as a table of Markdown, as the reference of plan files has it.
    #[must_use]
    pub fn to_markdown(self) -> String {
        let mut text = format!("| {} | is | takes |\n|---|---|---|\n", self.heading());
        for Entry { name, about, parameters, .. } in self.entries() {
            let takes: Vec<String> = parameters.iter().map(in_short).collect();
            text += &format!("| `{name}` | {about} | {} |\n", takes.join(", "));
        }
        text
    }

    const fn heading(self) -> &'static str {
        match self {
            Self::Plans => "plan",
            Self::Stubs => "stub",
            Self::Wrappers => "wrapper",
            Self::Devices | Self::Suspenders => "class",
            Self::Faults => "kind",
        }
    }
}

const fn by(by: By) -> &'static str {
    match by {
        By::Either => "position or name",
        By::Position => "position",
        By::Keyword => "name",
        By::Rest => "the other positions",
        By::Others => "the other names",
    }
}

/// A parameter with its default, as a signature of Python has it.
fn in_short(parameter: &Parameter) -> String {
    let Parameter { name, default, by, .. } = parameter;
    match (by, default) {
        (By::Rest, _) => format!("`*{name}`"),
        (By::Others, _) => format!("`**{name}`"),
        (_, Some(default)) => format!("`{name}={default}`"),
        (_, None) => format!("`{name}`"),
    }
}

/// For people: a line for each word, and one for each thing that it takes.
impl fmt::Display for Vocabulary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for Entry { name, about, parameters, .. } in self.entries() {
            writeln!(f, "{name}: {about}")?;
            for parameter in parameters {
                let Parameter { name, takes, default, about, by } = parameter;
                let name = match by {
                    By::Rest => format!("*{name}"),
                    By::Others => format!("**{name}"),
                    _ => (*name).to_owned(),
                };
                let what = match takes {
                    Takes::OneOf(words) => words.join(" or "),
                    takes => takes.as_str().to_owned(),
                };
                let default = default.map(|default| format!("; {default} unless given")).unwrap_or_default();
                writeln!(f, "    {name:<20} {about} ({what}{default})")?;
            }
        }
        Ok(())
    }
}
