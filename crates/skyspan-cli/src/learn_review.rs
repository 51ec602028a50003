//! `skyspan learn --review`: asks for each rule whether it is wanted.

use std::collections::BTreeSet;
use std::io::{self, Write as _};

use skyspan::check::{Learned, LearnedRule};

use crate::command::{CommandError, errors};

/// What somebody wants of what was learned.
pub(crate) struct Reviewed {
    pub(crate) learned: Learned,
    /// The names of rules that are not wanted.
    pub(crate) refused: Vec<String>,
}

/// The answer to the question whether a rule is kept.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Answer {
    Keep,
    Refuse,
    KeepTheRest,
    LeaveTheRest,
    Quit,
}

const WORDS: &str = "y keeps the rule, n leaves it out for good, a keeps it and all others, d is done: leaves it and the others \
                     out for now, q quits and writes nothing";

/// Asks on standard error, reads from standard input. Where there are no more answers, the other rules are left out for now.
pub(crate) fn review(learned: Learned) -> Result<Reviewed, CommandError> {
    let (mut wanted, mut refused): (BTreeSet<String>, Vec<String>) = (BTreeSet::new(), Vec::new());
    let mut answers = io::stdin().lock();
    let number = learned.rules().len();
    let mut keeps_the_rest = false;
    for (at, rule) in learned.rules().iter().enumerate() {
        let answer = if keeps_the_rest { Answer::Keep } else { ask(rule, at + 1, number, &mut answers)? };
        match answer {
            Answer::Keep => _ = wanted.insert(rule.name.to_string()),
            Answer::Refuse => refused.push(rule.name.to_string()),
            Answer::KeepTheRest => {
                keeps_the_rest = true;
                wanted.insert(rule.name.to_string());
            }
            Answer::LeaveTheRest => break,
            Answer::Quit => return Err(CommandError::ReviewQuit),
        }
    }
    Ok(Reviewed { learned: learned.only(|rule| wanted.contains(&*rule.name)), refused })
}

fn ask(rule: &LearnedRule, nth: usize, of: usize, answers: &mut impl io::BufRead) -> Result<Answer, CommandError> {
    let support = rule.support;
    tell(&format!("\n{}", rule.text));
    loop {
        tell(&format!(
            "rule {nth} of {of}, in {} of {}, notices {}; keep it? [Y/n/a/d/q/?] ",
            support.holds, support.of, rule.noticed
        ));
        let mut line = String::new();
        let read = answers.read_line(&mut line);
        if read.map_err(|error| CommandError::Read { what: "standard input".to_owned(), error })? == 0 {
            tell("\n");
            return Ok(Answer::LeaveTheRest);
        }
        match line.trim().to_ascii_lowercase().as_str() {
            "" | "y" | "yes" => return Ok(Answer::Keep),
            "n" | "no" => return Ok(Answer::Refuse),
            "a" | "all" => return Ok(Answer::KeepTheRest),
            "d" | "done" => return Ok(Answer::LeaveTheRest),
            "q" | "quit" => return Ok(Answer::Quit),
            _ => tell(&format!("{WORDS}\n")),
        }
    }
}

/// Where nobody listens, that is all the same.
fn tell(text: &str) {
    let mut out = errors();
    let _ = write!(out, "{text}").and_then(|()| out.flush());
}
