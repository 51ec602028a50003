//! `skyspan list` and `skyspan schema`: the vocabulary of plan files.

use std::io;

use crate::arguments::{List, Schema, SchemaOf, Words};
use crate::command::{CommandError, print};
use clap::ValueEnum as _;
use skyspan::program::Vocabulary;
use skyspan::value::{Map, Value, to_json_indented};

/// Prints what plan files know.
pub(crate) fn list(wanted: &List) -> Result<(), CommandError> {
    let words = wanted.words.map_or_else(|| Words::value_variants().to_vec(), |words| vec![words]);
    print(|out| if wanted.json { as_json(&words, out) } else { as_text(&words, out) })
}

fn as_text(words: &[Words], out: &mut dyn io::Write) -> io::Result<()> {
    for (at, kind) in words.iter().enumerate() {
        if at > 0 {
            writeln!(out)?;
        }
        if words.len() > 1 {
            writeln!(out, "{}\n", name(*kind))?;
        }
        write!(out, "{}", Vocabulary::from(*kind))?;
    }
    Ok(())
}

fn as_json(words: &[Words], out: &mut dyn io::Write) -> io::Result<()> {
    let mut all = Map::from_iter([("version", 1)]);
    for kind in words {
        all.insert(name(*kind), Vocabulary::from(*kind).to_value());
    }
    writeln!(out, "{}", to_json_indented(&Value::from(all), 2))
}

/// As the command line calls them.
fn name(words: Words) -> String {
    words.to_possible_value().map(|value| value.get_name().to_owned()).unwrap_or_default()
}

/// Prints the JSON Schema of plan files, or of check files.
pub(crate) fn schema(wanted: &Schema) -> Result<(), CommandError> {
    let schema = match wanted.of {
        SchemaOf::Plan => Vocabulary::schema(),
        SchemaOf::Check => skyspan::check::schema(),
    };
    print(|out| writeln!(out, "{}", to_json_indented(&schema, 2)))
}
