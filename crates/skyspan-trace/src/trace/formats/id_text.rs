//! Ids as texts: in hexadecimal digits, and in base64.

use opentelemetry::trace::{SpanId, TraceId};

use super::field::{Field, Wrong};

/// How the ids of a file are written. One file has one spelling.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum IdSpelling {
    /// As OpenTelemetry has it.
    Hexadecimal,
    /// As protobuf's own JSON has it.
    Base64,
}

/// Reads the ids of OTLP JSON: hexadecimal digits, or base64, which the length tells apart, for all of a file.
#[derive(Debug, Default)]
pub(super) struct OtlpIds {
    spelling: Option<IdSpelling>,
}

impl OtlpIds {
    pub(super) fn trace_id<'a>(&mut self, field: Field<'a>) -> Result<TraceId, Wrong<'a>> {
        self.id(field).map(TraceId::from_bytes)
    }

    pub(super) fn span_id<'a>(&mut self, field: Field<'a>) -> Result<SpanId, Wrong<'a>> {
        self.id(field).map(SpanId::from_bytes)
    }

    /// An id of so many bytes; an empty one is all zeros, which is none.
    fn id<'a, const N: usize>(&mut self, field: Field<'a>) -> Result<[u8; N], Wrong<'a>> {
        let Some(text) = field.str() else { return Err(field.wrong(format!("{} hexadecimal digits", 2 * N))) };
        if text.is_empty() {
            return Ok([0; N]);
        }
        let (spelling, id) = match hexadecimal(&text) {
            Some(id) => (IdSpelling::Hexadecimal, id),
            None => match base64(&text) {
                Some(id) => (IdSpelling::Base64, id),
                None => return Err(field.wrong(format!("{} hexadecimal digits", 2 * N))),
            },
        };
        match self.spelling {
            Some(known) if known != spelling => Err(field.wrong(match known {
                IdSpelling::Hexadecimal => format!("{} hexadecimal digits, as the ids before", 2 * N),
                IdSpelling::Base64 => format!("{N} bytes in base64, as the ids before"),
            })),
            _ => {
                self.spelling = Some(spelling);
                Ok(id)
            }
        }
    }
}

/// An id of exactly so many bytes in hexadecimal digits.
pub(super) fn hexadecimal<const N: usize>(text: &str) -> Option<[u8; N]> {
    let digits = text.as_bytes();
    if digits.len() != 2 * N {
        return None;
    }
    let mut id = [0; N];
    for (byte, pair) in id.iter_mut().zip(digits.chunks_exact(2)) {
        *byte = nibble(pair[0])? << 4 | nibble(pair[1])?;
    }
    Some(id)
}

/// The id of a trace in at most 32 hexadecimal digits.
pub(super) fn short_trace_id(field: Field<'_>) -> Result<TraceId, Wrong<'_>> {
    short_hexadecimal(field, 32).map(TraceId::from)
}

/// The id of a span in at most 16 hexadecimal digits.
pub(super) fn short_span_id(field: Field<'_>) -> Result<SpanId, Wrong<'_>> {
    Ok(SpanId::from(u64::try_from(short_hexadecimal(field, 16)?).unwrap_or_default()))
}

/// An id of at most so many hexadecimal digits, of which those that are zero may be missing at the beginning.
fn short_hexadecimal<'a>(field: Field<'a>, digits: usize) -> Result<u128, Wrong<'a>> {
    let text = field.str().filter(|text| (1..=digits).contains(&text.len()));
    let number = text.filter(|text| text.bytes().all(|byte| byte.is_ascii_hexdigit()));
    let number = number.and_then(|text| u128::from_str_radix(&text, 16).ok());
    number.ok_or_else(|| field.wrong(format!("up to {digits} hexadecimal digits")))
}

const fn nibble(digit: u8) -> Option<u8> {
    match digit {
        b'0'..=b'9' => Some(digit - b'0'),
        b'a'..=b'f' => Some(digit - b'a' + 10),
        b'A'..=b'F' => Some(digit - b'A' + 10),
        _ => None,
    }
}

/// An id of exactly so many bytes in base64, standard or for addresses, with or without `=` at its end, as protobuf's JSON may
/// have it.
fn base64<const N: usize>(text: &str) -> Option<[u8; N]> {
    let digits = text.trim_end_matches('=');
    if digits.len() != (N * 8).div_ceil(6) || text.len() > N.div_ceil(3) * 4 {
        return None;
    }
    let (mut bits, mut held) = (0_u32, 0);
    let mut id = [0; N];
    let mut place = id.iter_mut();
    for digit in digits.bytes() {
        let value = match digit {
            b'A'..=b'Z' => digit - b'A',
            b'a'..=b'z' => digit - b'a' + 26,
            b'0'..=b'9' => digit - b'0' + 52,
            b'+' | b'-' => 62,
            b'/' | b'_' => 63,
            _ => return None,
        };
        bits = bits << 6 | u32::from(value);
        held += 6;
        if held >= 8 {
            held -= 8;
            *place.next()? = (bits >> held & 0xff) as u8;
        }
    }
    (place.next().is_none() && bits & ((1 << held) - 1) == 0).then_some(id)
}

/// Bytes in base64, as protobuf's JSON has them.
#[cfg(feature = "protobuf")]
pub(super) fn to_base64(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for three in bytes.chunks(3) {
        let bits = three.iter().fold(0_u32, |bits, byte| bits << 8 | u32::from(*byte)) << (8 * (3 - three.len()));
        for digit in 0..4 {
            let place = (bits >> (18 - 6 * digit) & 63) as usize;
            text.push(if digit <= three.len() { char::from(DIGITS[place]) } else { '=' });
        }
    }
    text
}
