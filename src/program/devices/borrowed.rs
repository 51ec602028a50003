//! Programs with the devices of another.

use crate::program::data::Program;

impl Program {
    /// The same program with the devices of another one, such as the [twin](crate::twin::Twin) of a night: those of the same name are
    /// replaced, but for where they are at first (`value`), which stays as this program says it; the others are added. What goes wrong with
    /// them from some call on, or at a rate, goes wrong here, too; what went wrong with a single call does not.
    ///
    #[cfg_attr(feature = "plan-files", doc = "```")]
    #[cfg_attr(not(feature = "plan-files"), doc = "```ignore")]
    /// use skyspan::prelude::*;
    /// use skyspan::program::Program;
    ///
    /// let twin = Program::parse("{devices: [{name: motor, class: SynAxis, delay: 2}], items: []}")?;
    /// let tomorrow = Program::parse("items: [{item_type: plan, name: scan, args: [[det], motor, 0, 1, 5]}]")?;
    /// let run = Harness::new().run_program(&tomorrow.with_devices_of(&twin))?;
    /// assert_eq!(run.last_call().map(Outcome::duration), Some(secs(10.0)));
    /// # Ok::<(), skyspan::value::yaml::YamlError>(())
    /// ```
    #[must_use]
    pub fn with_devices_of(&self, other: &Self) -> Self {
        let mut program = self.clone();
        let mut added = Vec::new();
        for spec in &other.devices {
            let Some(known) = program.devices.iter_mut().find(|known| known.name.value == spec.name.value) else {
                added.push(spec.clone());
                continue;
            };
            let mut options = spec.options.clone();
            if let Some(value) = known.options.iter().find(|(key, _)| key.value == "value") {
                options.retain(|(key, _)| key.value != "value");
                options.push(value.clone());
            }
            (known.class, known.options) = (spec.class.clone(), options);
        }
        // Those of the program may name them.
        program.devices.splice(0..0, added);
        let lasts = |calls: Result<(u64, u64), f64>| calls.map_or(true, |(_, last)| last == u64::MAX);
        program.faults.extend(other.faults.iter().filter(|spec| lasts(spec.fault.occasions().calls())).cloned());
        program
    }
}
