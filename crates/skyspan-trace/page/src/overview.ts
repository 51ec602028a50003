// The first answer: what went wrong, and where the time goes.

import { fill } from "./colours";
import type { Group, Trace } from "./data";
import { button, element } from "./dom";
import { count, duration, grouped, percent } from "./format";
import type { View } from "./view";

/** So many rows of a list are shown before somebody asks for all. */
const FIRST = 8;

/** Shows a span, and all that is said of it. */
export type Show = (span: number) => void;

/** What went wrong, those first that came first; a span under another that failed of the same is not told twice. */
export function wrong(trace: Trace): { span: number; text: string }[] {
  return [...trace.faults]
    .map(([span, text]) => ({ span, text }))
    .sort((a, b) => trace.end[a.span] - trace.end[b.span] || b.span - a.span);
}

export function problems(trace: Trace, show: Show): HTMLElement[] {
  const faults = wrong(trace);
  const made: HTMLElement[] = [];
  for (const trouble of trace.head.troubles) made.push(element("p", { class: "fault" }, trouble));
  for (const check of trace.head.checks) {
    made.push(
      element(
        "details",
        { class: "check" },
        element("summary", { class: "fault" }, check.headline),
        element("pre", { tabindex: "0" }, check.report),
      ),
    );
  }
  if (faults.length) {
    made.push(
      shortened(
        faults.map(({ span, text }) =>
          element(
            "li",
            {},
            button(`${what(trace, span)}: ${text}`, () => show(span), { class: "link fault" }),
            element("span", { class: "quiet" }, ` at ${duration(trace.end[span])}`),
          ),
        ),
      ),
    );
  }
  if (!made.length) return [];
  return [element("h2", {}, "What went wrong"), ...made];
}

export function what(trace: Trace, span: number): string {
  if (trace.isRun(span)) return "the run";
  return trace.deviceName(span) || trace.name(span);
}

/** What held the waits, and when nothing seemed to happen, by time. */
export function holds(trace: Trace, show: Show, view: View): HTMLElement[] {
  const { held, between, waits } = trace.head.statistics;
  const rows = [
    ...held
      .filter(({ waits }) => waits > 0)
      .map((it) => ({
        name: it.name,
        device: it.device,
        count: it.waits,
        time: it.time_ns,
        share: it.share,
        go: () => {
          // The longest of them is what one wants to see.
          const mine = waits.filter(([, , holder]) => holder === it.name).map(([span]) => span);
          const longest = mine.reduce((a, b) => (trace.duration(b) > trace.duration(a) ? b : a), mine[0]);
          if (longest !== undefined) show(longest);
        },
      })),
    ...between.map((it) => ({
      name: it.name,
      device: -1,
      count: it.count,
      time: it.time_ns,
      share: it.share,
      go: () => view.fit(it.longest_at_ns, it.longest_at_ns + it.longest_ns),
    })),
  ]
    .filter(({ time }) => time > 0)
    .sort((a, b) => b.time - a.time);
  if (!rows.length) return [];
  const most = rows[0].share || 1;
  return [
    element("h2", {}, trace.isBluesky ? "What was waited for" : "When nothing was under way"),
    shortened(
      rows.map((row) => {
        const bar = element("span", { class: "bar" });
        bar.style.width = `${(100 * row.share) / most}%`;
        bar.style.background = fill(row.device);
        return element(
          "li",
          { class: "hold" },
          element(
            "div",
            { class: "row" },
            button(row.name, row.go, { class: "link", title: "show the longest" }),
            element("span", { class: "number" }, `${duration(row.time)}  ${percent(row.share)}`),
          ),
          element(
            "div",
            { class: "row" },
            element("span", { class: "track" }, bar),
            element("span", { class: "quiet number" }, `× ${grouped(row.count)}`),
          ),
        );
      }),
    ),
  ];
}

/** When all was at rest, and why; of those that are alike, how long together. */
export function lulls(trace: Trace, view: View): HTMLElement[] {
  const sums = new Map<string, { time: number; count: number; longest: [start: number, end: number] }>();
  for (const [start, end, what] of trace.head.lulls) {
    const sum = sums.get(what) ?? { time: 0, count: 0, longest: [start, start] };
    sum.time += end - start;
    sum.count++;
    if (end - start > sum.longest[1] - sum.longest[0]) sum.longest = [start, end];
    sums.set(what, sum);
  }
  if (!sums.size) return [];
  return [
    element("h2", {}, "When all was at rest"),
    shortened(
      [...sums]
        .sort(([, a], [, b]) => b.time - a.time)
        .map(([what, { time, count, longest }]) =>
          element(
            "li",
            { class: "row spread" },
            button(what, () => view.fit(...longest), { class: "link", title: "show the longest" }),
            element(
              "span",
              { class: "number" },
              `${duration(time)}${count > 1 ? `  × ${grouped(count)}` : ""}`,
            ),
          ),
        ),
    ),
  ];
}

