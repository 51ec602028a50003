// The stretch of time that is seen, and what is chosen.

import type { Trace } from "./data";

type Listener = () => void;

export class View {
  from = 0;
  to = 1;
  /** Pixels above the first lane that are scrolled away. */
  scroll = 0;
  selected = -1;
  hovered = -1;
  /** What a search found; nothing where nothing is searched. */
  found: Set<number> | null = null;
  showsCriticalPath = false;
  private readonly whole: number;
  private readonly listeners: Listener[] = [];
  private readonly selectionListeners: Listener[] = [];
  private waiting = false;

  constructor(trace: Trace) {
    this.whole = Math.max(trace.length, 1);
    this.fitAll();
  }

  /** Calls `listener` before the next frame after a change. */
  onChange(listener: Listener): void {
    this.listeners.push(listener);
  }

  onSelect(listener: Listener): void {
    this.selectionListeners.push(listener);
  }

  changed(): void {
    if (this.waiting) return;
    this.waiting = true;
    requestAnimationFrame(() => {
      this.waiting = false;
      for (const listener of this.listeners) listener();
    });
  }

  get length(): number {
    return this.to - this.from;
  }

  fitAll(): void {
    const margin = this.whole * 0.01;
    this.set(-margin, this.whole + margin);
  }

  set(from: number, to: number): void {
    const margin = this.whole * 0.02;
    // Ten nanoseconds wide there is nothing more to see.
    let length = Math.max(10, to - from);
    length = Math.min(length, this.whole + 2 * margin);
    const middle = (from + to) / 2;
    const first = Math.min(Math.max(middle - length / 2, -margin), this.whole + margin - length);
    this.from = first;
    this.to = first + length;
    this.changed();
  }

  zoom(factor: number, around = (this.from + this.to) / 2): void {
    this.set(around - (around - this.from) * factor, around + (this.to - around) * factor);
  }

  pan(share: number): void {
    const by = this.length * share;
    this.set(this.from + by, this.to + by);
  }

  select(span: number): void {
    if (span === this.selected) return;
    this.selected = span;
    for (const listener of this.selectionListeners) listener();
    this.changed();
  }

  /** Moves the view as little as shows a span; zooms in where it would be no more than a line. */
  reveal(trace: Trace, span: number): void {
    const start = trace.start[span];
    const end = trace.end[span];
    const isSeen = start >= this.from && end <= this.to;
    if (isSeen && end - start > this.length / 400) return;
    if (end - start > this.length || end - start < this.length / 400) this.fit(start, end);
    else this.set((start + end) / 2 - this.length / 2, (start + end) / 2 + this.length / 2);
  }

  /** Shows a stretch of time with a margin; of a moment what is around it. */
  fit(start: number, end: number): void {
    const length = Math.max(end - start, this.whole / 1000, 100);
    const middle = (start + end) / 2;
    this.set(middle - 0.7 * length, middle + 0.7 * length);
  }
}
