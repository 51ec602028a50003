//! The text of a query, cut into its least parts.

use super::literal::parse_duration;
use super::token::{Lexeme, SIGNS, Token};
use super::words::{OWNERS, SCOPES, Scope, find};
use crate::query::error::{Fault, QueryProblem};
use crate::value::Text;

/// Cuts a text. White space and comments, `// ...` and `/* ... */`, stand anywhere but in a name.
pub(super) fn lex(text: &str) -> Result<Vec<Lexeme>, Fault> {
    let mut lexer = Lexer { text, at: 0 };
    let mut lexemes = Vec::new();
    loop {
        lexer.skip_blank()?;
        let from = lexer.at;
        let token = lexer.token()?;
        let is_end = token == Token::End;
        lexemes.push(Lexeme { token, from });
        if is_end {
            return Ok(lexemes);
        }
    }
}

struct Lexer<'a> {
    text: &'a str,
    at: usize,
}

/// What ends the name of an attribute.
pub(super) fn is_in_name(letter: char) -> bool {
    !letter.is_whitespace() && !"{}()=~!<>&|^,".contains(letter)
}

fn wrong(at: usize, expected: impl Into<Text>, found: impl Into<Text>) -> Fault {
    Fault::new(QueryProblem::Syntax, at, expected, found)
}

