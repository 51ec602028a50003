//! Faults, as a plan file says them.

use std::time::Duration;

use crate::device::DeviceError;
use crate::hardware::{Fault, FaultAt, Method, Occasions};
use crate::program::data::FaultSpec;
use crate::program::fault_kinds::FAULTS;
use crate::value::Value;
use crate::value::yaml::{Fields, not_one_of};
use crate::value::yaml::{Node, NodeValue, YamlError};

/// Which call goes wrong: the keys of all faults.
const OCCASION: [&str; 6] = ["kind", "method", "nth", "from", "to", "rate"];

/// A fault that names its device.
pub(super) fn fault_of_device(node: &Node) -> Result<FaultSpec, YamlError> {
    let fields = Fields::any(node, "a fault")?;
    let device = fields.need_str("device", "the name of a device")?;
    Ok(FaultSpec { device, fault: fault_with(&fields, &["device"])? })
}

/// A fault of the device that it is said of.
pub(super) fn fault(node: &Node) -> Result<Fault, YamlError> {
    fault_with(&Fields::any(node, "a fault")?, &[])
}

fn fault_with(fields: &Fields<'_>, besides: &[&str]) -> Result<Fault, YamlError> {
    let kind_node = fields.need("kind")?;
    let Some(kind) = FAULTS.iter().find(|kind| kind_node.as_str() == Some(kind.name)) else {
        let known: Vec<&str> = FAULTS.iter().map(|kind| kind.name).collect();
        return Err(not_one_of(kind_node, "a kind of fault", &known));
    };
    let own: Vec<&str> = kind.options.iter().map(|option| option.name).collect();
    fields.allow(&[besides, &OCCASION, &own].concat())?;
    let kind = kind.name;
    let at = fault_at(fields, if kind == "read" { &READING } else { Method::ALL })?;
    let error = || {
        let class = fields.text("class", "the name of an error's class")?;
        Ok(DeviceError::other(class.unwrap_or_else(|| "DeviceFault".to_owned()), fault_message(fields)?))
    };
    Ok(match kind {
        "raise" => at.raises_error(error()?),
        "hang" => at.hangs(),
        "late" => match &fields.need("by")?.value {
            NodeValue::Sequence(delays) if !delays.is_empty() => {
                let what = "how many seconds later, each from 0 on, in the list `by`";
                let delays = delays.iter().map(|delay| delay.expect_seconds(what)).collect::<Result<Vec<_>, _>>()?;
                at.late_by_one_of(delays)
            }
            _ => at.late_by(need_seconds(fields, "by")?),
        },
        "slow" => {
            let node = fields.need("factor")?;
            let what = "a number from 1 on as `factor`";
            let factor = node.expect_number(what)?;
            if factor.is_nan() || factor < 1.0 {
                return Err(node.unexpected(what));
            }
            at.slow_by(factor)
        }
        "read" => {
            let value: Value = fields.need("value")?.to_value()?;
            match fields.text("key", "a data key")? {
                Some(key) => at.reads_as(key, value),
                None => at.reads(value),
            }
        }
        "disconnect" => at.disconnects_for(need_seconds(fields, "for")?),
        _ => at.fails_with(fields.seconds("after")?.unwrap_or(Duration::from_millis(10)), error()?),
    })
}

/// The methods that read something, the usual one first.
const READING: [Method; 3] = [Method::Read, Method::ReadConfiguration, Method::Locate];

/// At which call of which of these methods, the first of which is meant unless another is said.
fn fault_at(fields: &Fields<'_>, methods: &[Method]) -> Result<FaultAt, YamlError> {
    let method = match fields.get("method") {
        None => methods.first().copied().unwrap_or(Method::Set),
        Some(node) => {
            let known: Vec<&str> = methods.iter().map(|method| method.as_str()).collect();
            let found = methods.iter().find(|method| node.as_str() == Some(method.as_str()));
            *found.ok_or_else(|| not_one_of(node, "a method of a device that may go wrong so", &known))?
        }
    };
    let (nth, first, last) = (fields.ordinal("nth")?, fields.ordinal("from")?, fields.ordinal("to")?);
    let said = [nth.map(|_| "nth"), first.or(last).map(|_| "from"), fields.get("rate").map(|_| "rate")];
    if said.iter().flatten().count() > 1 {
        return Err(fields.lacks("only one of `nth`, `from` and `to`, and `rate`"));
    }
    Ok(match fields.get("rate") {
        Some(node) => {
            let what = "a number from 0 to 1 as `rate`";
            let rate = node.expect_number(what)?;
            if !(0.0..=1.0).contains(&rate) {
                return Err(node.unexpected(what));
            }
            Fault::on(method, Occasions::at_rate(rate))
        }
        None => match (first, last) {
            (None, None) => Fault::on(method, nth.unwrap_or(1)),
            (Some(first), Some(last)) if first > last => {
                let node = fields.need("to")?;
                return Err(node.unexpected(format!("the number of a call from {first} on as `to`")));
            }
            (first, Some(last)) => Fault::on(method, first.unwrap_or(1)..=last),
            (Some(first), None) => Fault::on(method, first..),
        },
    })
}

fn need_seconds(fields: &Fields<'_>, key: &str) -> Result<Duration, YamlError> {
    fields.need(key)?;
    Ok(fields.seconds(key)?.unwrap_or_default())
}

/// The text of the error that a fault is.
pub(super) fn fault_message(fields: &Fields<'_>) -> Result<String, YamlError> {
    Ok(fields.text("message", "the text of an error")?.unwrap_or_else(|| "injected fault".to_owned()))
}
