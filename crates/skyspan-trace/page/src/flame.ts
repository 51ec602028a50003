// A flame graph: spans of one name in one place, one bar, as wide as they are long together.

import { fill } from "./colours";
import type { Trace } from "./data";
import { button, element } from "./dom";
import { duration, grouped, percent } from "./format";
import type { Holders } from "./holders";

interface Node {
  title: string;
  colour: number;
  count: number;
  total: number;
  children: Map<string, Node>;
}

const ROW = 24;
/** What is narrower is left out. */
const NARROWEST_SHARE = 0.002;
const DEPTH_MAX = 40;
const BARS_MAX = 1500;

export class Flame {
  readonly root = element("section", { "aria-label": "Flame graph by name" });
  private tree: Node | undefined;
  private zoomed: Node[] = [];

  constructor(
    private readonly trace: Trace,
    private readonly holders: Holders,
  ) {}

  show(): void {
    this.tree ??= treeOf(this.trace, this.holders);
    const top = this.zoomed.at(-1) ?? this.tree;
    const box = element("div", { class: "flame" });
    let deepest = 0;
    let bars = 0;
    const draw = (node: Node, left: number, share: number, depth: number) => {
      if (share < NARROWEST_SHARE || depth > DEPTH_MAX || bars > BARS_MAX) return;
      deepest = Math.max(deepest, depth);
      bars++;
      const text = `${node.title}  ${duration(node.total)}`;
      const bar = button(share > 0.02 ? text : "", () => this.zoom(node), {
        class: "flame-bar",
        title: `${node.title}\n${grouped(node.count)} ×, ${duration(node.total)}, ${percent(node.total / (this.tree!.total || 1))}`,
        "aria-label": text,
      });
      bar.style.left = `${100 * left}%`;
      bar.style.width = `calc(${100 * share}% - 1px)`;
      bar.style.top = `${depth * ROW}px`;
      bar.style.background = fill(node.colour);
      box.append(bar);
      // Children that overlap may be longer together than what they are parts of.
      const inner = [...node.children.values()].sort((a, b) => b.total - a.total);
      const sum = inner.reduce((sum, child) => sum + child.total, 0);
      const whole = Math.max(node.total, sum) || 1;
      let at = left;
      for (const child of inner) {
        const width = (share * child.total) / whole;
        draw(child, at, width, depth + 1);
        at += width;
      }
    };
    draw(top, 0, 1, 0);
    box.style.height = `${(deepest + 1) * ROW}px`;
    this.root.replaceChildren(
      element("h2", {}, "Where the time is, by name"),
      element(
        "p",
        { class: "quiet" },
        "Spans of one name in one place are one bar. Where parts overlap, they are drawn side by side, in proportion.",
      ),
      ...(this.zoomed.length
        ? [
            element(
              "p",
              { class: "row" },
              button("whole", () => {
                this.zoomed = [];
                this.show();
              }),
              button("back", () => {
                this.zoomed.pop();
                this.show();
              }),
            ),
          ]
        : []),
      box,
    );
  }

  private zoom(node: Node): void {
    if (node === (this.zoomed.at(-1) ?? this.tree)) this.zoomed.pop();
    else this.zoomed.push(node);
    this.show();
  }
}

function treeOf(trace: Trace, holders: Holders): Node {
  const node = (title: string, colour: number): Node => ({
    title,
    colour,
    count: 0,
    total: 0,
    children: new Map(),
  });
  const top = node(trace.head.title, -1);
  const nodes: (Node | undefined)[] = new Array(trace.count);
  const of = (span: number): Node => {
    const line: number[] = [];
    let at = span;
    while (at >= 0 && !nodes[at] && line.length <= trace.count) {
      line.push(at);
      at = trace.runParent[at];
    }
    let above = at >= 0 ? nodes[at]! : top;
    for (const below of line.reverse()) {
      // Waits are told apart by what held them.
      const holder = trace.isWait(below) ? holders.holderOf(below) : undefined;
      const title = holder
        ? `wait: ${holder}`
        : [trace.name(below), trace.deviceName(below)].filter(Boolean).join(" ");
      const key = `${title}\n${trace.device[below]}`;
      let own = above.children.get(key);
      if (!own) {
        const device = holder ? holders.deviceOf(below) : trace.device[below];
        own = node(title, device >= 0 || trace.isBluesky ? device : trace.nameNumber(below));
        above.children.set(key, own);
      }
      nodes[below] = own;
      above = own;
    }
    return above;
  };
  for (let span = 0; span < trace.count; span++) {
    const own = of(span);
    own.count++;
    own.total += trace.duration(span);
  }
  top.count = trace.count;
  top.total = [...top.children.values()].reduce((sum, child) => sum + child.total, 0);
  return top;
}
