//! Time: exact, in order, and never hanging.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::task::{Context, Waker};
use std::time::Duration;

use skyspan::clock::{Clock, Timestamp};

fn ns(ns: u64) -> Duration {
    Duration::from_nanos(ns)
}

#[test]
fn interleaved_sleeps_each_land_on_their_nanosecond() {
    let clock = Clock::simulated_from(Timestamp::EPOCH);
    let wakes = Arc::new(Mutex::new(Vec::new()));
    clock
        .block_on(async {
            let tasks = [(333, 3000), (500, 2000)].map(|(period, count)| {
                let (clock, wakes) = (clock.clone(), Arc::clone(&wakes));
                tokio::spawn(async move {
                    for n in 1..=count {
                        clock.sleep(ns(period)).await;
                        assert_eq!(clock.now(), Timestamp::from_unix_ns(n * period));
                        wakes.lock().unwrap().push(clock.now());
                    }
                })
            });
            for task in tasks {
                task.await.unwrap();
            }
        })
        .unwrap();
    let wakes = wakes.lock().unwrap();
    assert_eq!(wakes.len(), 5000);
    assert!(wakes.is_sorted(), "the clock runs forward only");
    assert_eq!(clock.now(), Timestamp::from_unix_ns(1_000_000));
}

#[test]
fn timers_of_one_deadline_go_off_in_the_order_in_which_they_were_set() {
    let clock = Clock::simulated();
    let order = Arc::new(Mutex::new(Vec::new()));
    for n in 0..100 {
        let order = Arc::clone(&order);
        let _ = clock.call_after(ns(7), move || order.lock().unwrap().push(n));
    }
    clock.block_on(clock.sleep(ns(8))).unwrap();
    assert_eq!(*order.lock().unwrap(), (0..100).collect::<Vec<_>>());
}

#[test]
fn a_callback_sees_the_time_it_was_set_for_and_may_set_the_next() {
    fn tick(clock: &Clock, seen: &Arc<Mutex<Vec<u64>>>) {
        seen.lock().unwrap().push(clock.now().unix_ns());
        if seen.lock().unwrap().len() < 4 {
            let (clock, seen) = (clock.clone(), Arc::clone(seen));
            let _ = clock.clone().call_after(ns(10), move || tick(&clock, &seen));
        }
    }
    let clock = Clock::simulated_from(Timestamp::EPOCH);
    let seen = Arc::default();
    tick(&clock, &seen);
    clock.block_on(clock.sleep(ns(1000))).unwrap();
    assert_eq!(*seen.lock().unwrap(), [0, 10, 20, 30]);
}

#[test]
fn a_cancelled_timer_and_a_dropped_sleep_do_not_move_the_clock() {
    let clock = Clock::simulated_from(Timestamp::EPOCH);
    clock.call_after(ns(50), || unreachable!("it was cancelled")).cancel();
    let elapsed = clock
        .block_on(async {
            drop(clock.sleep(ns(70)));
            for _ in 0..1000 {
                clock.timeout(ns(1_000_000), clock.sleep(ns(1))).await.unwrap();
            }
            clock.timeout(ns(5), std::future::pending::<()>()).await.unwrap_err()
        })
        .unwrap();
    assert_eq!(elapsed.deadline, Timestamp::from_unix_ns(1005));
    assert_eq!(clock.now(), Timestamp::from_unix_ns(1005));
}

#[test]
fn what_is_done_exactly_at_the_timeout_is_in_time() {
    let clock = Clock::simulated();
    assert_eq!(clock.block_on(clock.timeout(ns(5), clock.sleep(ns(5)))).unwrap(), Ok(()));
}

#[test]
fn a_wait_that_nothing_can_end_is_a_deadlock_with_its_time_and_what_waits() {
    let clock = Clock::simulated_from(Timestamp::from_unix_ns(3_000_000_000));
    let deadlock = clock
        .block_on(async {
            clock.sleep(ns(42)).await;
            let status = clock.or_deadlock(|| "the motor".into(), std::future::pending::<()>());
            let reply = clock.or_deadlock(|| "the detector".into(), std::future::pending::<()>());
            tokio::join!(status, reply).0.unwrap_err()
        })
        .unwrap();
    assert_eq!(
        deadlock.to_string(),
        "deadlock at 1970-01-01T00:00:03.000000042Z: nothing is left that could end the wait\n  \
         waiting: the motor\n  waiting: the detector"
    );
}

