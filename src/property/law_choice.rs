//! Laws by name, as a command line asks for them.

use std::fmt::Write as _;

use super::Law;
use super::law::slug;
use crate::value::nearest;

/// Why a law that is asked for is not to be had.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum LawChoiceError {
    /// No law has such a name.
    #[error("expected the name of a law, or a part of one, found {asked:?}{}\nthe laws are:{}", meant(nearest.as_deref()), list(known))]
    Unknown {
        /// What was asked for.
        asked: String,
        /// The name that is most like it, if one is.
        nearest: Option<String>,
        /// The names of all laws there are.
        known: Vec<String>,
    },
    /// It is part of several names.
    #[error("expected a part of the name of one law, found {asked:?}; say more of one of these:{}", list(matches))]
    Ambiguous {
        /// What was asked for.
        asked: String,
        /// The names that it is part of.
        matches: Vec<String>,
    },
}

fn meant(nearest: Option<&str>) -> String {
    nearest.map(|name| format!("; did you mean `{name}`?")).unwrap_or_default()
}

fn list(names: &[String]) -> String {
    names.iter().fold(String::new(), |mut all, name| {
        let _ = write!(all, "\n    {name}");
        all
    })
}

/// The laws that are asked for: by their names, their [slugs](Law::slug), or a part that only one of them has. All of them where none is
/// asked for.
///
/// ```
/// use skyspan::property::{Law, choose_laws, laws};
///
/// let quick = Law::of_run("no run takes a day", |_| ());
/// let known = Law::all([laws::engine_is_idle(), quick]);
/// let chosen = choose_laws(&known, &["engine-is-idle"])?;
/// assert_eq!(chosen.name(), "the engine is idle afterwards");
///
/// let error = choose_laws(&known, &["engin-is-idel"]).unwrap_err();
/// assert!(error.to_string().contains("did you mean `the-engine-is-idle-afterwards`?"), "{error}");
/// # Ok::<(), skyspan::property::LawChoiceError>(())
/// ```
///
/// # Errors
///
/// The first that no law is called, or that is part of the names of several.
pub fn choose_laws(known: &Law, asked: &[impl AsRef<str>]) -> Result<Law, LawChoiceError> {
    let known = known.parts();
    if asked.is_empty() {
        return Ok(Law::all(known));
    }
    let slugs: Vec<String> = known.iter().map(Law::slug).collect();
    let mut chosen: Vec<usize> = Vec::new();
    for asked in asked {
        let at = place(asked.as_ref(), &slugs)?;
        if !chosen.contains(&at) {
            chosen.push(at);
        }
    }
    Ok(Law::all(chosen.into_iter().filter_map(|at| known.get(at).cloned())))
}

fn place(asked: &str, slugs: &[String]) -> Result<usize, LawChoiceError> {
    let wanted = slug(asked);
    if let Some(exactly) = slugs.iter().position(|slug| *slug == wanted) {
        return Ok(exactly);
    }
    let has_it = |at: &usize| !wanted.is_empty() && slugs.get(*at).is_some_and(|slug| slug.contains(&wanted));
    let matches: Vec<usize> = (0..slugs.len()).filter(has_it).collect();
    match *matches.as_slice() {
        [one] => Ok(one),
        [] => Err(LawChoiceError::Unknown {
            asked: asked.to_owned(),
            nearest: most_like(&wanted, slugs),
            known: slugs.to_vec(),
        }),
        _ => Err(LawChoiceError::Ambiguous {
            asked: asked.to_owned(),
            matches: matches.into_iter().filter_map(|at| slugs.get(at).cloned()).collect(),
        }),
    }
}

/// The name that is meant perhaps, or of which a part is meant: that of as many words.
fn most_like(wanted: &str, slugs: &[String]) -> Option<String> {
    if let Some(whole) = nearest(wanted, slugs.iter().map(String::as_str)) {
        return Some(whole.to_owned());
    }
    let count = wanted.split('-').count();
    let part_of = |slug: &String| {
        let words: Vec<&str> = slug.split('-').collect();
        words.windows(count).map(|part| part.join("-")).collect::<Vec<_>>()
    };
    let parts: Vec<(String, &String)> =
        slugs.iter().flat_map(|slug| part_of(slug).into_iter().map(move |part| (part, slug))).collect();
    let part = nearest(wanted, parts.iter().map(|(part, _)| part.as_str()))?;
    parts.iter().find(|(known, _)| known == part).map(|(_, slug)| (*slug).clone())
}
