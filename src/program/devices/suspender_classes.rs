//! [`SuspenderClass`]: the classes of suspenders that programs know, those of `bluesky.suspenders`, 1.15.1, in one table.

use super::options_of::{BAND_SUSPENDER, BOOL_SUSPENDER, CHANGE_SUSPENDER, THRESHOLD_SUSPENDER};
use crate::program::parameter::Parameter;

/// A class of suspenders that programs know.
#[derive(Debug)]
#[non_exhaustive]
pub struct SuspenderClass {
    /// Its name in `bluesky.suspenders`.
    pub name: &'static str,
    /// When it trips, in one line.
    pub about: &'static str,
    /// What it takes besides its name and its signal.
    pub options: &'static [Parameter],
}

const fn class(name: &'static str, options: &'static [Parameter], about: &'static str) -> SuspenderClass {
    SuspenderClass { name, about, options }
}

/// The classes, by name.
pub(crate) const SUSPENDERS: &[SuspenderClass] = &[
    class("SuspendBoolHigh", BOOL_SUSPENDER, "trips when its signal is true"),
    class("SuspendBoolLow", BOOL_SUSPENDER, "trips when its signal is false"),
    class("SuspendCeil", THRESHOLD_SUSPENDER, "trips when its signal goes above a threshold"),
    class("SuspendFloor", THRESHOLD_SUSPENDER, "trips when its signal goes below a threshold"),
    class("SuspendInBand", BAND_SUSPENDER, "trips when its signal is outside of a band; deprecated in bluesky"),
    class("SuspendOutBand", BAND_SUSPENDER, "trips when its signal is within a band; deprecated in bluesky"),
    class("SuspendWhenChanged", CHANGE_SUSPENDER, "trips when its signal is another than expected"),
    class("SuspendWhenOutsideBand", BAND_SUSPENDER, "trips when its signal is outside of a band"),
];
