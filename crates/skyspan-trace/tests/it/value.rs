//! Values are written and read as Python does.

use skyspan_trace::value::{JsonReader, Map, Text, Value, float_repr, from_json, repr, to_json, to_json_indented};

const FLOATS: &str = include_str!("../../../../fixtures/values/floats.tsv");
const TEXTS: &str = include_str!("../../../../fixtures/values/texts.jsonl");

// What is compared with every line of a file would be so with every line of an empty one.
const _: () = {
    assert!(FLOATS.len() > 50_000);
    assert!(TEXTS.len() > 30_000);
};

#[test]
fn every_float_is_written_as_python_writes_it() {
    for line in FLOATS.lines() {
        let (bits, expected) = line.split_once('\t').unwrap();
        let number = f64::from_bits(u64::from_str_radix(bits, 16).unwrap());
        assert_eq!(float_repr(number), expected, "{bits}");
    }
}

#[test]
fn every_float_is_read_back_as_the_same_number() {
    for line in FLOATS.lines() {
        let (bits, text) = line.split_once('\t').unwrap();
        let number = f64::from_bits(u64::from_str_radix(bits, 16).unwrap());
        if number.is_finite() {
            assert_eq!(from_json(text).unwrap().as_f64().map(f64::to_bits), Some(number.to_bits()), "{text}");
        }
    }
}

#[test]
fn json_and_repr_are_those_of_python() {
    for line in TEXTS.lines() {
        let row = from_json(line).unwrap();
        let [json, indented, python] = row.as_array().unwrap() else { panic!("three columns: {line}") };
        let json = json.as_str().unwrap();
        let value = from_json(json).unwrap();
        assert_eq!(to_json(&value), json);
        assert_eq!(to_json_indented(&value, 2), indented.as_str().unwrap(), "{json}");
        assert_eq!(repr(&value), python.as_str().unwrap(), "{json}");
    }
}

#[test]
fn several_values_are_read_one_after_another() {
    let values: Vec<Value> = JsonReader::new(" 1{} [2]\n\"a\"null").map(Result::unwrap).collect();
    assert_eq!(to_json(&values.into()), r#"[1, {}, [2], "a", null]"#);
}

#[test]
fn a_key_that_stands_twice_has_the_last_value() {
    assert_eq!(to_json(&from_json(r#"{"a": 1, "b": 2, "a": 3}"#).unwrap()), r#"{"a": 3, "b": 2}"#);
}

#[test]
fn a_map_of_200000_keys_is_no_burden() {
    let keys = || (0..100_000).chain(0..100_000).map(|n| format!("\"{n}\": {n}"));
    let json = format!("{{{}}}", keys().collect::<Vec<_>>().join(", "));
    let value = from_json(&json).unwrap();
    let map = value.as_map().unwrap();
    assert_eq!(map.len(), 100_000);
    assert!(map.keys().enumerate().all(|(n, key)| *key == *n.to_string()), "each stands where it was first set");

    let mut map: Map = (0..50).map(|n| (n.to_string(), n)).collect();
    map.extend((0..100).map(|n| (n.to_string(), -n)));
    let expected: Vec<(Text, Value)> = (0..100).map(|n| (n.to_string().into(), (-n).into())).collect();
    assert_eq!(map.into_iter().collect::<Vec<_>>(), expected);
}

#[test]
fn an_error_says_where_it_is_and_what_was_expected() {
    check("", "line 1, column 1: expected a JSON value, found the end of the text");
    check("[1, 2", "line 1, column 6: expected `,` or `]`, found the end of the text");
    check("{\n  \"a\": 1\n  \"b\": 2}", "line 3, column 3: expected `,` or `}`, found `\"`");
    check("{a: 1}", "line 1, column 2: expected a key in double quotes, found `a`");
    check("{\"a\" 1}", "line 1, column 6: expected `:`, found `1`");
    check("[nul]", "line 1, column 2: expected a JSON value, found `nul`");
    check("[\"é\", x]", "line 1, column 7: expected a JSON value, found `x`");
    check("-", "line 1, column 2: expected a digit, found the end of the text");
    check("1 2", "line 1, column 3: expected the end of the text, found `2`");
    check("\"a\nb\"", "line 1, column 3: expected no control character in a string, found `\\n`");
    check(r#""\u12g4""#, "line 1, column 3: expected `u` and four hexadecimal digits, found `u12g4`");
    check(r#""\ud800""#, "line 1, column 3: expected no surrogate without its pair, found `ud800`");
    check(r#""\x""#, r#"line 1, column 3: expected an escape: one of \" \\ \/ \b \f \n \r \t \uXXXX, found `x`"#);
    check("\"open", "line 1, column 6: expected `\"` at the end of a string, found the end of the text");

    #[track_caller]
    fn check(text: &str, expected: &str) {
        assert_eq!(from_json(text).unwrap_err().to_string(), expected, "{text:?}");
    }
}

#[test]
fn values_may_lie_512_deep_in_one_another_and_no_deeper() {
    let nested = |depth: usize| "[".repeat(depth) + &"]".repeat(depth);
    assert_eq!(to_json(&from_json(&nested(512)).unwrap()), nested(512));
    let error = from_json(&nested(600)).unwrap_err();
    assert_eq!(error.position.column, 514);
}
