//! [`Kit`]: the devices that generated plans may use, by what they are used for.

use std::sync::Arc;

use crate::harness::Harness;
use crate::program::{DeviceSpec, Program};
use crate::value::Text;

/// The classes whose devices are moved.
const MOVED: [&str; 4] = ["SynAxis", "LocatableSynAxis", "SimMotor", "SoftPositioner"];

/// What a generated plan hears that asks a person.
pub(super) const ANSWER: &str = "q";

/// The devices that generated plans may use, by what they are used for, and by the names that they have on the beamline.
///
/// ```
/// use skyspan::prelude::*;
/// use skyspan::property::Kit;
///
/// let kit = Kit::empty().motors(["stage"]).detectors(["camera"]);
/// for_all(plans().kit(kit).up_to(8))
///     .cases(50)
///     .lab(|lab| {
///         lab.add(SynAxis::new("stage").delay_s(0.2));
///         lab.add(SynSignal::new("camera").exposure_time_s(0.5));
///     })
///     .obey(laws::all());
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Kit(Arc<KitNames>);

#[derive(Clone, Debug, Default, PartialEq)]
struct KitNames {
    motors: Vec<Text>,
    detectors: Vec<Text>,
    flyers: Vec<Text>,
    added: Vec<DeviceSpec>,
}

impl Kit {
    /// No device.
    #[must_use]
    pub fn empty() -> Self {
        Self(Arc::default())
    }

    /// What generated plans use unless one says otherwise: three motors and three detectors of the
    /// [simulated beamline](crate::hardware::Beamline::simulated), and a flyer, which is added to it.
    #[must_use]
    pub fn standard() -> Self {
        let flyer = DeviceSpec::new("NestedFlyer", "frames").with("num", 2);
        Self::empty()
            .motors(["motor", "motor1", "motor2"])
            .detectors(["det", "det1", "det2"])
            .flyers(["trivial_flyer"])
            .with(flyer)
    }

    fn change(mut self, change: impl FnOnce(&mut KitNames)) -> Self {
        change(Arc::make_mut(&mut self.0));
        self
    }

    /// These besides, which are moved, read and staged.
    #[must_use]
    pub fn motors<T: Into<Text>>(self, names: impl IntoIterator<Item = T>) -> Self {
        self.change(|kit| kit.motors.extend(names.into_iter().map(Into::into)))
    }

    /// These besides, which are triggered, read, staged and monitored.
    #[must_use]
    pub fn detectors<T: Into<Text>>(self, names: impl IntoIterator<Item = T>) -> Self {
        self.change(|kit| kit.detectors.extend(names.into_iter().map(Into::into)))
    }

    /// These besides, which fly.
    #[must_use]
    pub fn flyers<T: Into<Text>>(self, names: impl IntoIterator<Item = T>) -> Self {
        self.change(|kit| kit.flyers.extend(names.into_iter().map(Into::into)))
    }

    /// This device besides, which is added to each lab, to be used as what it is: an axis or a motor is moved, a class whose name ends
    /// with `Flyer` flies, and all else is triggered and read.
    #[must_use]
    pub fn with(self, device: DeviceSpec) -> Self {
        self.change(|kit| {
            let names = match device.class.value.as_str() {
                class if MOVED.contains(&class) => &mut kit.motors,
                class if class.ends_with("Flyer") => &mut kit.flyers,
                _ => &mut kit.detectors,
            };
            let name = Text::from(&device.name.value);
            if !names.contains(&name) {
                names.push(name);
            }
            kit.added.push(device);
        })
    }

    /// What is moved.
    #[must_use]
    pub fn motor_names(&self) -> &[Text] {
        &self.0.motors
    }

    /// What is triggered.
    #[must_use]
    pub fn detector_names(&self) -> &[Text] {
        &self.0.detectors
    }

    /// What flies.
    #[must_use]
    pub fn flyer_names(&self) -> &[Text] {
        &self.0.flyers
    }

    /// What is added to each lab.
    #[must_use]
    pub fn added(&self) -> &[DeviceSpec] {
        &self.0.added
    }

    /// Adds to a lab what it has not, and somebody who answers what generated plans ask: a `tweak` ends there.
    pub(super) fn add_to(&self, lab: &Harness) {
        lab.with_engine(|engine| engine.set_input(async |_| Ok(ANSWER.into())));
        let beamline = lab.beamline();
        let is_missing = |device: &&DeviceSpec| beamline.get(&device.name.value).is_none();
        furnish(lab, self.0.added.iter().filter(is_missing).cloned().collect());
    }

    pub(super) fn motor(&self, at: u8) -> Option<&Text> {
        nth(&self.0.motors, at)
    }

    pub(super) fn detector(&self, at: u8) -> Option<&Text> {
        nth(&self.0.detectors, at)
    }

    pub(super) fn flyer(&self, at: u8) -> Option<&Text> {
        nth(&self.0.flyers, at)
    }

    /// What can be read: detectors first, then motors.
    pub(super) fn readable(&self, at: u8) -> Option<&Text> {
        Self::any_of([&self.0.detectors, &self.0.motors], at)
    }

    /// Any device.
    pub(super) fn any(&self, at: u8) -> Option<&Text> {
        Self::any_of([&self.0.motors, &self.0.detectors, &self.0.flyers], at)
    }

    fn any_of<const N: usize>(lists: [&Vec<Text>; N], at: u8) -> Option<&Text> {
        let count: usize = lists.iter().map(|list| list.len()).sum();
        let nth = usize::from(at).checked_rem(count)?;
        lists.into_iter().flatten().nth(nth)
    }
}

/// Adds devices to a lab.
///
/// # Panics
///
/// If one of them cannot be made: its class is not known, or has no such option.
#[expect(clippy::panic, reason = "who says which devices a lab has is to say what can be made")]
pub(super) fn furnish(lab: &Harness, devices: Vec<DeviceSpec>) {
    if devices.is_empty() {
        return;
    }
    let program = Program { devices, ..Program::default() };
    lab.furnish(&program).unwrap_or_else(|error| panic!("a device of the lab cannot be made: {error}"));
}

fn nth(names: &[Text], at: u8) -> Option<&Text> {
    names.get(usize::from(at).checked_rem(names.len())?)
}

impl Default for Kit {
    fn default() -> Self {
        Self::standard()
    }
}
