//! Every name of bluesky and ophyd that a user knows has its row in the documentation.

use std::collections::BTreeSet;

/// Those of whole modules, which `record.py` lists; and those of ophyd and ophyd-async that have a counterpart, which were chosen by hand.
const NAMES: [&str; 2] =
    [include_str!("../../fixtures/bluesky/names.txt"), include_str!("../../fixtures/bluesky/names_of_devices.txt")];
const TABLE: &str = include_str!("../../src/names.md");

/// The rows of the tables: module, name, and the other cells.
fn rows() -> Vec<(String, String, Vec<String>)> {
    let (mut module, mut rows) = (String::new(), Vec::new());
    for line in TABLE.lines() {
        if let Some(title) = line.strip_prefix("## ") {
            module = title.trim_matches('`').to_owned();
        } else if let Some(row) = line.strip_prefix("| `") {
            let cells: Vec<&str> = row.split('|').map(str::trim).collect();
            let others = cells[1..3].iter().map(|cell| (*cell).to_owned()).collect();
            rows.push((module.clone(), cells[0].trim_matches('`').to_owned(), others));
        }
    }
    rows
}

#[test]
fn every_name_of_bluesky_is_in_the_table_and_no_other() {
    let wanted: BTreeSet<(String, String)> = NAMES
        .iter()
        .flat_map(|names| names.lines())
        .filter_map(|line| line.split_once(' '))
        .map(|(module, name)| (module.into(), name.into()))
        .collect();
    assert!(wanted.len() > 200, "{}", wanted.len());
    let all = rows();
    let found: BTreeSet<(String, String)> =
        all.iter().map(|(module, name, _)| (module.clone(), name.clone())).collect();
    assert_eq!(found.len(), all.len(), "a name stands there twice");
    assert_eq!(wanted.difference(&found).collect::<Vec<_>>(), Vec::<&(String, String)>::new(), "missing");
    assert_eq!(found.difference(&wanted).collect::<Vec<_>>(), Vec::<&(String, String)>::new(), "of no module");
}

#[test]
fn what_has_no_counterpart_says_why() {
    for (module, name, others) in rows() {
        assert!(others.iter().any(|cell| !cell.is_empty()), "{module}.{name}");
    }
}
