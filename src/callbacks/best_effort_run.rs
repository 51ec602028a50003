//! What a [`BestEffortCallback`](super::BestEffortCallback) makes of a run: which data keys are its dimensions, and which
//! are shown.

use crate::document::{Descriptor, RunStart};
use crate::value::{Text, Value};

/// The dimensions of a run: the data keys that the plan varies.
#[derive(Clone, Debug, Default)]
pub(crate) struct Dimensions {
    /// One data key of each dimension; a name of a motor instead, where they are guessed.
    pub(crate) fields: Vec<Text>,
    /// All data keys of all dimensions.
    pub(crate) all_fields: Vec<Text>,
    /// The stream that they are in.
    pub(crate) stream: Text,
    /// The plan did not say them, or not so that it makes sense.
    pub(crate) are_guessed: bool,
}

impl Dimensions {
    /// From the hints of a run, or from the motors that it names; nothing where its metadata are not as they should be.
    pub(crate) fn of(start: &RunStart) -> Option<Self> {
        let hinted = match start.metadata.get("hints") {
            None => None,
            Some(hints) => match hints.as_map()?.get("dimensions") {
                None | Some(Value::Null) => None,
                Some(dimensions) => Some(read_dimensions(dimensions)?),
            },
        };
        // Those of several streams cannot be shown together.
        let is_of_one_stream = |dimensions: &Vec<(Vec<Text>, Text)>| {
            dimensions.first().is_some_and(|(_, first)| dimensions.iter().all(|(_, stream)| stream == first))
        };
        let hinted = hinted.filter(is_of_one_stream);
        let are_guessed = hinted.is_none();
        let dimensions = hinted.unwrap_or_else(|| guessed(start));
        Some(Self {
            fields: dimensions.iter().map(|(fields, _)| fields.first().cloned().unwrap_or_else(time)).collect(),
            all_fields: dimensions.iter().flat_map(|(fields, _)| fields.clone()).collect(),
            stream: dimensions.first()?.1.clone(),
            are_guessed,
        })
    }

    /// Puts the data keys of guessed motors in the place of their names, as the first descriptor of `primary` tells them;
    /// nothing where it lacks one.
    pub(super) fn settle(&mut self, primary: &Descriptor) -> Option<()> {
        self.are_guessed = false;
        let mut fields = Vec::new();
        for name in &self.fields {
            if name == "time" {
                fields.push(name.clone());
            } else {
                fields.extend_from_slice(fields_of(primary, name)?);
            }
        }
        self.fields = fields;
        Some(())
    }
}

fn time() -> Text {
    Text::literal("time")
}

fn guessed(start: &RunStart) -> Vec<(Vec<Text>, Text)> {
    let primary = || Text::literal("primary");
    let motors = start.metadata.get("motors").and_then(Value::as_array).unwrap_or_default();
    if motors.is_empty() {
        return vec![(vec![time()], primary())];
    }
    motors.iter().filter_map(|motor| Some((vec![motor.as_str()?.into()], primary()))).collect()
}

fn read_dimensions(dimensions: &Value) -> Option<Vec<(Vec<Text>, Text)>> {
    let dimension = |dimension: &Value| match dimension.as_array()? {
        [fields, stream] => {
            let fields = fields.as_array()?.iter().map(|field| Some(field.as_str()?.into()));
            Some((fields.collect::<Option<Vec<Text>>>()?, stream.as_str()?.into()))
        }
        _ => None,
    };
    dimensions.as_array()?.iter().map(dimension).collect()
}

/// The data keys of an object that matter to people: those it hints at, or all of them. Nothing for an object that is not
/// there.
fn fields_of<'a>(descriptor: &'a Descriptor, object: &str) -> Option<&'a [Text]> {
    let hints = descriptor.hints.iter().find(|(name, _)| name == object);
    if let Some(fields) = hints.and_then(|(_, hints)| hints.fields.as_deref()) {
        return Some(fields);
    }
    descriptor.object_keys.iter().find(|(name, _)| name == object).map(|(_, keys)| &**keys)
}

/// The data keys of a stream that matter to people (`hinted_fields`).
pub(super) fn hinted_fields(descriptor: &Descriptor) -> Vec<Text> {
    let objects = descriptor.object_keys.iter();
    objects.filter_map(|(object, _)| fields_of(descriptor, object)).flatten().cloned().collect()
}
