//! How a list of operations becomes the steps of a plan: what does not apply where it stands is left out.

use super::Kit;
use super::drawn::{self, Numbers};
use super::op::{Op, OpKind};
use super::open_ends::{KEYS, OpenEnds, STREAMS};
use super::verbatim::{
    catch, create, declare, grouped, in_run, lines, monitored, names, sleep, span_name, wait, wait_at_most,
};
use crate::program::{Drawn, Step, StepNames, Wrapper};
use crate::value::{Map, Text};

/// The steps of a well-formed plan: each operation where it applies, and in the end what brings all to rest that was begun.
pub(super) fn arrange(ops: &[Op], kit: &Kit) -> Vec<Step> {
    let mut arranging = Arranging { ops, at: 0, kit, open: OpenEnds::default() };
    let mut steps = Vec::new();
    while arranging.at < ops.len() {
        // An end that nothing was begun for ends nothing.
        steps.extend(arranging.body());
    }
    steps.extend(arranging.open.tidy());
    steps
}

/// Operations that are being arranged, one after another.
struct Arranging<'a> {
    ops: &'a [Op],
    at: usize,
    kit: &'a Kit,
    open: OpenEnds,
}

impl Arranging<'_> {
    /// The steps up to the end of what was begun last, or to that of the whole.
    fn body(&mut self) -> Vec<Step> {
        let mut steps = Vec::new();
        while let Some(op) = self.ops.get(self.at).copied() {
            self.at += 1;
            if op.kind() == OpKind::End {
                break;
            }
            steps.extend(self.op(op));
        }
        steps
    }

    /// A body that leaves all as it has found it.
    fn scope(&mut self) -> Vec<Step> {
        let outside = self.open.enter();
        let mut steps = self.body();
        steps.extend(self.open.tidy());
        self.open.leave(outside);
        steps
    }

    fn op(&mut self, op: Op) -> Vec<Step> {
        let [a, b, c, d] = op.numbers();
        match op.kind() {
            OpKind::Null | OpKind::Checkpoint | OpKind::Sleep | OpKind::ClearCheckpoint => self.plain(op),
            OpKind::Rewindable | OpKind::Pause | OpKind::Configure | OpKind::Input => self.plain(op),
            OpKind::OpenRun => self.open_run(a, op),
            OpKind::CloseRun | OpKind::FailRun => self.close_run(a, op),
            OpKind::Event => self.event(a, b, c),
            OpKind::Create => self.create(a, b),
            OpKind::Read => self.read(a, b),
            OpKind::Save => self.save(a),
            OpKind::Drop => self.open.end_bundle(a).map(|_| line("drop", a)).into_iter().collect(),
            OpKind::Set => self.set(a, b, c),
            OpKind::Trigger => self.trigger(a, b),
            OpKind::Wait => {
                self.open.waited(a);
                vec![wait(a)]
            }
            OpKind::WaitAtMost => vec![wait_at_most(a, b)],
            OpKind::Move | OpKind::MoveBy => self.moved(op.kind() == OpKind::MoveBy, a, b),
            OpKind::Stage => self.stage(a),
            OpKind::Unstage => self.unstage(a),
            OpKind::Monitor => self.monitor(a, b),
            OpKind::Unmonitor => self.unmonitor(a, b),
            OpKind::Declare => self.declare(a, b, c),
            OpKind::Kickoff => self.kickoff(a, b, c),
            OpKind::Complete => self.complete(b, c),
            OpKind::Collect => self.collect(b),
            OpKind::Stop => self.kit.motor(a).map(|motor| Step::message("stop").of(motor)).into_iter().collect(),
            OpKind::Count | OpKind::Scan | OpKind::RelScan | OpKind::Fly => self.whole_plan(op.kind(), [a, b, c, d]),
            OpKind::TriggerAndRead => self.trigger_and_read(a, b, c),
            OpKind::Plan => self.drawn_plan(a, Numbers([b, c, d])),
            OpKind::ByStub => self.by_stub(a),
            OpKind::Subscribe => self.subscribe(a, op),
            OpKind::Unsubscribe => self.unsubscribe(a, op),
            OpKind::InstallSuspender => self.install_suspender(a, op),
            OpKind::RemoveSuspender => self.remove_suspender(a, op),
            OpKind::Raise if self.open.is_tidy() => vec![Step::raise("no light")],
            OpKind::Raise | OpKind::Seldom | OpKind::End => Vec::new(),
            _ => self.wrap(op.kind(), [a, b, c]),
        }
    }

    /// A message that leaves nothing behind, and is allowed outside of bundles.
    fn plain(&mut self, op: Op) -> Vec<Step> {
        let refused_in_bundle = matches!(op.kind(), OpKind::Checkpoint | OpKind::Configure);
        if refused_in_bundle && self.open.in_bundle() {
            return Vec::new();
        }
        match op.kind() {
            OpKind::Checkpoint => self.open.checkpoint(),
            OpKind::Pause if !self.open.can_pause() => return Vec::new(),
            _ => {}
        }
        lines(op, self.kit)
    }

    fn subscribe(&mut self, callback: u8, op: Op) -> Vec<Step> {
        let callback = self.kit.nth_callback(callback).filter(|callback| self.open.subscribe(callback));
        callback.map(|_| lines(op, self.kit)).unwrap_or_default()
    }

    fn unsubscribe(&mut self, callback: u8, op: Op) -> Vec<Step> {
        let callback = self.kit.nth_callback(callback).filter(|callback| self.open.unsubscribe(callback));
        callback.map(|_| lines(op, self.kit)).unwrap_or_default()
    }

    fn install_suspender(&mut self, suspender: u8, op: Op) -> Vec<Step> {
        let suspender = self.kit.nth_suspender(suspender).filter(|suspender| self.open.install(suspender));
        suspender.map(|_| lines(op, self.kit)).unwrap_or_default()
    }

    fn remove_suspender(&mut self, suspender: u8, op: Op) -> Vec<Step> {
        let suspender = self.kit.nth_suspender(suspender).filter(|suspender| self.open.remove(suspender));
        suspender.map(|_| lines(op, self.kit)).unwrap_or_default()
    }

    fn open_run(&mut self, key: u8, op: Op) -> Vec<Step> {
        if !self.open.open_run(key) {
            return Vec::new();
        }
        lines(op, self.kit)
    }

    fn close_run(&mut self, key: u8, op: Op) -> Vec<Step> {
        if !self.open.can_close_run(key) {
            return Vec::new();
        }
        let mut steps = self.open.tidy_run(key);
        self.open.close_run(key);
        steps.extend(lines(op, self.kit));
        steps
    }

    fn create(&mut self, key: u8, stream: u8) -> Vec<Step> {
        let name = STREAMS[usize::from(stream) % STREAMS.len()];
        if self.open.begin_bundle(key, name) { vec![line_of(create(name), key)] } else { Vec::new() }
    }

    fn read(&mut self, key: u8, device: u8) -> Vec<Step> {
        let Some(device) = self.kit.readable(device) else { return Vec::new() };
        if !self.open.read(key, device) {
            return Vec::new();
        }
        vec![line_of(Step::message("read").of(device), key)]
    }

    fn save(&mut self, key: u8) -> Vec<Step> {
        match self.open.end_bundle(key) {
            None => Vec::new(),
            Some(true) => vec![line("save", key)],
            Some(false) => vec![line("drop", key)],
        }
    }

    fn event(&mut self, key: u8, first: u8, count: u8) -> Vec<Step> {
        let devices = self.devices(first, count);
        let Some(stream) = self.open.stream_for(key, &devices) else { return Vec::new() };
        let mut steps = vec![line_of(create(stream), key)];
        steps.extend(devices.iter().map(|device| line_of(Step::message("read").of(device), key)));
        steps.push(line("save", key));
        steps
    }

    /// One device or more, from that one on, each once.
    fn devices(&self, first: u8, count: u8) -> Vec<Text> {
        let mut devices: Vec<Text> = Vec::new();
        for nth in 0..=count {
            if let Some(device) = self.kit.readable(first.wrapping_add(nth)).filter(|device| !devices.contains(device))
            {
                devices.push(device.clone());
            }
        }
        devices
    }

    fn set(&mut self, motor: u8, to: u8, group: u8) -> Vec<Step> {
        let Some(motor) = self.kit.motor(motor).filter(|motor| self.open.sends(motor, group)) else {
            return Vec::new();
        };
        vec![grouped(Step::message("set").of(motor).arg(i64::from(to)), group)]
    }

    fn trigger(&mut self, detector: u8, group: u8) -> Vec<Step> {
        let Some(detector) = self.kit.detector(detector).filter(|detector| self.open.sends(detector, group)) else {
            return Vec::new();
        };
        vec![grouped(Step::message("trigger").of(detector), group)]
    }

    fn moved(&mut self, by: bool, motor: u8, to: u8) -> Vec<Step> {
        let Some(motor) = self.kit.motor(motor).filter(|motor| !self.open.is_on_its_way(motor)).cloned() else {
            return Vec::new();
        };
        let to = i32::from(to);
        vec![Step::plan(if by { "mvr" } else { "mv" }).arg(motor).arg(to)]
    }

    fn stage(&mut self, device: u8) -> Vec<Step> {
        let Some(device) = self.kit.readable(device).filter(|device| self.open.stage(device)) else {
            return Vec::new();
        };
        vec![Step::message("stage").of(device)]
    }

    fn unstage(&mut self, device: u8) -> Vec<Step> {
        let Some(device) = self.kit.readable(device).filter(|device| self.open.unstage(device)) else {
            return Vec::new();
        };
        vec![Step::message("unstage").of(device)]
    }

    fn monitor(&mut self, key: u8, detector: u8) -> Vec<Step> {
        let Some(detector) = self.kit.detector(detector).filter(|detector| self.open.monitor(key, detector)) else {
            return Vec::new();
        };
        vec![line_of(monitored(Step::message("monitor").of(detector)), key)]
    }

    fn unmonitor(&mut self, key: u8, detector: u8) -> Vec<Step> {
        let Some(detector) = self.kit.detector(detector).filter(|detector| self.open.unmonitor(key, detector)) else {
            return Vec::new();
        };
        vec![line_of(Step::message("unmonitor").of(detector), key)]
    }

    fn declare(&mut self, key: u8, stream: u8, device: u8) -> Vec<Step> {
        let name = STREAMS[usize::from(stream) % STREAMS.len()];
        let Some(device) = self.kit.readable(device).filter(|device| self.open.declare(key, name, device)) else {
            return Vec::new();
        };
        vec![line_of(declare(name, vec![device.clone()]), key)]
    }

    fn kickoff(&mut self, key: u8, flyer: u8, group: u8) -> Vec<Step> {
        let Some(flyer) = self.kit.flyer(flyer).filter(|flyer| self.open.kickoff(key, flyer, group)) else {
            return Vec::new();
        };
        vec![line_of(grouped(Step::message("kickoff").of(flyer), group), key)]
    }

    fn complete(&mut self, flyer: u8, group: u8) -> Vec<Step> {
        let Some(flyer) = self.kit.flyer(flyer) else { return Vec::new() };
        match self.open.complete(flyer, group) {
            Some(key) => vec![line_of(grouped(Step::message("complete").of(flyer), group), key)],
            None => Vec::new(),
        }
    }

    fn collect(&mut self, flyer: u8) -> Vec<Step> {
        let Some(flyer) = self.kit.flyer(flyer) else { return Vec::new() };
        match self.open.collect(flyer) {
            Some(key) => vec![line_of(Step::message("collect").of(flyer), key)],
            None => Vec::new(),
        }
    }

    fn whole_plan(&mut self, kind: OpKind, [a, b, c, d]: [u8; 4]) -> Vec<Step> {
        let used: Vec<&Text> = match kind {
            OpKind::Fly => self.kit.flyer(a).into_iter().collect(),
            OpKind::Count => self.kit.detector(a).into_iter().collect(),
            _ => self.kit.detector(a).into_iter().chain(self.kit.motor(b)).collect(),
        };
        if !self.open.can_run_plan(&used) {
            return Vec::new();
        }
        self.open.forget_checkpoint();
        let plan = match (kind, used.as_slice()) {
            (OpKind::Fly, [flyer]) => Step::plan("fly").arg(names([*flyer])),
            (OpKind::Count, [detector]) => Step::plan("count").arg(names([*detector])).arg(u32::from(b) + 1),
            (_, [detector, motor]) => {
                let scan = Step::plan(if kind == OpKind::RelScan { "rel_scan" } else { "scan" });
                scan.arg(names([*detector])).arg(*motor).arg(0).arg(i32::from(c)).arg(u32::from(d) + 1)
            }
            _ => return Vec::new(),
        };
        vec![plan]
    }

    fn trigger_and_read(&mut self, key: u8, first: u8, count: u8) -> Vec<Step> {
        let devices = self.devices(first, count);
        // The plan knows of no key; within a wrapper that gives one it is about that run.
        if self.open.key_of(key) != self.open.key_of(0) || devices.iter().any(|device| self.open.is_on_its_way(device))
        {
            return Vec::new();
        }
        let Some(stream) = self.open.stream_for(key, &devices) else { return Vec::new() };
        vec![Step::plan("trigger_and_read").arg(names(&devices)).arg(stream)]
    }

    /// A plan of those that programs know, where it may go.
    fn drawn_plan(&mut self, which: u8, numbers: Numbers) -> Vec<Step> {
        let Some(plan) = drawn::well_formed_plan(which) else { return Vec::new() };
        let Some(step) = drawn::plan(plan, self.kit, numbers) else { return Vec::new() };
        let used = StepNames::of(std::slice::from_ref(&step)).devices;
        let used: Vec<Text> = used.into_iter().map(Text::from).collect();
        let used: Vec<&Text> = used.iter().collect();
        let is_on_its_way = used.iter().any(|device| self.open.is_on_its_way(device));
        let may_go = match plan.drawn {
            // It monitors a device itself.
            Drawn::Run if plan.name == "ramp_plan" => {
                self.open.can_run_plan(&used) && !used.iter().any(|device| self.open.is_monitored_during(device))
            }
            Drawn::Run => self.open.can_run_plan(&used),
            Drawn::Still => !self.open.in_bundle() && !is_on_its_way && !self.open.in_lazy_staging(),
            // It knows of no key; within a wrapper that gives one it is about that run.
            Drawn::Event => {
                let used: Vec<Text> = used.iter().map(|device| (*device).clone()).collect();
                // It may have a checkpoint, which an event of another run does not let pass.
                !is_on_its_way && !self.open.in_bundle() && self.open.takes_event_of(&used, STREAMS[0])
            }
            Drawn::Message(_) | Drawn::Loose => false,
        };
        if !may_go {
            return Vec::new();
        }
        // It may have checkpoints of its own.
        self.open.forget_checkpoint();
        vec![step]
    }

    /// What the next operation does, by plan stubs.
    fn by_stub(&mut self, which: u8) -> Vec<Step> {
        let Some(op) = self.ops.get(self.at).copied().filter(|op| op.kind() != OpKind::End) else { return Vec::new() };
        self.at += 1;
        self.op(op).into_iter().map(|step| drawn::by_stub(step, which)).collect()
    }

    fn wrap(&mut self, kind: OpKind, [a, b, c]: [u8; 3]) -> Vec<Step> {
        match kind {
            OpKind::Wrap => {
                // What subscribes within a bundle cuts it in two for a replay.
                let may_go = |it: &&Wrapper| it.name != "subs" || !self.open.in_bundle();
                let wrapper = drawn::wrapper_anywhere(a).filter(may_go);
                match wrapper.and_then(|it| drawn::wrap(it, self.kit, Numbers([b, c, 0]))) {
                    Some(wrap) => vec![wrap(self.scope())],
                    None => self.body(),
                }
            }
            OpKind::SupplementalData => {
                let detector = self.kit.detector(c).filter(|detector| self.open.begin_monitoring(detector));
                let Some(detector) = detector else { return self.body() };
                if !self.open.begin_baseline() {
                    self.open.end_monitoring(detector);
                    return self.body();
                }
                let body = self.scope();
                self.open.end_baseline();
                self.open.end_monitoring(detector);
                let wrap = Step::wrap("supplemental_data", body).with("baseline", names(&self.devices(a, b)));
                vec![wrap.with("monitors", names([detector]))]
            }
            // A span is neither opened nor closed by what is in it.
            OpKind::Span => {
                let body = self.body();
                vec![Step::span(span_name(a), body)]
            }
            // What is read into a bundle again and again would be in it twice.
            OpKind::Repeat if self.open.in_bundle() => self.body(),
            OpKind::Repeat => {
                // The first message of the body comes after its last one, too.
                self.open.forget_checkpoint();
                let body = self.scope();
                vec![Step::repeat(u64::from(a % 2) + 2, body)]
            }
            OpKind::Catch => vec![catch(self.scope())],
            OpKind::Finalize => {
                let end = match a % 3 {
                    0 => Step::message("null"),
                    1 => sleep(1),
                    _ => Step::message("checkpoint"),
                };
                // Nothing is in a bundle at the end of what leaves all as it has found it, if it was begun in none.
                if a % 3 == 2 && self.open.in_bundle() {
                    self.body()
                } else {
                    vec![Step::wrap("finalize", self.scope()).with_steps("final", [end])]
                }
            }
            OpKind::Run => {
                if !self.open.open_run(0) {
                    return self.body();
                }
                let steps = self.scoped("run");
                self.open.close_run(0);
                steps
            }
            OpKind::Staged => {
                let devices = self.devices(a, b);
                if self.open.in_bundle() || !devices.iter().all(|device| self.open.can_stage(device)) {
                    return self.body();
                }
                for device in &devices {
                    self.open.stage(device);
                }
                let steps = vec![Step::wrap("stage", self.scope()).with("devices", names(&devices))];
                for device in &devices {
                    self.open.unstage(device);
                }
                steps
            }
            OpKind::LazilyStaged => {
                if !self.open.begin_lazy_staging() {
                    return self.body();
                }
                let steps = self.scoped("lazily_stage");
                self.open.end_lazy_staging();
                steps
            }
            OpKind::Baseline => {
                if !self.open.begin_baseline() {
                    return self.body();
                }
                let steps = vec![Step::wrap("baseline", self.scope()).with("devices", names(&self.devices(a, b)))];
                self.open.end_baseline();
                steps
            }
            OpKind::MonitorDuring => {
                let Some(detector) = self.kit.detector(a).filter(|detector| self.open.begin_monitoring(detector))
                else {
                    return self.body();
                };
                let steps = vec![Step::wrap("monitor_during", self.scope()).with("devices", names([detector]))];
                self.open.end_monitoring(detector);
                steps
            }
            OpKind::FlyDuring => {
                let Some(flyer) = self.kit.flyer(a).filter(|flyer| self.open.begin_flying(flyer)) else {
                    return self.body();
                };
                let run = self.scoped("run");
                self.open.end_flying(flyer);
                vec![Step::wrap("fly_during", run).with("devices", names([flyer]))]
            }
            OpKind::RelativeSet => self.scoped("relative_set"),
            OpKind::ResetPositions => self.scoped("reset_positions"),
            OpKind::NotRewindable => vec![Step::wrap("rewindable", self.scope()).with("rewindable", false)],
            OpKind::InjectMd => {
                vec![Step::wrap("inject_md", self.scope()).with("md", Map::from_iter([("sample", "A")]))]
            }
            OpKind::SetRunKey => {
                let number = 1 + a % 2;
                let before = self.open.set_key(number);
                let steps =
                    vec![Step::wrap("set_run_key", self.scope()).with("run", KEYS[usize::from(number)].unwrap_or("a"))];
                self.open.reset_key(before);
                steps
            }
            _ => Vec::new(),
        }
    }

    /// A preprocessor without options around a body that leaves all as it has found it.
    fn scoped(&mut self, wrapper: &str) -> Vec<Step> {
        vec![Step::wrap(wrapper, self.scope())]
    }
}

fn line(command: &'static str, key: u8) -> Step {
    line_of(Step::message(command), key)
}

fn line_of(line: Step, key: u8) -> Step {
    in_run(line, KEYS[usize::from(key) % KEYS.len()])
}
