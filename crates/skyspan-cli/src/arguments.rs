//! The arguments of the command line.

use std::net::{IpAddr, Ipv4Addr, SocketAddr, ToSocketAddrs as _};
use std::path::PathBuf;
use std::time::Duration;

use clap::{Parser, Subcommand, ValueEnum};

use skyspan::engine::{Limits, SpanConvention};
use skyspan::program::Vocabulary;
use skyspan::property::Shard;

use crate::bless::Bless;
use crate::check::Check;
use crate::diff::Diff;
use crate::learn::Learn;
use crate::lint::Lint;
use crate::receive::Receive;
use crate::record::Record;
use crate::report::Report;
use crate::stats::Stats;
use crate::time_text::time;
use crate::torture::TortureWish;
use crate::trace_changes::TraceChanges;
use crate::twin::Twin;

/// Tests experiment plans and their traces: runs plan files on simulated hardware, draws and converts traces.
#[derive(Debug, Parser)]
#[command(name = "skyspan", version, about)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Runs a plan file on simulated hardware.
    ///
    /// Exit code 0 where every item ended with success, 1 where one did not, 2 for a bad command line or plan file, 3 where the
    /// machine fails (a full disk, no permission), 130 where Ctrl-C has ended a run in real time before its last item, 143 where SIGTERM has. What was
    /// recorded until then is written.
    #[command(after_help = examples::RUN)]
    Run(Run),
    /// Draws a trace as a tree: what failed and when, how long it took, when nothing happened.
    #[command(after_help = examples::TREE)]
    Tree(Tree),
    /// Asks a trace a question in TraceQL, the query language of Grafana Tempo.
    ///
    /// A query asks within each trace id. The answer is a table of spans, or of numbers over time.
    ///
    /// Exit code 0 where it is answered, also by nothing, 2 for a bad command line, trace or query.
    #[command(after_help = examples::QUERY)]
    Query(Query),
    /// Makes one HTML page of traces, or of what comes of plan files: a timeline to zoom and search, what went wrong, what held each
    /// wait, statistics, every attribute. It is opened from disk, and asks nothing of any network.
    ///
    /// Exit code 0 where it is written, also for a plan that fails, 2 for a bad command line, trace or plan file, 3 where the machine
    /// fails.
    #[command(after_help = examples::REPORT)]
    Report(Report),
    /// Holds traces and plans against check files, which say in YAML what they must be.
    ///
    /// A plan file is run first, on simulated hardware; what it says itself, by `expect`, is held against what it leaves, too. A command
    /// behind `--` is run, and the spans that it sends are received.
    ///
    /// Exit code 0 where all holds, 1 where something does not, 2 for a bad command line, trace, plan or check file.
    #[command(after_help = examples::CHECK)]
    Check(Check),
    /// Writes the check file that describes a trace, or what a plan leaves, on standard output, and says on standard error how much it
    /// would notice.
    #[command(after_help = examples::BLESS)]
    Bless(Bless),
    /// Writes the check file that good traces have in common, with what it would notice and what it would not.
    ///
    /// The file stands on standard output, or is put into the one of --into. On standard error stands how many mutants of the traces its
    /// rules notice, by kind, and what they would not notice, each with the line that would.
    ///
    /// Exit code 0 where it is written, 1 where --review is quit, 2 for a bad command line, trace, plan or check file, 3 where the machine
    /// fails.
    #[command(after_help = examples::LEARN)]
    Learn(Learn),
    /// Names the rules of OpenTelemetry and bluesky that a trace breaks.
    ///
    /// Exit code 0 where none is broken that is bad enough, 1 where one is, 2 for a bad command line or trace.
    #[command(after_help = examples::LINT)]
    Lint(Lint),
    /// Reports where the time of a trace or a plan goes: by span and device, section and run, and who held each wait.
    ///
    /// `alone` is for how long no other status of the group was under way; `else by` is the device that would have held most of the waits
    /// otherwise.
    ///
    /// Exit code 0 where it is reported, 1 where a plan does not end with success or takes longer than --max-duration, 2 for a bad command
    /// line, trace or plan file.
    #[command(after_help = examples::STATS)]
    Stats(Stats),
    /// Makes the twin of a recording: a plan file that does what was done, on simulated devices that take as long as the real ones took.
    ///
    /// The messages that left spans are in it as they were; those that left none are inferred from documents and statuses, and marked so.
    /// Velocities, exposures, latencies and the like are fitted to how long statuses took, each with its error; what could not be told is
    /// said. The twin is run, and held against the night: `!` stands where it is not as long to within the stated error.
    ///
    /// Exit code 0 where it is written and as long as the night to within the stated error, 1 where it is not as long, 2 for a bad command
    /// line, trace or file of documents, and for a trace without spans of a RunEngine, 3 where the machine fails.
    #[command(after_help = examples::TWIN)]
    Twin(Twin),
    /// Reports what differs between two traces, plans, or several recordings of either: structure, attributes, and times.
    ///
    /// Times are compared by name and device, each span by what it took by itself, so that a motor that is slower is named, and not what
    /// waits for it. Of several recordings a side, p is how likely the difference is by chance (a rank test, corrected for many groups).
    /// In the drawing, + is new, - is gone, ~ has changed.
    ///
    /// Exit code 0 where nothing differs by more than is allowed, 1 where something does, 2 for a bad command line, trace or plan file.
    #[command(after_help = examples::DIFF)]
    Diff(Diff),
    /// Reads a trace in any format, and writes it in another.
    #[command(after_help = examples::CONVERT)]
    Convert(Convert),
    /// Takes OTLP from live programs until Ctrl-C, and writes the trace of their spans.
    ///
    /// Each port takes OTLP over HTTP (protobuf and JSON) and over gRPC. Programs find it by the variable
    /// OTEL_EXPORTER_OTLP_ENDPOINT; what they do by themselves is to send to this machine, port 4318 or 4317.
    ///
    /// Exit code 0 where spans have come and are written, 2 for a bad command line, a port that another program has, or where no span
    /// has come, 3 where the machine fails.
    #[command(after_help = examples::RECEIVE)]
    Receive(Receive),
    /// Runs a program, and writes the trace of the spans that it sends.
    ///
    /// The program has the variables OTEL_EXPORTER_OTLP_ENDPOINT, OTEL_TRACES_EXPORTER and the like, by which any OpenTelemetry SDK
    /// sends its spans here, all of them and often. What is late is waited for.
    ///
    /// The exit code is that of the program, or 128 and the number of the signal that has ended it; where it is 0, and no span has
    /// come or the trace cannot be written, 2 or 3.
    #[command(after_help = examples::RECORD)]
    Record(Record),
    /// Prints what plan files know: plans, plan stubs, preprocessors, classes of devices and suspenders, each with what it takes.
    #[command(after_help = examples::LIST)]
    List(List),
    /// Prints the JSON Schema of plan files or check files, for editors and for checks of many files.
    #[command(after_help = examples::SCHEMA)]
    Schema(Schema),
    /// Runs a plan file once for each of its messages and each thing that can happen there, and tells what is left where.
    ///
    /// What can happen: 0 pause (and resume), 1 suspend, 2 abort, 3 stop, 4 halt, 5 fails, 6 hangs, 7 late (what the message asks of
    /// its device), 8 callback (a subscriber fails), 9 lost (the device, for good). No assertion is needed: each run is compared with
    /// the undisturbed one. A letter is something that is left: a device that is not where it was though the undisturbed run brings it
    /// back there, a run that is not closed, data that are lost. A case is the number of its message with the digit of its column.
    ///
    /// Exit code 0 where nothing is left and nothing hangs, 1 where something is or does, 2 for a bad command line or plan file.
    #[command(after_help = examples::TORTURE)]
    Torture(TortureWish),
    /// Searches for a plan that breaks a law of the engine: runs generated plans, with faults and interruptions, one case
    /// after another, and gives the shortest plan that breaks one.
    ///
    /// A case depends on nothing but the seed and its number, 0, 1, 2 and so on, so a search is the same on any machine, on any
    /// number of threads, and may be shared out by --shard.
    ///
    /// Exit code 0 where the laws hold for all cases, 1 where one does not, 2 for a bad command line, 130 where Ctrl-C has
    /// ended the search before its time.
    #[command(after_help = examples::FUZZ)]
    Fuzz(Fuzz),
    /// Prints what makes a shell complete the command line.
    #[command(after_help = examples::COMPLETIONS)]
    Completions(Completions),
    /// Prints the page of the manual, or writes a page for each command into a folder.
    #[command(after_help = examples::MAN)]
    Man(Man),
}

