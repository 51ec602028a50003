// The canvas with the lanes: drawn anew for each frame in which something changed, and of all spans no more than there are pixels.

import { fill, palette } from "./colours";
import type { Trace } from "./data";
import { element } from "./dom";
import { duration, exactText, timeTicks } from "./format";
import type { Holders } from "./holders";
import { type Lane, type LaneMode, type Layout, layOut } from "./lanes";
import { Marks } from "./marks";
import type { View } from "./view";

/** Rows are as high as there is room for, within these. */
const ROW_LEAST = 20;
const ROW_MOST = 34;
const LANE_GAP = 10;
const AXIS = 26;
const MOMENT_ROW = 16;
const MOMENT_TOP = 4;
/** What is shorter is drawn as so many pixels, and with its neighbours as one. */
export const THIN = 2;
const FONT = "12px system-ui, sans-serif";

export class TimelineView {
  readonly canvas = element("canvas", {
    class: "lanes",
    tabindex: "0",
    role: "application",
    "aria-roledescription": "timeline",
    "aria-label":
      "Timeline of spans. Arrow keys walk from span to span; question mark lists all keys. All spans are in the table below.",
  });
  readonly tip = element("div", { class: "tip", role: "tooltip", hidden: true });
  layout: Layout;
  mode: LaneMode;
  /** The width of the names of the lanes. */
  gutter = 130;
  width = 0;
  private height = 0;
  private row = ROW_LEAST;
  private readonly marks: Marks;
  private contentHeight = 0;
  private laneTop: number[] = [];
  private rowTop = new Float64Array(0);
  private readonly momentKinds: string[];
  private readonly moments: { at: Float64Array; labels: string[] }[];
  private readonly widths = new Map<string, number>();

  constructor(
    private readonly trace: Trace,
    private readonly view: View,
    private readonly holders: Holders,
  ) {
    this.marks = new Marks(trace, view, this);
    this.mode = trace.isBluesky ? "device" : "nesting";
    this.layout = layOut(trace, this.mode);
    this.momentKinds = [...new Set(trace.head.moments.map(([, kind]) => kind))];
    this.moments = this.momentKinds.map((kind) => {
      const some = trace.head.moments.filter(([, of]) => of === kind).sort((a, b) => a[0] - b[0]);
      return { at: Float64Array.from(some, ([at]) => at), labels: some.map(([, , label]) => label) };
    });
    this.place();
    new ResizeObserver(() => this.resize()).observe(this.canvas);
    view.onChange(() => this.draw());
    view.onSelect(() => this.scrollToSelected());
  }

  setMode(mode: LaneMode): void {
    this.mode = mode;
    this.layout = layOut(this.trace, mode);
    this.place();
    this.view.scroll = 0;
    this.scrollToSelected();
    this.view.changed();
  }

  get bar(): number {
    return this.row - 5;
  }

  /** How high all lanes are together, the axis included. */
  get wantedHeight(): number {
    return AXIS + this.contentHeight + 6;
  }

  /** How high all lanes would be at most. */
  get mostHeight(): number {
    return this.wantedHeight + this.layout.rowCount * (ROW_MOST - this.row);
  }

  scrollBy(pixels: number): void {
    const most = Math.max(0, this.wantedHeight - this.height);
    this.view.scroll = Math.min(most, Math.max(0, this.view.scroll + pixels));
    this.view.changed();
  }

  timeAt(x: number): number {
    return this.view.from + ((x - this.gutter) / (this.width - this.gutter)) * this.view.length;
  }

  /** The span that is drawn at a place of the canvas, or so near that it was meant; -1 for none. */
  spanAt(x: number, y: number): number {
    if (x < this.gutter || y < AXIS) return -1;
    const row = this.rowAt(y);
    if (row < 0) return -1;
    const spans = this.layout.rows[row];
    const { start, end } = this.trace;
    const time = this.timeAt(x);
    const near = (4 / (this.width - this.gutter)) * this.view.length;
    let best = -1;
    let bestDistance = near;
    for (let at = firstEnding(spans, end, time - near); at < spans.length; at++) {
      const span = spans[at];
      if (start[span] > time + near) break;
      const distance = Math.max(0, start[span] - time, time - end[span]);
      const isBetter =
        distance < bestDistance || (distance === bestDistance && this.trace.faults.has(span)) || best < 0;
      if (isBetter) [best, bestDistance] = [span, distance];
      // In a crowd of thousands under one pixel, any one will do.
      if (bestDistance === 0 && at > 2000) break;
    }
    return best;
  }

