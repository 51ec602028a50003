// All spans as a table, a hundred at a time: for screen readers, and for all who prefer words.

import type { Trace } from "./data";
import { button, element } from "./dom";
import { count, duration, exactText, grouped } from "./format";
import type { Holders } from "./holders";
import type { Show } from "./overview";
import type { View } from "./view";

const PAGE = 100;

export class SpanTable {
  readonly root = element("details", { class: "all" }, element("summary", {}, "All spans as a table"));
  private readonly body = element("div", { class: "wide" });
  private first = 0;

  constructor(
    private readonly trace: Trace,
    private readonly view: View,
    private readonly holders: Holders,
    private readonly show: Show,
  ) {
    this.root.append(this.body);
    this.root.addEventListener("toggle", () => this.fillIn());
    view.onSelect(() => this.fillIn());
  }

  /** Begins anew: other spans were searched. */
  restart(): void {
    this.first = 0;
    this.fillIn();
  }

  private fillIn(): void {
    if (!this.root.open) return;
    const { trace, view } = this;
    const spans = view.found ? [...view.found] : undefined;
    const total = spans?.length ?? trace.count;
    const last = Math.min(total, this.first + PAGE);
    const rows: HTMLElement[] = [];
    for (let at = this.first; at < last; at++) {
      const span = spans ? spans[at] : at;
      const fault = trace.faults.get(span);
      rows.push(
        element(
          "tr",
          { "aria-selected": span === view.selected ? "true" : undefined },
          element("td", { class: "number" }, exactText(trace.start[span])),
          element("td", { class: "number" }, trace.open[span] ? "open" : duration(trace.duration(span))),
          element(
            "th",
            { scope: "row" },
            button(trace.name(span), () => this.show(span), { class: "link" }),
          ),
          element("td", {}, trace.deviceName(span)),
          element(
            "td",
            {},
            trace.isWait(span)
              ? (this.holders.holderOf(span) ?? "")
              : trace.label(span) === trace.name(span)
                ? ""
                : trace.label(span),
          ),
          element("td", { class: fault ? "fault" : undefined }, fault ?? ""),
        ),
      );
    }
    const step = (by: number, text: string) =>
      button(
        text,
        () => {
          this.first = Math.max(0, Math.min(this.first + by, Math.floor((total - 1) / PAGE) * PAGE));
          this.fillIn();
        },
        { disabled: by < 0 ? this.first === 0 : last >= total },
      );
    this.body.replaceChildren(
      element(
        "p",
        { class: "row", role: "status" },
        total
          ? `${grouped(this.first + 1)} to ${grouped(last)} of ${count(total, "span")}${spans ? " that were found" : ""}`
          : "no span",
        step(-PAGE, "earlier"),
        step(PAGE, "later"),
      ),
      element(
        "table",
        { class: "spans" },
        element("caption", { class: "out-of-sight" }, "Spans by start"),
        element(
          "thead",
          {},
          element(
            "tr",
            {},
            ...["starts at", "duration", "name", "device", "what", "fault"].map((text) =>
              element("th", { scope: "col" }, text),
            ),
          ),
        ),
        element("tbody", {}, ...rows),
      ),
    );
  }
}
