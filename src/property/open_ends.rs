//! [`OpenEnds`]: what a plan that is being put together has left open so far.

use super::verbatim::{close_run, in_run, wait};
use crate::program::Step;
use crate::value::Text;

/// The keys of runs.
pub(super) const KEYS: [Option<&str>; 3] = [None, Some("a"), Some("b")];
/// The names of groups.
pub(super) const GROUPS: [Option<&str>; 3] = [None, Some("g"), Some("h")];
/// The names of streams.
pub(super) const STREAMS: [&str; 2] = ["primary", "dark"];

/// What a plan that is being put together has left open so far, and what the preprocessors around it have in hand.
#[derive(Debug, Default)]
pub(super) struct OpenEnds {
    runs: [Option<OpenRun>; 3],
    /// What has been sent on its way and not waited for, and the number of the group.
    on_their_way: Vec<(Text, u8)>,
    staged: Vec<Text>,
    flying: Vec<Flight>,
    /// The callbacks that have subscribed.
    subscribed: Vec<String>,
    /// The suspenders that are installed.
    installed: Vec<String>,
    /// The number of the key that runs without one get.
    key: u8,
    lazily: bool,
    /// Whether a run was closed since the last checkpoint: what is replayed after a pause would be about a run that is closed.
    closed_since_checkpoint: bool,
    baseline: bool,
    /// The numbers of the keys of the runs during which preprocessors do something: what they do is about these alone.
    during: Vec<u8>,
    /// What a preprocessor monitors during each run.
    monitored_during: Vec<Text>,
    /// What a preprocessor flies during each run.
    flown_during: Vec<Text>,
    /// What was there when the innermost scope was entered, and is not to be touched in it.
    floor: Floor,
}

#[derive(Debug, Default)]
struct OpenRun {
    streams: Vec<Stream>,
    bundle: Option<Bundle>,
    monitored: Vec<Text>,
}

#[derive(Debug)]
struct Stream {
    name: &'static str,
    devices: Vec<Text>,
}

#[derive(Debug)]
struct Bundle {
    stream: &'static str,
    devices: Vec<Text>,
}

#[derive(Debug)]
struct Flight {
    flyer: Text,
    key: u8,
    completed: bool,
}

/// What was there when a scope was entered.
#[derive(Clone, Debug, Default)]
pub(super) struct Floor {
    runs: [bool; 3],
    bundles: [bool; 3],
    on_their_way: Vec<Text>,
    staged: Vec<Text>,
    flying: Vec<Text>,
    monitored: Vec<(u8, Text)>,
    subscribed: Vec<String>,
    installed: Vec<String>,
}

impl OpenEnds {
    /// The number of the key that an operation with this one is about.
    pub(super) const fn key_of(&self, key: u8) -> u8 {
        let key = key % 3;
        if key == 0 { self.key } else { key }
    }

    fn run(&mut self, key: u8) -> Option<&mut OpenRun> {
        self.runs[usize::from(self.key_of(key))].as_mut()
    }

    pub(super) fn set_key(&mut self, key: u8) -> u8 {
        std::mem::replace(&mut self.key, key)
    }

    pub(super) const fn reset_key(&mut self, key: u8) {
        self.key = key;
    }

    // ----- scopes

    /// Enters a scope; gives what is to be given back to [`leave`](Self::leave).
    pub(super) fn enter(&mut self) -> Floor {
        let floor = Floor {
            runs: [0, 1, 2].map(|key| self.runs[key].is_some()),
            bundles: [0, 1, 2].map(|key| self.runs[key].as_ref().is_some_and(|run| run.bundle.is_some())),
            on_their_way: self.on_their_way.iter().map(|(device, _)| device.clone()).collect(),
            staged: self.staged.clone(),
            flying: self.flying.iter().map(|flight| flight.flyer.clone()).collect(),
            monitored: self.monitored().collect(),
            subscribed: self.subscribed.clone(),
            installed: self.installed.clone(),
        };
        std::mem::replace(&mut self.floor, floor)
    }

    pub(super) fn leave(&mut self, outside: Floor) {
        self.floor = outside;
    }

    fn monitored(&self) -> impl Iterator<Item = (u8, Text)> {
        (0..3_u8).flat_map(|key| {
            let run = self.runs[usize::from(key)].as_ref();
            run.into_iter().flat_map(move |run| run.monitored.iter().map(move |device| (key, device.clone())))
        })
    }