  momentAt(x: number, y: number): string {
    const row = Math.floor((y - AXIS - MOMENT_TOP + this.view.scroll) / MOMENT_ROW);
    if (y < AXIS || row < 0 || row >= this.moments.length || x < this.gutter) return "";
    const { at, labels } = this.moments[row];
    const near = (4 / (this.width - this.gutter)) * this.view.length;
    const time = this.timeAt(x);
    const first = lowerBound(at, time - near);
    const all: string[] = [];
    for (let number = first; number < at.length && at[number] <= time + near; number++) {
      if (all.length === 8) {
        all.push("…");
        break;
      }
      all.push(`${duration(at[number])}  ${labels[number]}`);
    }
    return all.join("\n");
  }

  resize(): void {
    const box = this.canvas.getBoundingClientRect();
    const scale = Math.min(window.devicePixelRatio || 1, 2);
    this.width = box.width;
    this.height = box.height;
    this.gutter = box.width < 600 ? 84 : 130;
    this.canvas.width = Math.round(box.width * scale);
    this.canvas.height = Math.round(box.height * scale);
    const room = (this.height - (this.wantedHeight - this.layout.rowCount * this.row)) / this.layout.rowCount;
    this.row = Math.round(Math.min(ROW_MOST, Math.max(ROW_LEAST, Math.floor(room))));
    this.place();
    this.scrollBy(0);
    this.draw();
  }

  private place(): void {
    let top = MOMENT_TOP + this.momentKinds.length * MOMENT_ROW + (this.momentKinds.length ? LANE_GAP : 0);
    this.rowTop = new Float64Array(this.layout.rowCount);
    this.laneTop = this.layout.lanes.map((lane) => {
      const laneTop = top;
      for (let row = 0; row < lane.rowCount; row++) {
        this.rowTop[lane.firstRow + row] = top;
        top += this.row;
      }
      top += LANE_GAP;
      return laneTop;
    });
    this.contentHeight = top;
  }

  private rowAt(y: number): number {
    const wanted = y - AXIS + this.view.scroll;
    let low = 0;
    let high = this.rowTop.length - 1;
    while (low <= high) {
      const middle = (low + high) >> 1;
      if (this.rowTop[middle] > wanted) high = middle - 1;
      else if (this.rowTop[middle] + this.row <= wanted) low = middle + 1;
      else return middle;
    }
    return -1;
  }

  private scrollToSelected(): void {
    if (this.view.selected < 0 || !this.height) return;
    const top = this.rowTop[this.layout.rowOf[this.view.selected]] + AXIS - this.view.scroll;
    if (top < AXIS) this.scrollBy(top - AXIS - this.row);
    else if (top + this.row > this.height) this.scrollBy(top + 2 * this.row - this.height);
  }

  /** Where the bar of a span begins, from the top of the canvas. */
  barTop(span: number): number {
    return this.rowTop[this.layout.rowOf[span]] + AXIS - this.view.scroll + (this.row - this.bar) / 2;
  }

  /** Whether a bar that begins there is seen. */
  isInSight(top: number): boolean {
    return top + this.bar >= AXIS && top <= this.height;
  }

  x(time: number): number {
    return this.gutter + ((time - this.view.from) / this.view.length) * (this.width - this.gutter);
  }

  /** How wide a text is; measured once. */
  private textWidth(context: CanvasRenderingContext2D, text: string): number {
    let width = this.widths.get(text);
    if (width === undefined) {
      width = context.measureText(text).width;
      this.widths.set(text, width);
    }
    return width;
  }

  draw(): void {
    const context = this.canvas.getContext("2d", { alpha: false });
    if (!context || !this.width) return;
    const scale = this.canvas.width / this.width;
    const colours = palette();
    context.setTransform(scale, 0, 0, scale, 0, 0);
    context.font = FONT;
    context.textBaseline = "middle";
    context.fillStyle = colours.ground;
    context.fillRect(0, 0, this.width, this.height);
    context.save();
    context.beginPath();
    context.rect(this.gutter, 0, this.width - this.gutter, this.height);
    context.clip();
    this.drawStretches(context);
    this.drawAxis(context);
    context.beginPath();
    context.rect(this.gutter, AXIS, this.width - this.gutter, this.height - AXIS);
    context.clip();
    this.drawMoments(context);
    for (let row = 0; row < this.layout.rowCount; row++) {
      const y = this.rowTop[row] + AXIS - this.view.scroll;
      if (y + this.row < AXIS) continue;
      if (y > this.height) break;
      this.drawRow(context, row, y + (this.row - this.bar) / 2);
    }
    this.marks.draw(context);
    context.restore();
    this.drawGutter(context);
    // For whoever looks from outside, as tests do.
    this.canvas.dataset.from = String(this.view.from);
    this.canvas.dataset.to = String(this.view.to);
  }

