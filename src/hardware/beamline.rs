//! [`Beamline`]: devices by name.

use std::sync::Arc;

use super::simulated_devices::SimulatedDevices;
use crate::clock::{Clock, Timestamp};
use crate::device::Device;
use crate::seed::Seed;
use crate::value::Text;
use rustc_hash::FxHashMap;

/// Devices by name, in the order in which they were added.
#[derive(Clone, Debug)]
pub struct Beamline {
    /// Those of `ophyd.sim`, where there are any. They come first.
    simulated: Option<Arc<SimulatedDevices>>,
    /// Shared by clones until one of them changes.
    added: Arc<AddedDevices>,
}

/// What was added to a beamline by hand.
#[derive(Clone, Debug, Default)]
struct AddedDevices {
    devices: Vec<(Text, Device)>,
    /// Where each name stands among them: there may be many.
    places: FxHashMap<Text, usize>,
    /// The places of simulated devices in which one of these stands, and which.
    instead: FxHashMap<usize, usize>,
}

impl Beamline {
    /// A beamline without devices.
    #[must_use]
    pub fn empty() -> Self {
        Self { simulated: None, added: Arc::default() }
    }

    /// The devices of `ophyd.sim.hw()`, under the same names. Jitter comes from `seed`, the noise of a detector and what
    /// changes by chance from the seed of the engine that calls it.
    ///
    /// As there, `identical_det`, `ab_det`, `det_with_conf` and `det_with_count_time` are other devices whose name is `det`,
    /// `motor_no_pos` is one whose name is `motor`, and so on.
    #[must_use]
    pub fn simulated(seed: &Seed) -> Self {
        Self { simulated: Some(Arc::new(SimulatedDevices::new(seed))), added: Arc::default() }
    }

    /// Adds a device under its own name, and gives it back. One that has the name already is replaced.
    pub fn add(&mut self, device: impl Into<Device>) -> Device {
        let device = device.into();
        self.insert(device.name().clone(), device)
    }

    /// Adds a device under a name, and gives it back. One that has the name already is replaced.
    pub fn insert(&mut self, name: impl Into<Text>, device: impl Into<Device>) -> Device {
        let (name, device) = (name.into(), device.into());
        let replaced = self.simulated_place(&name);
        let added = Arc::make_mut(&mut self.added);
        match added.places.get(&name) {
            Some(place) => added.devices[*place].1 = device.clone(),
            None => {
                let place = added.devices.len();
                if let Some(replaced) = replaced {
                    added.instead.insert(replaced, place);
                }
                added.places.insert(name.clone(), place);
                added.devices.push((name, device.clone()));
            }
        }
        device
    }

    /// The device of that name; dots reach its components: `det.Imax`.
    #[must_use]
    pub fn get(&self, path: &str) -> Option<Device> {
        let (name, component) = path.split_once('.').map_or((path, None), |(name, rest)| (name, Some(rest)));
        let device = match self.added.places.get(name) {
            Some(place) => &self.added.devices[*place].1,
            None => self.simulated.as_ref()?.get(SimulatedDevices::place(name)?),
        };
        component.map_or_else(|| Some(device.clone()), |path| device.component(path))
    }

    /// Whether there is a device of that name.
    #[must_use]
    pub fn contains(&self, name: &str) -> bool {
        self.added.places.contains_key(name) || self.simulated_place(name).is_some()
    }

    fn simulated_place(&self, name: &str) -> Option<usize> {
        self.simulated.as_ref().and_then(|_| SimulatedDevices::place(name))
    }

    /// The names of all devices, in the order in which they were added.
    pub fn names(&self) -> impl ExactSizeIterator<Item = &Text> {
        let mut names: Vec<&Text> = Vec::new();
        if self.simulated.is_some() {
            SimulatedDevices::names().for_each(|name| names.push(name));
        }
        names.extend(self.added_behind().map(|(name, _)| name));
        names.into_iter()
    }

    /// All devices, in the order in which they were added.
    pub fn devices(&self) -> impl ExactSizeIterator<Item = &Device> {
        self.chosen(|all, place| Some(all.get(place))).map(|(_, device)| device)
    }

    /// Those devices that were added, and those of `ophyd.sim` that anyone has asked for; each with its name. Nothing can have been
    /// done with the others.
    pub(crate) fn known(&self) -> impl Iterator<Item = (&Text, &Device)> {
        self.chosen(SimulatedDevices::made)
    }

    /// The devices, where of the simulated ones those are taken that are chosen.
    fn chosen<'a>(
        &'a self,
        choose: impl Fn(&'a SimulatedDevices, usize) -> Option<&'a Device>,
    ) -> impl ExactSizeIterator<Item = (&'a Text, &'a Device)> {
        let mut chosen = Vec::new();
        if let Some(simulated) = &self.simulated {
            for (place, name) in SimulatedDevices::names().enumerate() {
                let device = match self.added.instead.get(&place) {
                    Some(instead) => Some(&self.added.devices[*instead].1),
                    None => choose(simulated, place),
                };
                chosen.extend(device.map(|device| (name, device)));
            }
        }
        chosen.extend(self.added_behind());
        chosen.into_iter()
    }

    /// What was added and stands in no other's place.
    fn added_behind(&self) -> impl Iterator<Item = (&Text, &Device)> {
        let is_behind = |(name, _): &&(Text, Device)| self.simulated_place(name).is_none();
        self.added.devices.iter().filter(is_behind).map(|(name, device)| (name, device))
    }

    /// Records the calls of all devices anew, and those of others from the time when they are asked for.
    pub(crate) fn record_calls_anew(&self) {
        if let Some(simulated) = &self.simulated {
            simulated.record_calls();
        }
        self.known().for_each(|(_, device)| device.record_calls().clear());
    }

    /// Tells all devices that they are part of a beamline with that clock, and that their first values were taken now.
    pub fn added_to(&self, clock: &Clock) {
        self.tell_simulated(clock.now());
        self.added.devices.iter().for_each(|(_, device)| device.object().added_to(clock));
    }

    /// Tells all devices that their first values were taken now.
    pub fn added_at(&self, now: Timestamp) {
        self.tell_simulated(now);
        self.added.devices.iter().for_each(|(_, device)| device.object().added_at(now));
    }

    /// None of the simulated devices has a life of its own that would begin: each only gets to know what time it is.
    fn tell_simulated(&self, now: Timestamp) {
        if let Some(simulated) = &self.simulated {
            simulated.added_at(now);
        }
    }
}
