// Where each span is drawn: lanes of rows, in which no two spans lie one over the other.

import type { Trace } from "./data";

export type LaneMode = "device" | "run" | "nesting";

export interface Lane {
  title: string;
  kind: "sections" | "waits" | "device" | "spans";
  /** The number of its device, -1 without one. */
  device: number;
  firstRow: number;
  rowCount: number;
}

export interface Layout {
  lanes: Lane[];
  rowCount: number;
  /** For each span its row, counted over all lanes. */
  rowOf: Int32Array;
  laneOf: Int32Array;
  /** For each row its spans, by start. */
  rows: Uint32Array[];
}

/** Puts every span on a row. What is a part of another of its lane stands below that. */
export function layOut(trace: Trace, mode: LaneMode): Layout {
  const laneOf = new Int32Array(trace.count);
  const lanes: Lane[] = [];
  const numbers = new Map<string, number>();
  const names = trace.head.parts ?? [""];
  // Of several traces each has lanes of its own. Those of one kind stand together where two are compared, else those of one trace.
  let part = 0;
  const places: [first: number, second: number][] = [];
  const kinds = new Map<string, number>();
  const lane = (key: string, title: string, kind: Lane["kind"], device = -1) => {
    const full = `${part} ${key}`;
    let number = numbers.get(full);
    if (number === undefined) {
      number = lanes.length;
      numbers.set(full, number);
      if (!kinds.has(key)) kinds.set(key, kinds.size);
      const ofKind = kinds.get(key) ?? 0;
      places.push(trace.head.compared ? [ofKind, part] : [part, ofKind]);
      const named = names[part] ? `${title} · ${names[part]}` : title;
      lanes.push({ title: named, kind, device, firstRow: 0, rowCount: 0 });
    }
    return number;
  };
  const parents = mode === "nesting" ? trace.parent : trace.runParent;
  const services = trace.head.services;
  if (mode === "device") {
    // What the user thinks in comes first: the run and its sections, then what was waited for, then the devices.
    for (part = 0; part < names.length; part++) {
      if (trace.isBluesky) lane("sections", "runs", "sections");
      if (trace.isBluesky) lane("waits", "waits", "waits");
    }
  }
  const rootOf = rootsOf(parents);
  for (let span = 0; span < trace.count; span++) {
    const service = trace.service[span];
    part = trace.partOf(span);
    if (mode === "nesting") {
      laneOf[span] = lane(`service ${service}`, services[service] ?? "spans", "spans");
    } else if (mode === "run") {
      const root = rootOf[span];
      const isRun = trace.isRun(root);
      const title = isRun
        ? `run ${runNumber(trace, root)}`
        : trace.isBluesky
          ? "outside of runs"
          : (services[service] ?? "spans");
      laneOf[span] = lane(title, title, "spans");
    } else if (trace.device[span] >= 0) {
      const device = trace.device[span];
      laneOf[span] = lane(`device ${device}`, trace.head.devices[device], "device", device);
    } else if (trace.isBluesky && trace.isWait(span)) {
      laneOf[span] = lane("waits", "waits", "waits");
    } else if (trace.isRun(span) || (trace.isBluesky && trace.isSection(span) && services.length < 2)) {
      laneOf[span] = lane("sections", "runs", "sections");
    } else if (trace.isBluesky && !trace.isSection(span)) {
      laneOf[span] = lane("engine", "engine", "spans");
    } else {
      laneOf[span] = lane(`service ${service}`, services[service] ?? "spans", "spans");
    }
  }
  // Lanes stand in the order of their places; as they were made, where there is one trace.
  const order = lanes
    .map((_, number) => number)
    .sort((a, b) => places[a][0] - places[b][0] || places[a][1] - places[b][1]);
  const placeOf = new Int32Array(lanes.length);
  order.forEach((number, place) => {
    placeOf[number] = place;
  });
  const sorted = order.map((number) => lanes[number]);
  return packed(
    trace,
    sorted,
    laneOf.map((number) => placeOf[number]),
    parents,
  );
}

const runNumbers = new WeakMap<Trace, Map<number, number>>();

/** Runs are counted from 1 in the order in which they began, in each trace. */
export function runNumber(trace: Trace, run: number): number {
  let numbers = runNumbers.get(trace);
  if (!numbers) {
    numbers = new Map();
    const counts: number[] = [];
    for (let span = 0; span < trace.count; span++) {
      if (!trace.isRun(span)) continue;
      const part = trace.partOf(span);
      counts[part] = (counts[part] ?? 0) + 1;
      numbers.set(span, counts[part]);
    }
    runNumbers.set(trace, numbers);
  }
  return numbers.get(run) ?? 0;
}

/** For each span the one at the top of it. A parent may stand behind its child, where that started earlier. */
function rootsOf(parents: Int32Array): Int32Array {
  const roots = new Int32Array(parents.length).fill(-1);
  for (let span = 0; span < parents.length; span++) {
    const line: number[] = [];
    let at = span;
    while (roots[at] < 0 && parents[at] >= 0 && line.length <= parents.length) {
      line.push(at);
      at = parents[at];
    }
    const root = roots[at] < 0 ? at : roots[at];
    roots[at] = root;
    for (const below of line) roots[below] = root;
  }
  return roots;
}

function packed(trace: Trace, lanes: Lane[], laneOf: Int32Array, parents: Int32Array): Layout {
  const rowInLane = new Int32Array(trace.count).fill(-1);
  const ends: Float64Array[] = lanes.map(() => new Float64Array(16).fill(Number.NEGATIVE_INFINITY));
  for (let span = 0; span < trace.count; span++) {
    const lane = laneOf[span];
    const parent = parents[span];
    // A parent that comes later has no row yet, and one that takes no time needs none of its own.
    const isBelow = parent >= 0 && laneOf[parent] === lane && trace.end[parent] > trace.start[parent];
    let row = isBelow ? rowInLane[parent] + 1 : 0;
    let rows = ends[lane];
    while (row < rows.length && rows[row] > trace.start[span]) row++;
    if (row >= rows.length) {
      const larger = new Float64Array(2 * Math.max(row + 1, rows.length)).fill(Number.NEGATIVE_INFINITY);
      larger.set(rows);
      ends[lane] = rows = larger;
    }
    rows[row] = trace.end[span];
    rowInLane[span] = row;
    lanes[lane].rowCount = Math.max(lanes[lane].rowCount, row + 1);
  }
  const used = lanes.filter((lane) => lane.rowCount > 0);
  let rowCount = 0;
  for (const lane of used) {
    lane.firstRow = rowCount;
    rowCount += lane.rowCount;
  }
  const rowOf = new Int32Array(trace.count);
  const sizes = new Uint32Array(rowCount);
  for (let span = 0; span < trace.count; span++) {
    rowOf[span] = lanes[laneOf[span]].firstRow + rowInLane[span];
    sizes[rowOf[span]]++;
  }
  const rows = [...sizes].map((size) => new Uint32Array(size));
  const filled = new Uint32Array(rowCount);
  for (let span = 0; span < trace.count; span++) {
    const row = rowOf[span];
    rows[row][filled[row]++] = span;
  }
  const numberOf = new Map(used.map((lane, number) => [lane, number]));
  const numbers = lanes.map((lane) => numberOf.get(lane) ?? -1);
  return { lanes: used, rowCount, rowOf, laneOf: laneOf.map((lane) => numbers[lane]), rows };
}
