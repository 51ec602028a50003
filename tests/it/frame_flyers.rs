//! Flyers whose frames are there when one says so, in each of the ways in which they hand them out.

use skyspan::hardware::FrameFlyer;
use skyspan::prelude::*;

/// What a flight gives that is collected once it is kicked off, once it is completed, and once more.
fn flown(flyer: FrameFlyer, declared: bool) -> Vec<String> {
    let lab = Harness::new();
    let flyer = lab.add(flyer);
    let run = lab.run(preprocessors::run_wrapper(
        plan(async move |p| {
            if declared {
                p.declare_stream_to_collect(&flyer, "main").await?;
            }
            let name = declared.then(|| "main".into());
            p.kickoff(&flyer).await?;
            p.collect(&flyer, name.clone()).await?;
            p.complete(&flyer).await?;
            p.collect(&flyer, name.clone()).await?;
            p.collect(&flyer, name).await.map(drop)
        }),
        Map::new(),
    ));
    run.assert_success();
    let of_data = run.documents().iter().filter(|document| !["start", "stop"].contains(&document.name()));
    let line = |document: &Document| {
        let map = document.to_map();
        let keys = ["name", "data", "seq_num", "seq_nums", "indices", "uri"].map(|key| map.get(key).cloned());
        let values: Vec<String> = keys.into_iter().flatten().map(|value| value.to_string().replace('"', "")).collect();
        format!("{} {}", document.name(), values.join(" "))
    };
    of_data.map(line).collect()
}

#[test]
fn frames_come_in_streams_that_the_flyer_names() {
    assert_eq!(
        flown(FrameFlyer::nested("f").num(3).early(1), false),
        [
            "descriptor f_x_stream",
            "descriptor f_y_stream",
            "event_page {f_x: [0]} [1]",
            "event_page {f_y: [0]} [1]",
            "event_page {f_x: [1, 2]} [2, 3]",
            "event_page {f_y: [2, 4]} [2, 3]",
        ]
    );
}

#[test]
fn frames_come_as_events_or_as_pages_of_one_stream() {
    let pages =
        ["descriptor main", "event_page {f_x: [0], f_y: [0]} [1]", "event_page {f_x: [1, 2], f_y: [2, 4]} [2, 3]"];
    assert_eq!(flown(FrameFlyer::flat("f").early(1), true), pages);
    assert_eq!(flown(FrameFlyer::paged("f").early(1), true)[..3], pages);
}

#[test]
fn frames_come_in_a_file_beside_the_documents() {
    let documents = [
        "descriptor main",
        "stream_resource file://localhost/f.h5",
        "stream_datum {start: 1, stop: 3} {start: 0, stop: 2}",
        "stream_datum {start: 3, stop: 4} {start: 2, stop: 3}",
    ];
    assert_eq!(flown(FrameFlyer::streamed("f").early(2), true), documents);
}

#[test]
fn a_kickoff_begins_anew() {
    let lab = Harness::new();
    let flyer = lab.add(FrameFlyer::nested("f").num(1));
    let outcome = lab.run(plan(async move |p| {
        for _ in 0..2 {
            p.open_run(Map::new()).await?;
            p.kickoff(&flyer).await?;
            p.complete(&flyer).await?;
            p.collect(&flyer, None).await?;
            p.close_run().await?;
        }
        Ok(())
    }));
    outcome.assert_success();
    let pages = outcome.documents().iter().filter(|document| document.name() == "event_page");
    assert_eq!(pages.count(), 4);
}

#[test]
fn a_file_of_a_flyer_that_never_flew_is_not_there() {
    let lab = Harness::new();
    let flyer = lab.add(FrameFlyer::streamed("f"));
    let outcome = lab.run(preprocessors::run_wrapper(
        plan(async move |p| {
            p.declare_stream_to_collect(&flyer, "main").await?;
            p.collect(&flyer, Some("main".into())).await.map(drop)
        }),
        Map::new(),
    ));
    assert_eq!(outcome.exception().map(PlanError::name), Some("AttributeError".into()));
}
