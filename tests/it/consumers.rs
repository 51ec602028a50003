//! Those who take the documents away: writers of JSON lines, streams, async functions.

#![expect(clippy::unwrap_used, reason = "a test's helper may fail the test")]

use std::io::{self, Write};
use std::path::PathBuf;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use skyspan::callbacks::JsonLinesWriter;
use skyspan::clock::Clock;
use skyspan::engine::{RunEngine, Subscriber};
use skyspan::prelude::*;
use skyspan::value::{from_json, to_json};

/// A folder that is gone when this is dropped.
struct TempFolder(PathBuf);

impl TempFolder {
    fn new() -> Self {
        static NEXT: AtomicUsize = AtomicUsize::new(0);
        let name = format!("consumers-{}-{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
        let path = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name);
        std::fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    /// The files in it, by name, with their lines.
    fn files(&self) -> Vec<(String, Vec<String>)> {
        let mut files: Vec<_> = std::fs::read_dir(&self.0)
            .unwrap()
            .map(|entry| {
                let path = entry.unwrap().path();
                let lines = std::fs::read_to_string(&path).unwrap().lines().map(str::to_owned).collect();
                (path.file_name().unwrap().to_str().unwrap().to_owned(), lines)
            })
            .collect();
        files.sort();
        files
    }
}

impl Drop for TempFolder {
    fn drop(&mut self) {
        // One that stays behind harms nobody.
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// As bluesky's writer has it.
fn line(document: &Document) -> String {
    format!(r#"{{"name": "{}", "doc": {}}}"#, document.name(), to_json(&document.to_map().into()))
}

fn lines(documents: &[Document]) -> Vec<String> {
    documents.iter().map(line).collect()
}

#[test]
fn a_writer_writes_one_document_a_line_and_names_its_file_after_the_first_run() {
    let folder = TempFolder::new();
    let lab = Harness::new();
    let mut writer = JsonLinesWriter::to_folder(&folder.0);
    assert_eq!(writer.path(), None);
    let token = lab.with_engine(|engine| engine.subscribe(move |document| writer.write(document)));
    let first = lab.run(plans::count(&lab.device("det"), 2));
    first.assert_success();
    let second = lab.run(plans::scan(&lab.device("det"), &lab.device("motor"), 0, 1, 2));
    second.assert_success();
    let name = format!("{}.jsonl", first.documents()[0].uid().unwrap().split('-').next().unwrap());
    let expected = [lines(first.documents()), lines(second.documents())].concat();
    assert_eq!(folder.files(), [(name, expected.clone())]);
    assert!(expected.iter().all(|line| from_json(line).is_ok()));

    // A writer for each call gives a file for each.
    lab.with_engine(|engine| engine.unsubscribe(token));
    let mut writer = JsonLinesWriter::to_folder(&folder.0);
    let subscriber = Subscriber::new(move |document| writer.write(document));
    let options = CallOptions { subscribers: vec![(DocumentName::All, subscriber)], ..CallOptions::default() };
    let third = lab.run_with(plans::count(&lab.device("det"), 1), options);
    assert_eq!(folder.files().len(), 2);
    assert!(folder.files().iter().any(|(_, found)| *found == lines(third.documents())));
}

#[test]
fn a_writer_whose_first_document_is_no_start_names_its_file_after_the_day() {
    let folder = TempFolder::new();
    let lab = Harness::new();
    let mut writer = JsonLinesWriter::to_folder(&folder.0);
    lab.with_engine(|engine| engine.subscribe_to(DocumentName::Stop, move |document| writer.write(document)));
    lab.run(plans::count(&lab.device("det"), 1)).assert_success();
    assert_eq!(folder.files()[0].0, "2024-06-18.jsonl");
}

#[test]
fn a_writer_appends_to_a_file_that_is_there() {
    let folder = TempFolder::new();
    let path = folder.0.join("all.jsonl");
    std::fs::write(&path, "first\n").unwrap();
    let lab = Harness::new();
    let mut writer = JsonLinesWriter::to_file(&path);
    assert_eq!(writer.path(), Some(&*path));
    lab.with_engine(|engine| engine.subscribe(move |document| writer.write(document)));
    let run = lab.run(plans::count(&lab.device("det"), 1));
    let mut expected = vec!["first".to_owned()];
    expected.extend(lines(run.documents()));
    assert_eq!(folder.files(), [("all.jsonl".to_owned(), expected)]);
}

/// A disk with room for so many bytes.
struct SmallDisk(usize);

impl Write for SmallDisk {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.0 < bytes.len() {
            return Err(io::Error::new(io::ErrorKind::StorageFull, "no space left"));
        }
        self.0 -= bytes.len();
        Ok(bytes.len())
    }
    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[test]
fn what_cannot_be_written_ends_the_run() {
    let folder = TempFolder::new();
    let nowhere = folder.0.join("nowhere");
    let disk: (fn() -> JsonLinesWriter, _, _) =
        (|| JsonLinesWriter::to(SmallDisk(600)), "OSError", "cannot write documents: no space left".to_owned());
    let run_with = |mut writer: JsonLinesWriter| {
        let lab = Harness::new();
        lab.with_engine(|engine| engine.subscribe(move |document| writer.write(document)));
        let run = lab.run(plans::count(&lab.device("det"), 9));
        let error = run.exception().unwrap();
        (error.name().to_string(), error.to_string())
    };
    assert_eq!(run_with(disk.0()), (disk.1.to_owned(), disk.2));
    let (name, message) = run_with(JsonLinesWriter::to_folder(&nowhere));
    assert_eq!(name, "FileNotFoundError");
    assert!(message.starts_with(&format!("cannot write documents to {}", nowhere.display())), "{message}");
}

/// An engine on a simulated clock, and a detector.
fn engine() -> (Clock, RunEngine, Device) {
    let clock = Clock::simulated();
    let engine = RunEngine::builder(clock.clone()).build();
    (clock, engine, SynSignal::new("det").into())
}

#[test]
fn a_stream_gives_each_document_as_it_is_emitted_and_ends_with_its_subscription() {
    let (clock, mut engine, det) = engine();
    let mut documents = engine.documents(100);
    let token = documents.token();
    assert!(documents.try_next().is_none());
    let (run, names) = clock
        .block_on(async {
            tokio::join!(
                async {
                    let run = engine.run(plans::count(&det, 3).delay_s(10.0)).await.unwrap();
                    engine.unsubscribe(token);
                    engine.run(plans::count(&det, 1)).await.unwrap();
                    run
                },
                async {
                    let mut names = Vec::new();
                    while let Some(document) = documents.next().await {
                        names.push((document.name(), clock.now().unix_ns() / 1_000_000_000 % 100));
                    }
                    names
                }
            )
        })
        .unwrap();
    assert_eq!(run.exit_status, Success);
    // Seconds on the clock, which starts at 56: a document is taken at the time at which it is emitted.
    let expected = [("start", 56), ("descriptor", 56), ("event", 56), ("event", 66), ("event", 76), ("stop", 86)];
    assert_eq!(names, expected);
}

#[test]
fn a_stream_drops_the_oldest_where_nobody_takes_them_and_counts_them() {
    for (capacity, kept, lost) in [(3, 3, 4), (7, 7, 0), (0, 1, 6)] {
        let (clock, mut engine, det) = engine();
        let mut documents = engine.documents(capacity);
        clock.block_on(engine.run(plans::count(&det, 4))).unwrap().unwrap();
        assert_eq!(documents.lost(), lost);
        drop(engine);
        let left: Vec<_> = std::iter::from_fn(|| documents.try_next()).collect();
        assert_eq!(left.len(), kept);
        assert_eq!(left.last().map(Document::name), Some("stop"), "the newest are kept");
        let end = clock.block_on(documents.next()).unwrap();
        assert!(end.is_none(), "and nothing comes when the engine is gone");
    }
}

#[test]
fn a_stream_that_is_dropped_holds_nobody() {
    let (clock, mut engine, det) = engine();
    drop(engine.documents(2));
    let result = clock.block_on(engine.run(plans::count(&det, 4))).unwrap().unwrap();
    assert_eq!(result.exit_status, Success);
}

#[test]
fn an_async_function_gets_the_documents_one_after_another_and_never_holds_the_engine() {
    let (clock, mut engine, det) = engine();
    let start = clock.now();
    let log: Arc<Mutex<Vec<(&str, Duration)>>> = Arc::default();
    let (noted, slow) = (Arc::clone(&log), clock.clone());
    let archive = engine.subscribe_async(100, move |document| {
        let (log, clock) = (Arc::clone(&noted), slow.clone());
        async move {
            clock.sleep(secs(60.0)).await;
            log.lock().unwrap().push((document.name(), clock.now() - start));
        }
    });
    clock
        .block_on(async {
            engine.run(plans::count(&det, 1).delay_s(1.0)).await.unwrap();
            assert!(clock.now() - start < secs(60.0));
            // What it has not begun with is not lost with the engine.
            drop(engine);
            archive.caught_up().await;
        })
        .unwrap();
    let expected = [("start", 60.0), ("descriptor", 120.0), ("event", 180.0), ("stop", 240.0)];
    assert_eq!(*log.lock().unwrap(), expected.map(|(name, time_s)| (name, secs(time_s))));
    assert_eq!((archive.lost(), archive.failure()), (0, None));
}

#[test]
fn an_async_function_that_is_too_slow_loses_the_oldest() {
    let (clock, mut engine, det) = engine();
    let slow = clock.clone();
    let archive = engine.subscribe_async(2, move |_| {
        let clock = slow.clone();
        async move { clock.sleep(secs(1000.0)).await }
    });
    clock.block_on(engine.run(plans::count(&det, 20).delay_s(1.0))).unwrap().unwrap();
    // One it is busy with, two are kept.
    assert_eq!(archive.lost(), 23 - 3);
}

#[test]
fn an_async_function_that_fails_or_panics_ends_the_run_at_the_next_document() {
    for panics in [false, true] {
        let (clock, mut engine, det) = engine();
        let archive = engine.subscribe_async(100, move |document| async move {
            assert!(!panics || document.name() != "event", "the disk is on fire");
            if document.name() == "event" { Err(plan_error!("the disk is full")) } else { Ok(()) }
        });
        let result = clock.block_on(engine.run(plans::count(&det, 3).delay_s(1.0))).unwrap().unwrap();
        let error = result.exception.unwrap();
        let expected = if panics { "an async callback panicked: the disk is on fire" } else { "the disk is full" };
        assert_eq!((result.exit_status, &*error.to_string()), (Fail, expected));
        assert_eq!(archive.failure(), None, "the engine was told");
        // It gets no more, and the engine is as good as before.
        let result = clock.block_on(engine.run(plans::count(&det, 3))).unwrap().unwrap();
        assert_eq!(result.exit_status, Success);
        clock.block_on(archive.caught_up()).unwrap();
    }
}

#[test]
fn an_async_function_does_not_keep_the_clock_alive() {
    let (clock, mut engine, det) = engine();
    let (owned, kept) = (clock.clone(), Arc::new(()));
    let alive = Arc::downgrade(&kept);
    let archive = engine.subscribe_async(10, move |_| {
        let (clock, kept) = (owned.clone(), Arc::clone(&kept));
        async move {
            clock.sleep(secs(5.0)).await;
            drop(kept);
        }
    });
    clock.block_on(engine.run(plans::count(&det, 1))).unwrap().unwrap();
    drop((archive, engine));
    assert!(alive.upgrade().is_none());
}
