//! From a tree of [`Node`]s to a [`Program`]: all but its items.

#[cfg(feature = "plan-files")]
use std::io;
#[cfg(feature = "plan-files")]
use std::path::Path;

use super::read_fault::{fault, fault_message, fault_of_device};
use super::read_item::item;
use super::steps;
use crate::clock::Moments;
use crate::engine::Limits;
use crate::program::data::{
    CallbackFault, CallbackSpec, DeviceSpec, EngineOptions, Program, StageSigsSpec, SuspenderSpec,
};
use crate::value::yaml::{Fields, Node, Spanned, YamlError};
#[cfg(feature = "plan-files")]
use crate::value::yaml::{TEXT_SIZE_MAX, read_text_from_up_to, read_text_up_to};
use crate::value::{Map, Value};

/// The keys of a plan file.
const KEYS: [&str; 11] = [
    "version",
    "resource",
    "engine",
    "devices",
    "faults",
    "stage_sigs",
    "callbacks",
    "suspenders",
    "fail_fast",
    "expect",
    "items",
];

impl Program {
    /// Reads the text of a plan file.
    ///
    /// # Errors
    ///
    /// [`YamlError`] at the first thing that is not as it should be. It names no file;
    /// [`YamlError::in_file`] adds its name.
    #[cfg(feature = "plan-files")]
    pub fn parse(text: &str) -> Result<Self, YamlError> {
        Self::from_node(&Node::parse(text)?)
    }

    /// Gives the tree of a plan file its types.
    ///
    /// # Errors
    ///
    /// [`YamlError`] at the first thing that is not as it should be.
    pub fn from_node(node: &Node) -> Result<Self, YamlError> {
        if node.is_null() {
            return Err(YamlError::new(node.position, "a plan file with the key `items`", "nothing"));
        }
        let fields = Fields::of(node, "a plan file", &KEYS)?;
        if let Some(version) = fields.get("version").filter(|node| node.expect_count("").ok() != Some(1)) {
            return Err(version.unexpected("1, the only version of plan files there is, as `version`"));
        }
        let resource = match fields.get("resource") {
            Some(_) => fields.map("resource")?,
            None => Map::from_iter([("service.name", Value::literal("skyspan"))]),
        };
        let engine = fields.get("engine").map_or_else(|| Ok(EngineOptions::default()), engine)?;
        let all = |key| fields.list_or_null(key);
        Ok(Self {
            resource,
            engine,
            devices: all("devices")?.iter().map(device).collect::<Result<_, _>>()?,
            faults: all("faults")?.iter().map(fault_of_device).collect::<Result<_, _>>()?,
            stage_sigs: fields.get("stage_sigs").map_or_else(|| Ok(Vec::new()), stage_sigs)?,
            callbacks: all("callbacks")?.iter().map(callback).collect::<Result<_, _>>()?,
            suspenders: all("suspenders")?.iter().map(suspender).collect::<Result<_, _>>()?,
            fail_fast: fields.flag("fail_fast")?,
            expect: expected(&fields)?,
            items: fields
                .need("items")?
                .expect_list("a list as `items`")?
                .iter()
                .map(item)
                .collect::<Result<_, _>>()?,
        })
    }

    /// Reads a plan file of at most [`TEXT_SIZE_MAX`] bytes from the disk.
    ///
    /// # Errors
    ///
    /// [`YamlError`], with the name of the file, when it cannot be read, is larger, is not UTF-8, or is not a plan file.
    #[cfg(feature = "plan-files")]
    pub fn read(path: impl AsRef<Path>) -> Result<Self, YamlError> {
        Self::read_up_to(path, TEXT_SIZE_MAX)
    }

    /// The same of at most so many bytes. A plan file takes some fifty times its size in memory.
    ///
    /// # Errors
    ///
    /// As [`read`](Self::read).
    #[cfg(feature = "plan-files")]
    pub fn read_up_to(path: impl AsRef<Path>, size_max: u64) -> Result<Self, YamlError> {
        let name = path.as_ref().display().to_string();
        Self::parse(&read_text_up_to(path, "a plan file", size_max)?).map_err(|error| error.in_file(name))
    }

    /// Reads a plan file of at most [`TEXT_SIZE_MAX`] bytes from what is left in `source`, standard input for example.
    ///
    /// # Errors
    ///
    /// [`YamlError`] when it cannot be read, is larger, is not UTF-8, or is not a plan file. It names no file.
    #[cfg(feature = "plan-files")]
    pub fn read_from(source: impl io::Read) -> Result<Self, YamlError> {
        Self::read_from_up_to(source, TEXT_SIZE_MAX)
    }

    /// The same of at most so many bytes. No more is read, so a source may have no end.
    ///
    /// # Errors
    ///
    /// As [`read_from`](Self::read_from).
    ///
    /// ```
    /// use skyspan::program::Program;
    ///
    /// let error = Program::read_from_up_to(std::io::repeat(b'#'), 1_000).unwrap_err();
    /// assert!(error.to_string().starts_with("expected a plan file of at most 1,000 bytes, found more"), "{error}");
    /// ```
    #[cfg(feature = "plan-files")]
    pub fn read_from_up_to(source: impl io::Read, size_max: u64) -> Result<Self, YamlError> {
        Self::parse(&read_text_from_up_to(source, "a plan file", size_max)?)
    }
}

