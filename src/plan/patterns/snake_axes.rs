//! [`SnakeAxes`]: which axes of a mesh snake.

use crate::device::Device;

/// Which axes of a mesh snake, that is, go back along the way that they came, without a jump: `false`, `true` or a list of
/// motors. The first axis, which is the slowest, goes its way only once.
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub enum SnakeAxes {
    /// No axis snakes.
    #[default]
    None,
    /// All of them but the first.
    All,
    /// Those of these motors.
    Of(Vec<Device>),
}

impl SnakeAxes {
    /// Whether the axis at that place, counted from 0, snakes.
    pub(in crate::plan) fn has(&self, at: usize, motor: &Device) -> bool {
        match self {
            Self::None => false,
            Self::All => at > 0,
            Self::Of(motors) => motors.contains(motor),
        }
    }

    /// The value as Python's `repr` prints it.
    pub(in crate::plan) fn repr(&self) -> String {
        match self {
            Self::None => "False".to_owned(),
            Self::All => "True".to_owned(),
            Self::Of(motors) => {
                let reprs: Vec<String> = motors.iter().map(|motor| motor.repr().to_string()).collect();
                format!("[{}]", reprs.join(", "))
            }
        }
    }
}

impl From<bool> for SnakeAxes {
    fn from(all: bool) -> Self {
        if all { Self::All } else { Self::None }
    }
}

impl From<Vec<Device>> for SnakeAxes {
    fn from(motors: Vec<Device>) -> Self {
        Self::Of(motors)
    }
}

impl From<&[Device]> for SnakeAxes {
    fn from(motors: &[Device]) -> Self {
        Self::Of(motors.to_vec())
    }
}

impl From<&Device> for SnakeAxes {
    fn from(motor: &Device) -> Self {
        Self::Of(vec![motor.clone()])
    }
}

impl<const N: usize> From<[&Device; N]> for SnakeAxes {
    fn from(motors: [&Device; N]) -> Self {
        Self::Of(motors.map(Clone::clone).into())
    }
}
