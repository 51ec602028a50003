//! [`ScenarioPart`]: a part of the circumstances of a run, by chance.

use super::Scenario;
use crate::seed::Seed;

/// A part of the circumstances of a run, by chance: what [`ForAll::with`](super::ForAll::with) takes, alone or as a tuple.
pub trait ScenarioPart {
    /// Adds what chance says to a scenario.
    fn add_to(&self, scenario: &mut Scenario, chance: &Seed);
}

macro_rules! part_of_tuple {
    ($($part:ident),*) => {
        impl<$($part: ScenarioPart),*> ScenarioPart for ($($part,)*) {
            fn add_to(&self, scenario: &mut Scenario, chance: &Seed) {
                #[expect(non_snake_case, reason = "the parts of a tuple are named after their types")]
                let ($($part,)*) = self;
                $($part.add_to(scenario, chance);)*
            }
        }
    };
}

part_of_tuple!(A);
part_of_tuple!(A, B);
part_of_tuple!(A, B, C);
part_of_tuple!(A, B, C, D);
part_of_tuple!(A, B, C, D, E);
part_of_tuple!(A, B, C, D, E, F);

/// One of a list, by chance; nothing of an empty one.
pub(super) fn pick<T: Clone>(chance: &Seed, list: &[T]) -> Option<T> {
    let count = u64::try_from(list.len()).ok()?;
    list.get(usize::try_from(chance.next_u64().checked_rem(count)?).ok()?).cloned()
}
