// The page: reads the data, makes the parts, and tells one of another.

import { forgetPalette } from "./colours";
import { Trace } from "./data";
import { button, element } from "./dom";
import { Flame } from "./flame";
import { count, duration } from "./format";
import { Holders } from "./holders";
import { KEYS, listen } from "./input";
import type { LaneMode } from "./lanes";
import { Minimap } from "./minimap";
import { holds, lulls, problems, remarks, statistics, tables, what, wrong } from "./overview";
import { SpanPanel } from "./panel";
import { criticalPath } from "./path";
import { plots } from "./plots";
import { search } from "./search";
import { SpanTable } from "./table";
import { TimelineView } from "./timeline";
import { View } from "./view";

const MODES: [LaneMode, string][] = [
  ["device", "by device"],
  ["run", "by run"],
  ["nesting", "by nesting"],
];

function start(): void {
  const trace = new Trace();
  const page = document.getElementById("page")!;
  if (trace.count === 0) {
    page.classList.add("empty");
    page.append(
      element("h1", {}, trace.head.title),
      element(
        "p",
        {},
        trace.head.span_count
          ? `None of the ${count(trace.head.span_count, "span")} of this trace is on this page.`
          : "This trace has no spans.",
      ),
      ...problems(trace, () => {}),
      ...remarks(trace),
      element("p", { class: "quiet" }, `Made by ${trace.head.generator}.`),
    );
    document.documentElement.dataset.ready = "yes";
    return;
  }

  const view = new View(trace);
  const holders = new Holders(trace);
  const timeline = new TimelineView(trace, view, holders);
  const minimap = new Minimap(trace, view, timeline, holders);
  const said = element("p", { class: "out-of-sight", role: "status", "aria-live": "polite" });

  const tabs = new Tabs();
  const panel = new SpanPanel(trace, view, holders);
  const flame = new Flame(trace, holders);
  const show = (span: number) => {
    view.select(span);
    view.reveal(trace, span);
    tabs.choose("span");
  };
  view.onSelect(() => {
    const span = view.selected;
    said.textContent = span < 0 ? "nothing is chosen" : timeline.tipFor(span).replaceAll("\n", ", ");
  });

  // Search.
  const input = element("input", {
    type: "search",
    placeholder: "search: stage, name=wait, error, >1s",
    "aria-label": "Search spans: words, key=value, error, open, >1s",
    spellcheck: "false",
    autocomplete: "off",
  });
  const hits = element("output", { class: "quiet" });
  const table = new SpanTable(trace, view, holders, show);
  const runSearch = () => {
    view.found = search(trace, input.value);
    hits.textContent = view.found ? (view.found.size ? count(view.found.size, "span") : "nothing") : "";
    table.restart();
    view.changed();
  };
  let waiting = 0;
  input.addEventListener("input", () => {
    window.clearTimeout(waiting);
    waiting = window.setTimeout(runSearch, trace.count > 20_000 ? 250 : 60);
  });
  const step = (spans: number[], by: number) => {
    if (!spans.length) return;
    const at = spans.indexOf(view.selected);
    show(spans[(at < 0 ? (by > 0 ? 0 : spans.length - 1) : at + by + spans.length) % spans.length]);
  };
  const nextFound = (by: number) => step(view.found ? [...view.found] : [], by);
  input.addEventListener("keydown", (event) => {
    if (event.key !== "Enter") return;
    window.clearTimeout(waiting);
    runSearch();
    nextFound(event.shiftKey ? -1 : 1);
  });

  // Lanes, critical path, light and dark.
  const modes = element(
    "select",
    { "aria-label": "Lanes" },
    ...MODES.map(([mode, text]) =>
      element("option", { value: mode, selected: mode === timeline.mode }, text),
    ),
  );
  const setMode = (mode: LaneMode) => {
    modes.value = mode;
    timeline.setMode(mode);
    minimap.forget();
    fitHeight();
    timeline.resize();
  };
  modes.addEventListener("change", () => setMode(modes.value as LaneMode));
  const pathButton = button("critical path", () => togglePath(), { "aria-pressed": "false" });
  const togglePath = () => {
    view.showsCriticalPath = !view.showsCriticalPath;
    pathButton.setAttribute("aria-pressed", String(view.showsCriticalPath));
    if (view.showsCriticalPath) tabs.choose("path");
    view.changed();
  };
  const repaint = () => {
    forgetPalette();
    minimap.forget();
    view.changed();
    // Bars of lists have the colours of devices.
    tabs.forget();
  };
  const dark = window.matchMedia("(prefers-color-scheme: dark)");
  dark.addEventListener("change", repaint);
  const themeButton = button("light / dark", () => {
    const now = document.documentElement.dataset.theme ?? (dark.matches ? "dark" : "light");
    document.documentElement.dataset.theme = now === "dark" ? "light" : "dark";
    repaint();
  });
  window.addEventListener("beforeprint", () => {
    forgetPalette();
    timeline.resize();
  });

  const help = element(
    "dialog",
    { "aria-label": "Keys" },
    element("h2", {}, "Keys"),
    element("dl", {}, ...KEYS.flatMap(([keys, text]) => [element("dt", {}, keys), element("dd", {}, text)])),
    element(
      "p",
      { class: "quiet" },
      "The wheel zooms, with shift it scrolls; dragging pans; a double click shows a span, or all. In the strip above, dragging chooses what is seen.",
    ),
    button("close", () => help.close()),
  );
  const toggleHelp = () => (help.open ? help.close() : help.showModal());

  // The side: what went wrong and where the time goes come first.
  const find = (text: string) => {
    input.value = text;
    runSearch();
  };
  tabs.add("overview", "overview", () => [
    ...problems(trace, show),
    // Sums over two traces that are compared say nothing of either.
    ...(trace.head.compared ? tables(trace) : holds(trace, show, view)),
    ...lulls(trace, view),
    ...(trace.head.compared ? [] : [...statistics(trace, find), ...tables(trace)]),
    ...remarks(trace),
    element(
      "p",
      { class: "quiet" },
      `Made by ${trace.head.generator}${trace.head.start ? `; 0 is ${trace.head.start}` : ""}.`,
    ),
  ]);
  tabs.add("span", "span", () => [panel.root]);
  tabs.add("path", "critical path", () => criticalPath(trace, holders, show));
  tabs.add("flame", "flame graph", () => {
    flame.show();
    return [flame.root];
  });
  if (trace.head.readings.length) tabs.add("readings", "readings", () => plots(trace));

  const faults = wrong(trace);
  const nextFault = (by: number) =>
    step([...new Set([...faults.map(({ span }) => span), ...trace.notes.keys()])], by);

  const lanes = element("div", { class: "timeline" }, minimap.canvas, timeline.canvas);
  const fitHeight = () => {
    // No higher than its lanes are, where these are few.
    timeline.canvas.style.height = `${Math.max(140, timeline.mostHeight)}px`;
  };
  fitHeight();
  page.append(
    element(
      "header",
      {},
      element("h1", { title: trace.head.title }, trace.head.title),
      element("p", { class: "sum" }, ...summary(trace)),
      element(
        "div",
        { class: "tools row" },
        input,
        hits,
        modes,
        pathButton,
        themeButton,
        button("keys", toggleHelp),
      ),
    ),
    verdict(trace, show),
    element("div", { class: "columns" }, element("div", { class: "main" }, lanes, table.root), tabs.root),
    help,
    timeline.tip,
    said,
  );
  tabs.choose("overview");
  // Where the lanes leave room, the table takes it.
  const main = lanes.parentElement!;
  table.root.open =
    getComputedStyle(main).overflow === "hidden" && main.clientHeight - timeline.mostHeight > 260;

  listen(trace, view, timeline, {
    focusSearch: () => input.select(),
    nextFound,
    nextFault,
    nextMode: () =>
      setMode(MODES[(MODES.findIndex(([mode]) => mode === timeline.mode) + 1) % MODES.length][0]),
    toggleHelp,
    togglePath,
    show,
  });
  view.onChange(() => {
    document.documentElement.dataset.ready = "yes";
  });
  view.changed();
}

