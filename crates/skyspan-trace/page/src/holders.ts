// What held each wait, and when nothing seemed to happen.

import type { Trace } from "./data";

/** A gap is told where it is at least this part of the whole. */
const TOLD_SHARE = 0.02;

export class Holders {
  /** Stretches of time that are drawn behind the spans: those of the harness, and gaps without a span. */
  readonly stretches: [start: number, end: number, label: string][];
  private readonly of = new Map<number, { device: number; holder: string }>();

  constructor(private readonly trace: Trace) {
    const interrupted = new Set<number>();
    for (const [span, device, holder, isInterrupted] of trace.head.statistics.waits) {
      this.of.set(span, { device, holder });
      if (isInterrupted) interrupted.add(trace.end[span]);
    }
    const told = trace.head.lulls;
    const isTold = (start: number, end: number) => told.some(([from, to]) => from < end && to > start);
    const gaps = gapsOf(trace)
      .filter(([start, end]) => end - start >= TOLD_SHARE * trace.length && !isTold(start, end))
      .map(([start, end]): [number, number, string] => [
        start,
        end,
        interrupted.has(start) ? "paused or suspended" : "no span for",
      ]);
    this.stretches = [...told, ...gaps];
  }

  /** The number of the device that held a wait; -1 where none did. */
  deviceOf(wait: number): number {
    return this.of.get(wait)?.device ?? -1;
  }

  /** What held a wait, as the statistics name it. */
  labelOf(wait: number): string {
    return this.of.get(wait)?.holder ?? this.trace.label(wait);
  }

  /** What held a wait, if it is known. */
  holderOf(wait: number): string | undefined {
    return this.of.get(wait)?.holder;
  }
}

/** When no span was under way but those that others are parts of: runs, and sections of a plan. */
function gapsOf(trace: Trace): [number, number][] {
  const gaps: [number, number][] = [];
  let coveredTo = 0;
  for (let span = 0; span < trace.count; span++) {
    if (trace.isRun(span) || (trace.isBluesky && trace.isSection(span))) continue;
    if (trace.start[span] > coveredTo) gaps.push([coveredTo, trace.start[span]]);
    coveredTo = Math.max(coveredTo, trace.end[span]);
  }
  if (trace.count && coveredTo < trace.length) gaps.push([coveredTo, trace.length]);
  return gaps;
}
