// Everything that the chosen span has.

import type { Attribute, Trace } from "./data";
import { button, copy, element } from "./dom";
import { count, duration, exactText } from "./format";
import type { Holders } from "./holders";
import type { View } from "./view";
import { checkWords, pythonWords, rustWords, traceql } from "./words";

/** So many children are listed. */
const CHILDREN_MAX = 30;

export class SpanPanel {
  readonly root = element("section", { class: "span", "aria-label": "The chosen span" });

  constructor(
    private readonly trace: Trace,
    private readonly view: View,
    private readonly holders: Holders,
  ) {
    view.onSelect(() => this.show());
    this.show();
  }

  show(): void {
    const { trace, view } = this;
    const span = view.selected;
    if (span < 0) {
      this.root.replaceChildren(
        element("p", { class: "quiet" }, "Choose a span: click on it, or walk there with the arrow keys."),
      );
      return;
    }
    const detail = trace.detail(span);
    const fault = trace.faults.get(span);
    const facts: [string, Node | string][] = [];
    const device = trace.deviceName(span);
    if (device) facts.push(["device", device]);
    const holder = this.holders.holderOf(span);
    if (holder) facts.push(["held by", holder]);
    facts.push(["duration", trace.open[span] ? "never ended" : exactText(trace.duration(span))]);
    facts.push(["starts at", exactText(trace.start[span])]);
    const self = this.selfTime(span);
    if (self !== null && trace.children(span).length) facts.push(["in itself", duration(self)]);
    if (detail.status.code !== "UNSET") {
      facts.push(["status", [detail.status.code, detail.status.description].filter(Boolean).join(": ")]);
    }
    if (detail.kind && detail.kind !== "internal") facts.push(["kind", detail.kind]);
    const parent = trace.parent[span];
    if (parent >= 0) facts.push(["part of", this.link(parent)]);
    else if (detail.parent_id) facts.push(["part of", `${detail.parent_id}, which is not in this trace`]);
    if (trace.runParent[span] >= 0 && trace.runParent[span] !== parent) {
      facts.push(["within", this.link(trace.runParent[span])]);
    }

    this.root.replaceChildren(
      element("h2", {}, trace.name(span)),
      ...(fault ? [element("p", { class: "fault" }, fault)] : []),
      ...(trace.notes.get(span) ?? []).map((note) => element("p", { class: "fault" }, note)),
      element(
        "p",
        { class: "row" },
        button("zoom to it", () => view.fit(trace.start[span], trace.end[span])),
        button("close", () => view.select(-1)),
      ),
      list(facts),
      ...this.attributes("Attributes", detail.attributes),
      ...detail.events.flatMap((event) =>
        this.attributes(`Event ${event.name}, after ${duration(event.after_ns)}`, event.attributes),
      ),
      ...detail.links.flatMap((link) => [
        element(
          "h3",
          {},
          "Link to ",
          link.place === null ? `${link.id}, which is not in this trace` : this.link(link.place),
        ),
        table(link.attributes),
      ]),
      ...this.children(span),
      ...this.words(span),
      ...this.attributes("Resource", detail.resource),
      ...(detail.scope
        ? [
            element("h3", {}, "Scope"),
            list([
              ["name", detail.scope.name],
              ...(detail.scope.version ? [["version", detail.scope.version] as [string, string]] : []),
            ]),
          ]
        : []),
      element("h3", {}, "Ids"),
      list([
        ["trace", detail.trace_id],
        ["span", detail.id],
        ...(detail.trace_state ? [["trace state", detail.trace_state] as [string, string]] : []),
        ...(detail.dropped
          ? [
              [
                "dropped",
                `${count(detail.dropped[0], "attribute")}, ${count(detail.dropped[1], "event")}, ${count(detail.dropped[2], "link")}`,
              ] as [string, string],
            ]
          : []),
      ]),
    );
  }

  private link(span: number): HTMLButtonElement {
    const device = this.trace.deviceName(span);
    return button(
      [this.trace.name(span), device].filter(Boolean).join(" "),
      () => {
        this.view.select(span);
        this.view.reveal(this.trace, span);
      },
      { class: "link" },
    );
  }

  /** How long it takes without its children, which may overlap. */
  private selfTime(span: number): number | null {
    const { trace } = this;
    if (trace.open[span]) return null;
    let covered = 0;
    let coveredTo = trace.start[span];
    for (const child of trace.children(span)) {
      const from = Math.max(trace.start[child], coveredTo);
      const to = Math.min(trace.end[child], trace.end[span]);
      if (to > from) covered += to - from;
      coveredTo = Math.max(coveredTo, to);
    }
    return trace.duration(span) - covered;
  }

  private children(span: number): Node[] {
    const children = this.trace.children(span);
    if (!children.length) return [];
    const shown = children.slice(0, CHILDREN_MAX);
    return [
      element("h3", {}, count(children.length, "part")),
      element(
        "ul",
        { class: "links" },
        ...shown.map((child) =>
          element(
            "li",
            {},
            this.link(child),
            ` ${this.trace.open[child] ? "open" : duration(this.trace.duration(child))}`,
          ),
        ),
        ...(children.length > shown.length
          ? [
              element(
                "li",
                { class: "quiet" },
                `and ${children.length - shown.length} more; the table has all`,
              ),
            ]
          : []),
      ),
    ];
  }

  private attributes(title: string, attributes: Attribute[]): Node[] {
    if (!attributes.length) return [];
    return [element("h3", {}, title), table(attributes)];
  }

  private words(span: number): Node[] {
    const kinds: [string, string, string][] = [
      ["rust", "Rust", rustWords(this.trace, span)],
      ["python", "Python", pythonWords(this.trace, span)],
      ["check", "check file", checkWords(this.trace, span)],
      ["traceql", "TraceQL", traceql(this.trace, span)],
    ];
    return [
      element("h3", {}, "Words that assert it"),
      ...kinds.map(([kind, title, text]) => {
        const said = element("span", { role: "status", class: "quiet" });
        const copies = button(
          "copy",
          async () => {
            said.textContent = (await copy(text)) ? "copied" : "the browser has no clipboard";
          },
          { "data-words": kind, "aria-label": `copy the words for ${title}` },
        );
        return element(
          "div",
          { class: "words" },
          element("div", { class: "row" }, element("strong", {}, title), copies, said),
          element("pre", { tabindex: "0" }, text),
        );
      }),
    ];
  }
}

function list(facts: [string, Node | string][]): HTMLElement {
  return element(
    "dl",
    {},
    ...facts.flatMap(([name, value]) => [element("dt", {}, name), element("dd", {}, value)]),
  );
}

function table(attributes: Attribute[]): HTMLElement {
  return element(
    "table",
    { class: "attributes" },
    ...attributes.map(({ key, text, code }) =>
      element(
        "tr",
        {},
        element("th", { scope: "row" }, key),
        element("td", {}, code === null ? `${text} (cut at 10,000 characters)` : text),
      ),
    ),
  );
}