/// What a command line of each command may look like, at the end of its help.
mod examples {
    pub(super) const STATS: &str = "Examples:\n  skyspan stats spans.json\n  skyspan stats plan.yaml\n  skyspan stats tomorrow.yaml --devices twin.yaml";
    pub(super) const TWIN: &str = "Examples:\n  skyspan twin spans.json documents.jsonl -o twin.yaml\n  skyspan twin monday tuesday wednesday -o twin.yaml";
    pub(super) const DIFF: &str = "Examples:\n  skyspan diff monday.json friday.json\n  skyspan diff monday.json friday.json --report changes.html";
    pub(super) const REPORT: &str = "Examples:\n  skyspan report spans.json -o report.html\n  skyspan report plan.yaml -o report.html\n  skyspan report monday.json friday.json -o week.html";
    pub(super) const CHECK: &str = "Examples:\n  skyspan check plan.yaml --expect plan.check.yaml\n  skyspan check spans.json --expect nightly.check.yaml";
    pub(super) const LEARN: &str =
        "Examples:\n  skyspan learn good/*.json > app.check.yaml\n  skyspan learn good --into app.check.yaml --review";
    pub(super) const BLESS: &str = "Examples:\n  skyspan bless spans.json > spans.check.yaml";
    pub(super) const LINT: &str = "Examples:\n  skyspan lint spans.json";
    pub(super) const RECEIVE: &str = "Examples:\n  skyspan receive -o spans.json";
    pub(super) const RECORD: &str = "Examples:\n  skyspan record -o spans.json -- python my_plan.py";
    pub(super) const RUN: &str = "Examples:\n  skyspan run plan.yaml\n  skyspan run plan.yaml --table --seed 7\n  skyspan run plan.yaml --estimate\n  skyspan run plan.yaml --out recorded --convention nested\n  skyspan run plan.yaml | skyspan query - '{ duration > 1s }'";
    pub(super) const TREE: &str = "Examples:\n  skyspan tree spans.json\n  skyspan tree spans.json --errors\n  skyspan tree spans.json --device stage --slower 1s\n  skyspan tree spans.json --run 2 --since 10min --until 12min\n  skyspan tree spans.json --text > expected.txt";
    pub(super) const QUERY: &str = "Examples:\n  skyspan query spans.json '{ name = \"Bluesky RunEngine wait\" && duration > 1s }'\n  skyspan query spans.json '{ status = error }' --ids\n  skyspan query spans.json '{} | rate()' --step 10 --json";
    pub(super) const CONVERT: &str = "Examples:\n  skyspan convert spans.json --to otlp > otlp.json\n  skyspan convert spans.json.gz --to perfetto > perfetto.json\n  skyspan convert spans.json --to jaeger --group-by run --redact";
    pub(super) const LIST: &str = "Examples:\n  skyspan list plans\n  skyspan list devices --json";
    pub(super) const SCHEMA: &str = "Examples:\n  skyspan schema > plan-file.schema.json";
    pub(super) const FUZZ: &str = "Examples:\n  skyspan fuzz\n  skyspan fuzz --seconds 600 --jobs 8 --out found\n  skyspan fuzz --cases 100000 --shard 1/4\n  skyspan fuzz --seed 3 --case 1717";
    pub(super) const TORTURE: &str = "Examples:\n  skyspan torture plan.yaml\n  skyspan torture plan.yaml --strict --home shutter=Closed\n  skyspan torture plan.yaml --case 172\n  skyspan torture plan.yaml --keep 172 -o left_open.yaml";
    pub(super) const COMPLETIONS: &str = "Examples:\n  skyspan completions bash > ~/.local/share/bash-completion/completions/skyspan\n  skyspan completions fish > ~/.config/fish/completions/skyspan.fish";
    pub(super) const MAN: &str = "Examples:\n  skyspan man > skyspan.1\n  skyspan man ~/.local/share/man/man1";
}

