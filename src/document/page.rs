//! How many events a page holds that is to be composed.

use super::ComposeError;
use crate::device::PartialEventPage;
use crate::value::Text;

/// The length of all columns, which must be one.
pub(super) fn length(stream: &Text, page: &PartialEventPage) -> Result<usize, ComposeError> {
    let timestamps = length_of_all(stream, "timestamps", &page.timestamps)?;
    let values = length_of_all(stream, "values", &page.data)?;
    if timestamps != values {
        let (values, timestamps) = (values.unwrap_or_default(), timestamps.unwrap_or_default());
        return Err(ComposeError::PageTimestamps { stream: stream.clone(), values, timestamps });
    }
    values.ok_or_else(|| ComposeError::EmptyPage { stream: stream.clone() })
}

fn length_of_all<T>(
    stream: &Text,
    columns: &'static str,
    all: &[(Text, Vec<T>)],
) -> Result<Option<usize>, ComposeError> {
    let Some((_, first)) = all.first() else { return Ok(None) };
    if all.iter().any(|(_, column)| column.len() != first.len()) {
        return Err(ComposeError::PageColumns { stream: stream.clone(), columns });
    }
    Ok(Some(first.len()))
}
