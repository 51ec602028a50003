// Times for people.

const UNITS: [size: number, unit: string][] = [
  [1e9, "s"],
  [1e6, "ms"],
  [1e3, "µs"],
  [1, "ns"],
];

/** Nanoseconds for people, as the library rounds them: three digits, and from a minute on the two largest units. */
export function duration(ns: number): string {
  if (ns < 0) return `-${duration(-ns)}`;
  if (ns === 0) return "0 s";
  for (const [size, unit] of [...UNITS].reverse()) {
    const before = ns < size ? 1 : Math.floor(Math.log10(ns / size) + 1e-12) + 1;
    const step = before > 3 ? size : Math.max(1, size / 10 ** (3 - before));
    const rounded = Math.floor(ns / step + 0.5) * step;
    if (rounded < (size === 1e9 ? 60e9 : size * 1000))
      return `${Number((rounded / size).toPrecision(12))} ${unit}`;
  }
  for (const [large, largeUnit, small, smallUnit] of LONG) {
    const rounded = Math.floor(ns / small + 0.5);
    const per = large / small;
    if (rounded < per * (largeUnit === "h" ? 24 : 60) || largeUnit === "d") {
      const rest = rounded % per;
      return `${Math.floor(rounded / per)} ${largeUnit}${rest ? ` ${rest} ${smallUnit}` : ""}`;
    }
  }
  return "";
}

const LONG: [large: number, largeUnit: string, small: number, smallUnit: string][] = [
  [60e9, "min", 1e9, "s"],
  [3600e9, "h", 60e9, "min"],
  [86400e9, "d", 3600e9, "h"],
];

/** Nanoseconds with every digit, as assertions have them: `1500ms`. */
export function exact(ns: number): { number: number; unit: "s" | "ms" | "us" | "ns" } {
  for (const [size, unit] of [
    [1e9, "s"],
    [1e6, "ms"],
    [1e3, "us"],
  ] as const) {
    if (ns > 0 && ns % size === 0) return { number: ns / size, unit };
  }
  return { number: ns, unit: "ns" };
}

/** Nanoseconds with every digit, for people: `8.000000001 s`. */
export function exactText(ns: number): string {
  for (const [size, unit] of UNITS) {
    if (Math.abs(ns) >= size) {
      const places = Math.round(Math.log10(size));
      const whole = Math.trunc(ns / size);
      const rest = Math.abs(Math.round(ns % size))
        .toString()
        .padStart(places, "0")
        .replace(/0+$/, "");
      return rest && places ? `${whole}.${rest} ${unit}` : `${whole} ${unit}`;
    }
  }
  return "0 s";
}

export function count(number: number, one: string, many = `${one}s`): string {
  return `${grouped(number)} ${number === 1 ? one : many}`;
}

export function grouped(number: number): string {
  return number.toString().replace(/\B(?=(\d{3})+$)/g, ",");
}

export function percent(share: number): string {
  return `${(100 * share).toFixed(1)} %`;
}

/** Round steps for an axis: about `wanted` of them between two numbers. */
export function ticks(from: number, to: number, wanted: number): number[] {
  const rough = (to - from) / Math.max(1, wanted);
  if (!(rough > 0) || !Number.isFinite(rough)) return [from];
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((factor) => factor * power).find((size) => size >= rough) ?? rough;
  const all: number[] = [];
  for (let at = Math.ceil(from / step); at * step <= to; at++) all.push(at * step);
  return all;
}

/** Ticks of time: seconds, minutes and hours have steps of their own. */
export function timeTicks(from: number, to: number, wanted: number): { at: number; text: string }[] {
  const rough = (to - from) / Math.max(1, wanted);
  const long = [15e9, 30e9, 60e9, 120e9, 300e9, 600e9, 1800e9, 3600e9, 7200e9, 21600e9, 86400e9];
  const step =
    rough > 10e9 ? (long.find((size) => size >= rough) ?? 86400e9 * Math.ceil(rough / 86400e9)) : 0;
  const places: number[] = [];
  if (step) {
    for (let at = Math.ceil(from / step); at * step <= to; at++) places.push(at * step);
  } else {
    places.push(...ticks(from, to, wanted));
  }
  const gap = places.length > 1 ? places[1] - places[0] : rough;
  return places.map((at) => ({ at, text: offsetText(at, gap) }));
}

/** An offset as fine as the step between ticks. */
function offsetText(ns: number, gap: number): string {
  const sign = ns < 0 ? "-" : "";
  const abs = Math.abs(ns);
  if (gap >= 1e9 && abs >= 60e9) {
    const seconds = Math.round(abs / 1e9);
    const parts: [number, string][] = [
      [Math.floor(seconds / 3600), "h"],
      [Math.floor((seconds % 3600) / 60), "min"],
      [seconds % 60, "s"],
    ];
    return (
      sign +
      parts
        .filter(([number]) => number > 0)
        .map(([number, unit]) => `${number} ${unit}`)
        .join(" ")
    );
  }
  const [size, unit] = UNITS.find(([size]) => abs >= size) ?? UNITS[0];
  const fraction = Math.max(0, Math.min(9, Math.ceil(Math.log10(size / gap) - 1e-9)));
  return ns === 0 ? "0" : `${sign}${(abs / size).toFixed(fraction)} ${unit}`;
}
