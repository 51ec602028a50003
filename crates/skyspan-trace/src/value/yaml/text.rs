//! The text of a file, from the disk or from elsewhere.

use std::io::{self, Read as _};
use std::path::Path;

use super::YamlError;
use crate::table::grouped;
use crate::value::Position;

/// What people write has so many bytes at most, unless another limit is said: 32 MiB. A tree of nodes takes some fifty times the
/// memory of its text.
pub const TEXT_SIZE_MAX: u64 = 32 << 20;

/// The text of a file on the disk, of at most [`TEXT_SIZE_MAX`] bytes; `what` says what the file should be, such as `a plan file`.
///
/// # Errors
///
/// [`YamlError`], with the name of the file, when it cannot be read, has more bytes, or is not UTF-8.
pub fn read_text(path: impl AsRef<Path>, what: &str) -> Result<String, YamlError> {
    read_text_up_to(path, what, TEXT_SIZE_MAX)
}

/// The same with a limit in bytes of one's own.
///
/// # Errors
///
/// [`YamlError`], with the name of the file, when it cannot be read, has more bytes, or is not UTF-8.
pub fn read_text_up_to(path: impl AsRef<Path>, what: &str, size_max: u64) -> Result<String, YamlError> {
    let name = path.as_ref().display().to_string();
    let opened = std::fs::File::open(path).map_err(|error| unreadable(&error, what));
    opened.and_then(|file| read_text_from_up_to(file, what, size_max)).map_err(|error| error.in_file(name))
}

/// The text that is left in `source`, standard input for example, of at most [`TEXT_SIZE_MAX`] bytes; `what` says what it should
/// be.
///
/// # Errors
///
/// [`YamlError`] when it cannot be read, has more bytes, or is not UTF-8. It names no file.
pub fn read_text_from(source: impl io::Read, what: &str) -> Result<String, YamlError> {
    read_text_from_up_to(source, what, TEXT_SIZE_MAX)
}

/// The same with a limit in bytes of one's own. No more than that is read, so a source may have no end.
///
/// # Errors
///
/// [`YamlError`] when it cannot be read, has more bytes, or is not UTF-8. It names no file.
pub fn read_text_from_up_to(source: impl io::Read, what: &str, size_max: u64) -> Result<String, YamlError> {
    let mut bytes = Vec::new();
    source.take(size_max.saturating_add(1)).read_to_end(&mut bytes).map_err(|error| unreadable(&error, what))?;
    if bytes.len() as u64 > size_max {
        let expected = format!("{what} of at most {} bytes", grouped(size_max));
        return Err(YamlError::without_position(expected, "more").with_help(
            "the limit is raised by `--max-size` at the command line, or in Rust by the function of the same name with `_up_to`",
        ));
    }
    text_of(bytes)
}

fn unreadable(error: &io::Error, what: &str) -> YamlError {
    let found = match error.kind() {
        io::ErrorKind::NotFound => "no such file".to_owned(),
        io::ErrorKind::IsADirectory => "a directory".to_owned(),
        _ => format!("that it cannot be read: {error}"),
    };
    YamlError::without_position(what, found)
}

fn text_of(bytes: Vec<u8>) -> Result<String, YamlError> {
    String::from_utf8(bytes).map_err(|error| {
        let valid = error.utf8_error().valid_up_to();
        let bytes = error.as_bytes();
        let position = Position::of(&String::from_utf8_lossy(&bytes[..valid]), valid);
        let found = bytes.get(valid).map_or_else(|| "none".to_owned(), |byte| format!("the byte 0x{byte:02x}"));
        let error = YamlError::new(position, "text in UTF-8", found);
        match bytes {
            [0xff, 0xfe, ..] | [0xfe, 0xff, ..] => error.with_help("it looks like UTF-16; save it as UTF-8"),
            _ => error,
        }
    })
}
