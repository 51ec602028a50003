//! Plan files.

use skyspan::prelude::*;
use skyspan::program::Program;
use skyspan::value::yaml::YamlError;

use crate::lines::{assert_within, is_at};

/// The longest call that is run, in messages and in time on the simulated clock.
const MESSAGES_MAX: usize = 300;
const TIME_MAX_S: f64 = 30.0;

/// The text is a plan file, or an error is within it. What can be made of it is made, or an error is within it, too. A small
/// file is run, and afterwards the engine is idle and its trace holds together.
///
/// # Panics
///
/// If one of these does not hold.
pub fn plan_file(bytes: &[u8]) {
    let file = match Program::read_from(bytes) {
        Ok(file) => file,
        Err(error) => return is_within(&error, &String::from_utf8_lossy(bytes)),
    };
    let text = String::from_utf8_lossy(bytes);
    let lab = Harness::builder()
        .resource(file.resource.clone())
        .md(file.engine.md.clone())
        .record_interruptions(file.engine.record_interruptions)
        .build();
    lab.with_engine(|engine| engine.ignore_callback_errors(file.engine.ignore_callback_exceptions));
    let program = match lab.prepare(&file) {
        Ok(program) => program,
        Err(error) => return is_within(&error, &text),
    };
    assert_eq!(program.items().len(), file.items.len());
    if !is_short(&text) {
        return;
    }
    for item in program.items().iter().take(8) {
        lab.at_message(MESSAGES_MAX).halt();
        lab.at(secs(TIME_MAX_S)).halt();
        let outcome = item.run(&lab);
        assert!(outcome.is_success() || outcome.error().is_some() || outcome.call().is_some());
        assert_eq!(lab.state(), RunEngineState::Idle, "{:?}", outcome.error());
    }
    let trace = lab.trace();
    assert_eq!(trace.tree_text().to_string().lines().count(), trace.len());
    for run in trace.named("Bluesky RunEngine run") {
        assert!(run.end().is_some(), "a run span that never ended: {run:?}");
    }
}

fn is_within(error: &YamlError, text: &str) {
    assert!(!error.to_string().is_empty());
    let Some(position) = error.position else { panic!("nobody says where: {error}") };
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    // For YAML a carriage return alone ends a line as well, and that is how it counts.
    let is_alone = |(at, _): &(usize, &str)| !text[at + 1..].starts_with('\n');
    if text.match_indices('\r').any(|found| is_alone(&found)) {
        let as_lines = text.replace("\r\n", "\n").replace('\r', "\n");
        assert!(is_at(position, text) || is_at(position, &as_lines), "{error} is not in the file");
        return;
    }
    assert_within(position, text);
}

/// Whether a file cannot take long, nor fill the memory: all its numbers are small, and few things in it are repeated.
fn is_short(text: &str) -> bool {
    let numbers =
        text.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| word.contains(|c: char| c.is_ascii_digit()));
    let is_small = |word: &str| {
        let digits: String = word.chars().filter(char::is_ascii_digit).collect();
        digits.parse::<u32>().is_ok_and(|number| number <= 30) && digits.len() <= 3
    };
    numbers.clone().all(is_small) && numbers.count() <= 100 && text.matches("repeat").count() <= 2
}
