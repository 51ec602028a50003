//! [`CoupledAxes`]: the axes of a positioner that moves several together.

use crate::value::Text;

/// The axes of a positioner that moves several together, by the attributes under which it has them as components: an ophyd
/// `PseudoPositioner` with its `pseudo_positioners` and `real_positioners`.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct CoupledAxes {
    /// Those that are set together, by one `set` of the positioner with a value for each of them that is to move.
    pub pseudo: Vec<Text>,
    /// Those that it moves for it.
    pub real: Vec<Text>,
}
