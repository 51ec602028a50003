//! A status prints as ophyd's does.

use skyspan::device::{Device, Status, StatusKind};
use skyspan::hardware::SynAxis;

use super::{lab, ms, status};
use crate::rig::Rig;

#[test]
fn a_status_prints_as_in_ophyd() {
    let (rig, motor, sig) = lab();
    let of = |device: &Device, kind| status(&rig, device, kind);
    check(of(&motor, StatusKind::Device), "DeviceStatus(device=motor, done={}, success={})");
    check(of(&motor, StatusKind::Subscription), "SubscriptionStatus(device=motor, done={}, success={})");
    check(of(&sig, StatusKind::StableSubscription), "StableSubscriptionStatus(device=sig, done={}, success={})");
    check(
        of(&sig, StatusKind::Object),
        "Status(obj=Signal(name='sig', value=1, timestamp=1000.0), done={}, success={})",
    );
    check(of(&motor, StatusKind::to(1)), "MoveStatus(done={}, pos=motor, elapsed=0.0, success={}, settle_time=0.0)");
    // Python's str of two at once does not say of what, its repr does.
    let both = of(&motor, StatusKind::Device) & of(&motor, StatusKind::Base);
    assert_eq!(
        (both.to_string().as_str(), &*both.repr()),
        (
            "AndStatus(done=False, success=False)",
            "(DeviceStatus(device=motor, done=False, success=False) & <ophyd.status.StatusBase object>)"
        )
    );

    #[track_caller]
    fn check(status: Status, pattern: &str) {
        let shown = |done, success| pattern.replacen("{}", done, 1).replacen("{}", success, 1);
        assert_eq!(status.to_string(), shown("False", "False"));
        status.set_finished().unwrap();
        assert_eq!((status.to_string(), format!("{status:?}")), (shown("True", "True"), shown("True", "True")));
        assert_eq!(*status.repr(), *shown("True", "True"));
    }
}

#[test]
fn a_move_prints_how_long_it_took() {
    let rig = Rig::new();
    let motor = rig.add(SynAxis::new("motor").delay_s(1.26));
    let moved = rig.set(&motor, 1).unwrap();
    rig.advance(ms(500));
    assert_eq!((moved.elapsed(), moved.to_string().contains("elapsed=0.5")), (ms(500), true));
    rig.advance(ms(5000));
    let expected = "MoveStatus(done=True, pos=motor, elapsed=1.3, success=True, settle_time=0.0)";
    assert_eq!((moved.elapsed(), moved.to_string().as_str()), (ms(1260), expected));
}