#[derive(Debug, clap::Args)]
pub(crate) struct Completions {
    /// The shell that is to complete words.
    #[arg(value_enum)]
    pub(crate) shell: clap_complete::Shell,
}

#[derive(Debug, clap::Args)]
pub(crate) struct Man {
    /// The folder, which is there.
    pub(crate) dir: Option<PathBuf>,
}

#[derive(Debug, clap::Args)]
pub(crate) struct Run {
    /// The plan file (YAML), or `-` for standard input.
    pub(crate) plan_file: PathBuf,
    /// Writes spans.json, documents.jsonl, messages.jsonl and outcomes.json into this folder.
    #[arg(long, value_name = "DIR")]
    pub(crate) out: Option<PathBuf>,
    /// Prints the best-effort table on standard output, while the plan runs: the runs, their baselines, and what the
    /// plans and the devices hint at. Times are UTC.
    #[arg(long)]
    pub(crate) table: bool,
    /// How the spans are printed on standard output, after the table if there is one [default: tree at a terminal, console
    /// elsewhere; with --table: none].
    #[arg(long, value_enum)]
    pub(crate) spans: Option<Spans>,
    /// Which spans the engine leaves.
    #[arg(long, value_enum, default_value_t = Convention::Bluesky)]
    pub(crate) convention: Convention,
    /// The seed of all chance: ids, uids, names of groups, noise.
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub(crate) seed: u64,
    /// Runs in real time instead of on the simulated clock. Ctrl-C pauses: at the next checkpoint, and at once if it is
    /// pressed again within 10 seconds.
    #[arg(long)]
    pub(crate) real_time: bool,
    /// Ends a plan that goes on for more than N of this: messages, simulated_seconds, spans or kept_bytes; `none` for no
    /// limit. Goes before `engine: {limits: ...}` of the plan file; may be said for each.
    ///
    /// Unless it is said: 10,000,000 messages, 315,360,000 simulated_seconds, 5,000,000 spans, 2,147,483,648 kept_bytes.
    #[arg(long = "limit", value_name = "NAME=N", value_parser = limit)]
    pub(crate) limits: Vec<(String, Option<u64>)>,
    /// Reads a plan file of at most so many bytes; `k`, `M` and `G` stand for powers of 1000 [default: 32 MiB]. A plan file takes
    /// some fifty times its size in memory.
    #[arg(long, value_name = "BYTES", value_parser = bytes)]
    pub(crate) max_size: Option<u64>,
    /// Prints how long it takes on the simulated clock, where the time goes and how much it writes, in place of the spans.
    #[arg(long, conflicts_with_all = ["real_time", "out", "spans"])]
    pub(crate) estimate: bool,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq, ValueEnum)]
