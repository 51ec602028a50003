// What the library wrote into the page, and what is worked out of it once.

export interface Value {
  text: string;
  /** What an assertion in Rust expects in its place; nothing where the value was cut. */
  code: string | null;
}

export interface Attribute extends Value {
  key: string;
}

export interface SpanEvent {
  name: string;
  after_ns: number;
  attributes: Attribute[];
}

export interface SpanLink {
  trace_id: string;
  id: string;
  place: number | null;
  attributes: Attribute[];
}

export interface Detail {
  trace_id: string;
  id: string;
  parent_id: string | null;
  kind: string;
  status: { code: string; description?: string };
  attributes: Attribute[];
  events: SpanEvent[];
  links: SpanLink[];
  resource: Attribute[];
  scope: { name: string; version: string } | null;
  trace_state: string;
  dropped: [number, number, number] | null;
}

export interface Check {
  headline: string;
  report: string;
  notes: [span: number, note: string][];
}

export interface Axis {
  name: string;
  unit: string;
  values: (number | null)[];
}

export interface Readings {
  title: string;
  times: number[];
  across: string | null;
  up: string[];
  axes: Axis[];
}

export interface Table {
  title: string;
  head: string[];
  rows: string[][];
}

/** Waits that one thing held. */
export interface Held {
  name: string;
  device: number;
  waits: number;
  time_ns: number;
  share: number;
  alone_ns: number;
  then: string | null;
}

/** Time in which no span says what was done. */
export interface Between {
  name: string;
  count: number;
  time_ns: number;
  share: number;
  longest_at_ns: number;
  longest_ns: number;
}

/** Spans that are alike. */
export interface Group {
  name: string;
  device: string;
  count: number;
  failed: number;
  total_ns: number;
  self_ns: number;
  p50_ns: number;
  p95_ns: number;
  max_ns: number;
  share: number;
}

export interface Statistics {
  duration_ns: number;
  held: Held[];
  between: Between[];
  groups: Group[];
  waits: [span: number, device: number, holder: string, interrupted: boolean][];
}

interface Timeline {
  generator: string;
  title: string;
  start: string | null;
  span_count: number;
  /** What the traces are called, where there are several. */
  parts?: string[];
  /** Whether two are compared. */
  compared: boolean;
  left_out: { count: number; longest_ns: number } | null;
  limits: string[];
  names: string[];
  devices: string[];
  services: string[];
  labels: string[];
  telling: string[];
  spans: Record<
    "name" | "label" | "device" | "service" | "parent" | "run_parent" | "start" | "duration",
    number[]
  > & { part?: number[] };
  faults: [number, string][];
  troubles: string[];
  checks: Check[];
  defects: string[];
  events: [span: number, at: number, name: string][];
  links: [from: number, to: number][];
  critical_path: [span: number, start: number, length: number][];
  moments: [at: number, kind: string, label: string][];
  lulls: [start: number, end: number, what: string][];
  readings: Readings[];
  tables: Table[];
  statistics: Statistics;
}

type WrittenValue = string | [string, string | null];

interface Block {
  keys: string[];
  values: WrittenValue[];
  resources: number[][];
  scopes: { name: string; version: string }[];
  spans: {
    trace_id: string;
    id: string;
    parent_id?: string;
    kind: string;
    status?: { code: string; description?: string };
    attributes: number[];
    events?: { name: string; after_ns: number; attributes: number[] }[];
    links?: { trace_id: string; id: string; place: number | null; attributes: number[] }[];
    resource: number;
    scope?: number;
    trace_state?: string;
    dropped?: [number, number, number];
  }[];
}

/** So many spans a block of details has; the library writes as many. */
const BLOCK_SPANS = 1000;

export const RUN = "Bluesky RunEngine run";
const WAIT = "Bluesky RunEngine wait";

export class Trace {
  readonly head: Timeline;
  readonly count: number;
  /** Nanoseconds since the first span. An open span ends with the trace. */
  readonly start: Float64Array;
  readonly end: Float64Array;
  readonly open: Uint8Array;
  readonly parent: Int32Array;
  readonly runParent: Int32Array;
  readonly device: Int32Array;
  readonly service: Int32Array;
  /** Of which of several traces each span is. */
  private readonly part: number[];
  /** When the last span ends. */
  readonly length: number;
  readonly faults: Map<number, string>;
  readonly notes = new Map<number, string[]>();
  readonly critical: Uint8Array;
  readonly isBluesky: boolean;
  private readonly nameOf: Int32Array;
  private readonly labelOf: Int32Array;
  private readonly blocks: (Block | undefined)[] = [];
  private readonly sources: HTMLScriptElement[];
  private childrenOf: Map<number, number[]> | undefined;