    /// Whether nothing was left open since the scope was entered.
    pub(super) fn is_tidy(&self) -> bool {
        let floor = &self.floor;
        (0..3).all(|key| self.runs[key].is_some() == floor.runs[key] && !self.has_new_bundle(key))
            && self.on_their_way.len() <= floor.on_their_way.len()
            && self.staged.len() <= floor.staged.len()
            && self.flying.len() <= floor.flying.len()
            && self.monitored().count() <= floor.monitored.len()
            && self.installed.len() <= floor.installed.len()
    }

    fn has_new_bundle(&self, key: usize) -> bool {
        self.runs[key].as_ref().is_some_and(|run| run.bundle.is_some()) && !self.floor.bundles[key]
    }

    /// What brings to rest all that was begun since the scope was entered.
    pub(super) fn tidy(&mut self) -> Vec<Step> {
        let mut steps = Vec::new();
        // From the last to the first, so that the outer run is closed last.
        for key in [2, 1, 0] {
            // A key is said as it is, unless it is the one that a wrapper gives.
            let said = if key == self.key { 0 } else { key };
            if key == 0 && self.key != 0 || self.runs[usize::from(key)].is_none() {
                continue;
            }
            steps.extend(self.tidy_run(said));
            if self.close_run(said) {
                steps.push(in_run(close_run(), KEYS[usize::from(said)]));
            }
        }
        steps.extend(self.tidy_flights(None));
        let mut groups: Vec<u8> = Vec::new();
        for (device, group) in &self.on_their_way {
            if !self.floor.on_their_way.contains(device) && !groups.contains(group) {
                groups.push(*group);
            }
        }
        for group in groups {
            self.waited(group);
            steps.push(wait(group));
        }
        for device in self.staged.clone() {
            if self.unstage(&device) {
                steps.push(Step::message("unstage").of(&device));
            }
        }
        for suspender in self.installed.clone() {
            if self.remove(&suspender) {
                steps.push(Step::message("remove_suspender").arg(suspender));
            }
        }
        // A subscription ends with the call; that of a part that may be done again, with it.
        for callback in self.subscribed.clone() {
            if self.unsubscribe(&callback) {
                steps.push(Step::message("unsubscribe").arg(callback));
            }
        }
        steps
    }

    /// What brings a run to rest that was opened in this scope, so that it can be closed.
    pub(super) fn tidy_run(&mut self, key: u8) -> Vec<Step> {
        let at = self.key_of(key);
        let said = KEYS[usize::from(key % 3)];
        if self.runs[usize::from(at)].is_none() {
            return Vec::new();
        }
        let mut steps = Vec::new();
        if self.has_new_bundle(usize::from(at)) {
            let command = if self.end_bundle(key) == Some(true) { "save" } else { "drop" };
            steps.push(in_run(Step::message(command), said));
        }
        if !self.floor.runs[usize::from(at)] {
            steps.extend(self.tidy_flights(Some(at)));
        }
        // A run that is closed ends its monitors itself.
        let run = self.runs[usize::from(at)].as_ref().filter(|_| self.floor.runs[usize::from(at)]);
        for device in run.map(|run| run.monitored.clone()).unwrap_or_default() {
            if self.unmonitor(key, &device) {
                steps.push(in_run(Step::message("unmonitor").of(&device), said));
            }
        }
        steps
    }

    /// Completes and collects what was kicked off in this scope, in one run or in any.
    fn tidy_flights(&mut self, of_run: Option<u8>) -> Vec<Step> {
        let mut steps = Vec::new();
        let flyers: Vec<Text> = self
            .flying
            .iter()
            .filter(|flight| of_run.is_none_or(|key| key == flight.key))
            .map(|flight| flight.flyer.clone())
            .filter(|flyer| !self.floor.flying.contains(flyer))
            .collect();
        for flyer in flyers {
            let said = |open: &Self, key: u8| KEYS[usize::from(if key == open.key { 0 } else { key })];
            if let Some(key) = self.complete(&flyer, 1) {
                let complete = Step::message("complete").of(&flyer).kwarg("group", "g");
                steps.push(in_run(complete, said(self, key)));
                self.waited(1);
                steps.push(wait(1));
            }
            // Its kickoff may have been in another group.
            while let Some((_, group)) = self.on_their_way.iter().find(|(device, _)| *device == flyer).cloned() {
                self.waited(group);
                steps.push(wait(group));
            }
            if let Some(key) = self.collect(&flyer) {
                steps.push(in_run(Step::message("collect").of(&flyer), said(self, key)));
            }
        }
        steps
    }

