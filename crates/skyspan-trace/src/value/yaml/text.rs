//! The text of a file, from the disk or from elsewhere.

use std::io;
use std::path::Path;

use super::YamlError;
use crate::value::Position;

/// The text of a file on the disk; `what` says what the file should be, such as `a plan file`.
///
/// # Errors
///
/// [`YamlError`], with the name of the file, when it cannot be read or is not UTF-8.
pub fn read_text(path: impl AsRef<Path>, what: &str) -> Result<String, YamlError> {
    let name = path.as_ref().display().to_string();
    let read = std::fs::read(path).map_err(|error| unreadable(&error, what)).and_then(text_of);
    read.map_err(|error| error.in_file(name))
}

/// The text that is left in `source`, standard input for example; `what` says what it should be.
///
/// # Errors
///
/// [`YamlError`] when it cannot be read or is not UTF-8. It names no file.
pub fn read_text_from(mut source: impl io::Read, what: &str) -> Result<String, YamlError> {
    let mut bytes = Vec::new();
    source.read_to_end(&mut bytes).map_err(|error| unreadable(&error, what))?;
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
        YamlError::new(position, "text in UTF-8", found)
    })
}
