//! What devices of Python give, as readings, data keys, events and documents of files.

use pyo3::exceptions::{PyTypeError, PyValueError};
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::PyDict;
use skyspan::clock::Timestamp;
use skyspan::device::{
    AssetDoc, DataKey, DataKeys, Datum, Dtype, PartialEvent, PartialEventPage, PartialResource, PartialStreamDatum,
    PartialStreamResource, Reading, Readings, StreamRange,
};
use skyspan::value::{Map, Text, Value};

use super::bridge::Bridge;
use crate::value::text;

/// What must be a dict.
///
/// # Errors
///
/// `TypeError` for anything else.
pub(crate) fn dict<'a, 'py>(given: &'a Bound<'py, PyAny>, what: &str) -> PyResult<&'a Bound<'py, PyDict>> {
    let found = || given.get_type().to_string();
    given.cast::<PyDict>().map_err(|_| PyTypeError::new_err(format!("expected {what} as a dict, found {}", found())))
}

fn timestamp(given: &Bound<'_, PyAny>) -> PyResult<Timestamp> {
    Ok(Timestamp::from_unix_s(given.extract()?))
}

fn reading(bridge: &Bridge, key: &Bound<'_, PyAny>, given: &Bound<'_, PyAny>) -> PyResult<Reading> {
    let py = given.py();
    let wrong = |_| {
        PyTypeError::new_err(format!("expected a reading of {key} with \"value\" and \"timestamp\", found {given}"))
    };
    let value = given.get_item(intern!(py, "value")).map_err(wrong)?;
    let at = given.get_item(intern!(py, "timestamp")).map_err(wrong)?;
    Ok(Reading { value: bridge.carried.argument(&value)?, timestamp: timestamp(&at)? })
}

/// Readings, of a dict of dicts.
///
/// # Errors
///
/// `TypeError` for what are none.
pub(crate) fn readings(bridge: &Bridge, given: &Bound<'_, PyAny>) -> PyResult<Readings> {
    let all = dict(given, "readings")?.iter();
    all.map(|(key, given)| Ok((text(&key)?, reading(bridge, &key, &given)?))).collect()
}

/// Data keys, of a dict of dicts.
///
/// # Errors
///
/// `TypeError` and `ValueError` for what are none.
pub(crate) fn data_keys(bridge: &Bridge, given: &Bound<'_, PyAny>) -> PyResult<DataKeys> {
    let mut keys = Vec::new();
    for (key, described) in dict(given, "data keys")?.iter() {
        let mut more = bridge.carried.map(dict(&described, "a data key")?)?;
        let source = more.remove("source").and_then(|source| source.as_str().map(Text::from)).unwrap_or_default();
        let dtype = more.remove("dtype");
        let dtype = dtype.as_ref().and_then(Value::as_str).and_then(Dtype::of_name).ok_or_else(|| {
            PyValueError::new_err(format!(
                "expected \"number\", \"integer\", \"string\", \"array\" or \"boolean\" as the dtype of {key}"
            ))
        })?;
        let shape = more.remove("shape").and_then(|shape| {
            let extents = shape.as_array()?.iter();
            Some(extents.filter_map(|extent| u64::try_from(extent.as_i64()?).ok()).collect())
        });
        keys.push((text(&key)?, DataKey { source, dtype, shape: shape.unwrap_or_default(), more }));
    }
    Ok(DataKeys(keys))
}

/// An entry of a dict, if it has it.
fn entry<'py>(given: &Bound<'py, PyAny>, key: &str) -> PyResult<Option<Bound<'py, PyAny>>> {
    if given.contains(key)? { given.get_item(key).map(Some) } else { Ok(None) }
}