    // ----- runs

    pub(super) fn open_run(&mut self, key: u8) -> bool {
        let key = usize::from(self.key_of(key));
        // What flies during each run can fly in one at a time.
        let allowed = self.runs[key].is_none()
            && !self.in_bundle()
            && self.flown_during.is_empty()
            && self.during.iter().all(|during| usize::from(*during) == key);
        if allowed {
            self.runs[key] = Some(OpenRun::default());
        }
        allowed
    }

    pub(super) fn close_run(&mut self, key: u8) -> bool {
        let key = usize::from(self.key_of(key));
        let allowed = self.runs[key].is_some() && !self.floor.runs[key];
        if allowed {
            self.runs[key] = None;
            self.closed_since_checkpoint = true;
        }
        allowed
    }

    pub(super) const fn checkpoint(&mut self) {
        self.closed_since_checkpoint = false;
    }

    /// From here on anything may have come before.
    pub(super) const fn forget_checkpoint(&mut self) {
        self.closed_since_checkpoint = true;
    }

    /// Whether what would be replayed after a pause is about runs that are open.
    pub(super) const fn can_pause(&self) -> bool {
        !self.closed_since_checkpoint && !self.lazily
    }

    /// Whether the run is open and was opened in this scope.
    pub(super) const fn can_close_run(&self, key: u8) -> bool {
        let key = self.key_of(key) as usize;
        self.runs[key].is_some() && !self.floor.runs[key]
    }

    /// Whether a bundle is open in any run.
    pub(super) fn in_bundle(&self) -> bool {
        self.runs.iter().flatten().any(|run| run.bundle.is_some())
    }

    /// Whether a plan that opens a run of its own and stages its devices can go here.
    pub(super) fn can_run_plan(&self, devices: &[&Text]) -> bool {
        !devices.is_empty()
            && self.during.iter().all(|during| *during == self.key)
            && self.runs[usize::from(self.key)].is_none()
            && !self.in_bundle()
            && !self.lazily
            && self.flown_during.is_empty()
            && devices.iter().all(|device| {
                !self.staged.contains(device)
                    && !self.is_on_its_way(device)
                    && !self.flying.iter().any(|flight| flight.flyer == **device)
            })
    }

    // ----- bundles

    pub(super) fn begin_bundle(&mut self, key: u8, stream: &'static str) -> bool {
        let Some(run) = self.run(key).filter(|run| run.bundle.is_none()) else { return false };
        run.bundle = Some(Bundle { stream, devices: Vec::new() });
        true
    }

    /// Reads a device into the bundle of the run; outside of one, where it goes into none.
    pub(super) fn read(&mut self, key: u8, device: &Text) -> bool {
        let Some(run) = self.run(key) else { return true };
        let Some(bundle) = &mut run.bundle else { return true };
        let known = run.streams.iter().find(|stream| stream.name == bundle.stream);
        // A stream has the same devices in each event.
        let fits = known.is_none_or(|stream| stream.devices.contains(device)) && !bundle.devices.contains(device);
        if fits {
            bundle.devices.push(device.clone());
        }
        fits
    }

    /// Ends the bundle; gives whether it can be saved, if there is one that was begun in this scope.
    pub(super) fn end_bundle(&mut self, key: u8) -> Option<bool> {
        let at = usize::from(self.key_of(key));
        if !self.has_new_bundle(at) {
            return None;
        }
        let run = self.runs[at].as_mut()?;
        let bundle = run.bundle.take()?;
        if bundle.devices.is_empty() {
            return Some(false);
        }
        match run.streams.iter().find(|stream| stream.name == bundle.stream) {
            Some(known) => Some(known.devices.len() == bundle.devices.len()),
            None => {
                run.streams.push(Stream { name: bundle.stream, devices: bundle.devices });
                Some(true)
            }
        }
    }