pub(crate) enum Spans {
    /// JSON, as Python's console exporter prints it.
    Console,
    /// A tree for people.
    Tree,
    /// Prints no spans, and keeps none unless `--out` wants them.
    None,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq, ValueEnum)]
pub(crate) enum Convention {
    /// The spans that bluesky documents.
    Bluesky,
    /// All spans of a run under the span of the run, and more of them.
    Nested,
}

impl From<Convention> for SpanConvention {
    fn from(convention: Convention) -> Self {
        match convention {
            Convention::Bluesky => Self::Bluesky,
            Convention::Nested => Self::Nested,
        }
    }
}

#[derive(Debug, clap::Args)]
pub(crate) struct Tree {
    #[command(flatten)]
    pub(crate) trace: TraceSource,
    /// Shows all attributes, not only the ones that say most.
    #[arg(long)]
    pub(crate) all: bool,
    /// Prints every span with every digit, as a text that assert_tree! and check files take.
    #[arg(long, conflicts_with_all = ["width", "exact", "unfold", "errors", "run", "depth", "device", "slower", "since", "until"])]
    pub(crate) text: bool,
    #[command(flatten)]
    pub(crate) drawing: DrawingOptions,
}

/// How a tree is drawn.
#[derive(Debug, Default, clap::Args)]
#[command(next_help_heading = "Drawing")]
pub(crate) struct DrawingOptions {
    /// Draws what repeats as often as it is there.
    #[arg(long)]
    pub(crate) unfold: bool,
    /// Draws all digits of times.
    #[arg(long)]
    pub(crate) exact: bool,
    /// Draws the spans alone that failed, and those that lead to them.
    #[arg(long)]
    pub(crate) errors: bool,
    /// Draws one run of bluesky alone, by its number: 1 is the one that started first.
    #[arg(long, value_name = "N")]
    pub(crate) run: Option<usize>,
    /// Draws so many levels; what is below is counted.
    #[arg(long, value_name = "LEVELS", value_parser = levels)]
    pub(crate) depth: Option<usize>,
    /// Draws the spans about this device alone, and those that lead to them.
    #[arg(long, value_name = "NAME")]
    pub(crate) device: Option<String>,
    /// Draws the spans alone that take at least so long: `1s`, `500ms`, `2min`.
    #[arg(long, value_name = "TIME", value_parser = time)]
    pub(crate) slower: Option<Duration>,
    /// Draws the spans alone that were under way so long after the first start, or later.
    #[arg(long, value_name = "TIME", value_parser = time)]
    pub(crate) since: Option<Duration>,
    /// Draws the spans alone that had started so long after the first start.
    #[arg(long, value_name = "TIME", value_parser = time)]
    pub(crate) until: Option<Duration>,
    /// Draws lines of at most so many columns [default: those of the terminal, or what COLUMNS says, or 120].
    #[arg(long, value_name = "COLUMNS", value_parser = clap::value_parser!(u16).range(20..))]
    pub(crate) width: Option<u16>,
    /// Writes at a terminal, too, what is longer than it without a pager.
    #[arg(long)]
    pub(crate) no_pager: bool,
}