type Column = [title: string, of: (group: Group) => number, show: (number: number) => string];
const COLUMNS: Column[] = [
  ["×", (group) => group.count, grouped],
  ["total", (group) => group.total_ns, duration],
  ["p50", (group) => group.p50_ns, duration],
  ["p95", (group) => group.p95_ns, duration],
  ["max", (group) => group.max_ns, duration],
  ["self", (group) => group.self_ns, duration],
];

/** Spans by name and device, to be sorted by each column. */
export function statistics(trace: Trace, search: (text: string) => void): HTMLElement[] {
  const { groups } = trace.head.statistics;
  if (!groups.length) return [];
  const body = element("tbody");
  let by = 1;
  let all = false;
  const fillIn = () => {
    const sorted = [...groups].sort((a, b) => COLUMNS[by][1](b) - COLUMNS[by][1](a));
    const shown = all ? sorted : sorted.slice(0, FIRST);
    body.replaceChildren(
      ...shown.map((group) =>
        element(
          "tr",
          {},
          element(
            "th",
            { scope: "row" },
            button(
              [short(group.name), group.device].filter(Boolean).join(" "),
              () =>
                search(
                  [
                    `name=${JSON.stringify(group.name)}`,
                    group.device && `device=${JSON.stringify(group.device)}`,
                  ]
                    .filter(Boolean)
                    .join(" "),
                ),
              { class: "link" },
            ),
            group.failed ? element("span", { class: "fault" }, ` ✗ ${group.failed}`) : null,
          ),
          ...COLUMNS.map(([, of, text]) => element("td", { class: "number" }, text(of(group)))),
        ),
      ),
      ...(sorted.length > shown.length
        ? [
            element(
              "tr",
              {},
              element(
                "td",
                { colspan: COLUMNS.length + 1 },
                button(
                  `all ${sorted.length}`,
                  () => {
                    all = true;
                    fillIn();
                  },
                  { class: "link" },
                ),
              ),
            ),
          ]
        : []),
    );
  };
  const heads = COLUMNS.map(([title], number) => {
    const head = element("th", {
      scope: "col",
      class: "number",
      "aria-sort": number === by ? "descending" : "none",
    });
    head.append(
      button(
        title,
        () => {
          by = number;
          for (const other of heads) other.setAttribute("aria-sort", other === head ? "descending" : "none");
          fillIn();
        },
        { class: "link" },
      ),
    );
    return head;
  });
  fillIn();
  return [
    element("h2", {}, "Spans by name"),
    element(
      "div",
      { class: "wide", tabindex: "0" },
      element(
        "table",
        { class: "statistics" },
        element("thead", {}, element("tr", {}, element("td", {}), ...heads)),
        body,
      ),
    ),
  ];
}

/** A name without what all names of bluesky's messages begin with. */
function short(name: string): string {
  return name.replace(/^Bluesky RunEngine (?=.)/, "");
}

/** What is not on the page, and what is malformed. */
export function remarks(trace: Trace): HTMLElement[] {
  const { head } = trace;
  const said: string[] = [];
  if (head.left_out) {
    said.push(
      `${count(trace.count, "span")} of ${grouped(head.span_count)} are on this page: the faulty and the longest. ${grouped(head.left_out.count)} are left out, none longer than ${duration(head.left_out.longest_ns)}. The statistics are of all.`,
    );
  }
  said.push(
    ...head.limits.map((limit) => `${limit[0].toUpperCase()}${limit.slice(1)}.`),
    ...head.defects.map((defect) => `Malformed: ${defect}`),
  );
  if (!said.length) return [];
  return [element("h2", {}, "To be known"), shortened(said.map((text) => element("li", {}, text)))];
}

export function tables(trace: Trace): HTMLElement[] {
  return trace.head.tables.flatMap(({ title, head, rows }) => [
    element("h2", {}, title),
    element(
      "div",
      { class: "wide", tabindex: "0" },
      element(
        "table",
        { class: "statistics" },
        element("thead", {}, element("tr", {}, ...head.map((text) => element("th", { scope: "col" }, text)))),
        element(
          "tbody",
          {},
          ...rows.map((row) => element("tr", {}, ...row.map((cell) => element("td", {}, cell)))),
        ),
      ),
    ),
  ]);
}

/** The first items of a list; the others where somebody asks for them. */
function shortened(items: HTMLElement[]): HTMLElement {
  const list = element("ul", { class: "plain" }, ...items.slice(0, FIRST));
  if (items.length > FIRST) {
    const more = element(
      "li",
      {},
      button(
        `${grouped(items.length - FIRST)} more`,
        () => more.replaceWith(...items.slice(FIRST, FIRST + 500)),
        { class: "link" },
      ),
    );
    list.append(more);
  }
  return list;
}