    /// The stream into which an event of these devices goes; nothing where there can be none.
    pub(super) fn stream_for(&mut self, key: u8, devices: &[Text]) -> Option<&'static str> {
        let run = self.run(key).filter(|run| run.bundle.is_none())?;
        let same = |stream: &Stream| {
            stream.devices.len() == devices.len() && devices.iter().all(|device| stream.devices.contains(device))
        };
        if let Some(known) = run.streams.iter().find(|stream| same(stream)) {
            return Some(known.name);
        }
        let name = STREAMS.into_iter().find(|name| run.streams.iter().all(|stream| stream.name != *name))?;
        run.streams.push(Stream { name, devices: devices.to_vec() });
        Some(name)
    }

    /// Whether an event of these devices may go into that stream of the run that messages without a key are about; from then on the
    /// stream is theirs.
    pub(super) fn takes_event_of(&mut self, devices: &[Text], name: &'static str) -> bool {
        let Some(run) = self.run(0).filter(|run| run.bundle.is_none()) else { return false };
        match run.streams.iter().find(|stream| stream.name == name) {
            Some(known) => {
                known.devices.len() == devices.len() && devices.iter().all(|device| known.devices.contains(device))
            }
            None => {
                run.streams.push(Stream { name, devices: devices.to_vec() });
                true
            }
        }
    }

    pub(super) fn declare(&mut self, key: u8, name: &'static str, device: &Text) -> bool {
        let Some(run) = self.run(key).filter(|run| run.bundle.is_none()) else { return false };
        let allowed = run.streams.iter().all(|stream| stream.name != name);
        if allowed {
            run.streams.push(Stream { name, devices: vec![device.clone()] });
        }
        allowed
    }

    // ----- moves and exposures

    pub(super) fn is_on_its_way(&self, device: &Text) -> bool {
        self.on_their_way.iter().any(|(known, _)| known == device)
    }

    /// Sends a device on its way, if it is not on one.
    pub(super) fn sends(&mut self, device: &Text, group: u8) -> bool {
        let allowed = !self.is_on_its_way(device);
        if allowed {
            self.on_their_way.push((device.clone(), group % 3));
        }
        allowed
    }

    /// All of that group have arrived.
    pub(super) fn waited(&mut self, group: u8) {
        self.on_their_way.retain(|(_, of)| *of != group % 3);
    }

    // ----- staging

    pub(super) fn can_stage(&self, device: &Text) -> bool {
        // What is staged within a bundle cuts it in two for a replay.
        !self.lazily && !self.in_bundle() && !self.staged.contains(device)
    }

    pub(super) fn stage(&mut self, device: &Text) -> bool {
        let allowed = self.can_stage(device);
        if allowed {
            self.staged.push(device.clone());
        }
        allowed
    }

    pub(super) fn unstage(&mut self, device: &Text) -> bool {
        let allowed = self.staged.contains(device) && !self.floor.staged.contains(device) && !self.in_bundle();
        if allowed {
            self.staged.retain(|known| known != device);
        }
        allowed
    }

    pub(super) const fn in_lazy_staging(&self) -> bool {
        self.lazily
    }

    pub(super) fn begin_lazy_staging(&mut self) -> bool {
        let allowed = !self.lazily && self.staged.is_empty() && self.flying.is_empty() && !self.in_bundle();
        self.lazily |= allowed;
        allowed
    }

    pub(super) const fn end_lazy_staging(&mut self) {
        self.lazily = false;
    }

    // ----- callbacks and suspenders

    pub(super) fn subscribe(&mut self, callback: &str) -> bool {
        // What subscribes within a bundle cuts it in two for a replay; who is subscribed twice loses both subscriptions at once.
        let allowed = !self.in_bundle() && !self.subscribed.iter().any(|known| known == callback);
        if allowed {
            self.subscribed.push(callback.to_owned());
        }
        allowed
    }

    pub(super) fn unsubscribe(&mut self, callback: &str) -> bool {
        let is_own = |known: &String| known == callback;
        let allowed =
            !self.in_bundle() && self.subscribed.iter().any(is_own) && !self.floor.subscribed.iter().any(is_own);
        if allowed {
            self.subscribed.retain(|known| known != callback);
        }
        allowed
    }

    pub(super) fn install(&mut self, suspender: &str) -> bool {
        let allowed = !self.installed.iter().any(|known| known == suspender);
        if allowed {
            self.installed.push(suspender.to_owned());
        }
        allowed
    }

    pub(super) fn remove(&mut self, suspender: &str) -> bool {
        let is_own = |known: &String| known == suspender;
        let allowed = self.installed.iter().any(is_own) && !self.floor.installed.iter().any(is_own);
        if allowed {
            self.installed.retain(|known| known != suspender);
        }
        allowed
    }

    // ----- what is done during each run

    pub(super) fn begin_baseline(&mut self) -> bool {
        let allowed = !self.baseline && !self.in_bundle();
        if allowed {
            self.baseline = true;
            self.during.push(self.key);
        }
        allowed
    }

    pub(super) fn end_baseline(&mut self) {
        self.baseline = false;
        self.during.pop();
    }

    pub(super) fn begin_monitoring(&mut self, device: &Text) -> bool {
        let allowed = !self.monitored_during.contains(device);
        if allowed {
            self.monitored_during.push(device.clone());
            self.during.push(self.key);
        }
        allowed
    }

    /// Whether a preprocessor monitors a device during each run.
    pub(super) fn is_monitored_during(&self, device: &Text) -> bool {
        self.monitored_during.contains(device)
    }

    pub(super) fn end_monitoring(&mut self, device: &Text) {
        self.during.pop();
        self.monitored_during.retain(|known| known != device);
    }

    /// Opens the run during which the flyer flies.
    pub(super) fn begin_flying(&mut self, flyer: &Text) -> bool {
        let free = !self.flying.iter().any(|flight| flight.flyer == *flyer) && !self.lazily;
        if !free || !self.open_run(0) {
            return false;
        }
        self.flown_during.push(flyer.clone());
        true
    }

    pub(super) fn end_flying(&mut self, flyer: &Text) {
        self.flown_during.retain(|known| known != flyer);
        self.close_run(0);
    }

    // ----- monitors

    pub(super) fn monitor(&mut self, key: u8, device: &Text) -> bool {
        if self.monitored_during.contains(device) {
            return false;
        }
        let Some(run) = self.run(key).filter(|run| run.bundle.is_none()) else { return false };
        let allowed = !run.monitored.contains(device);
        if allowed {
            run.monitored.push(device.clone());
        }
        allowed
    }

    pub(super) fn unmonitor(&mut self, key: u8, device: &Text) -> bool {
        let at = self.key_of(key);
        if self.floor.monitored.contains(&(at, device.clone())) {
            return false;
        }
        let Some(run) = &mut self.runs[usize::from(at)] else { return false };
        let allowed = run.monitored.contains(device);
        run.monitored.retain(|known| known != device);
        allowed
    }

    // ----- flyers

    pub(super) fn kickoff(&mut self, key: u8, flyer: &Text, group: u8) -> bool {
        let free = !self.flying.iter().any(|flight| flight.flyer == *flyer)
            && !self.flown_during.contains(flyer)
            && !self.is_on_its_way(flyer)
            && !self.lazily
            && !self.in_bundle();
        let at = self.key_of(key);
        // A run that was opened outside of the scope would have to be closed with what has flown in it.
        if !free || self.run(key).is_none() {
            return false;
        }
        self.flying.push(Flight { flyer: flyer.clone(), key: at, completed: false });
        self.on_their_way.push((flyer.clone(), group % 3));
        true
    }

    /// Completes a flyer that was kicked off in this scope; gives the number of the key of its run, as it is said here.
    pub(super) fn complete(&mut self, flyer: &Text, group: u8) -> Option<u8> {
        if self.floor.flying.contains(flyer) {
            return None;
        }
        let own = self.key;
        let flight = self.flying.iter_mut().find(|flight| flight.flyer == *flyer && !flight.completed)?;
        flight.completed = true;
        let key = if flight.key == own { 0 } else { flight.key };
        self.on_their_way.push((flyer.clone(), group % 3));
        Some(key)
    }

    /// Collects a flyer that was completed in this scope, and waited for; gives the number of the key of its run.
    pub(super) fn collect(&mut self, flyer: &Text) -> Option<u8> {
        if self.floor.flying.contains(flyer) || self.is_on_its_way(flyer) {
            return None;
        }
        let at = self.flying.iter().position(|flight| flight.flyer == *flyer && flight.completed)?;
        let key = self.flying.remove(at).key;
        Some(if key == self.key { 0 } else { key })
    }
}