#[derive(Debug, clap::Args)]
pub(crate) struct Query {
    #[command(flatten)]
    pub(crate) trace: TraceSource,
    /// The query, for example '{ name = "Bluesky RunEngine wait" && duration > 1s } | count() > 3'.
    #[arg(value_name = "TRACEQL")]
    pub(crate) query: String,
    /// Prints the ids alone: a line for each span, with the id of its trace and its own.
    #[arg(long, conflicts_with = "json")]
    pub(crate) ids: bool,
    /// Prints JSON, in the form of Tempo's answers.
    #[arg(long)]
    pub(crate) json: bool,
    /// The step of numbers over time, in seconds [default: about a sixtieth of the time of the trace].
    #[arg(long, value_name = "S", value_parser = duration)]
    pub(crate) step: Option<Duration>,
}

#[derive(Debug, clap::Args)]
pub(crate) struct Convert {
    #[command(flatten)]
    pub(crate) trace: TraceSource,
    /// The format to write.
    #[arg(long, value_enum)]
    pub(crate) to: Format,
}

/// Where a trace comes from, how it is read, and what becomes of it before anything is done with it.
#[derive(Debug, clap::Args)]
pub(crate) struct TraceSource {
    /// The trace: a file in any format that skyspan reads, compressed or not, or `-` for standard input; or the address of one in a
    /// store, tempo+http://HOST:3200/TRACEID or jaeger+http://HOST:16686/TRACEID, or of all that a search finds there,
    /// tempo+http://HOST:3200?q={ status = error }&start=TIME&end=TIME.
    pub(crate) trace: PathBuf,
    #[command(flatten)]
    pub(crate) reading: TraceReading,
}

/// How a trace is read, and what becomes of it before anything is done with it.
#[derive(Debug, clap::Args)]
pub(crate) struct TraceReading {
    /// Refuses a file that has anything but spans in it. Without it, everything else is passed over, and reported on standard error.
    #[arg(long)]
    pub(crate) strict: bool,
    /// Takes the spans before the cut of a file that is cut off. The exit code is 2 all the same.
    #[arg(long)]
    pub(crate) up_to_cut: bool,
    /// Takes a file without spans for a trace without spans. Otherwise it is an error.
    #[arg(long)]
    pub(crate) allow_empty: bool,
    /// Reads at most so many bytes, of a compressed file after decompression; `k`, `M` and `G` stand for powers of 1000.
    #[arg(long, value_name = "BYTES", value_parser = bytes)]
    pub(crate) max_size: Option<u64>,
    /// Sends the headers of this file to the store, one a line: `Authorization: Bearer ...`. The variable SKYSPAN_STORE_HEADERS may
    /// have some, too: `Authorization=Bearer%20...,X-Scope-OrgID=...`.
    #[arg(long, value_name = "FILE")]
    pub(crate) store_headers: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) changes: TraceChanges,
}