  constructor() {
    this.head = JSON.parse(document.getElementById("timeline")!.textContent!) as Timeline;
    this.sources = [...document.querySelectorAll<HTMLScriptElement>("script.detail")];
    const spans = this.head.spans;
    this.count = spans.start.length;
    this.start = Float64Array.from(spans.start);
    this.parent = Int32Array.from(spans.parent);
    this.runParent = Int32Array.from(spans.run_parent);
    this.device = Int32Array.from(spans.device);
    this.service = Int32Array.from(spans.service);
    this.part = spans.part ?? [];
    this.nameOf = Int32Array.from(spans.name);
    this.labelOf = Int32Array.from(spans.label);
    this.end = new Float64Array(this.count);
    this.open = new Uint8Array(this.count);
    let last = 0;
    for (let at = 0; at < this.count; at++) {
      this.open[at] = spans.duration[at] < 0 ? 1 : 0;
      this.end[at] = this.start[at] + Math.max(0, spans.duration[at]);
      last = Math.max(last, this.end[at]);
    }
    for (const [, end] of this.head.lulls) last = Math.max(last, end);
    for (const [at] of this.head.moments) last = Math.max(last, at);
    for (let at = 0; at < this.count; at++) if (this.open[at]) this.end[at] = last;
    this.length = last;
    this.faults = new Map(this.head.faults);
    for (const check of this.head.checks) {
      for (const [span, note] of check.notes) {
        const notes = this.notes.get(span);
        if (notes) notes.push(note);
        else this.notes.set(span, [note]);
      }
    }
    this.critical = new Uint8Array(this.count);
    for (const [span] of this.head.critical_path) this.critical[span] = 1;
    this.isBluesky = this.head.names.some((name) => name.startsWith("Bluesky ") || name === "Ophyd Status");
  }

  name(span: number): string {
    return this.head.names[this.nameOf[span]];
  }

  nameNumber(span: number): number {
    return this.nameOf[span];
  }

  label(span: number): string {
    return this.head.labels[this.labelOf[span]];
  }

  /** The number of the trace that a span is of; 0 where there is one. */
  partOf(span: number): number {
    return this.part[span] ?? 0;
  }

  /** What the trace is called that a span is of; nothing where there is one. */
  partName(span: number): string {
    return this.head.parts?.[this.partOf(span)] ?? "";
  }

  deviceName(span: number): string {
    return this.head.devices[this.device[span]] ?? "";
  }

  duration(span: number): number {
    return this.end[span] - this.start[span];
  }

  isWait(span: number): boolean {
    return this.name(span).startsWith(WAIT);
  }

  isRun(span: number): boolean {
    return this.name(span) === RUN;
  }

  /** Whether it is neither of a message nor of a status: a section that the user named, or any span of a service. */
  isSection(span: number): boolean {
    const name = this.name(span);
    return !name.startsWith("Bluesky RunEngine ") && name !== "Ophyd Status";
  }

  children(span: number): number[] {
    if (!this.childrenOf) {
      this.childrenOf = new Map();
      for (let at = 0; at < this.count; at++) {
        const list = this.childrenOf.get(this.parent[at]);
        if (list) list.push(at);
        else this.childrenOf.set(this.parent[at], [at]);
      }
    }
    return this.childrenOf.get(span) ?? [];
  }

  /** Everything that a span has. */
  detail(span: number): Detail {
    const block = this.block(Math.floor(span / BLOCK_SPANS));
    const written = block.spans[span % BLOCK_SPANS];
    const attributes = (places: number[]) => attributesOf(block, places);
    return {
      trace_id: written.trace_id,
      id: written.id,
      parent_id: written.parent_id ?? null,
      kind: written.kind,
      status: written.status ?? { code: "UNSET" },
      attributes: attributes(written.attributes),
      events: (written.events ?? []).map((event) => ({ ...event, attributes: attributes(event.attributes) })),
      links: (written.links ?? []).map((link) => ({ ...link, attributes: attributes(link.attributes) })),
      resource: attributes(block.resources[written.resource]),
      scope: written.scope === undefined ? null : block.scopes[written.scope],
      trace_state: written.trace_state ?? "",
      dropped: written.dropped ?? null,
    };
  }

  /** The spans one of whose attributes, events or ids `matches` what is given as a key and a text. */
  withText(matches: (key: string, text: string) => boolean): Set<number> {
    const found = new Set<number>();
    for (let number = 0; number < this.sources.length; number++) {
      const block = this.block(number);
      const known = new Map<number, boolean>();
      const holds = (places: number[]) => {
        for (let at = 0; at < places.length; at += 2) {
          let is = known.get(places[at + 1]);
          if (is === undefined) {
            is = matches(block.keys[places[at]], textOf(block.values[places[at + 1]]));
            known.set(places[at + 1], is);
          }
          if (is) return true;
        }
        return false;
      };
      block.spans.forEach((span, at) => {
        const is =
          holds(span.attributes) ||
          matches("span id", span.id) ||
          matches("trace id", span.trace_id) ||
          span.events?.some((event) => matches("event", event.name) || holds(event.attributes)) ||
          (span.status?.description && matches("status", span.status.description));
        if (is) found.add(number * BLOCK_SPANS + at);
      });
    }
    return found;
  }

  private block(number: number): Block {
    let block = this.blocks[number];
    if (!block) {
      block = JSON.parse(this.sources[number].textContent!) as Block;
      this.blocks[number] = block;
    }
    return block;
  }
}

function textOf(value: WrittenValue): string {
  return typeof value === "string" ? value : value[0];
}

function attributesOf(block: Block, places: number[]): Attribute[] {
  const all: Attribute[] = [];
  for (let at = 0; at < places.length; at += 2) {
    const value = block.values[places[at + 1]];
    const [text, code] = typeof value === "string" ? [value, value] : value;
    all.push({ key: block.keys[places[at]], text, code });
  }
  return all;
}