/** Duration, spans, faults. */
function summary(trace: Trace): (Node | string)[] {
  const runs = trace.head.spans.name.filter((_, span) => trace.isRun(span)).length;
  const parts = [
    duration(trace.length),
    trace.head.parts ? count(trace.head.parts.length, "trace") : "",
    count(trace.head.span_count, "span"),
    runs ? count(runs, "run") : "",
  ];
  return [parts.filter(Boolean).join(" · ")];
}

/** One line that says how it went, and what took longest. */
function verdict(trace: Trace, show: (span: number) => void): HTMLElement {
  const first = wrong(trace)[0];
  const { held, between } = trace.head.statistics;
  const longest = [...held.filter(({ waits }) => waits > 0), ...between].sort(
    (a, b) => b.time_ns - a.time_ns,
  )[0];
  const failed = trace.head.troubles.length + trace.head.checks.length + trace.faults.size;
  const text = first
    ? `${what(trace, first.span)}: ${first.text}`
    : (trace.head.checks[0]?.headline ?? trace.head.troubles[0] ?? "");
  const wait =
    longest?.time_ns && !trace.head.compared
      ? element(
          "span",
          { class: "longest" },
          "longest: ",
          element("strong", {}, longest.name),
          ` ${duration(longest.time_ns)}, ${Math.round(100 * longest.share)} %`,
        )
      : null;
  return element(
    "p",
    { class: failed ? "verdict bad" : "verdict good" },
    element("span", { class: "sign", "aria-hidden": "true" }, failed ? "✗" : "✓"),
    failed
      ? first
        ? button(text, () => show(first.span), { class: "link fault", title: text })
        : element("span", { class: "fault" }, text)
      : trace.head.compared
        ? "no difference that counts"
        : "no span tells of a fault",
    failed > 1 ? element("span", { class: "quiet" }, `and ${failed - 1} more`) : null,
    wait,
  );
}

