//! Messages as Rust code: by their stub, where that yields the same, else by the name of the command.

use std::fmt::Write as _;

use crate::program::data::Step;
use crate::program::rust_words::{rust_value, subscribed, suspender, unsubscribed, variable};
use crate::value::Value;
use crate::value::yaml::{Node, Spanned};

/// A message, as its parts are written.
struct Message<'a> {
    command: &'a str,
    obj: Option<String>,
    args: &'a [Node],
    kwargs: &'a [(Spanned<String>, Node)],
    run: Option<&'a Node>,
}

/// A message as a statement.
pub(super) fn message(step: &Step) -> String {
    let Some(message) = Message::of(step) else { return String::new() };
    let stub = if message.run.is_none() { message.stub() } else { None };
    format!("{}.await?;", stub.unwrap_or_else(|| format!("p.msg({})", message.generic())))
}

/// A message as a value: `GenericMsg::new("null")`.
pub(super) fn any_message(step: &Step) -> String {
    Message::of(step).map(|message| message.generic()).unwrap_or_default()
}

impl<'a> Message<'a> {
    fn of(step: &'a Step) -> Option<Self> {
        let Step::Message { command, obj, args, kwargs, run, .. } = step else { return None };
        let obj = obj.as_ref().and_then(Node::as_str).map(variable);
        Some(Message { command: &command.value, obj, args, kwargs, run: run.as_ref() })
    }

    fn kwarg(&self, name: &str) -> Option<Value> {
        self.kwargs.iter().find(|(key, _)| key.value == name)?.1.to_value().ok()
    }

    fn has_only(&self, args: usize, kwargs: &[&str]) -> bool {
        self.args.len() == args
            && self.kwargs.len() == kwargs.len()
            && self.kwargs.iter().all(|(key, _)| kwargs.contains(&key.value.as_str()))
    }

    /// The stub that yields the same message, where there is one.
    fn stub(&self) -> Option<String> {
        let obj = self.obj.as_deref();
        let text = |name: &str| self.kwarg(name)?.as_str().map(|text| format!("{text:?}"));
        let grouped = || self.kwarg("group").map(|group| rust_value(&group));
        Some(match (self.command, obj) {
            ("null" | "checkpoint" | "clear_checkpoint" | "save" | "drop", None) if self.has_only(0, &[]) => {
                format!("p.{}()", self.command)
            }
            ("sleep", None) if self.has_only(1, &[]) => {
                let time = self.args.first()?.to_value().ok()?.as_f64()?;
                format!("p.sleep({})", rust_value(&Value::Float(time)))
            }
            ("open_run", None) if self.has_only(0, &[]) => "p.open_run(Map::new())".to_owned(),
            ("close_run", None) if self.has_only(0, &["exit_status", "reason"]) => match text("exit_status") {
                None => "p.close_run()".to_owned(),
                Some(status) => format!("p.close_run_as({status}, {})", text("reason")?),
            },
            ("create", None) if self.has_only(0, &["name"]) => format!("p.create({})", text("name")?),
            ("read", Some(obj)) if self.has_only(0, &[]) => format!("p.read(&{obj})"),
            ("set", Some(obj)) if self.has_only(1, &["group"]) => {
                let to = rust_value(&self.args.first()?.to_value().ok()?);
                match self.kwarg("group")? {
                    Value::Null => format!("p.abs_set(&{obj}, {to})"),
                    group => format!("p.abs_set_in(&{obj}, {to}, {})", rust_value(&group)),
                }
            }
            ("trigger", Some(obj)) if self.has_only(0, &["group"]) => format!("p.trigger(&{obj}, {})", grouped()?),
            ("wait", None) if self.has_only(0, &["group", "error_on_timeout", "timeout", "watch"]) => {
                let is_usual = self.kwarg("error_on_timeout") == Some(Value::Bool(true))
                    && self.kwarg("timeout") == Some(Value::Null)
                    && self.kwarg("watch") == Some(Value::from(Vec::<Value>::new()));
                is_usual.then(|| grouped().map(|group| format!("p.wait({group})")))??
            }
            ("stage" | "unstage" | "stop" | "unmonitor", Some(obj)) if self.has_only(0, &[]) => {
                format!("p.{}(&{obj})", self.command)
            }
            ("monitor", Some(obj)) if self.has_only(0, &["name"]) => format!("p.monitor(&{obj}, {})", text("name")?),
            ("kickoff" | "complete", Some(obj)) if self.has_only(0, &["group"]) => {
                format!("p.{}_in(&{obj}, {})", self.command, grouped()?)
            }
            ("pause", None) if self.has_only(0, &["defer"]) => match self.kwarg("defer") {
                Some(Value::Bool(true)) => "p.deferred_pause()".to_owned(),
                _ => "p.pause()".to_owned(),
            },
            ("subscribe", None) if self.has_only(2, &[]) => {
                let (callback, documents) = (self.args.first()?, self.args.get(1)?);
                subscribed(callback, documents)?
            }
            ("unsubscribe", None) if self.has_only(1, &[]) => unsubscribed(self.args.first()?)?,
            ("install_suspender" | "remove_suspender", None) if self.has_only(1, &[]) => {
                suspender(self.command, self.args.first()?)?
            }
            _ => return None,
        })
    }

    /// Any message, by the name of its command.
    fn generic(&self) -> String {
        let mut code = format!("GenericMsg::new({:?})", self.command);
        if let Some(obj) = &self.obj {
            let _ = write!(code, ".about(&{obj})");
        }
        let is_about_several = ["declare_stream", "collect", "locate"].contains(&self.command);
        for node in self.args {
            match node.as_str() {
                Some(device) if is_about_several => {
                    let _ = write!(code, ".arg(&{})", variable(device));
                }
                _ => {
                    let _ = write!(code, ".arg({})", node_value(node));
                }
            }
        }
        for (key, node) in self.kwargs {
            let _ = write!(code, ".kwarg({:?}, {})", key.value, node_value(node));
        }
        if let Some(run) = self.run {
            let _ = write!(code, ".in_run({})", node_value(run));
        }
        code
    }
}

fn node_value(node: &Node) -> String {
    node.to_value().map_or_else(|_| "Value::Null".to_owned(), |value| rust_value(&value))
}
