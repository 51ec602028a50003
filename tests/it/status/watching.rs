//! Those who watch a status are told how far it is.

use std::sync::{Arc, Mutex};

use skyspan::device::{Progress, Status, StatusKind};
use skyspan::hardware::SynAxis;
use skyspan::value::Value;

use super::{boom, lab, ms, status};
use crate::rig::Rig;

/// What a status tells its watchers.
fn watch(status: &Status) -> Arc<Mutex<Vec<Progress>>> {
    let seen: Arc<Mutex<Vec<Progress>>> = Arc::default();
    let progress = Arc::clone(&seen);
    status.watch(move |now| progress.lock().unwrap().push(now.clone()));
    seen
}

#[test]
fn those_who_watch_a_move_are_told_which_part_of_the_way_is_left() {
    // Positions and fractions as ophyd gives them; at the end comes a fraction of 0 without a position.
    let end = (None, Some(0.0), 200);
    check(
        1,
        3,
        &[
            (Some(1.5), Some(0.75), 50),
            (Some(2.0), Some(0.5), 100),
            (Some(2.5), Some(0.25), 150),
            (Some(3.0), Some(0.0), 200),
            end,
        ],
    );
    let there = |ms| (Some(3.0), None, ms);
    check(3, 3, &[there(50), there(100), there(150), there(200), end]);

    #[track_caller]
    fn check(from: i64, to: i64, expected: &[(Option<f64>, Option<f64>, u64)]) {
        let rig = Rig::new();
        let axis = SynAxis::new("m").value(from).delay_s(0.2).events_per_move(4).precision(5).egu("deg");
        let axis = rig.add(axis);
        let status = rig.set(&axis, to).unwrap();
        let seen = watch(&status);
        rig.block_on(status.done());
        let late = watch(&status);
        let seen = seen.lock().unwrap();
        let of =
            |p: &Progress| (p.current.as_ref().and_then(Value::as_f64), p.fraction, p.time_elapsed.as_millis() as u64);
        assert_eq!(seen.iter().map(of).collect::<Vec<_>>(), expected);
        for progress in &*seen {
            assert_eq!((&*progress.name, progress.unit.as_deref(), progress.precision), ("m", Some("deg"), Some(5)));
            assert_eq!((&progress.initial, &progress.target), (&Some(from.into()), &Some(to.into())));
        }
        assert!(late.lock().unwrap().is_empty(), "nothing more comes");
    }
}

#[test]
fn those_who_watch_another_status_are_told_of_its_device_and_its_end() {
    let (rig, motor, _) = lab();
    let status = status(&rig, &motor, StatusKind::Device);
    let seen = watch(&status);
    rig.advance(ms(7));
    status.set_exception(boom()).unwrap();
    let late = watch(&status);
    let of = |seen: &Mutex<Vec<Progress>>| {
        let seen = seen.lock().unwrap();
        seen.iter().map(|p| (p.name.to_string(), p.current.is_some(), p.fraction)).collect::<Vec<_>>()
    };
    assert_eq!(of(&seen), [("motor".into(), false, None), ("motor".into(), false, Some(0.0))]);
    assert_eq!(of(&late), [("motor".into(), false, None)]);
}

#[test]
fn a_watcher_that_ends_its_move_hears_of_the_end_and_is_let_go() {
    let (rig, motor, _) = lab();
    let move_to = status(&rig, &motor, StatusKind::Move { target: 10.into() });
    let told = Arc::new(Mutex::new(Vec::new()));
    let (ended, heard) = (move_to.clone(), Arc::clone(&told));
    let alive = Arc::new(());
    let kept = Arc::downgrade(&alive);
    move_to.watch(move |progress| {
        let _ = &alive;
        heard.lock().unwrap().push((progress.current.clone(), progress.fraction));
        let _ = ended.set_finished();
    });
    move_to.report_position(&5.into());
    assert!(move_to.is_done());
    assert_eq!(*told.lock().unwrap(), [(Some(5.into()), Some(0.5)), (None, Some(0.0))]);
    assert!(!move_to.is_watched());
    assert!(kept.upgrade().is_none(), "a status that is done keeps no watcher");
    move_to.report_position(&6.into());
    assert_eq!(told.lock().unwrap().len(), 2);
}
