//! [`Kit`]: the devices that generated plans may use, by what they are used for.

use std::sync::Arc;

use crate::harness::Harness;
use crate::program::{CallbackSpec, DeviceSpec, Program, SuspenderSpec};
use crate::value::Text;
use crate::value::yaml::Spanned;

/// The classes whose devices are moved.
const MOVED: [&str; 4] = ["SynAxis", "LocatableSynAxis", "SimMotor", "SoftPositioner"];

/// The callback of the standard kit.
pub(super) const LISTENER: &str = "listener";
/// The signal that trips its suspender.
pub(super) const TRIPPED: &str = "bool_sig";

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
    callbacks: Vec<CallbackSpec>,
    suspenders: Vec<SuspenderSpec>,
}

impl Kit {
    /// A set without devices.
    #[must_use]
    pub fn empty() -> Self {
        Self(Arc::default())
    }

    /// What generated plans use unless one says otherwise: three motors and three detectors of the
    /// [simulated beamline](crate::hardware::Beamline::simulated), a flyer, which is added to it, the callback `listener`, which does
    /// nothing, and the suspender `bool_high`, which trips when the signal `bool_sig` is true.
    #[must_use]
    pub fn standard() -> Self {
        let flyer = DeviceSpec::new("NestedFlyer", "frames").with("num", 2);
        Self::empty()
            .motors(["motor", "motor1", "motor2"])
            .detectors(["det", "det1", "det2"])
            .flyers(["trivial_flyer"])
            .with(flyer)
            .callback(CallbackSpec::new(LISTENER))
            .suspender("bool_high", "SuspendBoolHigh", TRIPPED)
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

    /// This callback besides, to which generated plans subscribe.
    #[must_use]
    pub fn callback(self, callback: CallbackSpec) -> Self {
        self.change(|kit| kit.callbacks.push(callback))
    }

    /// This suspender besides, of that class and without options, which generated plans install and remove.
    #[must_use]
    pub fn suspender(self, name: &str, class: &str, signal: &str) -> Self {
        let (name, class) = (Spanned::from(name.to_owned()), Spanned::from(class.to_owned()));
        let (options, pre_plan, post_plan) = (Vec::new(), None, None);
        let signal = signal.into();
        self.change(|kit| kit.suspenders.push(SuspenderSpec { name, class, signal, options, pre_plan, post_plan }))
    }

    /// The callbacks to which plans subscribe.
    #[must_use]
    pub fn callbacks(&self) -> &[CallbackSpec] {
        &self.0.callbacks
    }

    /// The suspenders that plans install.
    #[must_use]
    pub fn suspenders(&self) -> &[SuspenderSpec] {
        &self.0.suspenders
    }

    pub(super) fn nth_callback(&self, at: u8) -> Option<&str> {
        let at = usize::from(at).checked_rem(self.0.callbacks.len())?;
        self.0.callbacks.get(at).map(|callback| callback.name.value.as_str())
    }

    pub(super) fn nth_suspender(&self, at: u8) -> Option<&str> {
        let at = usize::from(at).checked_rem(self.0.suspenders.len())?;
        self.0.suspenders.get(at).map(|suspender| suspender.name.value.as_str())
    }

    /// The names of the devices that plans move.
    #[must_use]
    pub fn motor_names(&self) -> &[Text] {
        &self.0.motors
    }

    /// The names of the devices that plans trigger.
    #[must_use]
    pub fn detector_names(&self) -> &[Text] {
        &self.0.detectors
    }

    /// The names of the devices that plans fly.
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
        let is_missing = |device: &&DeviceSpec| !beamline.contains(&device.name.value);
        let names = lab.names();
        let devices = self.0.added.iter().filter(is_missing).cloned().collect();
        let callbacks = self.0.callbacks.iter().filter(|callback| !names.has(&callback.name.value)).cloned().collect();
        let is_new = |suspender: &&SuspenderSpec| !names.has(&suspender.name.value);
        let suspenders = self.0.suspenders.iter().filter(is_new).cloned().collect();
        furnish(lab, &Program { devices, callbacks, suspenders, ..Program::default() });
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

    /// A device of any kind, by its number.
    pub(super) fn any(&self, at: u8) -> Option<&Text> {
        Self::any_of([&self.0.motors, &self.0.detectors, &self.0.flyers], at)
    }

    fn any_of<const N: usize>(lists: [&Vec<Text>; N], at: u8) -> Option<&Text> {
        let count: usize = lists.iter().map(|list| list.len()).sum();
        let nth = usize::from(at).checked_rem(count)?;
        lists.into_iter().flatten().nth(nth)
    }
}

/// Adds devices, callbacks and suspenders to a lab.
///
/// # Panics
///
/// If one of them cannot be made: its class is not known, has no such option, or its name has another meaning.
#[expect(clippy::panic, reason = "who says which devices a lab has is to say what can be made")]
pub(super) fn furnish(lab: &Harness, program: &Program) {
    if program.devices.is_empty() && program.callbacks.is_empty() && program.suspenders.is_empty() {
        return;
    }
    lab.furnish(program).unwrap_or_else(|error| panic!("what the lab is to have cannot be made: {error}"));
}

fn nth(names: &[Text], at: u8) -> Option<&Text> {
    names.get(usize::from(at).checked_rem(names.len())?)
}

impl Default for Kit {
    fn default() -> Self {
        Self::standard()
    }
}
