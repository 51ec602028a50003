// The words that would assert a span: in Rust, in Python, and in a check file.

import type { Attribute, Trace } from "./data";
import { exact } from "./format";

/** What is another in each run, and can only be asserted by a pattern. */
const IS_PATTERN = /^(glob|any|between)\(/;
/** What was taken out of the page is in the trace still. */
const REDACTED = "[redacted]";
/** A longer value makes no good assertion. */
const CODE_MAX = 80;
const PYTHON_WORDS: Record<string, string> = {
  true: "True",
  false: "False",
  null: "None",
  NaN: 'float("nan")',
  Infinity: 'float("inf")',
  "-Infinity": 'float("-inf")',
};
/** Characters that are not seen, or that turn the direction of what follows; JSON writes those before the blank by their numbers. */
const UNSEEN = /[\u007f-\u009f\u00ad\u061c\u2000-\u200f\u2028-\u202f\u2060-\u206f\ufeff]/g;
const IS_PYTHON_NAME = /^[A-Za-z_]\w*$/;
/** The words that `span()` of Python has of its own, and those that the language has: no attribute can be said by them. */
const NO_KEYWORDS = new Set(
  (
    "status kind lasting exit_status reason attributes False None True and as assert async await break class continue " +
    "def del elif else except finally for from global if import in is lambda nonlocal not or pass raise return try " +
    "while with yield"
  ).split(" "),
);
/** Of the attributes of a span that is not bluesky's, so many are asserted. */
const FEW = 4;

/** An assertion in Rust that holds for this trace: there is such a span, and it takes no longer. */
export function rustWords(trace: Trace, span: number): string {
  const lines = [`span(${rustText(trace.name(span))})`];
  const detail = trace.detail(span);
  for (const { key, code } of told(trace, detail.attributes)) lines.push(`.attr(${rustText(key)}, ${code})`);
  const parent = trace.parent[span];
  if (parent >= 0) lines.push(`.parent(span(${rustText(trace.name(parent))}))`);
  if (detail.status.code === "ERROR") lines.push(".status_error()");
  if (trace.open[span]) lines.push(".open()");
  else if (trace.duration(span) > 0) {
    const { number, unit } = exact(trace.duration(span));
    lines.push(`.lasting(..=${unit === "s" ? `secs(${number}.0)` : `${unit}(${number})`})`);
  }
  const whole = `trace.assert(${lines.join("")});`;
  if (whole.length <= 90) return whole;
  return `trace.assert(\n    ${lines.join("\n        ")},\n);`;
}

/** The same in Python, of a trace that is called `trace`; a capture and the fixture `spans` take it as well. */
export function pythonWords(trace: Trace, span: number): string {
  const detail = trace.detail(span);
  const said = [pythonText(trace.name(span))];
  const keyed: string[] = [];
  const named: string[] = [];
  if (detail.status.code === "ERROR") said.push('status="error"');
  if (!trace.open[span] && trace.duration(span) > 0) {
    const { number, unit } = exact(trace.duration(span));
    said.push(`lasting="..=${number}${unit}"`);
  }
  for (const { key, text } of told(trace, detail.attributes)) {
    // The keys that `span()` has words of its own for stand in `attributes` as well, and so do those that are no names.
    if (IS_PYTHON_NAME.test(key) && !NO_KEYWORDS.has(key)) named.push(`${key}=${pythonValue(text)}`);
    else keyed.push(`${pythonText(key)}: ${pythonValue(text)}`);
  }
  if (keyed.length) said.push(`attributes={${keyed.join(", ")}}`);
  said.push(...named);
  const parent = trace.parent[span];
  let calls = parent >= 0 ? `.parent(span(${pythonText(trace.name(parent))}))` : "";
  if (trace.open[span]) calls += ".open()";
  const whole = `trace.expect(span(${said.join(", ")})${calls})`;
  if (whole.length <= 90) return whole;
  return `trace.expect(\n    span(\n        ${said.join(",\n        ")},\n    )${calls},\n)`;
}

/** The query of TraceQL that finds this span, and others that are like it. */
export function traceql(trace: Trace, span: number, withDuration = true): string {
  const detail = trace.detail(span);
  const terms = [`name = ${JSON.stringify(trace.name(span))}`];
  for (const { key, text } of told(trace, detail.attributes)) {
    // Lists and numbers with an exponent are none of the language's values.
    if (!/^("|true$|false$|-?\d+(\.\d+)?$)/.test(text)) continue;
    terms.push(`span.${/^[A-Za-z_][\w.]*$/.test(key) ? key : JSON.stringify(key)} = ${text}`);
  }
  if (detail.status.code === "ERROR") terms.push("status = error");
  if (withDuration && !trace.open[span] && trace.duration(span) > 0) {
    const { number, unit } = exact(trace.duration(span));
    terms.push(`duration <= ${number}${unit}`);
  }
  return `{ ${terms.join(" && ")} }`;
}

/** An item of a check file that holds for this trace: there is such a span, and it takes no longer. */
export function checkWords(trace: Trace, span: number): string {
  const query = traceql(trace, span).replaceAll("'", "''");
  return `- spans: '${query}'\n  count: 1..\n`;
}

/** The attributes that tell most, and that are the same in each run. */
function told(trace: Trace, attributes: Attribute[]): (Attribute & { code: string })[] {
  const good = attributes.filter(
    (attribute): attribute is Attribute & { code: string } =>
      attribute.code !== null &&
      attribute.code.length <= CODE_MAX &&
      !IS_PATTERN.test(attribute.code) &&
      !attribute.text.includes(REDACTED),
  );
  if (!trace.isBluesky) return good.slice(0, FEW);
  const { telling } = trace.head;
  const isEmptyList = (code: string) => code === "Vec::<Value>::new()";
  const some = good.filter(({ key, code }) => telling.includes(key) && !isEmptyList(code));
  return some.sort((a, b) => telling.indexOf(a.key) - telling.indexOf(b.key));
}

/** A text as Rust writes it. */
function rustText(text: string): string {
  let out = '"';
  for (const character of text) {
    const code = character.codePointAt(0)!;
    if (character === '"' || character === "\\") out += `\\${character}`;
    else if (character === "\n") out += "\\n";
    else if (
      code < 32 ||
      (code >= 0x7f && code < 0xa0) ||
      (code >= 0x2000 && code < 0x2070 && code !== 0x2026)
    ) {
      out += `\\u{${code.toString(16)}}`;
    } else out += character;
  }
  return `${out}"`;
}

/** A text as Python writes it. JSON is that but for lone halves of pairs, which no text of a trace has. */
function pythonText(text: string): string {
  return seen(JSON.stringify(text));
}

/** What is written in JSON, with what is not seen by its numbers. */
function seen(json: string): string {
  return json.replace(UNSEEN, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`);
}

/** What is written in JSON, as Python has it. Numbers stay as they are, however many digits they have. */
function pythonValue(json: string): string {
  return json.replace(/"(?:[^"\\]|\\.)*"|true|false|null|-?Infinity|NaN/g, (token) => {
    if (token.startsWith('"')) return seen(token);
    return PYTHON_WORDS[token] ?? token;
  });
}
