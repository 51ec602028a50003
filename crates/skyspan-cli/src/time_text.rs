//! Times at the command line: `2h`, `1.5 s`, `10ms`.

use std::time::Duration;

const UNITS: [(&str, f64); 8] = [
    ("ns", 1e-9),
    ("us", 1e-6),
    ("µs", 1e-6),
    ("ms", 1e-3),
    ("s", 1.0),
    ("min", 60.0),
    ("h", 3_600.0),
    ("d", 86_400.0),
];

/// A time with its unit, or several that are added up: `1h 30min`.
pub(crate) fn time(text: &str) -> Result<Duration, String> {
    let wanted = || format!("expected a time such as 10ms, 1.5s or 2h, found {text:?}");
    let (mut rest, mut seconds, mut any) = (text.trim(), 0.0, false);
    while !rest.is_empty() {
        let unit_at = rest.find(|c: char| !c.is_ascii_digit() && c != '.').ok_or_else(wanted)?;
        let number: f64 = rest[..unit_at].parse().map_err(|_| wanted())?;
        let behind = rest[unit_at..].trim_start();
        let unit_end = behind.find(|c: char| !c.is_alphabetic()).unwrap_or(behind.len());
        let (_, unit_s) = UNITS.iter().find(|(unit, _)| *unit == &behind[..unit_end]).ok_or_else(wanted)?;
        seconds += number * unit_s;
        rest = behind[unit_end..].trim_start();
        any = true;
    }
    let time = any.then(|| Duration::try_from_secs_f64(seconds).ok()).flatten();
    time.ok_or_else(wanted)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::time;

    #[test]
    fn a_time_has_a_unit() {
        for (text, ms) in [
            ("10ms", 10),
            ("1.5 s", 1_500),
            ("2h", 7_200_000),
            ("1h 30min", 5_400_000),
            ("0s", 0),
            (" 1 d ", 86_400_000),
        ] {
            assert_eq!(time(text), Ok(Duration::from_millis(ms)), "{text}");
        }
        assert_eq!(time("3µs"), Ok(Duration::from_micros(3)));
        for text in ["", "5", "s", "-5s", "1.2.3s", "5 weeks", "1e3s", "99999999999999999999d"] {
            assert!(time(text).is_err(), "{text}");
        }
    }
}
