//! [`Wrapping`]: what a preprocessor of a program takes, with all names resolved.

use crate::device::Device;
use crate::program::call::Call;
use crate::program::op::Body;
use crate::value::Text;
use crate::value::yaml::YamlError;

/// What a preprocessor takes besides its body: values and names as they are written, steps with all their names resolved.
pub(in crate::program) struct Wrapping<'a> {
    /// Its values, as arguments by keyword.
    pub(in crate::program) call: Call<'a>,
    /// The steps that the preprocessor takes, by the names of its parameters.
    pub(in crate::program) bodies: Vec<(&'a str, Body)>,
    /// Its steps by the command at whose messages they are done.
    pub(in crate::program) by_command: Vec<(&'a str, ByCommand)>,
}

/// Steps by the command at whose messages they are done.
pub(in crate::program) type ByCommand = Vec<(Text, Body)>;

impl Wrapping<'_> {
    /// The devices, where there are some and not null.
    pub(super) fn some_devices(&self, name: &str) -> Result<Option<Vec<Device>>, YamlError> {
        self.call.given(name).map(|node| self.call.scope.devices(node)).transpose()
    }

    /// The devices; none where the option is left out.
    pub(super) fn listed(&self, name: &str) -> Result<Vec<Device>, YamlError> {
        Ok(self.some_devices(name)?.unwrap_or_default())
    }

    /// The steps of an option, if it is there.
    pub(super) fn steps(&self, name: &str) -> Option<Body> {
        self.bodies.iter().find(|(key, _)| *key == name).map(|(_, body)| body.clone())
    }

    /// The steps by command of an option.
    pub(super) fn by_command(&self, name: &str) -> ByCommand {
        self.by_command.iter().find(|(key, _)| *key == name).map(|(_, steps)| steps.clone()).unwrap_or_default()
    }
}