/// A number of bytes.
pub(crate) fn bytes(text: &str) -> Result<u64, String> {
    let (digits, unit) = match text.strip_suffix(['k', 'M', 'G']) {
        Some(digits) => (digits, text.chars().last()),
        None => (text, None),
    };
    let unit = match unit {
        Some('k') => 1_000,
        Some('M') => 1_000_000,
        Some('G') => 1_000_000_000,
        _ => 1_u64,
    };
    let number = digits.parse::<u64>().ok().and_then(|number| number.checked_mul(unit));
    number.ok_or_else(|| format!("expected a number of bytes such as 500M or 4G, found {text:?}"))
}

#[derive(Clone, Copy, Debug, Eq, PartialEq, ValueEnum)]
pub(crate) enum Format {
    /// JSON, as Python's console exporter prints it.
    Console,
    /// OTLP JSON, as an OpenTelemetry collector takes it.
    Otlp,
    /// OTLP in protobuf, as it is posted to a collector.
    OtlpProto,
    /// Jaeger's JSON, as its user interface takes it.
    Jaeger,
    /// Zipkin's JSON, version 2.
    Zipkin,
    /// Trace events, for ui.perfetto.dev and chrome://tracing.
    Perfetto,
    /// A profile of events, for speedscope.app.
    Speedscope,
}

#[derive(Debug, clap::Args)]
pub(crate) struct Schema {
    /// The kind of files that the schema describes.
    #[arg(value_enum, default_value_t = SchemaOf::Plan)]
    pub(crate) of: SchemaOf,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq, ValueEnum)]
pub(crate) enum SchemaOf {
    /// The files that `skyspan run` takes.
    Plan,
    /// The files that `skyspan check --expect` takes.
    Check,
}

#[derive(Debug, clap::Args)]
pub(crate) struct List {
    /// What is listed [default: all].
    #[arg(value_enum)]
    pub(crate) words: Option<Words>,
    /// Prints the lists as JSON, for programs.
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq, ValueEnum)]
pub(crate) enum Words {
    /// The plans that an item of a plan file may name.
    Plans,
    /// The plan stubs that a step may name.
    Stubs,
    /// The preprocessors that a step may wrap others in.
    Wrappers,
    /// The classes of simulated devices, with their options.
    Devices,
    /// The classes of suspenders, with their options.
    Suspenders,
    /// The kinds of fault of a device, with their options.
    Faults,
}

impl From<Words> for Vocabulary {
    fn from(words: Words) -> Self {
        match words {
            Words::Plans => Self::Plans,
            Words::Stubs => Self::Stubs,
            Words::Wrappers => Self::Wrappers,
            Words::Devices => Self::Devices,
            Words::Suspenders => Self::Suspenders,
            Words::Faults => Self::Faults,
        }
    }
}

#[derive(Debug, clap::Args)]
pub(crate) struct Fuzz {
    /// Examines the first N cases of the campaign, of which a shard has its part [default: 10000; with --seconds: no end].
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
    pub(crate) cases: Option<u64>,
    /// Begins no case after S seconds of real time.
    #[arg(long, value_name = "S", value_parser = duration)]
    pub(crate) seconds: Option<Duration>,
    /// The seed of all chance.
    #[arg(long, value_name = "X", default_value_t = 0)]
    pub(crate) seed: u64,
    /// Examines the Ith of N parts, I from 1 to N, for several machines: the cases whose number leaves I-1 when divided by N.
    /// --cases counts those of all parts together: with `--cases 1000 --shard 1/4` there are 250.
    #[arg(long, value_name = "I/N", default_value_t = Shard::WHOLE)]
    pub(crate) shard: Shard,
    /// Examines the case of that number alone, to see it again.
    #[arg(long, value_name = "K", conflicts_with_all = ["cases", "seconds", "shard"])]
    pub(crate) case: Option<u64>,
    /// Examines these laws alone: their names with hyphens for blanks, or a part of the name that no other law has.
    #[arg(long, value_name = "NAME,...", value_delimiter = ',')]
    pub(crate) laws: Vec<String>,
    /// Makes plans of up to N operations [default: 24]. With another length the cases are others.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..))]
    pub(crate) length: Option<u16>,
    /// Takes what is due at one moment in any order, by chance. So the cases are others.
    #[arg(long)]
    pub(crate) shuffled_moments: bool,
    /// On so many threads [default: as many as the machine has]. The result is the same on any number.
    #[arg(long, value_name = "J", value_parser = clap::value_parser!(u16).range(1..=1024))]
    pub(crate) jobs: Option<u16>,
    /// Writes the plan that breaks a law into this folder: as a plan file SEED-CASE.yaml, with the whole report SEED-CASE.txt.
    #[arg(long, value_name = "DIR")]
    pub(crate) out: Option<PathBuf>,
    /// Prints the laws: what each says, the rule that it comes from, and its name for --laws.
    #[arg(long, exclusive = true)]
    pub(crate) list_laws: bool,
}

