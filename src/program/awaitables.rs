//! What `wait_for` waits for in a plan file: something that ends after a time, or fails then.

use std::time::Duration;

use super::scope::Scope;
use crate::clock::Clock;
use crate::message::{Arg, Awaitable, PlanError};
use crate::value::yaml::{Node, NodeValue, YamlError};
use crate::value::{Text, Value};

/// The list of what is waited for.
pub(super) fn awaitables(node: &Node, scope: &Scope) -> Result<Arg, YamlError> {
    let all = node.expect_list("a list of what is waited for")?.iter().map(|node| awaitable(node, scope));
    let all = all.collect::<Result<Vec<_>, _>>()?;
    // Of nothing a list of values is made, as of any list without objects.
    Ok(if all.is_empty() { Arg::from(Value::from_iter(Vec::<Value>::new())) } else { Arg::List(all) })
}

fn awaitable(node: &Node, scope: &Scope) -> Result<Arg, YamlError> {
    const EXPECTED: &str = "something to wait for, {sleep: SECONDS} or {sleep: SECONDS, raise: TEXT}";
    let NodeValue::Mapping(entries) = &node.value else { return Err(node.unexpected(EXPECTED)) };
    let (mut time, mut error) = (None, None);
    for (key, value) in entries {
        match key.as_str() {
            Some("sleep") => time = Some(value.expect_seconds("a number of seconds, not negative, as `sleep`")?),
            Some("raise") => error = Some(Text::from(value.expect_str("the text of an error")?)),
            _ => {
                return Err(YamlError::new(key.position, EXPECTED, format!("the key {}", key.describe())));
            }
        }
    }
    let time = time.ok_or_else(|| YamlError::new(node.position, EXPECTED, "no `sleep`"))?;
    Ok(Arg::Object(ends_after(&scope.clock, time, error).to_object()))
}

/// What ends so long after it is begun, and fails then if there is an error.
pub(super) fn ends_after(clock: &Clock, time: Duration, error: Option<Text>) -> Awaitable {
    let clock = clock.clone();
    Awaitable::new(move || {
        let (sleep, error) = (clock.sleep(time), error.clone());
        async move {
            sleep.await;
            error.map_or(Ok(Value::Null), |text| Err(PlanError::runtime(text)))
        }
    })
}