#[test]
fn a_deadlock_of_which_nobody_asked_to_be_told_ends_the_run_of_the_clock() {
    let clock = Clock::simulated();
    let deadlock = clock.block_on(std::future::pending::<()>()).unwrap_err();
    assert_eq!(deadlock.at, clock.now());
    assert_eq!(clock.block_on(async { 5 }), Ok(5), "the clock is as good as before");
}

#[test]
fn the_clock_stands_still_while_outside_work_is_under_way() {
    let clock = Clock::simulated_from(Timestamp::EPOCH);
    clock
        .block_on(async {
            let alarm = clock.sleep(ns(10));
            let work = clock.run_blocking({
                let clock = clock.clone();
                move || {
                    (0..1000).for_each(|_| std::thread::yield_now());
                    clock.now()
                }
            });
            let (worked_until, ()) = tokio::join!(work, alarm);
            assert_eq!(worked_until, Timestamp::EPOCH);
        })
        .unwrap();
    assert_eq!(clock.now(), Timestamp::from_unix_ns(10));
}

#[test]
fn a_thread_that_holds_outside_work_may_finish_what_is_waited_for() {
    let clock = Clock::simulated();
    let (send, receive) = tokio::sync::oneshot::channel();
    let work = clock.outside_work();
    let thread = std::thread::spawn(move || {
        (0..1000).for_each(|_| std::thread::yield_now());
        send.send(7).unwrap();
        drop(work);
    });
    assert_eq!(clock.block_on(receive).unwrap(), Ok(7));
    thread.join().unwrap();
}

#[test]
fn what_a_woken_task_wakes_goes_on_before_the_clock_does() {
    // tokio parks its thread without a look at whether the future of block_on was woken by the last task.
    let clock = Clock::simulated_from(Timestamp::EPOCH);
    clock
        .block_on(async {
            let (send, receive) = tokio::sync::oneshot::channel();
            let _ = clock.call_after(ns(100), || ());
            tokio::spawn({
                let clock = clock.clone();
                async move {
                    clock.sleep(ns(5)).await;
                    send.send(clock.now()).unwrap();
                }
            });
            let sent = receive.await.unwrap();
            assert_eq!((sent, clock.now()), (Timestamp::from_unix_ns(5), Timestamp::from_unix_ns(5)));
        })
        .unwrap();
}

#[test]
#[should_panic(expected = "the callback failed")]
fn a_panic_of_a_callback_comes_out_where_the_clock_was_started() {
    let clock = Clock::simulated();
    let _ = clock.call_after(ns(1), || panic!("the callback failed"));
    let _ = clock.block_on(std::future::pending::<()>());
}

#[test]
fn the_real_clock_takes_its_time_and_its_timers_go_off() {
    let clock = Clock::real();
    let start = clock.now();
    let (send, receive) = tokio::sync::oneshot::channel();
    let _ = clock.call_after(Duration::from_millis(2), move || send.send(()).unwrap());
    clock.block_on(receive).unwrap().unwrap();
    clock.block_on(async { clock.sleep(Duration::from_millis(1)).await }).unwrap();
    assert!(clock.now() - start >= Duration::from_millis(3));
    assert!(clock.block_on(async { clock.timeout(ns(1000), std::future::pending::<()>()).await }).unwrap().is_err());
}

#[test]
fn timestamps_read_and_write_their_nanoseconds() {
    let time = Timestamp::from_unix_ns(1_718_700_056_377_673_001);
    assert_eq!(time.to_string(), "2024-06-18T08:40:56.377673001Z");
    assert_eq!("2024-06-18T10:40:56.377673001+02:00".parse(), Ok(time));
    assert_eq!(
        "yesterday".parse::<Timestamp>().unwrap_err().to_string(),
        "expected a time since 1970 such as 2024-06-18T08:40:56.377673Z, found \"yesterday\""
    );
    assert_eq!(Timestamp::from_unix_s(1.5).unix_ns(), 1_500_000_000);
    assert_eq!(Timestamp::from_unix_s(-0.5), Timestamp::EPOCH);
    assert_eq!(Timestamp::from_unix_s(f64::NAN), Timestamp::EPOCH);
    assert_eq!(Timestamp::from_unix_s(f64::INFINITY), Timestamp::MAX);
    assert_eq!(Timestamp::EPOCH - Duration::from_secs(1), Timestamp::EPOCH);
    assert_eq!(Timestamp::EPOCH.signed_ns_since(Timestamp::from_unix_ns(3)), -3);
}

