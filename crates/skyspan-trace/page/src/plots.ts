// Readings against the point, the time, or one another.

import type { Axis, Readings, Trace } from "./data";
import { element, svg } from "./dom";
import { ticks } from "./format";

const WIDTH = 340;
const HEIGHT = 220;
const MARGIN = { left: 52, right: 12, top: 10, bottom: 38 };
/** So many points a line has; of more the extremes of each pixel are drawn. */
const POINTS_MAX = 2000;

const POINT = "point";
const TIME = "time";

export function plots(trace: Trace): HTMLElement[] {
  return trace.head.readings.map((readings) => plot(readings));
}

function plot(readings: Readings): HTMLElement {
  const numbers = readings.times.map((_, at) => at + 1);
  const special: Axis[] = [
    { name: POINT, unit: "", values: numbers },
    { name: TIME, unit: "s", values: readings.times.map((time) => time / 1e9) },
  ];
  const all = [...special, ...readings.axes];
  const axis = (name: string) => all.find((axis) => axis.name === name) ?? all[0];
  let across = readings.across ?? POINT;
  const up = new Set(
    readings.up.length
      ? readings.up
      : readings.axes
          .filter(({ name }) => name !== across)
          .slice(0, 1)
          .map(({ name }) => name),
  );
  const figure = element("div", { class: "plot" });
  const draw = () => figure.replaceChildren(picture(readings.title, axis(across), [...up].map(axis)));
  const choice = element(
    "select",
    { "aria-label": "From left to right" },
    ...all.map(({ name }) => element("option", { value: name, selected: name === across }, name)),
  );
  choice.addEventListener("change", () => {
    across = choice.value;
    draw();
  });
  const boxes = readings.axes.map(({ name }) => {
    const box = element("input", { type: "checkbox", checked: up.has(name) });
    box.addEventListener("change", () => {
      if (box.checked) up.add(name);
      else up.delete(name);
      draw();
    });
    return element("label", {}, box, ` ${name}`);
  });
  draw();
  return element(
    "section",
    { "aria-label": readings.title },
    element("h2", {}, readings.title),
    figure,
    element("p", { class: "row wrap" }, element("label", {}, "against ", choice), ...boxes),
  );
}

function picture(title: string, across: Axis, up: Axis[]): SVGElement {
  const xs = finite(across.values);
  const ys = up.flatMap((axis) => finite(axis.values));
  const label = `${title}: ${up.map(({ name }) => name).join(", ")} against ${across.name}`;
  const root = svg("svg", { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, role: "img", "aria-label": label });
  if (!xs.length || !ys.length) {
    root.append(
      svg("text", { x: WIDTH / 2, y: HEIGHT / 2, "text-anchor": "middle" }, "no number to be drawn"),
    );
    return root;
  }
  const [x0, x1] = range(xs);
  const [y0, y1] = range(ys);
  const x = (value: number) =>
    MARGIN.left + ((value - x0) / (x1 - x0)) * (WIDTH - MARGIN.left - MARGIN.right);
  const y = (value: number) =>
    HEIGHT - MARGIN.bottom - ((value - y0) / (y1 - y0)) * (HEIGHT - MARGIN.top - MARGIN.bottom);
  for (const at of ticks(x0, x1, 5)) {
    root.append(
      svg("line", { x1: x(at), x2: x(at), y1: MARGIN.top, y2: HEIGHT - MARGIN.bottom, class: "grid" }),
      svg("text", { x: x(at), y: HEIGHT - MARGIN.bottom + 14, "text-anchor": "middle" }, short(at)),
    );
  }
  for (const at of ticks(y0, y1, 4)) {
    root.append(
      svg("line", { x1: MARGIN.left, x2: WIDTH - MARGIN.right, y1: y(at), y2: y(at), class: "grid" }),
      svg("text", { x: MARGIN.left - 5, y: y(at) + 4, "text-anchor": "end" }, short(at)),
    );
  }
  up.forEach((axis, number) => {
    const points: [number, number][] = [];
    const lines: string[] = [];
    const end = () => {
      if (points.length > 1)
        lines.push(
          `M${thinned(points)
            .map(([px, py]) => `${px.toFixed(1)},${py.toFixed(1)}`)
            .join("L")}`,
        );
    };
    across.values.forEach((value, at) => {
      const reading = axis.values[at];
      if (value === null || reading === null || reading === undefined) {
        end();
        points.length = 0;
      } else points.push([x(value), y(reading)]);
    });
    const dots = points.length <= 200 ? [...points] : [];
    end();
    root.append(svg("path", { d: lines.join(""), class: `curve curve-${number % 4}` }));
    for (const [px, py] of dots)
      root.append(
        svg("circle", { cx: px.toFixed(1), cy: py.toFixed(1), r: 2, class: `dot curve-${number % 4}` }),
      );
  });
  const named = ({ name, unit }: Axis) => (unit ? `${name} (${unit})` : name);
  root.append(
    svg(
      "text",
      { x: (MARGIN.left + WIDTH - MARGIN.right) / 2, y: HEIGHT - 6, "text-anchor": "middle", class: "name" },
      named(across),
    ),
    svg("title", {}, label),
  );
  up.forEach((axis, number) => {
    root.append(
      svg(
        "text",
        { x: MARGIN.left + 6, y: MARGIN.top + 11 + 13 * number, class: `name curve-${number % 4}` },
        named(axis),
      ),
    );
  });
  return root;
}

function finite(values: (number | null)[]): number[] {
  return values.filter((value): value is number => value !== null && Number.isFinite(value));
}

function range(values: number[]): [number, number] {
  let low = Number.POSITIVE_INFINITY;
  let high = Number.NEGATIVE_INFINITY;
  for (const value of values) {
    low = Math.min(low, value);
    high = Math.max(high, value);
  }
  if (low === high) return [low - (Math.abs(low) || 1) * 0.1, high + (Math.abs(high) || 1) * 0.1];
  const margin = (high - low) * 0.04;
  return [low - margin, high + margin];
}

/** The extremes of each part of a long line, in order. */
function thinned(points: [number, number][]): [number, number][] {
  if (points.length <= POINTS_MAX) return points;
  const size = Math.ceil(points.length / (POINTS_MAX / 2));
  const kept: [number, number][] = [];
  for (let from = 0; from < points.length; from += size) {
    const part = points.slice(from, from + size);
    const lowest = part.reduce((a, b) => (b[1] < a[1] ? b : a));
    const highest = part.reduce((a, b) => (b[1] > a[1] ? b : a));
    kept.push(...(part.indexOf(lowest) < part.indexOf(highest) ? [lowest, highest] : [highest, lowest]));
  }
  return kept;
}

function short(value: number): string {
  const rounded = Number(value.toPrecision(6));
  const size = Math.abs(rounded);
  return size !== 0 && (size >= 1e6 || size < 1e-3) ? rounded.toExponential(1) : rounded.toString();
}