/** The parts at the side, of which one is seen. */
class Tabs {
  private readonly list = element("div", { role: "tablist", "aria-label": "Views" });
  private readonly body = element("div", { class: "body", role: "tabpanel", tabindex: "0" });
  readonly root = element("aside", {}, this.list, this.body);
  private readonly makers = new Map<string, () => Node[]>();
  private chosen = "";

  add(name: string, title: string, make: () => Node[]): void {
    this.makers.set(name, make);
    const tab = button(title, () => this.choose(name), {
      role: "tab",
      "data-tab": name,
      "aria-selected": "false",
      tabindex: "-1",
    });
    tab.addEventListener("keydown", (event) => {
      const by = event.key === "ArrowRight" ? 1 : event.key === "ArrowLeft" ? -1 : 0;
      if (!by) return;
      const names = [...this.makers.keys()];
      const next = names[(names.indexOf(name) + by + names.length) % names.length];
      this.choose(next);
      this.list.querySelector<HTMLElement>(`[data-tab="${next}"]`)?.focus();
      event.stopPropagation();
    });
    this.list.append(tab);
  }

  choose(name: string): void {
    if (name === this.chosen) return;
    this.chosen = name;
    for (const tab of this.list.children) {
      const is = (tab as HTMLElement).dataset.tab === name;
      tab.setAttribute("aria-selected", String(is));
      tab.setAttribute("tabindex", is ? "0" : "-1");
    }
    this.body.setAttribute("aria-label", name);
    this.body.scrollTop = 0;
    this.body.replaceChildren(...(this.makers.get(name)?.() ?? []));
  }

  /** Makes anew what is seen. */
  forget(): void {
    const now = this.chosen;
    this.chosen = "";
    this.choose(now);
  }
}

start();