#[test]
fn what_another_task_does_exactly_at_the_timeout_is_in_time() {
    let clock = Clock::simulated();
    clock
        .block_on(async {
            let task = tokio::spawn({
                let clock = clock.clone();
                async move {
                    clock.sleep(ns(2)).await;
                    // Set later than the timeout, for the same moment.
                    clock.sleep(ns(3)).await;
                    tokio::task::yield_now().await;
                }
            });
            assert!(clock.timeout(ns(5), task).await.is_ok());
        })
        .unwrap();
}

#[test]
fn work_that_ends_on_another_thread_comes_before_the_clock_goes_on() {
    // The thread may end its work at any moment of the clock's looking round, and there are many such moments, as
    // another thread keeps waking the clock's.
    let clock = Clock::simulated();
    let start = clock.now();
    let notify = Arc::new(tokio::sync::Notify::new());
    let noise = Arc::clone(&notify);
    let over = Arc::new(AtomicBool::new(false));
    let until = Arc::clone(&over);
    let waker = std::thread::spawn(move || {
        while !until.load(Ordering::Relaxed) {
            noise.notify_one();
        }
    });
    for round in 0..1_000 {
        let (send, receive) = tokio::sync::oneshot::channel();
        let work = clock.outside_work();
        let thread = std::thread::spawn(move || {
            send.send(()).unwrap();
            drop(work);
        });
        let ended = clock.block_on(async {
            let timer = clock.call_after(ns(1_000), || ());
            let task = tokio::spawn(receive);
            tokio::select! {
                received = task => assert!(received.is_ok()),
                () = async { loop { notify.notified().await } } => unreachable!("it goes on for ever"),
            }
            timer.cancel();
        });
        assert_eq!((ended, clock.now()), (Ok(()), start), "round {round}");
        thread.join().unwrap();
    }
    over.store(true, Ordering::Relaxed);
    waker.join().unwrap();
}

#[test]
fn blocking_work_that_nobody_waits_for_any_more_still_holds_the_clock() {
    let clock = Clock::simulated();
    let start = clock.now();
    let (finish, finished) = std::sync::mpsc::channel::<()>();
    let (seen, see) = std::sync::mpsc::channel();
    let work = clock.clone();
    clock
        .block_on(async {
            let mut blocking = Box::pin(clock.run_blocking(move || {
                finished.recv().unwrap();
                (0..1000).for_each(|_| std::thread::yield_now());
                seen.send(work.now()).unwrap();
            }));
            tokio::select! {
                biased;
                () = &mut blocking => unreachable!("it waits for the word to finish"),
                () = std::future::ready(()) => drop(blocking),
            }
            finish.send(()).unwrap();
            clock.sleep(ns(10)).await;
        })
        .unwrap();
    assert_eq!(see.recv(), Ok(start));
}

#[test]
fn a_wait_that_is_held_and_never_looked_at_again_does_not_hide_a_deadlock() {
    let clock = Clock::simulated();
    let deadlock = clock
        .block_on(async {
            let mut held = Box::pin(clock.or_deadlock(|| "the motor".into(), std::future::pending::<()>()));
            tokio::select! {
                biased;
                _ = &mut held => unreachable!("nothing ends it"),
                () = std::future::ready(()) => {}
            }
            std::future::pending::<()>().await;
        })
        .unwrap_err();
    assert_eq!(deadlock.waiting, ["the motor"]);
}

#[test]
fn a_wait_may_say_what_it_waits_for_by_asking_the_clock() {
    let clock = Clock::simulated();
    let asked = clock.clone();
    let what = move || {
        // A wait of its own, begun and given up.
        let mut wait = Box::pin(asked.or_deadlock(|| "a lock".into(), std::future::pending::<()>()));
        assert!(wait.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_pending());
        drop(wait);
        format!("the motor since {}", asked.now()).into()
    };
    let deadlock = clock.block_on(clock.or_deadlock(what, std::future::pending::<()>())).unwrap().unwrap_err();
    assert_eq!(deadlock.waiting, ["the motor since 2024-06-18T08:40:56.000000000Z"]);
}

