//! [`numpy_repr`]: how numpy prints an array.

use crate::value::Value;

/// How numpy prints a small matrix of whole floats, which is what a simulated camera sees; nothing for another value.
pub(super) fn numpy_repr(value: &Value) -> Option<String> {
    let rows = value.as_array()?.iter().map(|row| {
        let numbers = row.as_array()?.iter().map(|number| match number {
            Value::Float(number) if number.fract() == 0.0 && (0.0..10.0).contains(number) => Some(format!("{number}.")),
            _ => None,
        });
        Some(format!("[{}]", numbers.collect::<Option<Vec<_>>>()?.join(", ")))
    });
    let rows = rows.collect::<Option<Vec<_>>>()?;
    // Beyond this it breaks lines, or leaves some out.
    let fits = rows.iter().all(|row| row.len() < 60) && rows.len() <= 50;
    fits.then(|| format!("array([{}])", rows.join(",\n       ")))
}