impl Lexer<'_> {
    fn rest(&self) -> &str {
        &self.text[self.at..]
    }

    fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    fn take_while(&mut self, mut is_wanted: impl FnMut(char) -> bool) -> &str {
        let from = self.at;
        let length = self.rest().find(|letter| !is_wanted(letter)).unwrap_or(self.rest().len());
        self.at += length;
        &self.text[from..self.at]
    }

    fn skip_blank(&mut self) -> Result<(), Fault> {
        loop {
            self.take_while(|letter| matches!(letter, ' ' | '\t' | '\n' | '\r'));
            if self.rest().starts_with("//") {
                self.take_while(|letter| letter != '\n');
            } else if self.rest().starts_with("/*") {
                let Some(length) = self.rest()[2..].find("*/") else {
                    return Err(wrong(self.at, "`*/` at the end of the comment", "the end of the query"));
                };
                self.at += length + 4;
            } else {
                return Ok(());
            }
        }
    }

    fn token(&mut self) -> Result<Token, Fault> {
        let Some(letter) = self.peek() else { return Ok(Token::End) };
        let second = self.rest().chars().nth(1);
        match letter {
            '"' => self.string(),
            '`' => self.raw_string(),
            '0'..='9' => self.number(),
            '.' if second.is_some_and(|second| second.is_ascii_digit()) => self.number(),
            '.' => {
                self.at += 1;
                self.attribute(Scope::Any)
            }
            _ if letter == '_' || letter.is_alphabetic() => self.word(),
            _ => {
                let sign = SIGNS.into_iter().find(|sign| self.rest().starts_with(sign));
                let Some(sign) = sign else {
                    let help = match letter {
                        '\'' => "a string stands in double quotes or in backticks",
                        '[' | ']' => "TraceQL has no lists: write the values with `||`",
                        '&' => "`&&` is and",
                        _ => "",
                    };
                    let shown = if letter.is_whitespace() || letter.is_control() {
                        format!("the character {}", letter.escape_unicode())
                    } else {
                        format!("`{letter}`")
                    };
                    return Err(wrong(self.at, "a word of TraceQL", shown).help(help));
                };
                self.at += sign.len();
                Ok(Token::Sign(sign))
            }
        }
    }

    fn word(&mut self) -> Result<Token, Fault> {
        let word = self.take_while(|letter| letter == '_' || letter.is_alphanumeric()).to_owned();
        match self.peek() {
            Some('.') if word == "parent" => {
                self.at += 1;
                self.name();
                Ok(Token::ParentAttribute)
            }
            Some('.') if find(&SCOPES, &word).is_some() => {
                self.at += 1;
                self.attribute(find(&SCOPES, &word).unwrap_or(Scope::Any))
            }
            Some(':') => match find(&OWNERS, &word) {
                Some(owner) => {
                    self.at += 1;
                    Ok(Token::Owner(owner))
                }
                None => Ok(Token::Word(word)),
            },
            _ => Ok(Token::Word(word)),
        }
    }

    fn attribute(&mut self, scope: Scope) -> Result<Token, Fault> {
        let from = self.at;
        if !self.peek().is_some_and(is_in_name) {
            let found = self.peek().map_or("the end of the query".to_owned(), |letter| format!("`{letter}`"));
            let help = "a name with such characters stands in quotes: `span.\"key with space\"`";
            return Err(wrong(from, "the name of an attribute right behind the dot", found).help(help));
        }
        self.name_checked().map(|key| Token::Attribute(scope, key))
    }

    /// Goes over a name of which nobody asks.
    fn name(&mut self) {
        // The error that is told is that of `parent.`.
        let _ = self.name_checked();
    }

    /// A name: characters that cannot end it, and parts in quotes, in which any may stand.
    fn name_checked(&mut self) -> Result<String, Fault> {
        let mut name = String::new();
        loop {
            name += self.take_while(|letter| letter != '"' && is_in_name(letter));
            if self.peek() != Some('"') {
                return Ok(name);
            }
            let quote = self.at;
            self.at += 1;
            loop {
                name += self.take_while(|letter| letter != '"' && letter != '\\');
                match self.peek() {
                    None => return Err(wrong(quote, "a quote at the end of the name", "the end of the query")),
                    Some('"') => break,
                    _ => {}
                }
                self.at += 1;
                match self.peek() {
                    Some(letter @ ('"' | '\\')) => {
                        name.push(letter);
                        self.at += 1;
                    }
                    found => {
                        let found = found.map_or("the end of the query".to_owned(), |letter| format!("`{letter}`"));
                        return Err(wrong(self.at, "`\"` or `\\` behind the backslash in a name", found));
                    }
                }
            }
            self.at += 1;
        }
    }

    fn number(&mut self) -> Result<Token, Fault> {
        let from = self.at;
        self.take_while(|letter| letter.is_ascii_digit());
        let mut is_float = false;
        if self.peek() == Some('.') {
            is_float = true;
            self.at += 1;
            self.take_while(|letter| letter.is_ascii_digit());
        }
        let exponent = self.rest().strip_prefix(['e', 'E']).map(|rest| rest.trim_start_matches(['+', '-']));
        if exponent.is_some_and(|digits| digits.starts_with(|letter: char| letter.is_ascii_digit())) {
            is_float = true;
            self.at += 1;
            self.take_while(|letter| letter == '+' || letter == '-');
            self.take_while(|letter| letter.is_ascii_digit());
        }
        let number_end = self.at;
        self.take_while(|letter| letter.is_numeric() || "nsumhµdwy.".contains(letter));
        if self.at > number_end {
            let duration = parse_duration(&self.text[from..self.at]);
            let goes_on = self.peek().is_some_and(|letter| letter == '_' || letter.is_alphabetic());
            if let Some(ns) = duration.filter(|_| !goes_on) {
                return Ok(Token::Duration(ns));
            }
            self.at = number_end;
        }
        let text = &self.text[from..number_end];
        if self.peek().is_some_and(|letter| letter == '_' || letter.is_alphabetic()) {
            let run = self.take_while(|letter| letter == '_' || letter.is_alphanumeric());
            let found = format!("`{text}{run}`");
            let help = match run.chars().next() {
                Some('_') => "digits stand without `_`",
                Some('x' | 'b' | 'o' | 'X' | 'B' | 'O') => "numbers are decimal",
                _ if text.starts_with('.') => "a name that begins with a digit has its scope in front: `span.1st`",
                _ => "units of durations are ns, us, ms, s, m, h, d, w and y, right behind the number",
            };
            return Err(wrong(from, "a number or a duration", found).help(help));
        }
        let too_great = || wrong(from, "a number of 64 bits", format!("`{text}`"));
        if is_float {
            let number: f64 = text.parse().map_err(|_| wrong(from, "a number", format!("`{text}`")))?;
            return if number.is_finite() { Ok(Token::Float(number)) } else { Err(too_great()) };
        }
        text.parse().map(Token::Int).map_err(|_| too_great())
    }

    /// A string as Go has it: in backticks all stands for itself, but for carriage returns, which are passed over.
    fn raw_string(&mut self) -> Result<Token, Fault> {
        let from = self.at;
        self.at += 1;
        let inner = self.take_while(|letter| letter != '`').replace('\r', "");
        if self.peek().is_none() {
            return Err(wrong(from, "a backtick at the end of the string", "the end of the query"));
        }
        self.at += 1;
        Ok(Token::Str(inner))
    }

    fn string(&mut self) -> Result<Token, Fault> {
        let from = self.at;
        self.at += 1;
        let mut bytes = Vec::new();
        loop {
            bytes.extend_from_slice(self.take_while(|letter| !matches!(letter, '"' | '\\' | '\n')).as_bytes());
            match self.peek() {
                Some('"') => break,
                Some('\\') => self.escape(&mut bytes)?,
                found => {
                    let found = if found.is_none() { "the end of the query" } else { "the end of the line" };
                    return Err(wrong(from, "a quote at the end of the string", found));
                }
            }
        }
        self.at += 1;
        String::from_utf8(bytes).map(Token::Str).map_err(|_| wrong(from, "a string of Unicode", "other bytes"))
    }

    /// What a backslash and what follows it stand for, as in Go.
    fn escape(&mut self, bytes: &mut Vec<u8>) -> Result<(), Fault> {
        let from = self.at;
        self.at += 1;
        let letter = self.peek();
        let help = "behind a backslash stand \\ \" a b f n r t v, three octal digits, or x, u, U and hexadecimal ones";
        let refuse = || wrong(from, "an escape", "a backslash").help(help);
        let (digits, radix) = match letter {
            Some('x') => (2, 16),
            Some('u') => (4, 16),
            Some('U') => (8, 16),
            Some('0'..='7') => (3, 8),
            _ => (0, 0),
        };
        if radix == 0 {
            bytes.push(match letter {
                Some('a') => 7,
                Some('b') => 8,
                Some('f') => 12,
                Some('n') => b'\n',
                Some('r') => b'\r',
                Some('t') => b'\t',
                Some('v') => 11,
                Some('\\') => b'\\',
                Some('"') => b'"',
                _ => return Err(refuse()),
            });
            self.at += 1;
            return Ok(());
        }
        let first = self.at + usize::from(radix == 16);
        let code = self.text.get(first..first + digits).filter(|code| code.chars().all(|digit| digit.is_digit(radix)));
        let code = code.and_then(|code| u32::from_str_radix(code, radix).ok()).ok_or_else(refuse)?;
        match letter {
            Some('u' | 'U') => {
                let letter = char::from_u32(code).ok_or_else(refuse)?;
                bytes.extend_from_slice(letter.encode_utf8(&mut [0; 4]).as_bytes());
            }
            _ => bytes.push(u8::try_from(code).map_err(|_| refuse())?),
        }
        self.at = first + digits;
        Ok(())
    }
}
