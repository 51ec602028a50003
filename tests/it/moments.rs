//! What happens at one moment happens in the order that was asked for.

#![expect(clippy::unwrap_used, reason = "a test's helper may fail the test")]

use std::sync::{Arc, Mutex};

use skyspan::clock::{Clock, Moments};
use skyspan::message::Wait;
use skyspan::prelude::*;

/// The order in which timers go off that are due at one moment, each of which sets off another at once.
fn order(moments: Moments, timers: &[&'static str]) -> (String, Vec<u8>) {
    let clock = Clock::simulated();
    clock.order_moments(moments);
    let order = Arc::new(Mutex::new(String::new()));
    for name in timers.iter().copied() {
        let (then, seen) = (clock.clone(), Arc::clone(&order));
        let _ = clock.call_after(secs(1.0), move || {
            seen.lock().unwrap().push_str(name);
            let seen = Arc::clone(&seen);
            let _ = then.call_after(Duration::ZERO, move || seen.lock().unwrap().push_str(&name.to_uppercase()));
        });
    }
    clock.block_on(clock.sleep(secs(2.0))).unwrap();
    let order = order.lock().unwrap().clone();
    (order, clock.picks())
}

#[test]
fn the_usual_order_is_that_in_which_timers_were_set() {
    assert_eq!(order(Moments::InOrder, &["a", "b", "c"]), ("abcABC".to_owned(), vec![]));
    assert_eq!(order(Moments::picked([]), &["a", "b", "c"]), ("abcABC".to_owned(), vec![]));
}

#[test]
fn picks_say_who_is_next_and_what_was_set_off_comes_after_it() {
    let picked = |picks: &[u8]| order(Moments::picked(picks.iter().copied()), &["a", "b", "c"]).0;
    assert_eq!(picked(&[1]), "bacBAC");
    assert_eq!(picked(&[2, 0, 0]), "cabCAB");
    assert_eq!(picked(&[0, 2]), "aAbcBC", "what `a` sets off comes before `b`");
    assert_eq!(picked(&[0, 5]), picked(&[0, 2]), "a number counts on from the first one");
    let (_, kept) = order(Moments::picked([1, 0, 0, 0]), &["a", "b", "c"]);
    assert_eq!(kept, [1], "what was picked, up to the last that was not the first");
}

#[test]
fn a_seed_gives_the_same_order_again_and_other_seeds_give_others() {
    let names = ["a", "b", "c", "d", "e"];
    let orders: Vec<_> = (0..20).map(|seed| order(Moments::Shuffled(seed), &names)).collect();
    for (seed, (shuffled, picks)) in orders.iter().enumerate() {
        assert_eq!(order(Moments::Shuffled(seed as u64), &names), (shuffled.clone(), picks.clone()));
        assert_eq!(order(Moments::Picked(picks.clone()), &names).0, *shuffled, "and so do its picks");
        for name in names {
            assert!(shuffled.find(name) < shuffled.find(&name.to_uppercase()), "{shuffled}");
        }
    }
    let different: std::collections::BTreeSet<_> = orders.iter().map(|(order, _)| order).collect();
    assert!(different.len() > 15, "{different:?}");
}

#[test]
fn who_waits_with_a_time_limit_is_in_time_at_the_end_of_it() {
    for seed in 0..20 {
        let lab = Harness::builder().seed(seed).shuffled_moments().build();
        let axis = lab.add(SynAxis::new("axis").delay_s(1.0));
        let run = lab.run(plan(async move |p| {
            p.abs_set_in(&axis, 1, "there").await?;
            let wait = Wait { group: "there".into(), error_on_timeout: None, timeout_s: Some(Some(1.0)), watch: None };
            p.wait_with(wait).await
        }));
        run.assert_success();
    }
}

#[test]
fn a_cancelled_timer_is_no_choice() {
    let clock = Clock::simulated();
    clock.order_moments(Moments::picked([1, 1, 1]));
    let seen = Arc::new(Mutex::new(0));
    let keeps = Arc::clone(&seen);
    let _ = clock.call_after(secs(1.0), move || *keeps.lock().unwrap() += 1);
    clock.call_after(secs(1.0), || panic!("it was cancelled")).cancel();
    clock.block_on(clock.sleep(secs(2.0))).unwrap();
    assert_eq!((*seen.lock().unwrap(), clock.picks()), (1, vec![]));
}

#[test]
fn a_shuffled_run_says_so_and_is_the_same_again() {
    let run = |shuffled: bool| {
        let builder = Harness::builder().seed(7);
        let lab = if shuffled { builder.shuffled_moments().build() } else { builder.build() };
        let (x, y) = (lab.add(SynAxis::new("x").delay_s(1.0)), lab.add(SynAxis::new("y").delay_s(1.0)));
        lab.run(plan(async move |p| p.mv_all([(&x, 1), (&y, 2)]).await))
    };
    let says = |run: &Outcome| {
        run.trace()
            .spans()
            .next()
            .unwrap()
            .resource()
            .attributes
            .iter()
            .find(|(key, _)| *key == "skyspan.shuffled_moments")
            .map(|(_, value)| value.clone())
    };
    assert_eq!((says(&run(true)), says(&run(false))), (Some(true.into()), None));
    let spans = |run: &Outcome| format!("{:?}", run.trace().spans().collect::<Vec<_>>());
    assert_eq!(spans(&run(true)), spans(&run(true)));
}

#[cfg(feature = "property")]
#[test]
fn a_search_finds_the_one_order_that_breaks_and_tells_it_as_code_that_does_the_same() {
    let plan_of = |lab: &Harness| {
        let [x, y, z] = ["x", "y", "z"].map(|name| lab.device(name));
        plan(async move |p| {
            p.abs_set(&x, 1).await?;
            p.abs_set(&y, 1).await?;
            p.abs_set_in(&z, 1, "z").await?;
            p.wait("z").await?;
            Ok([p.rd(&x).await?, p.rd(&y).await?])
        })
    };
    let furnish = |lab: &Harness| {
        for name in ["x", "y", "z"] {
            lab.add(SynAxis::new(name).delay_s(1.0));
        }
    };
    let none_is_there = |lab: &Harness| lab.run(plan_of(lab)).plan_result() == Some(&[0, 0].into());
    let found = for_all(0..1_u8)
        .with(shuffled_moments())
        .lab(furnish)
        .forgetful()
        .try_check(|lab, _| (!none_is_there(lab)).or_fail("neither is there"))
        .unwrap_err();
    assert!(found.rust().contains("Harness::builder().picked_moments([2])"), "{}", found.rust());
    let lab = Harness::builder().picked_moments([2]).build();
    furnish(&lab);
    assert!(none_is_there(&lab));
}
