//! [`Call`]: arguments by position and keyword, taken by the names of their parameters, as Python does.

use super::bench::Bench;
use crate::value::nearest;
use crate::value::yaml::{Node, Spanned, YamlError};

/// A call with arguments by position and keyword.
pub(super) struct Call<'a> {
    pub(super) name: &'a Spanned<String>,
    pub(super) args: &'a [Node],
    pub(super) kwargs: &'a [(Spanned<String>, Node)],
    pub(super) bench: &'a Bench,
}

impl<'a> Call<'a> {
    /// Wants the parameters to be these: so many may be given by position, the others by keyword only.
    pub(super) fn expect(&self, by_position: &[&str], by_keyword: &[&str]) -> Result<(), YamlError> {
        self.expect_positional(by_position.len())?;
        self.expect_keywords(&[by_position, by_keyword].concat())?;
        self.expect_once(by_position)
    }

    /// Wants no more arguments by position than that.
    pub(super) fn expect_positional(&self, most: usize) -> Result<(), YamlError> {
        match self.args.get(most) {
            None => Ok(()),
            Some(extra) => Err(extra.unexpected(match most {
                0 => format!("{} without arguments by position", self.name.value),
                1 => format!("{} with at most 1 argument by position", self.name.value),
                most => format!("{} with at most {most} arguments by position", self.name.value),
            })),
        }
    }

    /// Wants no parameter to be given by position and by keyword.
    pub(super) fn expect_once(&self, by_position: &[&str]) -> Result<(), YamlError> {
        match self
            .kwargs
            .iter()
            .find(|(key, _)| by_position.iter().take(self.args.len()).any(|name| *name == key.value))
        {
            None => Ok(()),
            Some((key, _)) => Err(YamlError::new(
                key.position,
                format!("`{}` to be given once", key.value),
                "it by position and by keyword",
            )),
        }
    }

    /// Wants no other arguments by keyword than these.
    pub(super) fn expect_keywords(&self, known: &[&str]) -> Result<(), YamlError> {
        match self.kwargs.iter().find(|(key, _)| !known.contains(&key.value.as_str())) {
            None => Ok(()),
            Some((key, _)) => {
                let expected = match known {
                    [] => format!("{} without arguments by keyword", self.name.value),
                    _ => format!("an argument of {}: {}", self.name.value, known.join(", ")),
                };
                let found = format!("{:?}", key.value);
                let known = known.iter().copied();
                Err(YamlError::new(key.position, expected, found).with_suggestion(nearest(&key.value, known)))
            }
        }
    }

    /// The argument of a parameter, by its position if it has one, or by keyword.
    pub(super) fn get(&self, at: Option<usize>, name: &str) -> Option<&'a Node> {
        let by_position = at.and_then(|at| self.args.get(at));
        by_position.or_else(|| self.kwargs.iter().find(|(key, _)| key.value == name).map(|(_, node)| node))
    }

    /// The same, where it may not be left out.
    pub(super) fn required(&self, at: Option<usize>, name: &str) -> Result<&'a Node, YamlError> {
        self.get(at, name).ok_or_else(|| {
            YamlError::new(self.name.position, format!("the argument `{name}` of {}", self.name.value), "none")
        })
    }

    /// A truth value, false where it is left out.
    pub(super) fn flag(&self, at: Option<usize>, name: &str) -> Result<bool, YamlError> {
        self.get(at, name).map_or(Ok(false), |node| node.expect_bool("true or false"))
    }
}
