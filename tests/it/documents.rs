//! What composes documents, by hand: what fits together, and what is refused.

#![expect(clippy::unwrap_used, reason = "a test's helper may fail the test")]

use skyspan::clock::Clock;
use skyspan::device::{DataKeys, Reading};
use skyspan::document::{ComposeError, Configuration, DescribedObject, RunComposer};
use skyspan::prelude::*;
use skyspan::seed::Seed;
use skyspan::value::Value;
use skyspan::value::to_json;

use crate::probe::{data_keys, page, stream_datum, stream_resource};

fn composer() -> RunComposer {
    RunComposer::begin(Clock::simulated(), Seed::new(0), Map::new()).unwrap()
}

fn object(name: &str, keys: &[&'static str]) -> DescribedObject {
    let data_keys = data_keys(keys).0.into_iter().map(|(key, described)| (key, described.to_map())).collect();
    DescribedObject { name: name.into(), data_keys, configuration: Configuration::default(), hints: None }
}

fn reading(key: &str) -> (Text, Reading) {
    (key.into(), Reading { value: 1.into(), timestamp: Timestamp::EPOCH })
}

#[track_caller]
fn refused<T: std::fmt::Debug>(result: Result<T, ComposeError>, name: &str) {
    assert_eq!(result.unwrap_err().name(), name);
}

/// Behaviours 47 and 50 of bluesky's suite: after a rewind the numbers are those of the checkpoint, 1 for a stream that is
/// younger; what the engine says on its own goes on counting.
#[test]
fn a_rewind_goes_back_to_the_numbers_of_the_checkpoint() {
    let mut run = composer();
    let interruption = ("interruption".into(), Map::from_iter([("source", "RunEngine"), ("dtype", "string")]));
    run.describe("old".into(), vec![object("a", &["a"])]).unwrap();
    run.describe_own("interruptions".into(), vec![interruption]).unwrap();
    let next = |run: &mut RunComposer, stream: &str, key| {
        run.event(&stream.into(), vec![reading(key)]).unwrap().compose().seq_num
    };
    assert_eq!([next(&mut run, "old", "a"), next(&mut run, "interruptions", "interruption")], [1, 1]);
    run.checkpoint();
    run.describe("young".into(), vec![object("b", &["b"])]).unwrap();
    assert_eq!([next(&mut run, "old", "a"), next(&mut run, "young", "b"), next(&mut run, "young", "b")], [2, 1, 2]);
    assert_eq!(next(&mut run, "interruptions", "interruption"), 2);
    run.rewind();
    assert_eq!([next(&mut run, "old", "a"), next(&mut run, "young", "b")], [2, 1]);
    assert_eq!(next(&mut run, "interruptions", "interruption"), 3);
    run.clear_checkpoint();
    run.rewind();
    assert_eq!([next(&mut run, "old", "a"), next(&mut run, "young", "b")], [1, 1]);
    let stop = run.stop(Success, Text::default()).unwrap();
    assert_eq!(stop.num_events, [("old".into(), 1), ("interruptions".into(), 3), ("young".into(), 1)]);
}

#[test]
fn a_run_ends_once_and_nothing_comes_after() {
    let mut run = composer();
    run.describe("s".into(), vec![object("a", &["a"])]).unwrap();
    run.stop(Success, Text::default()).unwrap();
    refused(run.stop(Fail, Text::default()), "EventModelError");
    refused(run.describe("t".into(), Vec::new()), "EventModelError");
    refused(run.event(&"s".into(), vec![reading("a")]), "EventModelError");
    refused(run.page(&"s".into(), page(&["a"], 1)), "EventModelError");
}

#[test]
fn what_was_not_described_has_no_events() {
    let mut run = composer();
    refused(run.event(&"s".into(), Vec::new()), "KeyError");
    refused(run.page(&"s".into(), page(&["a"], 1)), "KeyError");
    refused(run.count(&"s".into(), 1), "KeyError");
    refused(run.assets(Some(&"s".into())).map(drop), "KeyError");
}

/// What the schema of event-model 1.24.0 says of each of these was asked of event-model itself.
#[test]
fn a_descriptor_holds_what_its_schema_allows() {
    check("units", "mm", true);
    check("units", Value::Null, true);
    check("units", 3, false);
    check("precision", 3, true);
    check("precision", 3.0, true);
    check("precision", 3.5, false);
    check("dtype_numpy", "<f8", true);
    check("dtype_numpy", [["x", "<f8"]], true);
    check("dtype_numpy", "float", false);
    check("dtype_numpy", 3, false);
    check("external", "STREAM:", true);
    check("external", "FILESTORE", true);
    check("external", "stream", false);
    check("external", 3, false);
    check("choices", ["a", "b"], true);
    check("choices", "a", false);
    check("dims", [1], false);
    check("limits", Map::new(), true);
    check("limits", 3, false);
    check("anything", Value::Null, true);
    check("with.dot", 1, false);
    check("with/slash", 1, false);
    check("", 1, false);
    check("deep", Map::from_iter([("with.dot", 1)]), false);
    check("list", [Map::from_iter([("with.dot", 1)])], true);

    #[track_caller]
    fn check(field: &str, value: impl Into<Value>, allowed: bool) {
        let mut described = object("a", &["a"]);
        described.data_keys[0].1.insert(field, value);
        let result = composer().describe("s".into(), vec![described]);
        assert_eq!(result.as_ref().err().map(ComposeError::name), (!allowed).then_some("ValidationError"), "{field}");
        // The data keys of a configuration are held to the same.
        let (key, mut described) = data_keys(&["a"]).0.remove(0);
        if let Ok(descriptor) = result {
            described.more = descriptor.data_keys[0].1.clone();
            let configuration = Configuration { readings: Vec::new(), data_keys: DataKeys(vec![(key, described)]) };
            let object = DescribedObject { configuration, ..object("a", &[]) };
            assert!(composer().describe("s".into(), vec![object]).is_ok());
        }
    }
}

#[test]
fn a_page_is_numbered_as_its_events() {
    let mut run = composer();
    let descriptor = run.describe("s".into(), vec![object("a", &["a", "b*"])]).unwrap();
    run.event(&"s".into(), vec![reading("a")]).unwrap();
    let page_of_3 = run.page(&"s".into(), page(&["a"], 3)).unwrap();
    assert_eq!((&*page_of_3.seq_num, page_of_3.len(), &page_of_3.descriptor), (&[2, 3, 4][..], 3, &descriptor.uid));
    assert_eq!(run.event(&"s".into(), vec![reading("a")]).unwrap().compose().seq_num, 5);
    refused(run.page(&"s".into(), page(&["c"], 1)), "KeyError");
    refused(run.page(&"s".into(), page(&["b"], 1)), "EventModelValidationError");
    refused(run.page(&"s".into(), page(&[], 0)), "RuntimeError");
    let mut uneven = page(&["a", "b"], 2);
    uneven.data[1].1.pop();
    refused(run.page(&"s".into(), uneven), "EventModelError");
}

#[test]
fn asset_documents_stand_for_no_event_by_themselves() {
    let mut run = composer();
    run.describe("s".into(), vec![object("a", &["a*", "b"])]).unwrap();
    let name = Text::from("s");
    for (start, stop) in [(0, 2), (2, 5)] {
        let mut assets = run.assets(Some(&name)).unwrap();
        if start == 0 {
            assets.compose(stream_resource("r", "a")).unwrap();
        }
        let Document::StreamDatum(datum) = assets.compose(stream_datum("r", start, stop)).unwrap() else {
            panic!("a stream datum is composed")
        };
        assert_eq!((datum.seq_nums.start, datum.seq_nums.stop), (start + 1, stop + 1));
        assert_eq!(assets.finish().unwrap(), stop - start);
        run.count(&name, stop - start).unwrap();
    }
    assert_eq!(run.stop(Success, Text::default()).unwrap().num_events, [("s".into(), 5)]);
}

#[test]
fn the_stop_document_counts_what_was_composed_or_not() {
    let mut run = composer();
    run.describe("s".into(), vec![object("a", &["a"])]).unwrap();
    drop(run.event(&"s".into(), vec![reading("a")]).unwrap());
    run.event(&"s".into(), vec![reading("b")]).unwrap_err();
    let stop = Document::Stop(run.stop(Abort, "why".into()).unwrap().into());
    let mut map = stop.to_map();
    for key in ["uid", "time", "run_start"] {
        assert!(map.remove(key).is_some());
    }
    assert_eq!(to_json(&map.into()), r#"{"exit_status": "abort", "reason": "why", "num_events": {"s": 1}}"#);
}
