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

/// The same of a table whose cells have pages.
const GRID_FRAME: &str = include_str!("../../page/built/grid.html");
const GRID_SCRIPT: &str = include_str!("../../page/built/grid.js");
const GRID_STYLE: &str = include_str!("../../page/built/grid.css");
const GRID_SCRIPT_HASH: &str = include_str!("../../page/built/grid.js.sha256");
const GRID_STYLE_HASH: &str = include_str!("../../page/built/grid.css.sha256");

/// Writes a page, block by block: beside the trace it takes the memory of its columns.
pub(super) fn write(page: &Page, out: &mut dyn Write) -> io::Result<()> {
    let trace = page.redaction.as_ref().map_or_else(|| page.trace.clone(), |redaction| page.trace.redacted(redaction));
    let choice = Choice::of(&trace, page.spans_max, page.parts.as_ref());
    write_frame(FRAME, out, |mark, out| match mark {
        "title" => write_escaped(&page.title, out),
        "timeline" => write_json(&Timeline::of(page, &trace, &choice), out),
        "details" => choice.spans.chunks(BLOCK_SPANS).try_for_each(|spans| {
            write_script("class=\"detail\"", out, |out| write_json(&Block::of(spans, &choice), out))
        }),
        other => write_fixed(other, out),
    })
}

/// Writes a frame, and for each of its marks what `write_mark` writes for it.
fn write_frame(
    frame: &str,
    out: &mut dyn Write,
    mut write_mark: impl FnMut(&str, &mut dyn Write) -> io::Result<()>,
) -> io::Result<()> {
    let mut rest = frame;
    while let Some((before, after)) = rest.split_once("<!--") {
        let Some((mark, behind)) = after.split_once("-->") else { break };
        out.write_all(before.as_bytes())?;
        write_mark(mark, out)?;
        rest = behind;
    }
    out.write_all(rest.as_bytes())
}

/// What stands for a mark in the frame of every page.
fn write_fixed(mark: &str, out: &mut dyn Write) -> io::Result<()> {
    match mark {
        "script-hash" => out.write_all(SCRIPT_HASH.trim().as_bytes()),
        "style-hash" => out.write_all(STYLE_HASH.trim().as_bytes()),
        "style" => out.write_all(STYLE.as_bytes()),
        "script" => out.write_all(SCRIPT.as_bytes()),
        other => write!(out, "<!--{other}-->"),
    }
}

fn write_script(
    attributes: &str,
    out: &mut dyn Write,
    write: impl FnOnce(&mut dyn Write) -> io::Result<()>,
) -> io::Result<()> {
    write!(out, "<script type=\"application/json\" {attributes}>")?;
    write(out)?;
    out.write_all(b"</script>\n")
}

/// What all pages of a grid have in common, once: the parts of the frame before the title, before the data, and behind them.
#[derive(Serialize)]
pub(super) struct Shell([String; 4]);

impl Shell {
    pub(super) fn of_pages() -> Self {
        let mut parts: [String; 4] = Default::default();
        let (mut at, mut text) = (0, Vec::new());
        // Writing to memory does not fail.
        let _ = write_frame(FRAME, &mut text, |mark, out| match mark {
            "title" | "timeline" | "details" => out.write_all(b"\0"),
            other => write_fixed(other, out),
        });
        for part in String::from_utf8_lossy(&text).split('\0') {
            parts[at.min(3)] += part;
            at += 1;
        }
        Self(parts)
    }
}

/// Writes a page with a table, whose data are `grid`, and the pages that `write_pages` writes.
pub(super) fn write_grid(
    grid: &impl Serialize,
    title: &str,
    shell: &Shell,
    out: &mut dyn Write,
    write_pages: impl FnOnce(&mut dyn Write) -> io::Result<()>,
) -> io::Result<()> {
    let mut write_pages = Some(write_pages);
    write_frame(GRID_FRAME, out, |mark, out| match mark {
        "title" => write_escaped(title, out),
        "grid-script-hash" => out.write_all(GRID_SCRIPT_HASH.trim().as_bytes()),
        "grid-style-hash" => out.write_all(GRID_STYLE_HASH.trim().as_bytes()),
        "grid-style" => out.write_all(GRID_STYLE.as_bytes()),
        "grid-script" => out.write_all(GRID_SCRIPT.as_bytes()),
        "grid" => write_json(grid, out),
        "shell" => write_json(shell, out),
        "pages" => write_pages.take().map_or(Ok(()), |write| write(out)),
        other => write_fixed(other, out),
    })
}

/// Writes the data of a page for a cell of a grid; gives how many bytes they are. Where these are more than there is room for, nothing is
/// written.
pub(super) fn write_data_of(page: &Page, cell: usize, room: usize, out: &mut dyn Write) -> io::Result<usize> {
    let trace = page.redaction.as_ref().map_or_else(|| page.trace.clone(), |redaction| page.trace.redacted(redaction));
    let choice = Choice::of(&trace, page.spans_max, page.parts.as_ref());
    let mut data = Vec::new();
    write_script(&format!("id=\"timeline-{cell}\""), &mut data, |out| {
        write_json(&Timeline::of(page, &trace, &choice), out)
    })?;
    for spans in choice.spans.chunks(BLOCK_SPANS) {
        write_script(&format!("class=\"detail-{cell}\""), &mut data, |out| {
            write_json(&Block::of(spans, &choice), out)
        })?;
    }
    if data.len() <= room {
        out.write_all(&data)?;
    }
    Ok(data.len())
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
