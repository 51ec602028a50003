//! `skyspan fuzz`.

use std::io::{self, Write as _};
use std::time::Duration;

use crate::arguments::Fuzz;
use crate::command::{CommandError, Ended, errors, print};
use crate::fuzz_progress;
use crate::recording::{failed, make_folder};
use skyspan::clock::Clock;
use skyspan::property::{
    Campaign, CampaignEnd, CampaignLimits, CampaignProgress, CampaignResult, Law, choose_laws, laws,
};
use skyspan_trace::internal::grouped;

/// How many cases there are where neither their number nor a time is given.
const CASES: u64 = 10_000;
/// The exit code of a process that Ctrl-C has ended, as shells have it.
const ENDED_BY_CTRL_C: i32 = 130;

/// Goes through the cases of a campaign, and prints what came of it.
pub(crate) fn fuzz(wanted: &Fuzz) -> Result<Ended, CommandError> {
    let progress = CampaignProgress::new();
    stop_at_ctrl_c(&progress);
    let known = laws::all();
    if wanted.list_laws {
        return print(|out| list_laws(&known, out)).map(|()| Ended::Well);
    }
    let mut campaign = Campaign::new(wanted.seed, choose_laws(&known, &wanted.laws)?);
    if let Some(length) = wanted.length {
        campaign = campaign.up_to(length.into());
    }
    if wanted.shuffled_moments {
        campaign = campaign.shuffled_moments();
    }
    if let Some(folder) = &wanted.out {
        // A search may take hours; it would be a pity if there was no room for what it finds.
        make_folder(folder)?;
    }
    let (limits, clock) = (limits_of(wanted), Clock::real());
    let threads = limits.threads();
    say(&format!("examining cases of seed {} on {}", wanted.seed, count(threads as u64, "thread")));
    let start = clock.now();
    let bar = fuzz_progress::show(&progress, limits.count());
    let result = campaign.run_watched(&limits, &progress);
    bar.clear();
    say(&speed(&progress, clock.now() - start));
    print(|out| write!(out, "{result}"))?;
    if let Some(folder) = &wanted.out {
        let written = result.write_counterexample(folder);
        for path in written.map_err(|(path, error)| failed(&path)(error))? {
            say(&format!("wrote {}", path.display()));
        }
    }
    Ok(ended(&result, limits.count()))
}

fn limits_of(wanted: &Fuzz) -> CampaignLimits {
    let limits = match (wanted.case, wanted.cases, wanted.seconds) {
        (Some(number), ..) => CampaignLimits::case(number),
        (None, Some(cases), _) => CampaignLimits::cases(cases),
        (None, None, Some(_)) => CampaignLimits::endless(),
        (None, None, None) => CampaignLimits::cases(CASES),
    };
    let limits = limits.shard(wanted.shard);
    let limits = wanted.seconds.into_iter().fold(limits, CampaignLimits::within);
    wanted.jobs.into_iter().fold(limits, |limits, jobs| limits.jobs(jobs.into()))
}

/// Reports how the search ended, where that is not what the command line asks for.
fn ended(result: &CampaignResult, cases: Option<u64>) -> Ended {
    match result.end {
        CampaignEnd::Found => Ended::NotWell,
        CampaignEnd::Stopped => {
            say("stopped by Ctrl-C; the laws hold for the cases until then");
            Ended::ByCtrlC
        }
        CampaignEnd::TimeIsUp => {
            // Without a number of cases the time is the end that was wanted.
            if let Some(cases) = cases {
                say(&format!("the time is up after {} of {}", grouped(result.coverage.cases), count(cases, "case")));
            }
            Ended::Well
        }
        // What is not known here has found nothing.
        _ => Ended::Well,
    }
}

/// How fast it was: not part of the result, for it is another every time.
fn speed(progress: &CampaignProgress, time: Duration) -> String {
    let seconds = time.as_secs_f64();
    let (cases, messages) = (progress.cases(), progress.messages());
    format!(
        "{} in {seconds:.1} s: {} cases and {} messages a second",
        count(cases, "case"),
        grouped(rate(cases, seconds)),
        grouped(rate(messages, seconds))
    )
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a rate for people, which is never negative"
)]
pub(crate) fn rate(number: u64, seconds: f64) -> u64 {
    if seconds > 0.0 { (number as f64 / seconds) as u64 } else { 0 }
}

fn count(number: u64, what: &str) -> String {
    format!("{} {what}{}", grouped(number), if number == 1 { "" } else { "s" })
}

/// Ctrl-C ends the search with what was done so far; pressed again, the process.
fn stop_at_ctrl_c(progress: &CampaignProgress) {
    let progress = progress.clone();
    let handler = move || {
        if progress.is_stopped() {
            std::process::exit(ENDED_BY_CTRL_C);
        }
        progress.stop();
        say("stopping after the cases that are under way; to end at once, press Ctrl-C again");
    };
    match ctrlc::try_set_handler(handler) {
        // Whoever started the process in the background has decided that it does not hear of Ctrl-C.
        Ok(()) | Err(ctrlc::Error::MultipleHandlers) => {}
        Err(error) => say(&format!("Ctrl-C will end the search without a summary: {error}")),
    }
}

fn say(what: &str) {
    // Who does not read it has the result all the same.
    let _ = writeln!(errors(), "skyspan: {what}");
}

/// Prints the laws: what each says, where its rule comes from, and how a command line names it.
fn list_laws(laws: &Law, out: &mut dyn io::Write) -> io::Result<()> {
    for (at, law) in laws.parts().iter().enumerate() {
        if at > 0 {
            writeln!(out)?;
        }
        writeln!(out, "{}", law.name())?;
        let rule = law.rule();
        let rule = if rule.is_empty() { String::new() } else { format!("rule: {rule}") };
        let details = [law.sentence().to_string(), rule, format!("--laws {}", law.slug())];
        for line in details.iter().filter(|line| !line.is_empty()) {
            writeln!(out, "    {line}")?;
        }
    }
    Ok(())
}
