//! [`GeneratedPlan`]: a list of operations that makes a plan, whatever is in it.

use std::fmt;
use std::sync::{Arc, LazyLock, OnceLock};

use super::arrange::arrange;
use super::trial::Labs;
use super::verbatim::verbatim;
use super::{Kit, Op, Scenario, Trial};
use crate::harness::Harness;
use crate::plan::Plan;
use crate::program::{Step, quiet_plan_of};

/// A list of operations that makes a plan, whatever is in it: what does not apply where it stands is left out. So any part of a
/// program is a program too, and the shortest one that still fails is found by leaving out one thing after another.
///
/// ```
/// use skyspan::prelude::*;
/// use skyspan::property::{Op, OpKind, GeneratedPlan};
///
/// // There is no run to be closed at first, and in the end one is left to be closed.
/// let program = GeneratedPlan::well_formed([
///     Op::new(OpKind::CloseRun, []),
///     Op::new(OpKind::OpenRun, []),
///     Op::new(OpKind::Event, [0, 1]),
/// ]);
/// let messages = program.to_string();
/// assert_eq!(messages.lines().collect::<Vec<_>>(), [
///     "open_run()",
///     "create(name='primary')",
///     "read(det1)",
///     "save()",
///     "close_run(exit_status=None, reason=None)",
/// ]);
/// let lab = Harness::new();
/// lab.run(program.plan(&lab)).assert_success();
/// ```
#[derive(Clone, PartialEq)]
pub struct GeneratedPlan {
    ops: Vec<Op>,
    kit: Kit,
    style: Style,
    arranged: Arranged,
}

/// The steps that operations come to, worked out when they are first asked for: a search runs each plan several times.
#[derive(Clone, Default)]
struct Arranged(OnceLock<Arc<[Step]>>);

/// They follow from the operations.
impl PartialEq for Arranged {
    fn eq(&self, _other: &Self) -> bool {
        true
    }
}

/// What becomes of operations that do not apply.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Style {
    WellFormed,
    Verbatim,
}

impl GeneratedPlan {
    /// The well-formed plan of these operations, with the [standard kit](Kit::standard).
    #[must_use]
    pub fn well_formed(ops: impl IntoIterator<Item = Op>) -> Self {
        Self::new(ops.into_iter().collect(), Kit::standard(), Style::WellFormed)
    }

    /// The messages of these operations one after another, legal or not, with the standard kit.
    #[must_use]
    pub fn verbatim(ops: impl IntoIterator<Item = Op>) -> Self {
        Self::new(ops.into_iter().collect(), Kit::standard(), Style::Verbatim)
    }

    pub(super) const fn new(ops: Vec<Op>, kit: Kit, style: Style) -> Self {
        Self { ops, kit, style, arranged: Arranged(OnceLock::new()) }
    }

    /// The same with the devices of another kit.
    #[must_use]
    pub fn with_kit(self, kit: Kit) -> Self {
        Self::new(self.ops, kit, self.style)
    }

    pub(super) fn with_ops(&self, ops: Vec<Op>) -> Self {
        Self::new(ops, self.kit.clone(), self.style)
    }

    /// The operations.
    #[must_use]
    pub fn ops(&self) -> &[Op] {
        &self.ops
    }

    /// The devices that it may use.
    #[must_use]
    pub const fn kit(&self) -> &Kit {
        &self.kit
    }

    /// What it comes to.
    #[must_use]
    pub fn steps(&self) -> Vec<Step> {
        self.arranged().to_vec()
    }

    fn arranged(&self) -> &[Step] {
        self.arranged.0.get_or_init(|| match self.style {
            Style::WellFormed => arrange(&self.ops, &self.kit).into(),
            Style::Verbatim => verbatim(&self.ops, &self.kit).into(),
        })
    }

    /// How many messages it yields, where each plan of bluesky in it counts as one.
    #[must_use]
    pub fn len(&self) -> usize {
        messages_in(self.arranged())
    }

    /// Whether it yields nothing.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The plan, with the devices of a harness. Those that its kit [brings with it](Kit::added) are added where the harness has
    /// none of their names.
    ///
    /// # Panics
    ///
    /// If the harness lacks another one.
    #[must_use]
    #[expect(clippy::panic, reason = "a generated plan is about devices that its lab has")]
    pub fn plan(&self, lab: &Harness) -> Plan {
        self.kit.add_to(lab);
        let plan = quiet_plan_of(self.arranged(), lab.clock().clone(), lab.beamline(), lab.names());
        plan.unwrap_or_else(|error| panic!("{error}"))
    }
}

impl GeneratedPlan {
    /// Runs it in a lab of its own, in these circumstances.
    ///
    /// ```
    /// use skyspan::prelude::*;
    /// use skyspan::property::{Op, OpKind, GeneratedPlan, Scenario};
    ///
    /// let program = GeneratedPlan::well_formed([Op::new(OpKind::Move, [0, 3])]);
    /// let trial = program.try_in(Scenario::default());
    /// trial.run().assert_success();
    /// assert_eq!(trial.to_plan_file().as_deref(), Some("\
    /// items:
    ///   - item_type: messages
    ///     messages:
    ///       - {plan: {name: mv, args: [motor, 3]}}
    /// "));
    /// ```
    #[must_use]
    pub fn try_in(&self, scenario: Scenario) -> Trial<'_> {
        Trial::of(self, scenario, &STANDARD_LABS)
    }
}

/// Labs in which nothing is special.
static STANDARD_LABS: LazyLock<Labs> = LazyLock::new(Labs::default);

/// A message a line, indented in what is around it.
impl fmt::Display for GeneratedPlan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.arranged().iter().try_for_each(|step| write!(f, "{step}"))
    }
}

/// How many messages steps yield at least: those of plans and preprocessors are counted as one.
fn messages_in(steps: &[Step]) -> usize {
    let of_step = |step: &Step| match step {
        Step::Message { .. } | Step::Plan { .. } => 1,
        Step::Repeat { times, body, .. } => messages_in(body) * usize::try_from(*times).unwrap_or(usize::MAX),
        other => other.bodies().into_iter().map(messages_in).sum(),
    };
    steps.iter().map(of_step).sum()
}

/// The operations; in the long form, as Rust code.
impl fmt::Debug for GeneratedPlan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !f.alternate() {
            return f.debug_list().entries(&self.ops).finish();
        }
        let style = match self.style {
            Style::WellFormed => "well_formed",
            Style::Verbatim => "verbatim",
        };
        writeln!(f, "skyspan::property::GeneratedPlan::{style}([")?;
        for op in &self.ops {
            writeln!(
                f,
                "    skyspan::property::Op::new(skyspan::property::OpKind::{:?}, {:?}),",
                op.kind(),
                op.used_numbers()
            )?;
        }
        f.write_str("])")
    }
}
