//! Traces are read as they are met: files of many producers, and what each gives.

use std::fs;
use std::path::{Path, PathBuf};

use skyspan_trace::trace::Trace;

/// Where the files are, whose README says who wrote each.
fn fixtures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/formats")
}

#[test]
fn show() {
    let mut paths: Vec<_> = fs::read_dir(fixtures()).unwrap().map(|e| e.unwrap().path()).collect();
    paths.sort();
    for path in paths {
        println!("== {}", path.file_name().unwrap().to_str().unwrap());
        match skyspan_trace::trace::ReadOptions::new().read(&path) {
            Err(error) => println!("ERROR {error}"),
            Ok(reading) => {
                println!("{:?} {:?}", reading.formats, reading.warnings());
                print!("{}", reading.trace.draw());
                for d in reading.trace.defects() { println!("# {d}"); }
                let _: &Trace = &reading.trace;
            }
        }
    }
}
