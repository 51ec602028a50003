//! What is a query, and what is none.

use skyspan_trace::query::{Query, QueryError, QueryProblem};
use skyspan_trace::trace::{Span, Trace};

fn error(text: &str) -> QueryError {
    text.parse::<Query>().unwrap_err()
}

#[test]
fn a_query_is_written_as_tempo_writes_it_and_read_as_the_same() {
    let written = [
        ("{}", "{ }"),
        ("{true}", "{ }"),
        (r#"{name="a"||name="b"&&.x}"#, "{ ((name = `a`) || (name = `b`)) && .x }"),
        ("{ .a && .b && (.c && .d) }", "{ .a && .b && (.c && .d) }"),
        ("{ span:duration > 1h30m }", "{ duration > 1h30m0s }"),
        ("{ trace:rootService != nil }", "{ rootServiceName != nil }"),
        ("{ -2.0 ^ 2 = .a }", "{ (-4.0) = .a }"),
        ("{ (-2) ^ .a = 4 }", "{ ((-2) ^ .a) = 4 }"),
        ("{ 1h/2 < duration }", "{ 1.8e+12 < duration }"),
        ("{ ! .a = true }", "{ (!.a) = true }"),
        ("{ 2 ^ .a ^ .b > -.c * 2 }", "{ (2 ^ (.a ^ .b)) > (-(.c * 2)) }"),
        ("{ nil = .a + 1 }", "{ (.a + 1) = nil }"),
        ("{ .a = minInt || .a = maxInt }", "{ (.a = minInt) || (.a = 9223372036854775807) }"),
        ("{ .a = \"b`c\\r\" }", "{ .a = \"b`c\\r\" }"),
        (r#"{ ."1st".x = 1 && span."a b" = 2 && .""=3 }"#, r#"{ (."1st.x" = 1) && (span."a b" = 2) && (."" = 3) }"#),
        (r#"{ span.dot."ted.k"ey = 1 }"#, "{ span.dot.ted.key = 1 }"),
        ("{} > {} >> {.a} || {.b} && {.c}", "(({ } > { } >> { .a }) || { .b }) && { .c }"),
        ("({} | count() > 1) &>> ({.a})", "({ } | count() > 1) &>> ({ .a })"),
        ("by(1 + .a) | count() = 2 + 1 | coalesce()", "by(1 + .a) | count() = 3 | coalesce()"),
        ("{} | avg(span:duration) > -1.5s | select(name,.a)", "{ } | avg(duration) > -1.5s | select(name, .a)"),
        ("{} | rate() by (name, .a) | topk(3) > 2", "{ } | rate() by (name, .a) | topk(3) > 2"),
        ("{} | quantile_over_time(duration, .9, 1)", "{ } | quantile_over_time(duration, 0.9, 1.0)"),
        ("(({}|rate())*60+({.a}|rate()))/2", "((({ } | rate()) * 60.0) + ({ .a } | rate())) / 2.0"),
        ("{} | compare({.a}, 3, 1, 2)", "{ } | compare({ .a }, 3, 1, 2)"),
        ("{ /* a */ .a // b\n } with (x=1, y=`z`)", "{ .a } with (x=1, y=`z`)"),
    ];
    for (text, expected) in written {
        let query: Query = text.parse().unwrap_or_else(|error| panic!("{text}\n{error}"));
        assert_eq!(query.to_string(), expected, "{text}");
        assert_eq!(expected.parse::<Query>().unwrap(), query, "{text}");
    }
}

#[test]
fn an_error_says_where_and_what_was_expected_and_found() {
    let errors = [
        ("{ name = }", 10, "a value or a field", "`}`", ""),
        ("{ name = \"x\"", 13, "an operator or `}`", "the end of the query", ""),
        ("name = `x`", 1, "`{`, which begins a selection of spans, or `(`", "`name`", ""),
        (
            "{ .a and .b }",
            6,
            "an operator or `}`",
            "`and`",
            "an attribute begins with a dot, or with its scope: `.and...`, `span.and...`",
        ),
        ("{ .a = [1] }", 8, "a word of TraceQL", "`[`", "TraceQL has no lists: write the values with `||`"),
        ("{ name = 'x' }", 10, "a word of TraceQL", "`'`", "a string stands in double quotes or in backticks"),
        (
            "{ duration > 5 s }",
            16,
            "an operator or `}`",
            "`s`",
            "a string stands in quotes, \"s\", and an attribute has a dot, `.s`",
        ),
        (
            "{ duration > 5sec }",
            14,
            "a number or a duration",
            "`5sec`",
            "units of durations are ns, us, ms, s, m, h, d, w and y, right behind the number",
        ),
        ("{ span.a = 0x5 }", 12, "a number or a duration", "`0x5`", "numbers are decimal"),
        (
            "{ span. = 1 }",
            8,
            "the name of an attribute right behind the dot",
            "` `",
            "a name with such characters stands in quotes: `span.\"key with space\"`",
        ),
        ("{ trace:name = `x` }", 9, "`duration`, `rootName`, `rootService` or `id`", "`name`", ""),
        (
            "{ span:parentid = `x` }",
            8,
            "`duration`, `name`, `kind`, `status`, `statusMessage`, `id`, `parentID` or `childCount`",
            "`parentid`",
            "did you mean `parentID`?",
        ),
        ("{ span = 1 }", 3, "a value or a field", "`span`", "an attribute has a dot: `span.key`"),
        ("{ traceID = `1` }", 3, "a value or a field", "`traceID`", "did you mean `link:traceID`?"),
        ("{ .a = null }", 8, "a value or a field", "`null`", "did you mean `nil`?"),
        ("{ .a > nil }", 12, "`=` or `!=`, of which alone `nil` can be a side", "`}`", ""),
        (
            "{} | conut() > 1",
            6,
            "a selection in braces, `by`, `coalesce`, `select`, an aggregate such as `count()`, or a metric such as `rate()`",
            "`conut`",
            "did you mean `count`?",
        ),
        (
            "{} | count()",
            13,
            "a comparison: an aggregate is held against a number, as in `count() > 2`",
            "the end of the query",
            "",
        ),
        ("{} | count(name) > 1", 12, "`)`", "`name`", "`count()` counts spans: put what they must be into braces"),
        ("({} | count() > 1) && {}", 23, "`(`", "`{`", "where one side is a pipeline, all sides stand in parentheses"),
        (
            "({}) && ({} | count() > 1)",
            13,
            "`)`",
            "`|`",
            "a pipeline can be a side only where the left side is one in parentheses too: put it first",
        ),
        (
            "{} | topk(3)",
            6,
            "a selection in braces, `by`, `coalesce`, `select`, an aggregate such as `count()`, or a metric such as `rate()`",
            "`topk`",
            "`topk` picks series: put `rate()` or another metric before it",
        ),
        (
            "{ \"a\\q\" = .a }",
            5,
            "an escape",
            "a backslash",
            "behind a backslash stand \\ \" a b f n r t v, three octal digits, or x, u, U and hexadecimal ones",
        ),
        ("{ /* }", 3, "`*/` at the end of the comment", "the end of the query", ""),
    ];
    for (text, column, expected, found, help) in errors {
        let error = error(text);
        assert_eq!(
            (error.position.column, &*error.expected, &*error.found, &*error.help),
            (column, expected, found, help),
            "{text}"
        );
        assert_eq!((error.position.line, error.problem, &*error.line), (1, QueryProblem::Syntax, text), "{text}");
    }
}

#[test]
fn what_means_nothing_is_refused_and_says_why() {
    let errors = [
        ("{ name = 5 }", 8, "the same type on both sides of `=`"),
        ("{ status > ok }", 10, "what has an order, or is text, for `>`"),
        ("{ name =~ .a }", 11, "a regular expression in quotes on the right of `=~`"),
        ("{ name =~ `(` }", 11, "a regular expression"),
        ("{ name && .a }", 3, "a condition on both sides of `&&`"),
        ("{ `a` + .b = 1 }", 3, "numbers on both sides of `+`"),
        ("{ -name = `x` }", 3, "a number behind `-`"),
        ("{ !duration }", 3, "a condition behind `!`"),
        ("{ duration }", 3, "a condition, which is true or false"),
        ("{ status = nil }", 10, "an attribute that may be missing"),
        ("{ parent.a = 1 }", 3, "a field of the span"),
        ("{} | sum(name) > 1", 10, "a number or a duration"),
        ("{} | max(1) > 1", 10, "a field of the span"),
        ("{} | by(1)", 9, "a field of the span to group by"),
        ("{} | 5 < count()", 6, "an aggregate on the left"),
        ("{} | count() + 1 > 2", 14, "a comparison right behind the aggregate"),
        ("{} | count() > count()", 16, "a number or a duration"),
        ("{} | max(duration) > 1s + 2s", 25, "numbers"),
        ("{} | quantile_over_time(duration, 1.5)", 6, "quantiles from 0 to 1"),
        ("{} | rate() | topk(0)", 15, "a number above 0 in `topk`"),
        ("{} | compare({}) | topk(1)", 6, "`compare(...)` as the last of the query"),
        ("({} | rate()) * 2s", 17, "a number"),
    ];
    for (text, column, expected) in errors {
        let error = error(text);
        assert_eq!(
            (error.problem, error.position.column, &*error.expected),
            (QueryProblem::Meaning, column, expected),
            "{text}"
        );
    }
}

#[test]
fn places_are_told_in_lines_and_what_is_far_away_is_left_out() {
    let error = error(&format!("{{\n  .a = 1 && {} nmae = `é` }}", "name != `é` && ".repeat(20)));
    assert_eq!((error.position.line, error.position.column), (2, 314));
    let shown = error.to_string();
    let lines: Vec<&str> = shown.lines().collect();
    assert_eq!(lines[0], "line 2, column 314: expected a value or a field, found `nmae`");
    assert!(lines[1].starts_with("  | …"), "{shown}");
    let mark = lines[2].chars().position(|letter| letter == '^').unwrap();
    assert_eq!(lines[1].chars().skip(mark).take(4).collect::<String>(), "nmae");
    assert_eq!(lines[3], "  did you mean `name`?");
}

#[test]
fn nesting_has_a_limit_and_chains_have_none() {
    for text in [
        format!("{{ {}.a{} }}", "(".repeat(1_000), ")".repeat(1_000)),
        format!("{{ {}.a }}", "!".repeat(20_000)),
        format!("{{ {}.a > 1 }}", "-".repeat(20_000)),
        format!("{{ .a{} > 1 }}", " + 1".repeat(20_000)),
        format!("{{ .a{} }}", " && .a || .b".repeat(10_000)),
        format!("{{ .a{} }}", " = .a".repeat(20_000)),
        format!("{}{{}}{}", "(".repeat(20_000), ")".repeat(20_000)),
        format!("{{}}{}", " > {}".repeat(20_000)),
        format!("{{}} | rate(){}", " > 1".repeat(20_000)),
        format!("{}1", "-".repeat(20_000)),
    ] {
        assert_eq!(error(&text).problem, QueryProblem::Limit, "{}", &text[..20]);
    }
    for part in ["name = `x`", ".x = 1"] {
        let query: Query = format!("{{ {} }}", vec![part; 2_000].join(" || ")).parse().unwrap();
        assert_eq!(query.to_string().parse::<Query>().unwrap(), query);
        assert!(query.answer(&Trace::from_spans([Span::builder("y").build()])).unwrap().is_empty());
    }
    assert_eq!(error(&" ".repeat(200_000)).problem, QueryProblem::Limit);
    let stages = vec!["{}"; 2_000].join(" | ");
    assert!(stages.parse::<Query>().is_ok());
}
