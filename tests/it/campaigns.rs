//! Long searches: shared out over threads and machines, with the same result.

#![expect(clippy::unwrap_used, reason = "a test's helper may fail the test")]

use std::time::Duration;

use skyspan::prelude::*;
use skyspan::property::{Campaign, CampaignEnd, CampaignLimits, CampaignProgress, Coverage, Shard, ShardError};

fn shard(text: &str) -> Shard {
    text.parse().unwrap()
}

/// A law that some plans break, for it is none.
fn no_events() -> Law {
    Law::of_run("there are no events", |run: &Outcome| (run.events().count() == 0).or_fail("an event"))
}

/// A law that every plan breaks.
fn nothing_is_right() -> Law {
    Law::of_run("nothing is right", |_: &Outcome| false.or_fail("nothing is"))
}

#[test]
fn the_shards_of_a_campaign_come_by_what_the_whole_comes_by() {
    let campaign = Campaign::new(3, laws::engine_is_idle()).up_to(12);
    let whole = campaign.run(&CampaignLimits::cases(26).jobs(1));
    assert_eq!((whole.end, whole.coverage.cases), (CampaignEnd::Complete, 26));
    for of in [2, 3] {
        let mut merged = Coverage::default();
        for place in 1..=of {
            let limits = CampaignLimits::cases(26).shard(Shard::new(place, of).unwrap()).jobs(1);
            let part = campaign.run(&limits);
            assert_eq!(Some(part.coverage.cases), limits.count());
            merged.merge(&part.coverage);
        }
        assert_eq!(merged, whole.coverage, "{of} parts");
    }
}

#[test]
fn every_number_is_in_one_shard_of_each_division() {
    for of in 1..=7 {
        let shards: Vec<Shard> = (1..=of).map(|place| Shard::new(place, of).unwrap()).collect();
        for number in (0..50).chain([u64::MAX - 1, u64::MAX]) {
            assert_eq!(shards.iter().filter(|shard| shard.contains(number)).count(), 1, "{number} of {of}");
        }
        for cases in 0..50 {
            let counted: u64 = shards.iter().map(|shard| shard.cases_of(cases)).sum();
            assert_eq!(counted, cases, "{of} parts");
            for shard in &shards {
                let inside = (0..cases).filter(|number| shard.contains(*number)).count();
                assert_eq!(shard.cases_of(cases), inside as u64, "{shard} of {cases}");
            }
        }
    }
}

#[test]
fn what_is_no_shard_is_refused_with_what_was_found() {
    for text in ["", "1", "x/y", "1/", "/3", "-1/3", "1.0/3", "1/3/3"] {
        let error = text.parse::<Shard>().unwrap_err();
        assert_eq!(error, ShardError::NotAShard { found: text.to_owned() });
    }
    for (place, of) in [(0, 3), (4, 3), (0, 0), (1, 0)] {
        assert_eq!(Shard::new(place, of), Err(ShardError::NoSuchPart { place, of }));
        assert_eq!(
            format!("{place}/{of}").parse::<Shard>().unwrap_err().to_string(),
            format!("expected I/N with I from 1 to N, such as 1/3 for the first of three parts, found {place}/{of}")
        );
    }
    assert_eq!((shard("2/3").place(), shard("2/3").of(), shard(" 2 / 3 ")), (2, 3, shard("2/3")));
}

#[test]
fn the_same_is_found_on_any_number_of_threads() {
    let campaign = Campaign::new(5, no_events()).up_to(12);
    let found = |jobs: usize| campaign.run(&CampaignLimits::cases(60).jobs(jobs));
    let on_one = found(1);
    let counterexample = on_one.counterexample.as_ref().unwrap();
    assert_eq!((on_one.end, on_one.holds()), (CampaignEnd::Found, false));
    assert_eq!(on_one.coverage.cases, counterexample.case() + 1, "nothing is examined after it");
    for jobs in [2, 5] {
        let on_many = found(jobs);
        assert_eq!(on_many.to_string(), on_one.to_string());
        assert_eq!(on_many.coverage, on_one.coverage);
    }
}

#[test]
fn of_many_that_fail_the_first_is_told() {
    let progress = CampaignProgress::new();
    let result = Campaign::new(1, nothing_is_right()).run_watched(&CampaignLimits::cases(30).jobs(8), &progress);
    let found = result.counterexample.unwrap();
    assert_eq!((found.case(), result.coverage.cases), (0, 1));
    assert!(progress.cases() >= 1 && progress.simpler_cases() > 0, "what others examine meanwhile is not counted");
}

#[test]
fn a_case_is_found_again_by_its_number_alone() {
    let campaign = Campaign::new(5, no_events());
    let found = campaign.run(&CampaignLimits::cases(60)).counterexample.unwrap();
    let again = campaign.run(&CampaignLimits::case(found.case()).shard(shard("2/2")));
    assert_eq!(again.coverage.cases, 1);
    assert_eq!(again.counterexample.unwrap().to_string(), found.to_string());
    assert!(found.to_string().ends_with(&format!("again with `skyspan fuzz --seed 5 --case {}`\n", found.case())));
    let longer = Campaign::new(5, nothing_is_right()).up_to(40).run(&CampaignLimits::case(0)).counterexample.unwrap();
    assert!(longer.to_string().contains(" --length 40`"), "{longer}");
}

