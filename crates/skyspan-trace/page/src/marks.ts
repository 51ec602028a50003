// What is drawn over the spans: the critical path, faults, events, what was found, links, and what is chosen.

import { palette } from "./colours";
import type { Trace } from "./data";
import { THIN, type TimelineView } from "./timeline";
import type { View } from "./view";

export class Marks {
  constructor(
    private readonly trace: Trace,
    private readonly view: View,
    private readonly timeline: TimelineView,
  ) {}

  draw(context: CanvasRenderingContext2D): void {
    this.drawPath(context);
    this.drawFaults(context);
    this.drawEvents(context);
    this.drawFound(context);
    this.drawLinks(context);
    this.outline(context, this.view.hovered, palette().faint, 1);
    this.outline(context, this.view.selected, palette().accent, 2);
  }

  /** The parts of the critical path, as lines below their spans. */
  private drawPath(context: CanvasRenderingContext2D): void {
    if (!this.view.showsCriticalPath) return;
    context.fillStyle = palette().path;
    const drawnTo = new Map<number, number>();
    for (const [span, at, length] of this.trace.head.critical_path) {
      if (at + length < this.view.from || at > this.view.to) continue;
      const y = this.timeline.barTop(span);
      if (!this.timeline.isInSight(y)) continue;
      const row = this.timeline.layout.rowOf[span];
      const left = Math.max(this.timeline.x(at), drawnTo.get(row) ?? 0);
      const right = Math.max(this.timeline.x(at + length), this.timeline.x(at) + 1);
      if (right <= left) continue;
      context.fillRect(left, y + this.timeline.bar - 3, right - left, 4);
      drawnTo.set(row, right);
    }
  }

  private drawFaults(context: CanvasRenderingContext2D): void {
    const colours = palette();
    const mark = (span: number, colour: string) => {
      const y = this.timeline.barTop(span);
      if (!this.timeline.isInSight(y)) return;
      const left = Math.max(this.timeline.x(this.trace.start[span]), this.timeline.gutter - 3);
      const right = Math.min(this.timeline.x(this.trace.end[span]), this.timeline.width + 3);
      if (right < this.timeline.gutter || left > this.timeline.width) return;
      context.strokeStyle = colour;
      context.lineWidth = 1.5;
      if (right - left > 5) {
        context.beginPath();
        context.roundRect(left + 0.5, y + 0.5, right - left - 1.5, this.timeline.bar - 1, 3);
        context.stroke();
      }
      // The fault shows where the span ends, as that is when it was known.
      const at = Math.min(Math.max(right, left + 2), this.timeline.width - 6);
      context.fillStyle = colour;
      context.beginPath();
      context.arc(at, y + 1, 6.5, 0, 7);
      context.fill();
      context.strokeStyle = colours.ground;
      context.beginPath();
      context.moveTo(at - 2.3, y - 1.3);
      context.lineTo(at + 2.3, y + 3.3);
      context.moveTo(at + 2.3, y - 1.3);
      context.lineTo(at - 2.3, y + 3.3);
      context.stroke();
    };
    const seen = new Set<number>();
    const once = (span: number, colour: string) => {
      // Of those in one place one mark is enough.
      const place =
        this.timeline.layout.rowOf[span] * 10_000 + Math.round(this.timeline.x(this.trace.end[span]) / 3);
      if (!seen.has(place)) mark(span, colour);
      seen.add(place);
    };
    for (const span of this.trace.faults.keys()) once(span, colours.fault);
    for (const span of this.trace.notes.keys()) once(span, colours.fault);
  }

  private drawEvents(context: CanvasRenderingContext2D): void {
    context.fillStyle = palette().ink;
    const seen = new Set<number>();
    for (const [span, at] of this.trace.head.events) {
      if (at < this.view.from || at > this.view.to) continue;
      const y = this.timeline.barTop(span) + this.timeline.bar / 2;
      if (!this.timeline.isInSight(y)) continue;
      const x = Math.round(this.timeline.x(at));
      const place = this.timeline.layout.rowOf[span] * 10_000 + x;
      if (seen.has(place)) continue;
      seen.add(place);
      context.beginPath();
      context.moveTo(x, y - 4);
      context.lineTo(x + 4, y);
      context.lineTo(x, y + 4);
      context.lineTo(x - 4, y);
      context.fill();
    }
  }

  private drawFound(context: CanvasRenderingContext2D): void {
    if (!this.view.found) return;
    const seen = new Set<number>();
    for (const span of this.view.found) {
      if (this.trace.end[span] < this.view.from || this.trace.start[span] > this.view.to) continue;
      const row = this.timeline.layout.rowOf[span];
      const y = this.timeline.barTop(span);
      if (!this.timeline.isInSight(y)) continue;
      const left = Math.max(this.timeline.x(this.trace.start[span]), this.timeline.gutter - 2);
      const width = Math.min(this.timeline.x(this.trace.end[span]), this.timeline.width + 2) - left;
      const place = row * 10_000 + Math.round(left);
      if (width < THIN && seen.has(place)) continue;
      seen.add(place);
      const lane = this.timeline.layout.lanes[this.timeline.layout.laneOf[span]];
      context.fillStyle = this.timeline.colourOf(span, lane);
      context.fillRect(left, y, Math.max(THIN, width - 0.5), this.timeline.bar);
      if (width > 26)
        this.timeline.drawLabel(context, span, lane, Math.max(left, this.timeline.gutter), left + width, y);
      context.fillStyle = palette().accent;
      context.fillRect(left, y + this.timeline.bar - 2, Math.max(THIN, width - 0.5), 2);
    }
  }

  private drawLinks(context: CanvasRenderingContext2D): void {
    const colours = palette();
    const inView = (span: number) =>
      this.trace.end[span] >= this.view.from && this.trace.start[span] <= this.view.to;
    const shown = this.trace.head.links.filter(([from, to]) => inView(from) || inView(to));
    for (const [from, to] of shown) {
      const isChosen = from === this.view.selected || to === this.view.selected;
      // A thousand arrows tell nothing.
      if (!isChosen && shown.length > 60) continue;
      const place = (span: number) => ({
        x: this.timeline.x(this.trace.start[span]),
        y: this.timeline.barTop(span) + this.timeline.bar / 2,
      });
      const [a, b] = [place(from), place(to)];
      context.strokeStyle = isChosen ? colours.accent : colours.faint;
      context.fillStyle = context.strokeStyle;
      context.lineWidth = isChosen ? 1.5 : 1;
      context.beginPath();
      context.moveTo(a.x, a.y);
      const bend = Math.max(24, Math.abs(a.x - b.x) / 3);
      context.bezierCurveTo(a.x - bend, a.y, b.x - bend, b.y, b.x - 5, b.y);
      context.stroke();
      context.beginPath();
      context.moveTo(b.x, b.y);
      context.lineTo(b.x - 7, b.y - 4);
      context.lineTo(b.x - 7, b.y + 4);
      context.fill();
    }
  }

  private outline(context: CanvasRenderingContext2D, span: number, colour: string, width: number): void {
    if (span < 0) return;
    const y = this.timeline.barTop(span);
    const left = Math.max(this.timeline.x(this.trace.start[span]), this.timeline.gutter - 4);
    const right = Math.min(
      Math.max(this.timeline.x(this.trace.end[span]), left + THIN),
      this.timeline.width + 4,
    );
    context.strokeStyle = colour;
    context.lineWidth = width;
    context.strokeRect(left - width / 2, y - width / 2, right - left + width, this.timeline.bar + width);
  }
}