/// What a program or a call must leave. It is kept as it stands, and must be a check file.
pub(super) fn expected(fields: &Fields<'_>) -> Result<Option<Node>, YamlError> {
    let Some(node) = fields.get("expect").filter(|node| !node.is_null()) else { return Ok(None) };
    #[cfg(feature = "plan-files")]
    skyspan_trace::check::CheckFile::from_node(node, Path::new(""))?;
    Ok(Some(node.clone()))
}

fn engine(node: &Node) -> Result<EngineOptions, YamlError> {
    let known = ["record_interruptions", "ignore_callback_exceptions", "predeclare", "md", "limits", "moments"];
    let fields = Fields::of(node, "`engine`", &known)?;
    Ok(EngineOptions {
        record_interruptions: fields.flag("record_interruptions")?,
        predeclare: fields.flag("predeclare")?,
        ignore_callback_exceptions: fields.flag("ignore_callback_exceptions")?,
        md: fields.map("md")?,
        limits: fields.get("limits").map_or(Ok(Limits::default()), limits)?,
        moments: fields.get("moments").map_or(Ok(Moments::default()), moments)?,
    })
}

fn moments(node: &Node) -> Result<Moments, YamlError> {
    let what = "`in_order`, `shuffled`, or a list of picks, each a number from 0 to 255, as `moments`";
    match node.as_str() {
        Some("in_order") => Ok(Moments::InOrder),
        Some("shuffled") => Ok(Moments::Shuffled(0)),
        _ => {
            let picks = node.expect_list(what)?.iter();
            let picks = picks.map(|pick| u8::try_from(pick.expect_count(what)?).map_err(|_| pick.unexpected(what)));
            Ok(Moments::Picked(picks.collect::<Result<_, _>>()?))
        }
    }
}

fn limits(node: &Node) -> Result<Limits, YamlError> {
    let fields = Fields::of(node, "`limits`", &Limits::NAMES)?;
    let mut limits = Limits::default();
    for name in Limits::NAMES {
        let Some(node) = fields.get(name) else { continue };
        let limit = match node.is_null() {
            true => None,
            false => Some(node.expect_count("a whole number from 0 on, or null for no limit")?),
        };
        limits = limits.with(name, limit).unwrap_or(limits);
    }
    Ok(limits)
}

fn device(node: &Node) -> Result<DeviceSpec, YamlError> {
    let fields = Fields::any(node, "a device")?;
    Ok(DeviceSpec {
        name: fields.need_str("name", "the name of a device")?,
        class: fields.need_str("class", "the name of a class")?,
        options: fields.all_but(&["name", "class", "fault", "faults"]),
        fault: fields.get("fault").map(fault).transpose()?,
        faults: fields.list("faults")?.iter().map(fault).collect::<Result<_, _>>()?,
    })
}

/// The signals that each device sets when it is staged.
fn stage_sigs(node: &Node) -> Result<Vec<StageSigsSpec>, YamlError> {
    if node.is_null() {
        return Ok(Vec::new());
    }
    let named = |key: &Node, what: &str| {
        Ok::<_, YamlError>(Spanned { value: key.expect_str(what)?.to_owned(), position: key.position })
    };
    let all = node.expect_map("signals by their devices as `stage_sigs`")?.iter().map(|(device, sigs)| {
        let sigs = sigs.expect_map("values by their signals")?.iter();
        let sigs = sigs.map(|(signal, value)| Ok((named(signal, "the name of a signal")?, value.clone())));
        let sigs = sigs.collect::<Result<_, YamlError>>()?;
        Ok(StageSigsSpec { device: named(device, "the name of a device")?, sigs })
    });
    all.collect()
}

fn callback(node: &Node) -> Result<CallbackSpec, YamlError> {
    let fields = Fields::of(node, "a callback", &["name", "fault"])?;
    let name = fields.need_str("name", "the name of a callback")?;
    let fault = fields.get("fault").filter(|node| !node.is_null()).map(callback_fault).transpose()?;
    Ok(CallbackSpec { name, fault })
}

fn callback_fault(node: &Node) -> Result<CallbackFault, YamlError> {
    let fields = Fields::of(node, "a callback's fault", &["nth", "message"])?;
    if fields.keys().next().is_none() {
        // Python holds an empty map for none, and who writes one may mean the reverse.
        return Err(fields.lacks("`nth` or `message`"));
    }
    Ok(CallbackFault { nth: fields.ordinal("nth")?.unwrap_or(1), message: fault_message(&fields)? })
}

fn suspender(node: &Node) -> Result<SuspenderSpec, YamlError> {
    let fields = Fields::any(node, "a suspender")?;
    let plan = |key| fields.get(key).map(|node| steps(node, key)).transpose();
    Ok(SuspenderSpec {
        name: fields.need_str("name", "the name of a suspender")?,
        class: fields.need_str("class", "the name of a class")?,
        signal: fields.need("signal")?.clone(),
        options: fields.all_but(&["name", "class", "signal", "pre_plan", "post_plan"]),
        pre_plan: plan("pre_plan")?,
        post_plan: plan("post_plan")?,
    })
}
