// All of the trace in a strip, with the part that is seen marked: to be dragged, and drawn anew.

import { palette } from "./colours";
import type { Trace } from "./data";
import { element } from "./dom";
import type { Holders } from "./holders";
import type { TimelineView } from "./timeline";
import type { View } from "./view";

export class Minimap {
  readonly canvas = element("canvas", { class: "minimap", "aria-hidden": "true" });
  private picture: HTMLCanvasElement | undefined;
  private width = 0;
  private height = 0;

  constructor(
    private readonly trace: Trace,
    private readonly view: View,
    private readonly timeline: TimelineView,
    private readonly holders: Holders,
  ) {
    new ResizeObserver(() => this.resize()).observe(this.canvas);
    view.onChange(() => this.draw());
    this.listen();
  }

  forget(): void {
    this.picture = undefined;
  }

  private resize(): void {
    const box = this.canvas.getBoundingClientRect();
    this.width = box.width;
    this.height = box.height;
    const scale = Math.min(window.devicePixelRatio || 1, 2);
    this.canvas.width = Math.round(box.width * scale);
    this.canvas.height = Math.round(box.height * scale);
    this.forget();
    this.draw();
  }

  private x(time: number): number {
    const left = this.timeline.gutter;
    return left + (time / Math.max(1, this.trace.length)) * (this.width - left - 8);
  }

  private time(x: number): number {
    const left = this.timeline.gutter;
    return ((x - left) / (this.width - left - 8)) * this.trace.length;
  }

  /** The trace in lines of a few pixels: drawn once for each size and order of lanes. */
  private paint(): HTMLCanvasElement {
    const picture = document.createElement("canvas");
    picture.width = this.canvas.width;
    picture.height = this.canvas.height;
    const context = picture.getContext("2d")!;
    const scale = picture.width / this.width;
    context.scale(scale, scale);
    const { layout } = this.timeline;
    const height = this.height - 8;
    const rowHeight = height / Math.max(layout.rowCount, 6);
    for (const [start, end] of this.holders.stretches) {
      context.fillStyle = palette().band;
      context.fillRect(this.x(start), 2, this.x(end) - this.x(start), this.height - 4);
    }
    layout.rows.forEach((spans, row) => {
      let drawnTo = Number.NEGATIVE_INFINITY;
      for (let at = 0; at < spans.length; ) {
        const from = Math.max(this.x(this.trace.start[spans[at]]), drawnTo);
        let next = at + 1;
        // What ends in one pixel is one line, in the colour of the longest.
        while (next < spans.length && this.x(this.trace.end[spans[next]]) < from + 1) next++;
        const span = this.timeline.longest(spans, at, next);
        const to = Math.max(this.x(this.trace.end[spans[next - 1]]), from + 1);
        context.fillStyle = this.timeline.colourOf(span, layout.lanes[layout.laneOf[span]]);
        context.fillRect(from, 4 + row * rowHeight, to - from, Math.max(1, rowHeight - 0.7));
        drawnTo = to;
        at = next;
      }
    });
    context.fillStyle = palette().fault;
    for (const span of this.trace.faults.keys()) {
      context.fillRect(this.x(this.trace.end[span]) - 1, 1, 2, this.height - 2);
    }
    return picture;
  }

  draw(): void {
    const context = this.canvas.getContext("2d");
    if (!context || !this.width) return;
    this.picture ??= this.paint();
    const scale = this.canvas.width / this.width;
    const colours = palette();
    context.setTransform(1, 0, 0, 1, 0, 0);
    context.fillStyle = colours.ground;
    context.fillRect(0, 0, this.canvas.width, this.canvas.height);
    context.drawImage(this.picture, 0, 0);
    context.setTransform(scale, 0, 0, scale, 0, 0);
    const from = Math.max(this.x(this.view.from), this.timeline.gutter);
    const to = Math.min(this.x(this.view.to), this.width - 4);
    context.globalAlpha = 0.65;
    context.fillStyle = colours.raised;
    context.fillRect(this.timeline.gutter, 0, from - this.timeline.gutter, this.height);
    context.fillRect(to, 0, this.width - to, this.height);
    context.globalAlpha = 1;
    context.strokeStyle = colours.accent;
    context.lineWidth = 1;
    context.strokeRect(from + 0.5, 0.5, Math.max(2, to - from - 1), this.height - 1);
  }

  private listen(): void {
    let grabbed: { at: number; from: number; to: number; isNew: boolean } | undefined;
    this.canvas.addEventListener("pointerdown", (event) => {
      this.canvas.setPointerCapture(event.pointerId);
      const at = this.time(event.offsetX);
      const { from, to } = this.view;
      const isWhole = from <= 0 && to >= this.trace.length;
      grabbed = { at, from, to, isNew: isWhole || at < from || at > to };
    });
    this.canvas.addEventListener("pointermove", (event) => {
      if (!grabbed) return;
      const at = this.time(event.offsetX);
      if (grabbed.isNew) {
        if (Math.abs(this.x(at) - this.x(grabbed.at)) > 3)
          this.view.set(Math.min(at, grabbed.at), Math.max(at, grabbed.at));
      } else {
        this.view.set(grabbed.from + at - grabbed.at, grabbed.to + at - grabbed.at);
      }
    });
    this.canvas.addEventListener("pointerup", (event) => {
      const at = this.time(event.offsetX);
      if (grabbed?.isNew && Math.abs(this.x(at) - this.x(grabbed.at)) <= 3) {
        this.view.set(at - this.view.length / 2, at + this.view.length / 2);
      }
      grabbed = undefined;
    });
  }
}
