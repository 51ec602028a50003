//! [`KindOfFault`]: the kinds of fault that programs know, in one table.

use super::parameter::{Parameter, Takes, optional, required};

/// A kind of fault that programs know.
#[derive(Debug)]
#[non_exhaustive]
pub struct KindOfFault {
    /// Its name, as `kind` has it.
    pub name: &'static str,
    /// What the call does that goes wrong so, in one line.
    pub about: &'static str,
    /// What it takes besides the call that goes wrong: `method`, `nth`, `from` and `to`, or `rate`.
    pub options: &'static [Parameter],
}

const MESSAGE: Parameter = optional("message", Takes::Text, "injected fault", "the text of the error");
const CLASS: Parameter = optional("class", Takes::Text, "DeviceFault", "the class of the error");
const AFTER: Parameter = optional("after", Takes::Seconds, "0.01", "after which time it fails");
/// What Python's plan files may say of each kind.
const AFTER_IN_VAIN: Parameter = optional("after", Takes::Seconds, "0.01", "without meaning here");

const fn kind(name: &'static str, options: &'static [Parameter], about: &'static str) -> KindOfFault {
    KindOfFault { name, about, options }
}

/// The kinds, the usual one first.
pub(crate) const FAULTS: &[KindOfFault] = &[
    kind("fail", &[MESSAGE, CLASS, AFTER], "what the call began fails after a while"),
    kind("raise", &[MESSAGE, CLASS, AFTER_IN_VAIN], "the call raises"),
    kind("hang", &[MESSAGE, AFTER_IN_VAIN], "what the call began never ends"),
    kind(
        "late",
        &[required("by", Takes::Delay, "how much later; of a list, one of its times each time, drawn")],
        "what the call began ends later than it would",
    ),
    kind(
        "slow",
        &[required("factor", Takes::Number, "how many times as long, 1 or more")],
        "what the call began takes longer",
    ),
    kind(
        "read",
        &[
            required("value", Takes::Value, "what is read"),
            optional("key", Takes::TextOrNull, "null", "at which data key; at all, if null"),
        ],
        "the call reads something else",
    ),
    kind(
        "disconnect",
        &[required("for", Takes::Seconds, "for how long")],
        "the call raises a `DisconnectedError`, as do all calls of the device for a while",
    ),
];
