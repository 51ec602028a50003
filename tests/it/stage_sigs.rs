//! Signals that devices set when they are staged; what `ophyd` does is compared by `fixtures/plans/stage_signals.yaml`.

use skyspan::device::{Cx, Device, DeviceError, OphydObject, Stageable, Staged};
use skyspan::hardware::{Kind, OphydDevice, StageSig};
use skyspan::prelude::*;
use skyspan::trace::SpanRef;

/// A device of one's own, which can be staged and no more.
struct Own(Text);

impl OphydObject for Own {
    fn name(&self) -> &Text {
        &self.0
    }

    fn class_name(&self) -> Text {
        "Own".into()
    }

    fn as_stageable(&self) -> Option<&dyn Stageable> {
        Some(self)
    }
}

impl Stageable for Own {
    fn stage(&self, cx: Cx<'_>) -> Result<Staged, DeviceError> {
        Ok(Staged::Devices(vec![cx.device().clone()]))
    }

    fn unstage(&self, cx: Cx<'_>) -> Result<Staged, DeviceError> {
        self.stage(cx)
    }
}

fn stage_and_unstage(lab: &Harness, device: &Device) -> Outcome {
    let device = device.clone();
    lab.run(plan(async move |p| {
        p.stage(&device).await?;
        p.unstage(&device).await
    }))
}

/// What a signal was set to, in order.
fn puts(calls: &skyspan::hardware::Calls) -> Vec<String> {
    calls.of(Method::Set).iter().map(|call| call.args.positional[0].to_string()).collect()
}

#[test]
fn a_device_of_ones_own_sets_signals_of_others_and_puts_them_back_in_the_reverse_order() {
    let lab = Harness::new();
    let (gain, mode) = (lab.add(Signal::new("gain", 1)), lab.add(Signal::new("mode", "slow")));
    let own = lab.add(Device::new(Own("own".into())));
    own.stage_sig(&gain, 5).stage_sig(&mode, "fast").stage_sig(&gain, 7);
    assert_eq!(own.stage_sigs().iter().map(|(sig, _)| sig.to_string()).collect::<Vec<_>>(), ["gain", "mode"]);
    let (of_gain, of_mode) = (gain.record_calls(), mode.record_calls());
    let run = stage_and_unstage(&lab, &own);
    run.assert_success();
    assert_eq!(
        (puts(&of_gain), puts(&of_mode)),
        (vec!["7".to_owned(), "1".to_owned()], vec!["\"fast\"".to_owned(), "\"slow\"".to_owned()])
    );
    let is_of = |span: SpanRef<'_>, name: &str| span.attr("obj").is_some_and(|obj| obj.to_string().contains(name));
    let statuses = run.trace().named("Ophyd Status");
    let names: Vec<_> = statuses.map(|span| if is_of(span, "gain") { "gain" } else { "mode" }).collect();
    assert_eq!(names, ["gain", "mode", "mode", "gain"]);
    own.clear_stage_sigs();
    of_gain.clear();
    stage_and_unstage(&lab, &own).assert_success();
    assert!(puts(&of_gain).is_empty());
}

#[test]
fn the_engine_waits_for_a_signal_that_takes_its_time_and_hears_of_nothing_meanwhile() {
    let lab = Harness::new();
    let motor = lab.device("motor");
    motor.stage_sig("velocity", 5);
    let velocity = motor.component("velocity").expect("an axis has one");
    velocity.fault(Fault::on_set(1).late_by(secs(2.0)));
    lab.at(secs(1.0)).pause();
    let run = stage_and_unstage(&lab, &motor);
    assert_eq!(run.duration(), secs(2.0));
    assert!(run.is_paused(), "after the stage");
    assert_eq!(run.messages().len(), 1);
    let run = lab.resume();
    run.assert_success();
}

#[test]
fn what_cannot_be_put_back_keeps_the_device_from_being_staged() {
    let lab = Harness::new();
    let det = lab.device("det");
    det.stage_sig("Imax", 5);
    let imax = det.component("Imax").expect("a peak has one");
    imax.fault(Fault::on_set(2).raises("stuck"));
    let staged = det.clone();
    let run = lab.run(plan(async move |p| {
        p.stage(&staged).await?;
        assert_eq!(p.unstage(&staged).await.map_err(|error| error.to_string()), Err("stuck".to_owned()));
        let error = p.stage(&staged).await.expect_err("it is not put back");
        assert_eq!(error.name(), "RedundantStaging");
        assert!(error.to_string().contains("has been partially staged"), "{error}");
        p.unstage(&staged).await?;
        p.stage(&staged).await?;
        p.unstage(&staged).await
    }));
    run.assert_success();
}

#[test]
fn a_signal_that_is_none_is_told_when_the_device_is_staged() {
    let lab = Harness::new();
    let det = lab.device("det");
    det.stage_sig("nowhere", 5);
    let run = stage_and_unstage(&lab, &det);
    assert_eq!(
        run.exception().map(ToString::to_string).as_deref(),
        Some("'SynGauss' object has no attribute 'nowhere'")
    );
}

#[test]
fn a_part_that_is_staged_with_its_device_sets_its_own_signals() {
    let lab = Harness::new();
    let camera = OphydDevice::new("camera")
        .device("cam", Kind::Normal, OphydDevice::new("").signal("acquire_time", Kind::Config, 0.1))
        .signal("counts", Kind::Hinted, 7);
    let camera = lab.add(camera);
    let cam = camera.component("cam").expect("it has one");
    let time = camera.component("cam.acquire_time").expect("it has one");
    cam.stage_sig(StageSig::Signal(time.clone()), 0.5);
    let calls = time.record_calls();
    stage_and_unstage(&lab, &camera).assert_success();
    assert_eq!(puts(&calls), ["0.5", "0.1"]);
    time.fault(Fault::on_set(1).late_by(secs(1.0)));
    let run = stage_and_unstage(&lab, &camera);
    let error = run.exception().map(ToString::to_string).unwrap_or_default();
    assert!(error.contains("a stage signal of a component takes time"), "{error}");
}
