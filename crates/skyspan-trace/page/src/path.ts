// The critical path: what would have had to be quicker for the whole to be quicker.

import { fill } from "./colours";
import type { Trace } from "./data";
import { button, element } from "./dom";
import { duration, grouped, percent } from "./format";
import type { Holders } from "./holders";
import type { Show } from "./overview";

const FIRST = 40;

export function criticalPath(trace: Trace, holders: Holders, show: Show): HTMLElement[] {
  const parts = trace.head.critical_path;
  if (!parts.length) return [element("p", { class: "quiet" }, "No span takes time.")];
  const sums = new Map<string, { time: number; count: number; colour: number; longest: [number, number] }>();
  let whole = 0;
  for (const [span, , length] of parts) {
    // A wait is as long as what it waited for.
    const name = trace.isWait(span)
      ? holders.labelOf(span)
      : [trace.name(span), trace.deviceName(span)].filter(Boolean).join(" ");
    const colour = trace.isWait(span) ? holders.deviceOf(span) : trace.device[span];
    const sum = sums.get(name) ?? { time: 0, count: 0, colour, longest: [span, 0] };
    sum.time += length;
    sum.count++;
    if (length > sum.longest[1]) sum.longest = [span, length];
    sums.set(name, sum);
    whole += length;
  }
  const rows = [...sums].sort(([, a], [, b]) => b.time - a.time).slice(0, FIRST);
  return [
    element("h2", {}, "The critical path"),
    element(
      "p",
      { class: "quiet" },
      `From the end of each tree to its start: what ended last, what that began behind, and so on. ${duration(whole)} in ${grouped(parts.length)} parts. A wait counts for what held it.`,
    ),
    element(
      "ul",
      { class: "plain" },
      ...rows.map(([name, { time, count, colour, longest }]) => {
        const bar = element("span", { class: "bar" });
        bar.style.width = `${(100 * time) / rows[0][1].time}%`;
        bar.style.background = fill(colour);
        return element(
          "li",
          { class: "hold" },
          element(
            "div",
            { class: "row" },
            button(name, () => show(longest[0]), { class: "link" }),
            element("span", { class: "number" }, `${duration(time)}  ${percent(time / whole)}`),
          ),
          element(
            "div",
            { class: "row" },
            element("span", { class: "track" }, bar),
            element("span", { class: "quiet number" }, `× ${grouped(count)}`),
          ),
        );
      }),
    ),
  ];
}
