//! What a drawing says of a span that is expected.

use crate::expect::SpanExpectation;
use crate::expect::pattern::NamePattern;
use crate::trace::drawn_name;

impl SpanExpectation {
    /// Its name with what the text form adds to it: `set {3}`, `** status`.
    pub(in crate::expect) fn label(&self) -> String {
        let mut out = String::new();
        if self.is_forbidden() {
            out.push_str("! ");
        }
        if self.at_any_depth {
            out.push_str("** ");
        }
        match &self.name {
            NamePattern::Exact(name) => out.push_str(&drawn_name(name)),
            NamePattern::Regex(regex) => out.extend(["/", regex.as_str(), "/"]),
            NamePattern::Glob(_) | NamePattern::Any => out.push_str(self.name.label()),
        }
        out + &match self.times.map(|range| (range.at_least, range.at_most)) {
            None | Some((_, Some(0))) => String::new(),
            Some((0, Some(1))) => " ?".to_owned(),
            Some((0, None)) => " {..}".to_owned(),
            Some((0, Some(at_most))) => format!(" {{..={at_most}}}"),
            Some((at_least, None)) => format!(" {{{at_least}..}}"),
            Some((at_least, Some(at_most))) if at_least == at_most => format!(" {{{at_least}}}"),
            Some((at_least, Some(at_most))) => format!(" {{{at_least}..={at_most}}}"),
        }
    }
}
