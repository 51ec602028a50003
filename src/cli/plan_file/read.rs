//! From a tree of [`Node`]s to a [`PlanFile`].

use std::io;
use std::path::Path;

use super::fields::{Fields, not_one_of};
use super::step::steps;
use super::{
    DeviceSpec, EngineOptions, FaultKind, FaultSpec, Item, Node, NodeValue, PauseAction, PlanFile, PlanFileError,
    Spanned,
};
use crate::value::{Map, Position, Value};

impl PlanFile {
    /// Reads the text of a plan file.
    ///
    /// # Errors
    ///
    /// [`PlanFileError`] at the first thing that is not as it should be. It names no file;
    /// [`PlanFileError::in_file`] adds its name.
    pub fn parse(text: &str) -> Result<Self, PlanFileError> {
        let node = Node::parse(text)?;
        if node.is_null() {
            return Err(PlanFileError::new(node.position, "a plan file with the key `items`", "nothing"));
        }
        let fields = Fields::of(&node, "a plan file", &["resource", "engine", "devices", "items"])?;
        let resource = match fields.get("resource") {
            Some(_) => fields.map("resource")?,
            None => Map::from_iter([("service.name", Value::literal("skyspan"))]),
        };
        let engine = fields.get("engine").map_or_else(|| Ok(EngineOptions::default()), engine)?;
        // Null is no device, as for Python: their lines may all be commented out.
        let devices = match fields.get("devices") {
            Some(node) if node.is_null() => &[],
            _ => fields.list("devices")?,
        };
        Ok(Self {
            resource,
            engine,
            devices: devices.iter().map(device).collect::<Result<_, _>>()?,
            items: fields
                .need("items")?
                .expect_list("a list as `items`")?
                .iter()
                .map(item)
                .collect::<Result<_, _>>()?,
        })
    }

    /// Reads a plan file from the disk.
    ///
    /// # Errors
    ///
    /// [`PlanFileError`], with the name of the file, when it cannot be read, is not UTF-8, or is not a plan file.
    pub fn read(path: impl AsRef<Path>) -> Result<Self, PlanFileError> {
        let name = path.as_ref().display().to_string();
        let read = std::fs::read(path).map_err(|error| unreadable(&error)).and_then(text_of);
        read.and_then(|text| Self::parse(&text)).map_err(|error| error.in_file(name))
    }

    /// Reads a plan file from what is left in `source`, standard input for example.
    ///
    /// # Errors
    ///
    /// [`PlanFileError`] when it cannot be read, is not UTF-8, or is not a plan file. It names no file.
    pub fn read_from(mut source: impl io::Read) -> Result<Self, PlanFileError> {
        let mut bytes = Vec::new();
        source.read_to_end(&mut bytes).map_err(|error| unreadable(&error))?;
        Self::parse(&text_of(bytes)?)
    }
}

fn unreadable(error: &io::Error) -> PlanFileError {
    let found = match error.kind() {
        io::ErrorKind::NotFound => "no such file".to_owned(),
        io::ErrorKind::IsADirectory => "a directory".to_owned(),
        _ => format!("that it cannot be read: {error}"),
    };
    PlanFileError::without_position("a plan file", found)
}

fn text_of(bytes: Vec<u8>) -> Result<String, PlanFileError> {
    String::from_utf8(bytes).map_err(|error| {
        let valid = error.utf8_error().valid_up_to();
        let bytes = error.as_bytes();
        let position = Position::of(&String::from_utf8_lossy(&bytes[..valid]), valid);
        let found = bytes.get(valid).map_or_else(|| "none".to_owned(), |byte| format!("the byte 0x{byte:02x}"));
        PlanFileError::new(position, "text in UTF-8", found)
    })
}

fn engine(node: &Node) -> Result<EngineOptions, PlanFileError> {
    let fields = Fields::of(node, "`engine`", &["record_interruptions", "md"])?;
    let record_interruptions = fields
        .get("record_interruptions")
        .map_or(Ok(false), |node| node.expect_bool("true or false as `record_interruptions`"))?;
    Ok(EngineOptions { record_interruptions, md: fields.map("md")? })
}