  private drawAxis(context: CanvasRenderingContext2D): void {
    const colours = palette();
    const wanted = Math.max(2, Math.floor((this.width - this.gutter) / 110));
    context.fillStyle = colours.line;
    const ticks = timeTicks(this.view.from, this.view.to, wanted);
    for (const { at } of ticks) context.fillRect(Math.round(this.x(at)), AXIS - 6, 1, this.height);
    context.fillStyle = colours.faint;
    context.textAlign = "left";
    for (const { at, text } of ticks) {
      const x = Math.round(this.x(at)) + 4;
      if (x + this.textWidth(context, text) <= this.width) context.fillText(text, x, 11);
    }
  }

  private drawStretches(context: CanvasRenderingContext2D): void {
    const colours = palette();
    for (const [start, end, label] of this.holders.stretches) {
      const from = Math.max(this.gutter, this.x(start));
      const to = Math.min(this.width, this.x(end));
      if (to <= from) continue;
      context.fillStyle = colours.band;
      context.fillRect(from, AXIS, to - from, this.height - AXIS);
      const room = to - from - 12;
      const time = ` ${duration(end - start)}`;
      const timeRoom = this.textWidth(context, time);
      const isWhole = this.textWidth(context, label) + timeRoom <= room;
      const text = isWhole ? label + time : this.cut(context, label, room - timeRoom) + time;
      if (timeRoom <= room) {
        context.fillStyle = colours.faint;
        context.textAlign = "center";
        context.fillText(text, (from + to) / 2, this.height - 12);
      }
    }
  }

  private drawMoments(context: CanvasRenderingContext2D): void {
    const colours = palette();
    this.moments.forEach(({ at }, row) => {
      const y = AXIS + MOMENT_TOP + row * MOMENT_ROW - this.view.scroll;
      if (y + MOMENT_ROW < AXIS || y > this.height) return;
      context.fillStyle = colours.section;
      let last = Number.NEGATIVE_INFINITY;
      for (let number = lowerBound(at, this.view.from); number < at.length && at[number] <= this.view.to; ) {
        const x = Math.round(this.x(at[number]));
        if (x > last) {
          context.fillRect(x, y + 3, 2, MOMENT_ROW - 6);
          last = x + 1;
        }
        // The next that is not in this pixel.
        number = Math.max(number + 1, lowerBound(at, this.timeAt(x + 2)));
      }
    });
  }

  colourOf(span: number, lane: Lane): string {
    if (lane.kind === "waits") return fill(this.holders.deviceOf(span));
    if (this.trace.device[span] >= 0) return fill(this.trace.device[span]);
    if (!this.trace.isBluesky) return fill(this.colourNumber(span));
    return palette().section;
  }

  /** Services tell spans apart where there are several; names do where there is one. */
  private colourNumber(span: number): number {
    return this.trace.head.services.length > 1 ? this.trace.service[span] : this.trace.nameNumber(span);
  }

  private drawRow(context: CanvasRenderingContext2D, row: number, y: number): void {
    const { start, end } = this.trace;
    const spans = this.layout.rows[row];
    const from = this.view.from;
    const perPixel = this.view.length / (this.width - this.gutter);
    const lane = this.layout.lanes[this.layout.laneOf[spans[0]]];
    const dims = this.view.found !== null || this.view.showsCriticalPath;
    const colours = palette();
    for (let at = firstEnding(spans, end, from); at < spans.length; ) {
      const span = spans[at];
      if (start[span] > this.view.to) break;
      const left = this.gutter + (start[span] - from) / perPixel;
      const width = (end[span] - start[span]) / perPixel;
      context.globalAlpha = dims ? 0.3 : 1;
      if (width < THIN) {
        // All that ends in these pixels is in this line, which has the colour of what takes most of it.
        const next = Math.max(at + 1, firstEnding(spans, end, start[span] + THIN * perPixel, at));
        context.fillStyle = this.colourOf(this.longest(spans, at, next), lane);
        context.fillRect(left, y, THIN, this.bar);
        at = next;
        continue;
      }
      context.fillStyle = this.colourOf(span, lane);
      const x = Math.max(left, this.gutter - 4);
      const right = Math.min(left + width, this.width + 4);
      if (right - x > 6) {
        context.beginPath();
        context.roundRect(x, y, right - x - 0.5, this.bar, 3);
        context.fill();
      } else {
        context.fillRect(x, y, right - x - 0.5, this.bar);
      }
      if (right - x > 26) {
        context.globalAlpha = dims ? 0.45 : 1;
        this.drawLabel(context, span, lane, Math.max(x, this.gutter), right, y);
      }
      if (this.trace.open[span]) {
        context.fillStyle = colours.fault;
        context.fillRect(right - 3, y, 2, this.bar);
      }
      at++;
    }
    context.globalAlpha = 1;
  }