/// An address to listen on: `127.0.0.1:4318`, or `:4318` for this machine alone.
pub(crate) fn address(text: &str) -> Result<SocketAddr, String> {
    let of_this_machine = text.strip_prefix(':').and_then(|port| port.parse().ok());
    if let Some(port) = of_this_machine {
        return Ok(SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), port));
    }
    let found = text.to_socket_addrs().ok().and_then(|mut found| found.next());
    found.ok_or_else(|| format!("expected an address and a port, such as :4318 or 0.0.0.0:4318, found {text:?}"))
}

/// A number of levels.
fn levels(text: &str) -> Result<usize, String> {
    let levels = text.parse().ok().filter(|levels| *levels > 0);
    levels.ok_or_else(|| format!("expected a number of levels from 1 on, found {text:?}"))
}

/// A time in seconds.
pub(crate) fn duration(text: &str) -> Result<Duration, String> {
    let seconds = text.parse::<f64>().ok().filter(|seconds| *seconds > 0.0);
    let time = seconds.and_then(|seconds| Duration::try_from_secs_f64(seconds).ok());
    time.ok_or_else(|| format!("expected a number of seconds above 0, such as 90 or 0.5, found {text:?}"))
}

/// A limit as it stands at the command line: `messages=1000`, `spans=none`.
fn limit(text: &str) -> Result<(String, Option<u64>), String> {
    let (name, number) = text.split_once('=').ok_or("expected NAME=N, such as messages=1000 or messages=none")?;
    if !Limits::NAMES.contains(&name) {
        return Err(format!("expected one of {}", Limits::NAMES.join(", ")));
    }
    if number == "none" {
        return Ok((name.to_owned(), None));
    }
    let number =
        number.replace('_', "").parse().map_err(|_| "expected a whole number from 0 on behind the `=`, or `none`")?;
    Ok((name.to_owned(), Some(number)))
}

#[cfg(test)]
mod tests {
    use clap::{CommandFactory as _, Parser as _};

    use super::Arguments;

    /// The words of a line up to where a shell would hand its output on.
    fn words(line: &str) -> Vec<String> {
        let (mut words, mut word, mut is_quoted) = (Vec::new(), String::new(), false);
        for c in line.chars() {
            match c {
                '\'' => is_quoted = !is_quoted,
                '|' | '>' if !is_quoted => break,
                ' ' if !is_quoted => words.extend(Some(std::mem::take(&mut word)).filter(|word| !word.is_empty())),
                c => word.push(c),
            }
        }
        words.extend(Some(word).filter(|word| !word.is_empty()));
        words
    }

    #[test]
    fn every_command_has_examples_that_are_understood() {
        for command in Arguments::command().get_subcommands() {
            let help = command.get_after_help().unwrap_or_else(|| panic!("{} has no example", command.get_name()));
            let help = help.to_string();
            let examples: Vec<&str> = help.lines().filter_map(|line| line.trim().strip_prefix("skyspan ")).collect();
            assert!(!examples.is_empty(), "{help}");
            for example in examples {
                assert!(example.starts_with(command.get_name()), "{example}");
                let line = format!("skyspan {example}");
                Arguments::try_parse_from(words(&line)).unwrap_or_else(|error| panic!("{line}: {error}"));
            }
        }
    }
}
