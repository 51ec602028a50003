//! The file: a frame, the style, the script, and the data.

use std::io::{self, Write};

use serde::Serialize;

use super::choice::Choice;
use super::detail::{BLOCK_SPANS, Block};
use super::page::Page;
use super::timeline::Timeline;

/// The frame, with a mark for each thing that is put into it.
const FRAME: &str = include_str!("../../page/built/page.html");
const SCRIPT: &str = include_str!("../../page/built/page.js");
const STYLE: &str = include_str!("../../page/built/page.css");
/// The hashes of both, for the content security policy.
const SCRIPT_HASH: &str = include_str!("../../page/built/page.js.sha256");
const STYLE_HASH: &str = include_str!("../../page/built/page.css.sha256");

/// Writes a page, block by block: beside the trace it takes the memory of its columns.
pub(super) fn write(page: &Page, out: &mut dyn Write) -> io::Result<()> {
    let trace = page.redaction.as_ref().map_or_else(|| page.trace.clone(), |redaction| page.trace.redacted(redaction));
    let choice = Choice::of(&trace, page.spans_max, page.parts.as_ref());
    let mut rest = FRAME;
    while let Some((before, after)) = rest.split_once("<!--") {
        let Some((mark, behind)) = after.split_once("-->") else { break };
        out.write_all(before.as_bytes())?;
        match mark {
            "title" => write_escaped(&page.title, out)?,
            "script-hash" => out.write_all(SCRIPT_HASH.trim().as_bytes())?,
            "style-hash" => out.write_all(STYLE_HASH.trim().as_bytes())?,
            "style" => out.write_all(STYLE.as_bytes())?,
            "script" => out.write_all(SCRIPT.as_bytes())?,
            "timeline" => write_json(&Timeline::of(page, &trace, &choice), out)?,
            "details" => {
                for spans in choice.spans.chunks(BLOCK_SPANS) {
                    out.write_all(b"<script type=\"application/json\" class=\"detail\">")?;
                    write_json(&Block::of(spans, &choice), out)?;
                    out.write_all(b"</script>\n")?;
                }
            }
            other => write!(out, "<!--{other}-->")?,
        }
        rest = behind;
    }
    out.write_all(rest.as_bytes())
}

/// A text as HTML.
fn write_escaped(text: &str, out: &mut dyn Write) -> io::Result<()> {
    let text = text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;");
    out.write_all(text.as_bytes())
}

/// JSON that ends no element and begins no comment: a `<` stands in strings alone, where it may be written as an escape.
fn write_json(value: &impl Serialize, out: &mut dyn Write) -> io::Result<()> {
    let mut escaping = io::BufWriter::with_capacity(1 << 16, WithoutMarkup(out));
    serde_json::to_writer(&mut escaping, value)?;
    escaping.flush()
}

struct WithoutMarkup<'a>(&'a mut dyn Write);

impl Write for WithoutMarkup<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        for (at, part) in bytes.split(|byte| *byte == b'<').enumerate() {
            if at > 0 {
                self.0.write_all(b"\\u003c")?;
            }
            self.0.write_all(part)?;
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}