  /** The longest of some spans of a row; of very many, of the first of them. */
  longest(spans: Uint32Array, from: number, to: number): number {
    let longest = spans[from];
    for (let at = from + 1; at < Math.min(to, from + 32); at++) {
      if (this.trace.duration(spans[at]) > this.trace.duration(longest)) longest = spans[at];
    }
    return longest;
  }

  drawLabel(
    context: CanvasRenderingContext2D,
    span: number,
    lane: Lane,
    left: number,
    right: number,
    y: number,
  ): void {
    const room = right - left - 8;
    const name = lane.kind === "waits" ? this.holders.labelOf(span) : this.trace.label(span);
    const time = this.trace.open[span] ? "open" : duration(this.trace.duration(span));
    const both = `${name}  ${time}`;
    let text = this.textWidth(context, both) <= room ? both : name;
    if (this.textWidth(context, text) > room) text = this.cut(context, text, room);
    if (!text) return;
    context.fillStyle = palette().ink;
    context.textAlign = "left";
    context.fillText(text, left + 5, y + this.bar / 2 + 0.5);
  }

  private cut(context: CanvasRenderingContext2D, text: string, room: number): string {
    // A cut text is measured for this once, and not kept: there are too many of them.
    let letters = Math.floor((text.length * room) / this.textWidth(context, text));
    while (letters >= 2) {
      const cut = `${text.slice(0, letters)}…`;
      if (context.measureText(cut).width <= room) return cut;
      letters--;
    }
    return "";
  }

  private drawGutter(context: CanvasRenderingContext2D): void {
    const colours = palette();
    context.fillStyle = colours.ground;
    context.fillRect(0, 0, this.gutter, this.height);
    context.fillStyle = colours.line;
    context.fillRect(this.gutter - 1, AXIS, 1, this.height);
    context.fillRect(0, AXIS - 1, this.width, 1);
    context.save();
    context.beginPath();
    context.rect(0, AXIS, this.gutter - 2, this.height);
    context.clip();
    context.textAlign = "left";
    context.fillStyle = colours.faint;
    this.momentKinds.forEach((kind, row) => {
      context.fillText(
        kind,
        this.gutter < 100 ? 6 : 22,
        AXIS + MOMENT_TOP + row * MOMENT_ROW - this.view.scroll + MOMENT_ROW / 2,
      );
    });
    this.layout.lanes.forEach((lane, number) => {
      const bottom = this.laneTop[number] + lane.rowCount * this.row + AXIS - this.view.scroll;
      // The name of a high lane stays in sight.
      const top = Math.min(Math.max(this.laneTop[number] + AXIS - this.view.scroll, AXIS), bottom - this.row);
      if (bottom < AXIS || top > this.height) return;
      if (lane.device >= 0) {
        context.fillStyle = fill(lane.device);
        context.beginPath();
        context.roundRect(6, top + 5, 10, 10, 3);
        context.fill();
      }
      context.fillStyle = colours.ink;
      const room = this.gutter - 30;
      const title =
        this.textWidth(context, lane.title) > room ? this.cut(context, lane.title, room) : lane.title;
      context.fillText(title, 22, top + this.row / 2);
      context.fillStyle = colours.line;
      context.fillRect(0, bottom + LANE_GAP / 2, this.gutter, 1);
    });
    context.restore();
  }

  /** What a pointer over a span is told. */
  tipFor(span: number): string {
    const { trace } = this;
    const device = trace.deviceName(span);
    const lines = [
      [device, trace.isWait(span) ? this.holders.labelOf(span) : trace.label(span)]
        .filter(Boolean)
        .join("  "),
      trace.label(span) === trace.name(span) ? "" : trace.name(span),
      trace.partName(span),
      `${trace.open[span] ? "never ended" : exactText(trace.duration(span))}, from ${exactText(trace.start[span])} on`,
      trace.faults.get(span) ? `✗ ${trace.faults.get(span)}` : "",
      ...(trace.notes.get(span) ?? []).map((note) => `✗ ${note}`),
    ];
    return lines.filter(Boolean).join("\n");
  }
}

/** The first place of a list that is no less. */
function lowerBound(sorted: Float64Array, wanted: number): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (sorted[middle] < wanted) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** The first span of a row that ends at a time or later: in a row those that start later end later. */
function firstEnding(spans: Uint32Array, end: Float64Array, wanted: number, from = 0): number {
  let low = from;
  let high = spans.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (end[spans[middle]] < wanted) low = middle + 1;
    else high = middle;
  }
  return low;
}
