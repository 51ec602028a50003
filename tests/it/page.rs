//! The page of a run, of a program, and of a test that fails.

#![expect(clippy::unwrap_used, reason = "a test's helper may fail the test")]

use std::path::Path;
use std::process::Command;

use skyspan::engine::Suspender;
use skyspan::hardware::SimBeam;
use skyspan::prelude::*;

/// The data of a page that are read at once.
fn timeline(html: &str) -> serde_json::Value {
    let text = html.split_once("id=\"timeline\">").unwrap().1.split_once("</script>").unwrap().0;
    serde_json::from_str(text).unwrap()
}

#[test]
fn the_page_of_a_run_has_its_documents_readings_messages_and_pauses() {
    let lab = Harness::builder().chronicled().build();
    let stage = lab.add(SimMotor::new("stage").velocity(1.0).acceleration_time_s(0.0));
    let diode = lab.add(SimDetector::new("diode").exposure_s(0.5));
    lab.at(secs(1.0)).pause();
    lab.on_pause([Decision::resume().after(secs(30.0))]);
    let run = lab.run(plans::scan(&diode, &stage, 0.0, 3.0, 4));
    let page = timeline(&run.page().title("a scan").to_html());

    assert_eq!(page["title"], "a scan");
    assert_eq!(page["troubles"], serde_json::json!([]));
    let labels = |kind: &str| -> Vec<String> {
        let moments = page["moments"].as_array().unwrap().iter().filter(|moment| moment[1] == kind);
        moments.map(|moment| moment[2].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(labels("documents").first().map(String::as_str), Some("start scan"));
    assert_eq!(labels("documents").iter().filter(|label| label.starts_with("event ")).count(), 4);
    assert_eq!(labels("messages").len(), run.messages().len());
    // The pause lasts from where everything is at rest.
    let lull = &page["lulls"][0];
    assert_eq!((&lull[2], lull[1].as_u64().unwrap() - lull[0].as_u64().unwrap()), (&"paused".into(), 30_000_000_000));
    let readings = &page["readings"][0];
    assert_eq!(
        (&readings["title"], &readings["across"], &readings["up"]),
        (&"primary".into(), &"stage".into(), &serde_json::json!(["diode"]))
    );
    let stage = readings["axes"].as_array().unwrap().iter().find(|axis| axis["name"] == "stage").unwrap();
    assert_eq!((&stage["unit"], &stage["values"]), (&"mm".into(), &serde_json::json!([0.0, 1.0, 2.0, 3.0])));
    assert_eq!(readings["times"].as_array().unwrap().len(), 4);
}

#[test]
fn a_suspension_is_shown_and_says_why() {
    let lab = Harness::builder().chronicled().build();
    let ring = lab.add(SimBeam::new("ring").current(300.0).drops(1.0, 60.0));
    lab.with_engine(|engine| {
        engine.install_suspender(&Suspender::floor(&ring, 100).resume_thresh(200).build().unwrap())
    });
    let run = lab.run(plan(async |p| {
        p.checkpoint().await?;
        p.sleep(5.0).await
    }));
    run.assert_success();
    let page = timeline(&run.page().to_html());
    let lulls = page["lulls"].as_array().unwrap();
    let of: Vec<_> = lulls.iter().map(|lull| lull[2].as_str().unwrap().split([':', ' ']).next().unwrap()).collect();
    assert_eq!(of, ["sleep", "suspended", "sleep"], "{lulls:?}");
    let began = lulls[0][0].as_u64().unwrap();
    assert_eq!(lulls[1][0].as_u64().unwrap() - began, 1_000_000_000);
}

#[test]
fn the_page_of_a_run_that_fails_says_why_and_where() {
    let lab = Harness::new();
    lab.device("motor").fault(Fault::on_set(2).raises("end switch"));
    let run = lab.run(plans::scan(&lab.device("det"), &lab.device("motor"), 0, 2, 3));
    let page = timeline(&run.page().to_html());
    let trouble = page["troubles"][0].as_str().unwrap();
    assert!(trouble.contains("end switch") && trouble.contains("message "), "{trouble}");
    assert!(page["faults"].as_array().unwrap().iter().any(|fault| fault[1].as_str().unwrap().contains("end switch")));
}

/// What the test below starts in a process of its own.
const FAILS: &str = "SKYSPAN_THIS_TEST_FAILS";

/// How many points are wanted of three; one more where this is to fail.
fn wanted_points() -> usize {
    3 + usize::from(std::env::var_os(FAILS).is_some())
}

#[test]
fn counts_three_points_and_may_be_told_to_fail() {
    let lab = Harness::seeded(7);
    let run = lab.run(plans::count(&lab.device("det"), 3));
    run.trace().assert(exactly(wanted_points(), span("Bluesky RunEngine wait")));
}

#[test]
fn a_test_that_fails_leaves_a_page_with_what_it_asserted_where_somebody_wants_it() {
    let name = "counts_three_points_and_may_be_told_to_fail";
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("reports-{}", std::process::id()));
    let module = module_path!().split_once("::").unwrap().1;
    let run = |fails: bool| {
        let mut test = Command::new(std::env::current_exe().unwrap());
        test.args(["--exact", &format!("{module}::{name}")]).env("SKYSPAN_REPORT", &folder).env_remove(FAILS);
        if fails {
            test.env(FAILS, "1");
        }
        test.output().unwrap()
    };
    assert!(run(false).status.success());
    assert!(!folder.exists(), "a test that does not fail leaves nothing");

    let output = run(true);
    assert!(!output.status.success());
    let printed = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(printed.contains("skyspan: page of this test: "), "{printed}");
    let files: Vec<_> = std::fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    assert_eq!(files.len(), 1, "{files:?}");
    let file = files[0].file_name().unwrap().to_string_lossy().into_owned();
    // Where libtest has a single thread, the test has no name of its own: its file and line do.
    assert!(file.contains(".line-") && (file.contains(name) || file.starts_with("page.")), "{file}");
    let page = timeline(&std::fs::read_to_string(&files[0]).unwrap());
    let check = &page["checks"][0];
    assert!(check["headline"].as_str().unwrap().contains("1 span is missing"), "{check}");
    assert!(check["report"].as_str().unwrap().contains("expected exactly 4"), "{check}");
    assert!(page["title"].as_str().unwrap().ends_with("(seed 7)"));
    assert_eq!(page["readings"][0]["times"].as_array().unwrap().len(), 3);
    std::fs::remove_dir_all(&folder).unwrap();
}