#[test]
fn a_campaign_ends_when_the_time_is_up_or_it_is_stopped() {
    let campaign = Campaign::new(0, laws::all());
    let late = campaign.run(&CampaignLimits::endless().within(Duration::ZERO).jobs(2));
    assert_eq!((late.end, late.coverage.cases, late.holds()), (CampaignEnd::TimeIsUp, 0, true));

    let progress = CampaignProgress::new();
    let stops = progress.clone();
    let stopped = Law::of_run("the third is the last", move |_: &Outcome| {
        if stops.cases() == 2 {
            stops.stop();
        }
    });
    let result = Campaign::new(0, stopped).run_watched(&CampaignLimits::endless().jobs(1), &progress);
    assert_eq!((result.end, result.coverage.cases, progress.cases()), (CampaignEnd::Stopped, 3, 3));
    assert_eq!(result.coverage.messages, progress.messages());
}

#[test]
fn one_that_is_stopped_gives_what_it_has_found_without_looking_for_something_simpler() {
    let progress = CampaignProgress::new();
    let stops = progress.clone();
    let fails = Law::of_run("there are few messages", move |run: &Outcome| {
        let is_long = run.messages().len() >= 10;
        if is_long {
            stops.stop();
        }
        (!is_long).or_fail("ten or more")
    });
    let result = Campaign::new(0, fails).run_watched(&CampaignLimits::endless().jobs(1), &progress);
    assert_eq!(result.end, CampaignEnd::Found);
    assert!(result.counterexample.unwrap().messages() >= 10);
}

#[test]
fn a_run_that_panics_is_found_and_told_with_its_plan() {
    let campaign = Campaign::new(0, laws::engine_is_idle()).lab(|lab| {
        lab.with_engine(|engine| {
            engine.set_msg_hook(|msg| assert_ne!(msg.command(), "checkpoint", "no checkpoints here"));
        });
    });
    let result = campaign.run(&CampaignLimits::cases(60).jobs(2));
    let found = result.counterexample.as_ref().unwrap();
    assert_eq!(result.coverage.cases, found.case() + 1, "a case that panics is a case");
    assert_eq!(found.law(), None);
    assert!(found.why().contains("no checkpoints here"), "{found}");
    assert_eq!(found.plan(), "checkpoint()\n");
    assert!(found.plan_file().unwrap().contains("{command: checkpoint}"), "{found}");
}

#[test]
fn a_counterexample_is_written_as_a_report_and_a_plan_file() {
    let folder = std::path::PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("campaign-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let result = Campaign::new(5, no_events()).run(&CampaignLimits::cases(60));
    let found = result.counterexample.as_ref().unwrap();
    let written = result.write_counterexample(&folder).unwrap();
    let name = |kind: &str| folder.join(format!("5-{}.{kind}", found.case()));
    assert_eq!(written, [name("txt"), name("yaml")]);
    assert_eq!(std::fs::read_to_string(name("txt")).unwrap(), found.to_string());
    assert_eq!(std::fs::read_to_string(name("yaml")).unwrap(), found.plan_file().unwrap());
    std::fs::remove_dir_all(&folder).unwrap();

    let (path, _) = result.write_counterexample(&folder).unwrap_err();
    assert_eq!(path, name("txt"));
    let holds = Campaign::new(5, laws::all()).run(&CampaignLimits::cases(2));
    assert!(holds.write_counterexample(&folder).unwrap().is_empty());
}

#[test]
fn the_coverage_is_a_table() {
    let mut coverage = Coverage::default();
    (coverage.cases, coverage.messages) = (12_345, 200_000);
    coverage.commands = [("read".into(), 150_000), ("set".into(), 50_000)].into();
    coverage.transitions = [(("idle".into(), "running".into()), 12_345)].into();
    coverage.laws = [("a law".into(), (2_345, 10_000)), ("another".into(), (0, 12_345))].into();
    let text = coverage.to_string();
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!(
        lines[..7],
        [
            "cases                                 12,345",
            "messages                             200,000",
            "",
            "command                             messages     share",
            "read                                 150,000    75.0 %",
            "set                                   50,000    25.0 %",
            "never: RE_class, _resume_from_suspender, _start_suspender, checkpoint, clear_checkpoint, close_run,",
        ]
    );
    assert!(text.contains("\nidle -> running                       12,345   100.0 %\n"), "{text}");
    assert!(
        text.ends_with(
            "\n
law                                    cases     share
a law                                  2,345    19.0 %
never: another
"
        ),
        "{text}"
    );
    assert!(lines.iter().all(|line| line.len() <= 100), "{text}");
}