#[test]
fn a_moment_beyond_the_end_of_time_never_comes() {
    let clock = Clock::simulated();
    let start = clock.now();
    let deadlock = clock
        .block_on(async {
            let _ = clock.call_at(Timestamp::MAX, || unreachable!("there is no such moment"));
            loop {
                clock.sleep(Duration::MAX).await;
            }
        })
        .map(|never: std::convert::Infallible| never)
        .unwrap_err();
    assert_eq!(deadlock.at, start);
    let last = Timestamp::from_unix_ns(u64::MAX - 1);
    clock.block_on(clock.sleep_until(last)).unwrap();
    assert_eq!(clock.now(), last);
}

#[test]
fn who_slept_through_the_cancelling_of_all_timers_touches_no_later_one() {
    let clock = Clock::simulated();
    let called = Arc::new(Mutex::new(false));
    clock
        .block_on(async {
            let mut sleep = Box::pin(clock.sleep(ns(5)));
            tokio::select! {
                biased;
                () = &mut sleep => unreachable!("time stands still"),
                () = std::future::ready(()) => {}
            }
            clock.cancel_all_timers();
            let called = Arc::clone(&called);
            let _ = clock.call_after(ns(3), move || *called.lock().unwrap() = true);
            drop(sleep);
            clock.sleep(ns(10)).await;
        })
        .unwrap();
    assert!(*called.lock().unwrap());
}

#[test]
fn two_threads_cannot_run_one_simulated_clock_at_once() {
    let clock = Clock::simulated();
    let other = clock.clone();
    let refused = clock
        .block_on(async {
            let work = clock.outside_work();
            let (send, receive) = tokio::sync::oneshot::channel();
            std::thread::spawn(move || {
                let run = std::panic::AssertUnwindSafe(|| other.block_on(other.sleep(ns(5))));
                send.send(std::panic::catch_unwind(run).is_err()).unwrap();
                drop(work);
            });
            receive.await
        })
        .unwrap();
    assert_eq!(refused, Ok(true));
    // One after the other they may, from any thread.
    for _ in 0..100 {
        let clock = clock.clone();
        let slept = std::thread::spawn(move || clock.block_on(clock.sleep(ns(5))));
        assert_eq!(slept.join().unwrap(), Ok(()));
    }
}

#[test]
fn a_clock_may_be_dropped_within_another_runtime_with_its_tasks_under_way() {
    let outer = Clock::simulated();
    outer
        .block_on(async {
            std::thread::spawn(|| {
                let inner = Clock::simulated();
                inner
                    .block_on(async {
                        tokio::spawn(std::future::pending::<()>());
                    })
                    .unwrap();
                inner
            })
            .join()
            .map(drop)
            .unwrap();
        })
        .unwrap();
}

#[test]
fn a_callback_may_cancel_its_equals() {
    let clock = Clock::simulated();
    let victim = Arc::new(Mutex::new(None::<skyspan::clock::Timer>));
    let cancels = Arc::clone(&victim);
    let _ = clock.call_after(ns(5), move || cancels.lock().unwrap().take().unwrap().cancel());
    *victim.lock().unwrap() = Some(clock.call_after(ns(5), || unreachable!("it was cancelled")));
    clock.block_on(clock.sleep(ns(6))).unwrap();
}

#[test]
fn sleeps_of_one_deadline_end_in_the_order_in_which_they_began() {
    let clock = Clock::simulated();
    let order = Arc::new(Mutex::new(Vec::new()));
    clock
        .block_on(async {
            let tasks = ["first", "second"].map(|name| {
                let (clock, order) = (clock.clone(), Arc::clone(&order));
                tokio::spawn(async move {
                    clock.sleep(ns(5)).await;
                    order.lock().unwrap().push(name);
                })
            });
            tokio::task::yield_now().await;
            // The future of block_on is looked at whenever a timer has gone off, also that of another task.
            clock.sleep(ns(5)).await;
            order.lock().unwrap().push("third");
            for task in tasks {
                task.await.unwrap();
            }
        })
        .unwrap();
    assert_eq!(*order.lock().unwrap(), ["first", "second", "third"]);
}
