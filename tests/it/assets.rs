//! What devices write somewhere else: the documents that say where, and how they fit to the events.

#![expect(clippy::unwrap_used, reason = "a test's helper may fail the test")]

use skyspan::device::{AssetDoc, CollectedStreams};
use skyspan::hardware::FrameDetector;
use skyspan::prelude::*;
use skyspan::value::Value;
use skyspan::value::to_json;

use crate::probe::{Probe, counts, data_keys, datum, page, resource, stream_datum, stream_resource};

/// Documents of that name, as JSON without what differs from run to run.
fn fields(run: &Outcome, name: &str, keys: &[&str]) -> Vec<String> {
    let documents = run.documents().iter().filter(|document| document.name() == name);
    let chosen = documents.map(|document| {
        let map = document.to_map();
        keys.iter().map(|key| ((*key).to_owned(), map.get(key).cloned().unwrap_or_default())).collect::<Map>()
    });
    chosen.map(|map| to_json(&map.into())).collect()
}

/// A device that reads a datum, which it has written before.
fn datum_device(name: &'static str) -> Probe {
    let keys: &[&str] = if name == "det" { &["det-datum+"] } else { &["det1-pv", "det1-datum+"] };
    Probe::new(name).reads(keys).assets(|| vec![resource("R"), datum("R", 1)])
}

/// A device that has two streams of frames, and says of one more frame, or of all up to an index, whenever it is asked.
fn frames(name: &'static str, extra: &'static [&'static str]) -> Probe {
    let keys: &'static [&'static str] = match name {
        "det1" => &["det1-sd1*", "det1-sd2*"],
        "det2" => &["det2-sd1*", "det2-sd2*"],
        _ => &["det-sd1*", "det-sd2*"],
    };
    let all = [extra, keys].concat();
    let next = std::sync::Mutex::new(0);
    Probe::new(name).reads(&all).collected(move || CollectedStreams::One(data_keys(keys))).stream_assets(
        10,
        move |index| {
            let mut next = next.lock().unwrap();
            let width = index.unwrap_or(1);
            let mut docs = Vec::new();
            for key in keys.iter().map(|key| key.trim_end_matches('*')) {
                if *next == 0 {
                    docs.push(stream_resource(&format!("{key}-uid"), key));
                }
                docs.push(stream_datum(&format!("{key}-uid"), *next, *next + width));
            }
            *next += width;
            docs
        },
    )
}