fn device(node: &Node) -> Result<DeviceSpec, PlanFileError> {
    let fields = Fields::any(node, "a device")?;
    Ok(DeviceSpec {
        name: fields.need_str("name", "the name of a device")?,
        class: fields.need_str("class", "the name of a class")?,
        options: fields.all_but(&["name", "class", "fault"]),
        fault: fields.get("fault").map(fault).transpose()?,
    })
}

fn fault(node: &Node) -> Result<FaultSpec, PlanFileError> {
    let fields = Fields::of(node, "a fault", &["kind", "nth", "message", "after"])?;
    let kind_node = fields.need("kind")?;
    let kind = match kind_node.as_str() {
        Some("fail") => FaultKind::Fail,
        Some("raise") => FaultKind::Raise,
        Some("hang") => FaultKind::Hang,
        _ => return Err(not_one_of(kind_node, "a kind of fault", &["fail", "raise", "hang"])),
    };
    let nth = match fields.get("nth") {
        None => 1,
        Some(node) => match node.expect_count("a whole number from 1 on as `nth`")? {
            0 => return Err(node.unexpected("a whole number from 1 on as `nth`")),
            nth => nth,
        },
    };
    let message = fields.get("message").map_or(Ok("injected fault"), |node| node.expect_str("the text of an error"))?;
    let after_s = match fields.get("after") {
        None => 0.01,
        Some(node) => {
            let what = "a number of seconds, not negative, as `after`";
            let seconds = node.expect_number(what)?;
            if seconds.is_finite() && seconds >= 0.0 { seconds } else { return Err(node.unexpected(what)) }
        }
    };
    Ok(FaultSpec {
        kind: Spanned { value: kind, position: kind_node.position },
        nth,
        message: message.to_owned(),
        after_s,
    })
}

fn item(node: &Node) -> Result<Item, PlanFileError> {
    let fields = Fields::any(node, "an item")?;
    let position = fields.position;
    let item_type = fields.need("item_type")?;
    match item_type.as_str() {
        Some("plan") => {
            let allowed = ["item_type", "name", "args", "kwargs", "meta", "on_pause"];
            let fields = Fields::of(node, "a plan item", &allowed)?;
            Ok(Item::Plan {
                name: fields.need_str("name", "the name of a plan")?,
                args: fields.list("args")?.to_vec(),
                kwargs: fields.named("kwargs")?,
                meta: fields.map("meta")?,
                on_pause: on_pause(&fields)?,
                position,
            })
        }
        Some("messages") => {
            let fields = Fields::of(node, "a messages item", &["item_type", "messages", "meta", "on_pause"])?;
            Ok(Item::Messages {
                messages: steps(fields.need("messages")?, "messages")?,
                meta: fields.map("meta")?,
                on_pause: on_pause(&fields)?,
                position,
            })
        }
        _ => Err(not_one_of(item_type, "an item type", &["plan", "messages"])),
    }
}

fn on_pause(fields: &Fields<'_>) -> Result<Vec<PauseAction>, PlanFileError> {
    fields.list("on_pause")?.iter().map(pause_action).collect()
}

fn pause_action(node: &Node) -> Result<PauseAction, PlanFileError> {
    const ACTIONS: [&str; 4] = ["resume", "abort", "stop", "halt"];
    match node.as_str() {
        Some("resume") => return Ok(PauseAction::Resume),
        Some("abort") => return Ok(PauseAction::Abort { reason: String::new() }),
        Some("stop") => return Ok(PauseAction::Stop),
        Some("halt") => return Ok(PauseAction::Halt),
        _ => {}
    }
    if !matches!(node.value, NodeValue::Mapping(_)) {
        return Err(not_one_of(node, "an action at a pause", &ACTIONS));
    }
    let fields = Fields::of(node, "an action at a pause", &["do", "reason"])?;
    let action = fields.need("do")?;
    match action.as_str() {
        Some("abort") => {}
        // In Python, too, only `abort` has a reason, and a map is the way to give one.
        Some(word) if ACTIONS.contains(&word) => {
            let error = action.unexpected("`abort`, which alone may have a reason");
            return Err(error.with_help(format!("write `{word}` without a map")));
        }
        _ => return Err(not_one_of(action, "an action at a pause", &ACTIONS)),
    }
    let reason = fields.get("reason").map_or(Ok(""), |node| node.expect_str("the reason of an abort"))?;
    Ok(PauseAction::Abort { reason: reason.to_owned() })
}
