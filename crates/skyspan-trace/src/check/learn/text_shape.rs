//! [`TextShape`]: what texts have in common, sign by sign.

use super::yaml_text::in_regex;

/// A longer text is not looked at.
const LENGTH_MAX: usize = 200;
/// Nor is one with more parts.
const TOKENS_MAX: usize = 40;

/// What texts have in common: the same parts in the same order, of which some are the same text and others are of a kind.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct TextShape(Vec<Token>);

#[derive(Clone, Debug, PartialEq)]
enum Token {
    /// A sign that is neither letter nor digit.
    Sign(char),
    /// Letters and digits, the same in all texts.
    Same(String),
    /// Letters and digits.
    Word { lower: bool, upper: bool, digits: bool, beyond_hex: bool, least: usize, most: usize },
}

impl TextShape {
    /// That of one text; nothing for a long one, or one with more than ASCII.
    pub(super) fn of(text: &str) -> Option<Self> {
        if text.is_empty() || text.len() > LENGTH_MAX || !text.is_ascii() || text.chars().any(|c| c.is_ascii_control())
        {
            return None;
        }
        let mut tokens = Vec::new();
        let mut word = String::new();
        for c in text.chars() {
            if c.is_ascii_alphanumeric() {
                word.push(c);
                continue;
            }
            if !word.is_empty() {
                tokens.push(Token::Same(std::mem::take(&mut word)));
            }
            tokens.push(Token::Sign(c));
        }
        if !word.is_empty() {
            tokens.push(Token::Same(word));
        }
        (tokens.len() <= TOKENS_MAX).then_some(Self(tokens))
    }

    /// What both have in common; nothing if their parts are others.
    pub(super) fn and(&self, other: &Self) -> Option<Self> {
        if self.0.len() != other.0.len() {
            return None;
        }
        self.0.iter().zip(&other.0).map(|(one, other)| one.and(other)).collect::<Option<Vec<_>>>().map(Self)
    }

    /// Whether a text is of this shape, whatever the length of its parts.
    pub(super) fn is_of(&self, text: &str) -> bool {
        let Some(other) = Self::of(text) else { return false };
        self.0.len() == other.0.len() && self.0.iter().zip(&other.0).all(|(one, other)| one.takes(other))
    }

    /// Whether a part of it is the same in all texts, or it has signs: otherwise it says no more than that there is a word.
    pub(super) fn says_something(&self) -> bool {
        self.0.len() > 1
            || self.0.iter().any(|token| match token {
                Token::Word { least, most, digits, .. } => (least == most && *least > 3) || *digits,
                _ => true,
            })
    }

    /// A regular expression of all such texts, from end to end.
    pub(super) fn regex(&self) -> String {
        let parts: String = self.0.iter().map(Token::regex).collect();
        format!("^{parts}$")
    }
}

impl Token {
    fn of_word(text: &str) -> Self {
        let has = |is: fn(&u8) -> bool| text.as_bytes().iter().any(is);
        Self::Word {
            lower: has(u8::is_ascii_lowercase),
            upper: has(u8::is_ascii_uppercase),
            digits: has(u8::is_ascii_digit),
            beyond_hex: text.bytes().any(|byte| !byte.is_ascii_hexdigit()),
            least: text.len(),
            most: text.len(),
        }
    }

    fn and(&self, other: &Self) -> Option<Self> {
        match (self, other) {
            (Self::Sign(one), Self::Sign(other)) => (one == other).then_some(Self::Sign(*one)),
            (Self::Sign(_), _) | (_, Self::Sign(_)) => None,
            (one, other) if one == other => Some(one.clone()),
            (one, other) => match (one.as_word(), other.as_word()) {
                (
                    Self::Word { lower, upper, digits, beyond_hex, least, most },
                    Self::Word { lower: l, upper: u, digits: d, beyond_hex: b, least: from, most: to },
                ) => Some(Self::Word {
                    lower: lower || l,
                    upper: upper || u,
                    digits: digits || d,
                    beyond_hex: beyond_hex || b,
                    least: least.min(from),
                    most: most.max(to),
                }),
                _ => None,
            },
        }
    }

    fn as_word(&self) -> Self {
        match self {
            Self::Same(text) => Self::of_word(text),
            other => other.clone(),
        }
    }

    /// Whether another, which is of one text, is as this says.
    fn takes(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Word { lower, upper, digits, .. }, Self::Same(text)) => text.bytes().all(|byte| match byte {
                b'0'..=b'9' => *digits,
                b'a'..=b'z' => *lower,
                _ => *upper,
            }),
            (one, other) => one == other,
        }
    }

    fn regex(&self) -> String {
        match self {
            Self::Sign(c) => {
                let mut sign = String::new();
                in_regex(*c, &mut sign);
                sign
            }
            Self::Same(text) => text.clone(),
            Self::Word { lower, upper, digits, beyond_hex, least, most } => {
                // Words that differ in digits and the first six letters are numbers in hexadecimal digits.
                let is_hex = *digits && (*lower || *upper) && !beyond_hex && *least >= 4;
                let letters = |is_there: bool, hex: &'static str, all: &'static str| match (is_there, is_hex) {
                    (false, _) => "",
                    (true, true) => hex,
                    (true, false) => all,
                };
                let class =
                    [if *digits { "0-9" } else { "" }, letters(*lower, "a-f", "a-z"), letters(*upper, "A-F", "A-Z")]
                        .concat();
                // A number alone grows; what has letters, too, is as long as it is.
                let is_counted = least == most && *digits && (*lower || *upper);
                if is_counted { format!("[{class}]{{{least}}}") } else { format!("[{class}]+") }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::TextShape;

    #[test]
    fn what_texts_have_in_common_is_a_regular_expression() {
        for (texts, expected) in [
            (&["set-3fa9c1", "set-000aef"][..], Some("^set-[0-9a-f]{6}$")),
            (&["/order/7/items", "/order/12/items"], Some("^/order/[0-9]+/items$")),
            (&["GET", "POST"], Some("^[A-Z]+$")),
            (&["a.b", "a-b"], None),
            (&["<Axis at 0x7f00aa11bb22>", "<Axis at 0x7f0099aabbcc>"], Some("^<Axis at [0-9a-z]{14}>$")),
        ] {
            let shapes: Vec<TextShape> = texts.iter().map(|text| TextShape::of(text).unwrap()).collect();
            let common = shapes.iter().skip(1).try_fold(shapes[0].clone(), |common, shape| common.and(shape));
            let found = common.as_ref().map(TextShape::regex);
            assert_eq!(found.as_deref(), expected);
            for text in texts.iter().filter(|_| common.is_some()) {
                let regex = regex_lite::Regex::new(found.as_deref().unwrap()).unwrap();
                assert!(regex.is_match(text), "{found:?} {text}");
                assert!(common.as_ref().unwrap().is_of(text));
                assert!(!regex.is_match(&format!("{text}~")) && !common.as_ref().unwrap().is_of(&format!("{text}~")));
            }
        }
        for text in ["", "é", "line\nfeed", &"a".repeat(300)] {
            assert_eq!(TextShape::of(text), None, "{text}");
        }
    }
}