/// Behaviour 41 of bluesky's suite: `filled` is empty for what stands in the event, and false for what does not.
#[test]
fn what_stands_somewhere_else_is_not_filled() {
    let lab = Harness::new();
    let run = lab.run(plans::count([&lab.device("det"), &lab.device("img")], 2));
    assert_eq!(counts(&run), "start 1, descriptor 1, resource 1, datum 2, event 2, stop 1");
    assert_eq!(fields(&run, "event", &["filled"]), [r#"{"filled": {"img": false}}"#; 2]);
    let run = lab.run(plans::count(&lab.device("det"), 1));
    assert_eq!(fields(&run, "event", &["filled"]), [r#"{"filled": {}}"#]);
}

#[test]
fn a_datum_comes_after_the_descriptor_and_before_its_event() {
    let lab = Harness::new();
    let det = lab.add(datum_device("det"));
    let run = lab.run(plans::count(&det, 1));
    let names: Vec<_> = run.documents().iter().map(Document::name).collect();
    assert_eq!(names, ["start", "descriptor", "resource", "datum", "event", "stop"]);
    let Document::Start(start) = &run.documents()[0] else { panic!("a run begins with its start") };
    assert_eq!(
        to_json(&run.documents()[2].to_map().into()),
        format!(
            r#"{{"path_semantics": "posix", "uid": "R", "spec": "SPEC", "root": "/root", "resource_kwargs": {{"frames": 1}}, "resource_path": "path.h5", "run_start": "{}"}}"#,
            start.uid
        )
    );
    assert_eq!(
        to_json(&run.documents()[3].to_map().into()),
        r#"{"resource": "R", "datum_kwargs": {"point": 1}, "datum_id": "R/1"}"#
    );
    assert_eq!(fields(&run, "event", &["filled"]), [r#"{"filled": {"det-datum": false}}"#]);
}

/// Behaviour 59 of bluesky's suite: the documents of devices that write frames, alone, with others, and in several streams.
#[test]
fn frames_are_told_of_by_a_range_for_each_data_key() {
    let lab = Harness::new();
    let run = lab.run(plans::count(&lab.add(frames("det", &[])), 2));
    assert_eq!(counts(&run), "start 1, descriptor 1, stream_resource 2, stream_datum 4, event 2, stop 1");
    let Document::Descriptor(descriptor) = &run.documents()[1] else { panic!("the stream is described first") };
    let keys: Vec<&str> = descriptor.data_keys.iter().map(|(key, _)| &**key).collect();
    assert_eq!(keys, ["det-sd1", "det-sd2"]);
    let datum = |resource: &str, start: u64| {
        format!(
            r#"{{"stream_resource": "{resource}-uid", "uid": "{resource}-uid/{start}", "seq_nums": {{"start": {first}, "stop": {last}}}, "indices": {{"start": {start}, "stop": {first}}}, "descriptor": "{uid}"}}"#,
            first = start + 1,
            last = start + 2,
            uid = descriptor.uid
        )
    };
    let keys = ["stream_resource", "uid", "seq_nums", "indices", "descriptor"];
    assert_eq!(
        fields(&run, "stream_datum", &keys),
        [datum("det-sd1", 0), datum("det-sd2", 0), datum("det-sd1", 1), datum("det-sd2", 1)]
    );
    assert_eq!(fields(&run, "event", &["data", "filled"]), [r#"{"data": {}, "filled": {}}"#; 2]);

    let lab = Harness::new();
    let run = lab.run(plans::count([&lab.add(datum_device("det1")), &lab.add(frames("det2", &["det2-pv"]))], 1));
    assert_eq!(
        counts(&run),
        "start 1, descriptor 1, resource 1, datum 1, stream_resource 2, stream_datum 2, event 1, stop 1"
    );
    assert_eq!(
        fields(&run, "event", &["data", "filled"]),
        [r#"{"data": {"det1-pv": 1.5, "det1-datum": 1.5, "det2-pv": 1.5}, "filled": {"det1-datum": false}}"#]
    );
}

/// Behaviour 59 of bluesky's suite: the same detectors in streams for flats, darks and projections.
#[test]
fn detectors_are_collected_into_any_stream_that_was_declared_for_them() {
    let lab = Harness::new();
    let detectors = [lab.add(frames("det1", &[])), lab.add(frames("det2", &[]))];
    let run = lab.run(preprocessors::run_wrapper(
        plan(async move |p| {
            p.declare_stream(&detectors, "flats").await?;
            p.declare_stream(&detectors, "darks").await?;
            p.declare_stream_to_collect(&detectors, "projections").await?;
            for stream in ["flats", "darks", "projections", "flats"] {
                assert_eq!(p.collect(&detectors, Some(stream.into())).await?, None, "they only write");
            }
            Ok(())
        }),
        Map::new(),
    ));
    assert_eq!(counts(&run), "start 1, descriptor 3, stream_resource 4, stream_datum 16, stop 1");
    let uids = fields(&run, "descriptor", &["uid"]);
    let of = fields(&run, "stream_datum", &["descriptor"]);
    let of: Vec<usize> = of.iter().map(|datum| uids.iter().position(|uid| uid[7..] == datum[14..]).unwrap()).collect();
    assert_eq!(of, [[0; 4], [1; 4], [2; 4], [0; 4]].concat());
    let Document::Stop(stop) = run.documents().last().unwrap() else { panic!("a run ends with its stop") };
    let counted: Vec<(&str, u64)> = stop.num_events.iter().map(|(name, count)| (&**name, *count)).collect();
    assert_eq!(counted, [("flats", 20), ("darks", 10), ("projections", 10)]);
}

/// Behaviour 60 of bluesky's suite: the numbers of the frames go in step with those of the events, whatever came together.
#[test]
fn frames_are_numbered_as_the_events_that_come_with_them() {
    let lab = Harness::new();
    let widths = [3, 1, 7, 4];
    let (asked, gathered) = (std::sync::Mutex::new(0), std::sync::Mutex::new(0));
    let flyer = Probe::new("x")
        .collected(|| CollectedStreams::One(data_keys(&["det1*", "det2*", "det3*", "det4"])))
        .flies()
        .assets(move || {
            let mut asked = asked.lock().unwrap();
            let docs = ["det1", "det2", "det3"].into_iter().flat_map(|key| {
                let new = (*asked == 0).then(|| stream_resource(key, key));
                // Each detector counts its frames from where it likes.
                let start = 100 * key.len() as u64;
                new.into_iter().chain([stream_datum(key, start, start + widths[*asked])])
            });
            let docs: Vec<AssetDoc> = docs.collect();
            *asked += 1;
            docs
        })
        .pages(move || {
            let mut gathered = gathered.lock().unwrap();
            *gathered += 1;
            vec![page(&["det4"], i64::try_from(widths[*gathered - 1]).unwrap())]
        });
    let flyer = lab.add(flyer);
    let run = lab.run(preprocessors::run_wrapper(
        plan(async move |p| {
            p.kickoff(&flyer).await?;
            p.declare_stream_to_collect(&flyer, "primary").await?;
            for _ in widths {
                p.collect(&flyer, None).await?;
            }
            p.complete(&flyer).await.map(drop)
        }),
        Map::new(),
    ));
    assert_eq!(counts(&run), "start 1, descriptor 1, stream_resource 3, stream_datum 12, event_page 4, stop 1");
    let range = |start: u64, stop: u64| format!(r#"{{"seq_nums": {{"start": {start}, "stop": {stop}}}}}"#);
    let expected = [[(1, 4); 3], [(4, 5); 3], [(5, 12); 3], [(12, 16); 3]].concat();
    let expected: Vec<String> = expected.into_iter().map(|(start, stop)| range(start, stop)).collect();
    assert_eq!(fields(&run, "stream_datum", &["seq_nums"]), expected);
    assert_eq!(fields(&run, "event_page", &["seq_num"])[3], r#"{"seq_num": [12, 13, 14, 15]}"#);
}

/// What is wrong with asset documents, by what comes at the first and at the second reading (behaviour 60: other widths).
#[test]
fn asset_documents_that_do_not_fit_together_are_refused() {
    let both = || [stream_resource("a", "sd1"), stream_resource("b", "sd2")];
    let ranges = |one: u64, other: u64| [stream_datum("a", 0, one), stream_datum("b", 0, other)];
    check(
        move || [both().to_vec(), ranges(1, 2).to_vec()].concat(),
        "EventModelValueError: a stream datum of 2 values came together with others of 1",
    );
    check(
        move || [both().to_vec(), ranges(2, 2).to_vec()].concat(),
        "RuntimeError: Received multiple indices in a `stream_datum` document for one event, during a `read()` `save()`. \
         `stream_datum` should have indices {\"start\": n, \"stop\": n+1} in a `read()` `save()`.",
    );
    check(
        || vec![stream_resource("a", "sd1"), stream_resource("a", "sd2")],
        "RuntimeError: the stream resource a came twice",
    );
    check(
        || vec![stream_resource("a", "pv")],
        "RuntimeError: a stream resource is of the data key \"pv\"; those of its stream that are external to STREAM: are \
         [\"sd1\", \"sd2\"]",
    );
    check(|| vec![stream_datum("a", 0, 1)], "KeyError: a stream datum is of the stream resource a, which is not known");
    check(
        move || [both().to_vec(), vec![stream_datum("a", 0, 1)]].concat(),
        "RuntimeError: stream data came for the data keys [\"sd1\"]; the stream has [\"sd1\", \"sd2\"]",
    );
    check(move || [both().to_vec(), ranges(1, 1).to_vec()].concat(), "");
    check(move || both().to_vec(), "");

    #[track_caller]
    fn check(docs: impl Fn() -> Vec<AssetDoc> + Send + Sync + 'static, error: &str) {
        let lab = Harness::new();
        let run = lab.run(plans::count(&lab.add(Probe::new("x").reads(&["pv", "sd1*", "sd2*"]).assets(docs)), 1));
        let found = run.exception().map(|error| format!("{}: {error}", error.name()));
        assert_eq!(found.unwrap_or_default(), error);
        let last = run.documents().last().map(Document::name);
        assert_eq!(last, Some("stop"), "the run is closed whatever happens");
    }
}

/// Behaviour 45 of bluesky's suite: what was written for a bundle that is dropped is told of by nobody.
#[test]
fn a_bundle_that_is_dropped_takes_its_asset_documents_along() {
    let lab = Harness::new();
    let det = lab.add(datum_device("det"));
    let run = lab.run(preprocessors::run_wrapper(
        plan(async move |p| {
            for saved in [false, true, false] {
                p.create("primary").await?;
                p.read(&det).await?;
                if saved { p.save().await? } else { p.drop().await? }
            }
            p.read(&det).await.map(drop)
        }),
        Map::new(),
    ));
    assert_eq!(counts(&run), "start 1, descriptor 1, resource 1, datum 1, event 1, stop 1");
}

#[test]
fn what_an_image_is_read_as_is_where_it_was_written() {
    let lab = Harness::new();
    let files: std::sync::Arc<std::sync::Mutex<Vec<String>>> = std::sync::Arc::default();
    let written = std::sync::Arc::clone(&files);
    let camera = skyspan::hardware::SynSignalWithRegistry::new("camera")
        .func(|| [[1.0, 2.0]])
        .save_path("/data")
        .save_spec("TIFF_SEQ")
        .save_ext("tif")
        .save_func(move |path, value| {
            written.lock().unwrap().push(format!("{path}: {value}"));
            Ok(())
        });
    let camera = lab.add(camera);
    let run = lab.run(plans::count(&camera, 2));
    let (Document::Resource(resource), Document::Datum(datum)) = (&run.documents()[2], &run.documents()[3]) else {
        panic!("a resource and a datum come before the first event")
    };
    let resource = &resource.resource;
    assert_eq!((&*resource.root, &*resource.spec, resource.resource_path.len()), ("/data", "TIFF_SEQ", 6));
    assert_eq!(datum.resource, resource.uid);
    let expected: Vec<String> =
        (0..2).map(|n| format!("/data/{}_{n}.tif: [[1.0, 2.0]]", resource.resource_path)).collect();
    assert_eq!(*files.lock().unwrap(), expected);
    let values: Vec<_> = run.events().filter_map(|event| event.get("camera").cloned()).collect();
    assert_eq!(values, [0, 1].map(|n| Value::from(format!("{}/{n}", resource.uid))));
    // Each staging is another resource, and the same seed gives the same ones.
    let uid = |run: &Outcome| run.documents()[2].uid().cloned();
    assert_ne!(uid(&lab.run(plans::count(&camera, 1))), uid(&run));
}

#[test]
fn a_detector_that_fails_to_write_fails_the_run() {
    let lab = Harness::new();
    let camera = skyspan::hardware::SynSignalWithRegistry::new("camera")
        .save_func(|_, _| Err(DeviceError::other("OSError", "the disk is full")));
    let run = lab.run(plans::count(&lab.add(camera), 1));
    assert_eq!(run.exception().map(|error| error.name()).as_deref(), Some("OSError"));
}

#[test]
fn frames_are_collected_while_they_are_written() {
    let lab = Harness::new();
    let camera = lab.add(FrameDetector::new("camera").data_key("image", [4, 3]).period_s(0.1));
    let slow = lab.add(FrameDetector::new("slow").data_key("sum", []).period_s(0.2));
    let detectors = [camera, slow];
    let run = lab.run(preprocessors::run_wrapper(
        plan(async move |p| {
            p.stage_all(&detectors).await?;
            for detector in &detectors {
                p.prepare(detector, 5).await?;
            }
            p.declare_stream_to_collect(&detectors, "main").await?;
            p.kickoff_all(&detectors).await?;
            let options = skyspan::plan::CollectWhile { flush_period_s: Some(0.45), ..Default::default() };
            p.collect_while_completing(&detectors, &detectors, options).await?;
            p.unstage_all(&detectors).await
        }),
        Map::new(),
    ));
    run.assert_success();
    assert_eq!(run.duration(), secs(1.0));
    // Of the faster one no more is collected than the slower one has: 2 frames at 0.45 s, 4 at 0.9 s, 5 in the end.
    let range = |start: u64, stop: u64| format!(r#"{{"start": {start}, "stop": {stop}}}"#);
    let expected = [(0, 2), (2, 4), (4, 5)].into_iter().flat_map(|(start, stop)| {
        let datum = format!(r#"{{"indices": {}, "seq_nums": {}}}"#, range(start, stop), range(start + 1, stop + 1));
        [datum.clone(), datum]
    });
    assert_eq!(fields(&run, "stream_datum", &["indices", "seq_nums"]), expected.collect::<Vec<_>>());
    assert_eq!(counts(&run), "start 1, descriptor 1, stream_resource 2, stream_datum 6, stop 1");
}