/// An event of a flyer.
///
/// # Errors
///
/// `KeyError` and `TypeError` for what is none.
pub(crate) fn partial_event(bridge: &Bridge, given: &Bound<'_, PyAny>) -> PyResult<PartialEvent> {
    let (data, timestamps) = (given.get_item("data")?, given.get_item("timestamps")?);
    let readings = dict(&data, "the data of an event")?.iter().map(|(key, value)| {
        let at = timestamp(&timestamps.get_item(&key)?)?;
        Ok((text(&key)?, Reading { value: bridge.carried.argument(&value)?, timestamp: at }))
    });
    let readings = readings.collect::<PyResult<_>>()?;
    let filled = match entry(given, "filled")? {
        Some(filled) => bridge.carried.map(dict(&filled, "what is filled")?)?,
        None => Map::new(),
    };
    let time = entry(given, "time")?.map(|time| timestamp(&time)).transpose()?;
    Ok(PartialEvent { readings, filled, time })
}

/// A page of events of a flyer.
///
/// # Errors
///
/// `KeyError` and `TypeError` for what is none.
pub(crate) fn partial_page(bridge: &Bridge, given: &Bound<'_, PyAny>) -> PyResult<PartialEventPage> {
    let columns = given.get_item("data")?;
    let data = dict(&columns, "the data of a page")?.iter().map(|(key, values)| {
        let values = values.try_iter()?.map(|value| bridge.carried.argument(&value?)).collect::<PyResult<_>>()?;
        Ok((text(&key)?, values))
    });
    let data = data.collect::<PyResult<_>>()?;
    let times =
        |given: &Bound<'_, PyAny>| given.try_iter()?.map(|time| timestamp(&time?)).collect::<PyResult<Vec<_>>>();
    let stamps = given.get_item("timestamps")?;
    let timestamps =
        dict(&stamps, "the timestamps of a page")?.iter().map(|(key, given)| Ok((text(&key)?, times(&given)?)));
    let timestamps = timestamps.collect::<PyResult<_>>()?;
    Ok(PartialEventPage { data, timestamps, time: times(&given.get_item("time")?)? })
}

/// A document of files: a pair of its name and a dict.
///
/// # Errors
///
/// `KeyError`, `TypeError` and `ValueError` for what is none.
pub(crate) fn asset_doc(bridge: &Bridge, given: &Bound<'_, PyAny>) -> PyResult<AssetDoc> {
    let (name, doc) = (given.get_item(0)?, given.get_item(1)?);
    let said = |key: &str| -> PyResult<Text> { text(&doc.get_item(key)?) };
    let map = |key: &str| -> PyResult<Map> { bridge.carried.map(dict(&doc.get_item(key)?, key)?) };
    let name = text(&name)?;
    Ok(match &*name {
        "resource" => AssetDoc::Resource(PartialResource {
            uid: said("uid")?,
            spec: said("spec")?,
            root: said("root")?,
            resource_path: said("resource_path")?,
            resource_kwargs: map("resource_kwargs")?,
            windows_path: entry(&doc, "path_semantics")?.is_some_and(|path| path.eq("windows").unwrap_or(false)),
        }),
        "datum" => AssetDoc::Datum(Datum {
            datum_id: said("datum_id")?,
            resource: said("resource")?,
            datum_kwargs: map("datum_kwargs")?,
        }),
        "stream_resource" => AssetDoc::StreamResource(PartialStreamResource {
            uid: said("uid")?,
            data_key: said("data_key")?,
            mimetype: said("mimetype")?,
            uri: said("uri")?,
            parameters: map("parameters")?,
        }),
        "stream_datum" => {
            let indices = doc.get_item("indices")?;
            AssetDoc::StreamDatum(PartialStreamDatum {
                uid: said("uid")?,
                stream_resource: said("stream_resource")?,
                indices: StreamRange {
                    start: indices.get_item("start")?.extract()?,
                    stop: indices.get_item("stop")?.extract()?,
                },
            })
        }
        other => return Err(PyValueError::new_err(format!("expected an asset document, found {other:?}"))),
    })
}

/// What comes one by one: a list, a generator, or one that is to be awaited for each.
///
/// # Errors
///
/// What the iteration raises, and `one`.
pub(crate) fn each<T>(given: &Bound<'_, PyAny>, one: impl Fn(&Bound<'_, PyAny>) -> PyResult<T>) -> PyResult<Vec<T>> {
    given.try_iter()?.map(|given| one(&given?)).collect()
}
