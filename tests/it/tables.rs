//! Consumers of documents, against what bluesky 1.15.1 prints and computes (`fixtures/bluesky/record_tables.py`).

#![expect(clippy::unwrap_used, reason = "a test's helper may fail the test")]

mod documents;

use std::io::{self, Write};
use std::sync::{Arc, Mutex};

use skyspan::callbacks::{
    BestEffortCallback, CollectThenCompute, DocumentCallback, DocumentRouter, JsonWriter, LinearBackground, LiveTable,
    PeakStats, RunRouter, Stats, make_callback_safe,
};
use skyspan::document::{EventPage, RunStop};
use skyspan::prelude::*;
use skyspan::value::Value;
use skyspan::value::{JsonReader, from_json, to_json};

use self::documents::{documents_of, entry, recorded};

/// A sink that the test reads afterwards.
#[derive(Clone, Default)]
struct Paper(Arc<Mutex<Vec<u8>>>);

impl Paper {
    fn text(&self) -> String {
        String::from_utf8(self.0.lock().unwrap().clone()).unwrap()
    }
}

impl Write for Paper {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// The rows of a file of fixtures/bluesky.
fn rows(file: &str) -> Vec<Map> {
    let path = format!("{}/fixtures/bluesky/{file}", env!("CARGO_MANIFEST_DIR"));
    let text = std::fs::read_to_string(path).unwrap();
    JsonReader::new(&text).map(|row| row.unwrap().as_map().unwrap().clone()).collect()
}

/// The documents that a row has, or the recording that it names.
fn documents_of_row(row: &Map) -> Vec<Document> {
    match entry(row, "documents") {
        Value::Str(name) => recorded(&name),
        documents => documents_of(documents.as_array().unwrap()),
    }
}

fn live_table(options: &Map) -> LiveTable {
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let number = |value: &Value| usize::try_from(value.as_i64().unwrap()).unwrap();
    let fields: Vec<String> = entry(options, "fields").as_array().unwrap().iter().map(text).collect();
    options.iter().fold(LiveTable::new(fields), |table, (option, value)| match &**option {
        "fields" => table,
        "stream_name" => table.stream_name(text(value)),
        "print_header_interval" => table.print_header_interval(number(value)),
        "min_width" => table.min_width(number(value)),
        "default_prec" => table.default_prec(number(value)),
        "extra_pad" => table.extra_pad(number(value)),
        "separator_lines" => table.separator_lines(value.as_bool().unwrap()),
        other => panic!("{other}"),
    })
}

fn best_effort(options: &Map) -> BestEffortCallback {
    let calls = options.get("calls").cloned().unwrap_or_default();
    calls.as_array().unwrap_or_default().iter().fold(BestEffortCallback::new(), |shown, call| {
        match call.as_str().unwrap() {
            "disable_heading" => shown.disable_heading(),
            "disable_table" => shown.disable_table(),
            "disable_baseline" => shown.disable_baseline(),
            other => panic!("{other}"),
        }
    })
}

#[test]
fn tables_are_those_of_bluesky_to_the_byte() {
    for (at, row) in rows("tables.jsonl").iter().enumerate() {
        let options = entry(row, "options").as_map().unwrap().clone();
        let paper = Paper::default();
        let mut show: DocumentCallback = match entry(row, "table").as_str().unwrap() {
            "LiveTable" => live_table(&options).sink(paper.clone()).into_callback(),
            _ => best_effort(&options).sink(paper.clone()).into_callback(),
        };
        for document in documents_of_row(row) {
            show(&document).unwrap();
        }
        let expected = entry(row, "printed");
        let what = entry(row, "documents").as_str().map_or_else(|| format!("row {}", at + 1), str::to_owned);
        assert_eq!(paper.text(), expected.as_str().unwrap(), "{what}, {}", to_json(&options.into()));
    }
}

/// As JSON, so that what is not a number is equal to itself; whole numbers are floats here.
fn numbers(value: &Value) -> String {
    match value {
        Value::Int(_) => to_json(&value.as_f64().into()),
        Value::Array(elements) => elements.iter().map(|element| numbers(element) + ";").collect(),
        Value::Map(map) => map.iter().map(|(key, value)| format!("{key}={} ", numbers(value))).collect(),
        other => to_json(other),
    }
}

fn to_value(stats: Option<Stats>) -> Value {
    let Some(Stats { min, max, com, cen, crossings, fwhm, lin_bkg, .. }) = stats else { return Value::Null };
    let point = |(x, y): (f64, f64)| Value::from([x, y]);
    let lin_bkg = lin_bkg.map(|LinearBackground { m, b, .. }| Map::from_iter([("m", m), ("b", b)]));
    Map::from_iter([
        ("min", point(min)),
        ("max", point(max)),
        ("com", com.into()),
        ("cen", cen.into()),
        ("crossings", if crossings.is_empty() { Value::Null } else { crossings.into() }),
        ("fwhm", fwhm.into()),
        ("lin_bkg", lin_bkg.into()),
    ])
    .into()
}

#[test]
fn peaks_are_those_of_bluesky_to_the_bit() {
    for (at, row) in rows("peaks.jsonl").iter().enumerate() {
        let column =
            |key| -> Vec<f64> { entry(row, key).as_array().unwrap().iter().map(|v| v.as_f64().unwrap()).collect() };
        let (x, y) = (column("x"), column("y"));
        let edge_count = entry(row, "edge_count").as_i64().map(|count| usize::try_from(count).unwrap());
        let stats = to_value(Stats::of(&x, &y, edge_count));
        assert_eq!(numbers(&stats), numbers(&entry(row, "stats")), "row {} of peaks.jsonl", at + 1);
        let derivative = to_value(Stats::of_derivative(&x, &y, edge_count));
        assert_eq!(
            numbers(&derivative),
            numbers(&entry(row, "derivative")),
            "derivative, row {} of peaks.jsonl",
            at + 1
        );
    }
}

#[test]
fn points_that_are_missing_have_no_peak() {
    assert_eq!(Stats::of(&[], &[], None), None);
    assert_eq!(Stats::of(&[], &[1.0], Some(3)), None);
    assert_eq!(Stats::of_derivative(&[], &[], None), None);
    assert_eq!(Stats::of_derivative(&[1.0], &[1.0], None), None);
    assert_eq!(Stats::of(&[1.0, 2.0, 3.0], &[1.0], None), Stats::of(&[1.0], &[1.0], None));
    assert!(Stats::of(&[1.0], &[1.0], Some(usize::MAX)).is_some());
}

/// The peaks of the best-effort callback are those of the plots that bluesky makes.
#[test]
fn the_best_effort_callback_finds_the_peaks_that_bluesky_finds() {
    for row in rows("bec.jsonl") {
        let shown = BestEffortCallback::new().sink(Paper::default());
        let found = shown.peaks();
        let mut show = shown.into_callback();
        documents_of_row(&row).iter().for_each(|document| show(document).unwrap());
        let expected = entry(&row, "peaks").as_map().unwrap().clone();
        let keys: Vec<Text> = entry(&expected, "max").as_map().unwrap().keys().cloned().collect();
        let mut known = found.keys();
        known.sort_by_key(Text::to_string);
        let mut wanted = keys.clone();
        wanted.sort_by_key(Text::to_string);
        assert_eq!(known, wanted, "{}", entry(&row, "documents"));
        for key in keys {
            let peak = to_value(found.get(&key));
            for attribute in ["com", "cen", "max", "min", "fwhm"] {
                let found = peak.as_map().map(|peak| entry(peak, attribute)).unwrap_or_default();
                let expected = entry(&expected, attribute).as_map().unwrap().get(&key).cloned().unwrap_or_default();
                assert_eq!(numbers(&found), numbers(&expected), "{attribute} of {key}, {}", entry(&row, "documents"));
            }
        }
    }
}

fn scan(lab: &Harness, points: u64) -> Plan {
    plans::scan(&lab.device("det"), &lab.device("motor"), -3, 3, points).into()
}

#[test]
fn peak_stats_begin_anew_with_each_run_and_fail_for_what_is_no_number() {
    let lab = Harness::new();
    let peak = Arc::new(Mutex::new(PeakStats::new("motor", "det").edge_count(2).calc_derivative_and_stats()));
    lab.with_engine(|engine| engine.subscribe(Arc::clone(&peak).into_callback()));
    let computed = |points| {
        lab.run(scan(&lab, points)).assert_success();
        let peak = peak.lock().unwrap();
        (peak.stats().cloned(), peak.derivative_stats().cloned())
    };
    let first = computed(21);
    assert!(first.0.as_ref().unwrap().fwhm.is_some() && first.1.is_some());
    assert_eq!(computed(21), first);
    assert!(computed(1).1.is_none());
    // Nothing of the scan is left in the run of a detector alone.
    lab.run(plans::count(&lab.device("det"), 2)).assert_success();
    assert_eq!(peak.lock().unwrap().stats(), None);

    let strange = Harness::new();
    let word = strange.add(SynSignal::new("word").func(|| "low"));
    strange.with_engine(|engine| engine.subscribe(PeakStats::new("motor", "word").into_callback()));
    let run = strange.run(plans::scan(&word, &strange.device("motor"), 0, 1, 2));
    let error = run.exception().unwrap();
    assert_eq!(error.name(), "TypeError");
    assert_eq!(error.to_string(), "a peak is made of numbers, but `word` was a string: \"low\"");
}

/// A sink like a terminal that is gone.
struct Broken;

impl Write for Broken {
    fn write(&mut self, _: &[u8]) -> io::Result<usize> {
        Err(io::ErrorKind::BrokenPipe.into())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[test]
fn a_table_that_cannot_be_written_ends_no_run() {
    let lab = Harness::new();
    lab.with_engine(|engine| {
        engine.subscribe(LiveTable::new(["det"]).sink(Broken).into_callback());
        engine.subscribe(BestEffortCallback::new().sink(Broken).into_callback());
    });
    lab.run(scan(&lab, 3)).assert_success();
}

#[test]
fn a_table_shows_the_events_of_a_page() {
    let lab = Harness::new();
    let run = lab.run(scan(&lab, 4));
    let is_event = |document: &Document| matches!(document, Document::Event(_));
    let page = EventPage::pack(run.events().cloned()).map(|page| Document::EventPage(page.into()));
    let mut paged: Vec<Document> = run.documents().iter().filter(|document| !is_event(document)).cloned().collect();
    paged.insert(2, page.unwrap());
    let printed = |documents: &[Document]| {
        let paper = Paper::default();
        let mut show = BestEffortCallback::new().sink(paper.clone()).into_callback();
        documents.iter().for_each(|document| show(document).unwrap());
        paper.text()
    };
    assert_eq!(printed(&paged), printed(run.documents()));
    assert_eq!(printed(&paged).lines().count(), 5 + 3 + 4 + 2 + 3);
}

/// What is shown while the plan runs is there as soon as its document is emitted.
#[test]
fn rows_come_as_their_events_do() {
    let lab = Harness::new();
    let paper = Paper::default();
    let seen: Arc<Mutex<Vec<usize>>> = Arc::default();
    let (shown, noted) = (paper.clone(), Arc::clone(&seen));
    lab.with_engine(|engine| {
        engine.subscribe(LiveTable::new(["det"]).separator_lines(false).sink(paper.clone()).into_callback());
        engine.subscribe(move |_| noted.lock().unwrap().push(shown.text().lines().count()));
    });
    lab.run(plans::count(&lab.device("det"), 3)).assert_success();
    assert_eq!(*seen.lock().unwrap(), [0, 3, 4, 5, 6, 8]);
}

/// Two runs, one within the other.
fn nested(lab: &Harness) -> Plan {
    let (det, det1) = (lab.device("det"), lab.device("det1"));
    plan(async move |p| {
        p.open_run(Map::new()).await?;
        p.trigger_and_read([&det], "primary").await?;
        p.run(preprocessors::set_run_key_wrapper(plans::count(&det1, 2), "inner")).await?;
        p.trigger_and_read([&det], "primary").await?;
        p.close_run().await
    })
}

#[test]
fn a_run_router_tells_runs_apart_that_overlap() {
    let lab = Harness::new();
    let seen: Arc<Mutex<Vec<String>>> = Arc::default();
    let noted = Arc::clone(&seen);
    let router = RunRouter::new(move |start| {
        let plan = start.metadata.get("plan_name").and_then(Value::as_str).unwrap_or_default().to_owned();
        let noted = Arc::clone(&noted);
        let compute = CollectThenCompute::new(move |run| {
            let counts = (run.descriptors.len(), run.events.len(), run.events_of("primary").count());
            noted.lock().unwrap().push(format!("{plan}: {counts:?}"));
            Ok(())
        });
        vec![compute.into_callback()]
    });
    lab.with_engine(|engine| engine.subscribe(router.into_callback()));
    lab.run(nested(&lab)).assert_success();
    assert_eq!(*seen.lock().unwrap(), ["count: (1, 2, 2)", "nested: (1, 2, 2)"]);
}

/// A folder of its own, which is gone when this is dropped.
struct Folder(std::path::PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let path = std::path::Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("{name}-{}", std::process::id()));
        std::fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    fn read(&self, name: &str) -> String {
        std::fs::read_to_string(self.0.join(name)).unwrap()
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

#[test]
fn a_json_writer_writes_each_run_into_a_file_of_its_own_also_where_they_overlap() {
    let (lab, folder) = (Harness::new(), Folder::new("json-writer"));
    lab.with_engine(|engine| engine.subscribe(JsonWriter::to_folder(&folder.0).into_callback()));
    let run = lab.run(nested(&lab));
    run.assert_success();
    let starts = run.documents().iter().filter(|document| matches!(document, Document::Start(_)));
    let uids: Vec<Text> = starts.filter_map(Document::uid).cloned().collect();
    assert_eq!(uids.len(), 2);
    for uid in &uids {
        let text = folder.read(&format!("{}.json", uid.split('-').next().unwrap()));
        assert!(text.starts_with("[\n{\"name\": \"start\", \"doc\": {\"uid\": "), "{text}");
        assert!(text.ends_with("}\n]"), "{text}");
        let rows = from_json(&text).unwrap();
        let names: Vec<Value> =
            rows.as_array().unwrap().iter().map(|row| entry(row.as_map().unwrap(), "name")).collect();
        assert_eq!(names, ["start", "descriptor", "event", "event", "stop"].map(Value::from));
    }
}

/// A device that is staged once writes into one file for both runs, and says so in the first alone.
#[test]
fn a_json_writer_keeps_the_datums_of_a_resource_of_an_earlier_run() {
    let (lab, folder) = (Harness::new(), Folder::new("json-writer-assets"));
    lab.with_engine(|engine| engine.subscribe(JsonWriter::to_folder(&folder.0).into_callback()));
    let img = lab.device("img");
    let run = lab.run(plan(async move |p| {
        p.stage(&img).await?;
        for _ in 0..2 {
            p.open_run(Map::new()).await?;
            p.trigger_and_read([&img], "primary").await?;
            p.close_run().await?;
        }
        p.unstage(&img).await
    }));
    run.assert_success();
    let files = std::fs::read_dir(&folder.0).unwrap();
    let numbers = files.map(|file| {
        let text = folder.read(file.unwrap().file_name().to_str().unwrap());
        from_json(&text).unwrap().as_array().unwrap().len()
    });
    let mut numbers: Vec<usize> = numbers.collect();
    numbers.sort_unstable();
    assert_eq!(numbers, [5, 6]);
    assert_eq!(run.documents().len(), 11);
}

#[test]
fn a_json_writer_says_which_file_it_cannot_write() {
    let (lab, folder) = (Harness::new(), Folder::new("json-writer-one"));
    let file = folder.0.join("last.json");
    let token = lab.with_engine(|engine| engine.subscribe(JsonWriter::to_file(&file).into_callback()));
    // A later run takes the place of the one before.
    for (points, documents) in [(3, 6), (1, 4)] {
        lab.run(plans::count(&lab.device("det"), points)).assert_success();
        assert_eq!(from_json(&folder.read("last.json")).unwrap().as_array().unwrap().len(), documents);
    }
    let run = lab.run(nested(&lab));
    let error = run.exception().unwrap();
    assert_eq!(error.name(), "ValueError");
    assert!(error.to_string().contains("last.json, in which the run "), "{error}");
    lab.with_engine(|engine| engine.unsubscribe(token));

    let nowhere = folder.0.join("absent");
    lab.with_engine(|engine| engine.subscribe(JsonWriter::to_folder(&nowhere).into_callback()));
    let run = lab.run(plans::count(&lab.device("det"), 1));
    let error = run.exception().unwrap();
    assert_eq!(error.name(), "FileNotFoundError");
    assert!(error.to_string().starts_with(&format!("cannot write documents to {}", nowhere.display())), "{error}");
}

#[test]
fn a_callback_that_was_made_safe_ends_no_run_by_an_error_or_a_panic() {
    struct Failing {
        panics: bool,
    }

    impl DocumentRouter for Failing {
        fn stop(&mut self, _: &RunStop) -> Result<(), PlanError> {
            assert!(!self.panics, "out of paper");
            Err(plan_error!("no light"))
        }
    }

    let lab = Harness::new();
    let log = Paper::default();
    lab.with_engine(|engine| {
        for panics in [false, true] {
            engine.subscribe(make_callback_safe(Failing { panics }, log.clone()));
        }
    });
    lab.run(scan(&lab, 2)).assert_success();
    let expected = "a callback failed on a `stop` document, which is ignored: RuntimeError: no light\n\
        a callback failed on a `stop` document, which is ignored: Panic: the callback of a `stop` document \
        panicked: out of paper\n";
    assert_eq!(log.text(), expected);
}
