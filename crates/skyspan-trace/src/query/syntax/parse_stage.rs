//! The stages of a pipeline, read.

use super::ast::{Aggregate, Measure, Metric, Place, Second, Stage};
use super::cursor::Cursor;
use super::literal::Literal;
use super::parse_field::one_of;
use super::token::Token;
use super::words::{AGGREGATES, AggregateWord, METRICS, MetricWord, RANKS, find};
use crate::query::error::{Fault, QueryProblem};

const STAGES: &str =
    "a selection in braces, `by`, `coalesce`, `select`, an aggregate such as `count()`, or a metric such as `rate()`";

impl Cursor<'_> {
    /// The stages behind `stages`, and the metric that they end with, if they do. Of none at all the first is read.
    pub(super) fn stages(&mut self, mut stages: Vec<Stage>) -> Result<(Vec<Stage>, Option<Metric>), Fault> {
        if stages.is_empty() {
            stages.push(self.stage(true)?);
        }
        while self.sign() == "|" {
            self.advance();
            let word = self.word();
            if word == "compare" || find(&METRICS, word).is_some() {
                let metric = if word == "compare" { self.compare()? } else { self.metric()? };
                return Ok((stages, Some(metric)));
            }
            stages.push(self.stage(false)?);
        }
        Ok((stages, None))
    }

    fn stage(&mut self, is_first: bool) -> Result<Stage, Fault> {
        let word = self.word();
        match word {
            "by" => {
                self.advance();
                self.expect_sign("(")?;
                let node = self.node()?;
                return if self.takes_sign(")") {
                    Ok(Stage::Group(node))
                } else {
                    Err(self.unexpected("an operator or `)`"))
                };
            }
            "coalesce" if !is_first => {
                self.advance();
                self.expect_sign("(")?;
                self.expect_sign(")")?;
                return Ok(Stage::Coalesce);
            }
            "coalesce" => {
                return Err(self
                    .unexpected("spans")
                    .help("there is nothing to coalesce yet: `{} | by(name) | coalesce()`"));
            }
            "select" => {
                self.advance();
                return Ok(Stage::Show(self.fields()?));
            }
            _ => {}
        }
        if self.is_at_scalar() {
            return self.measure();
        }
        match self.peek() {
            Token::Sign("{" | "(") => self.whole_set().map(Stage::Select),
            Token::Word(word) if find(&RANKS, word).is_some() => Err(self
                .unexpected(STAGES)
                .help(format!("`{word}` picks series: put `rate()` or another metric before it"))),
            _ => Err(self.unexpected(STAGES)),
        }
    }

    /// Reads a comparison of an aggregate: `count() > 2`.
    fn measure(&mut self) -> Result<Stage, Fault> {
        let at = self.place();
        let mut brackets = 0;
        while self.sign() == "(" && matches!(self.ahead(1), Token::Sign("(") | Token::Word(_)) {
            self.advance();
            brackets += 1;
        }
        if find(&AGGREGATES, self.word()).is_none() {
            return Err(Fault::new(QueryProblem::Meaning, at, "an aggregate on the left", self.peek().to_string())
                .help("an aggregate stands alone on the left, a number on the right: `count() > 5`"));
        }
        let aggregate = self.aggregate()?;
        for _ in 0..brackets {
            self.expect_sign(")")?;
        }
        self.measure_of(aggregate)
    }

    /// What an aggregate is held against.
    pub(super) fn measure_of(&mut self, aggregate: Aggregate) -> Result<Stage, Fault> {
        let from = self.place();
        let Some(comparison) = self.order() else {
            return Err(match self.sign() {
                "+" | "-" | "*" | "/" | "%" | "^" => Fault::new(
                    QueryProblem::Meaning,
                    from,
                    "a comparison right behind the aggregate",
                    self.peek().to_string(),
                )
                .help("Tempo does not compute with aggregates yet: bring the number to the right side"),
                _ => self.unexpected("a comparison: an aggregate is held against a number, as in `count() > 2`"),
            });
        };
        self.advance();
        if find(&AGGREGATES, self.word()).is_some() {
            return Err(Fault::new(
                QueryProblem::Meaning,
                self.place(),
                "a number or a duration",
                self.peek().to_string(),
            )
            .help("Tempo does not hold an aggregate against another yet"));
        }
        let against = self.number()?;
        Ok(Stage::Measure(Measure { aggregate, comparison, against, at: Place { from } }))
    }

    /// Reads an aggregate: `count()`, `avg(duration)`.
    pub(super) fn aggregate(&mut self) -> Result<Aggregate, Fault> {
        let at = Place { from: self.place() };
        let Some(word) = find(&AGGREGATES, self.word()) else {
            return Err(self.unexpected(one_of(&AGGREGATES.map(|(word, _)| word))));
        };
        self.advance();
        self.expect_sign("(")?;
        let of = if word == AggregateWord::Count { None } else { Some(self.node()?) };
        if self.takes_sign(")") {
            return Ok(Aggregate { word, of, at });
        }
        let fault = self.unexpected(if word == AggregateWord::Count { "`)`" } else { "an operator or `)`" });
        Err(if word == AggregateWord::Count {
            fault.help("`count()` counts spans: put what they must be into braces")
        } else {
            fault
        })
    }

    /// `rate() by (name)`, `quantile_over_time(duration, .9, .99)`
    fn metric(&mut self) -> Result<Metric, Fault> {
        let at = Place { from: self.place() };
        let Some(word) = find(&METRICS, self.word()) else { return Err(self.unexpected("a metric")) };
        self.advance();
        self.expect_sign("(")?;
        let mut quantiles = Vec::new();
        let of = match word {
            MetricWord::Rate | MetricWord::Count => None,
            _ => Some(self.one_field()?),
        };
        if word == MetricWord::Quantile {
            self.expect_sign(",")?;
            loop {
                quantiles.push(match self.peek() {
                    Token::Float(number) => *number,
                    #[expect(clippy::cast_precision_loss, reason = "only 0 and 1 are taken")]
                    Token::Int(number) => *number as f64,
                    _ => return Err(self.unexpected("a quantile from 0 to 1")),
                });
                self.advance();
                if !self.takes_sign(",") {
                    break;
                }
            }
        }
        if !self.takes_sign(")") {
            let expected = if word == MetricWord::Quantile { "`,` or `)`" } else { "`)`" };
            return Err(self.unexpected(expected));
        }
        let by = if self.word() == "by" {
            self.advance();
            self.fields()?
        } else {
            Vec::new()
        };
        Ok(Metric::Over { word, of, quantiles, by, at })
    }

    /// `compare({ status = error }, 10, start, end)`
    fn compare(&mut self) -> Result<Metric, Fault> {
        let at = Place { from: self.place() };
        self.advance();
        self.expect_sign("(")?;
        let super::ast::SetTree::Filter(selection) = self.compared()? else {
            return Err(self.unexpected("a selection in braces"));
        };
        let mut numbers = Vec::new();
        while numbers.len() < 3 && self.takes_sign(",") {
            let Token::Int(number) = self.peek() else { return Err(self.unexpected("a whole number")) };
            numbers.push(*number);
            self.advance();
        }
        if numbers.len() == 2 {
            return Err(self.unexpected("`,` and the end of the time, in nanoseconds"));
        }
        self.expect_sign(")")?;
        let window_ns = match numbers.as_slice() {
            [_, start, end] if (*start, *end) != (0, 0) => Some((*start, *end)),
            _ => None,
        };
        Ok(Metric::Compare { selection, top: numbers.first().copied().unwrap_or(10), window_ns, at })
    }

    fn compared(&mut self) -> Result<super::ast::SetTree, Fault> {
        if self.sign() == "{" { self.whole_filter() } else { Err(self.unexpected("a selection in braces")) }
    }

    /// Reads a ranking of series: `topk(3)`.
    pub(super) fn rank(&mut self) -> Result<Second, Fault> {
        let at = Place { from: self.place() };
        let Some(word) = find(&RANKS, self.word()) else {
            return Err(self.unexpected("`topk` or `bottomk`, of which alone something is done with series"));
        };
        self.advance();
        self.expect_sign("(")?;
        let Token::Int(limit) = self.peek() else { return Err(self.unexpected("a whole number")) };
        self.advance();
        self.expect_sign(")")?;
        Ok(Second::Rank { word, limit: *limit, at })
    }

    /// Reads the settings of a query: `with (most_recent=true)`.
    pub(super) fn settings(&mut self) -> Result<Vec<(String, Literal)>, Fault> {
        self.advance();
        self.expect_sign("(")?;
        let mut settings = Vec::new();
        loop {
            let name = self.word().to_owned();
            if name.is_empty() {
                return Err(self.unexpected("the name of a setting"));
            }
            self.advance();
            self.expect_sign("=")?;
            let Some(value) = self.literal() else { return Err(self.unexpected("a value")) };
            self.advance();
            settings.push((name, value));
            if !self.takes_sign(",") {
                break;
            }
        }
        if self.takes_sign(")") { Ok(settings) } else { Err(self.unexpected("`,` or `)`")) }
    }
}
