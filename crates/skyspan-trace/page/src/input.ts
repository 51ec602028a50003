// What mouse, fingers and keys do on the timeline.

import type { Trace } from "./data";
import type { TimelineView } from "./timeline";
import type { View } from "./view";

export interface Actions {
  focusSearch(): void;
  nextFound(by: number): void;
  nextFault(by: number): void;
  nextMode(): void;
  toggleHelp(): void;
  togglePath(): void;
  show(span: number): void;
}

export const KEYS: [keys: string, what: string][] = [
  ["+ − or W S", "zoom in, out"],
  ["A D", "go left, right"],
  ["← →", "the span before, behind, on the row"],
  ["↑ ↓", "the row above, below"],
  ["P", "the span that it is a part of"],
  ["C", "its first part"],
  ["F", "zoom to the chosen span"],
  ["0", "the whole trace"],
  ["E, shift E", "the next fault, the one before"],
  ["/", "search"],
  ["N, shift N", "the next that was found, the one before"],
  ["L", "other lanes: by device, by run, by nesting"],
  ["K", "mark the critical path"],
  ["Esc", "choose nothing"],
  ["?", "these keys"],
];

export function listen(trace: Trace, view: View, timeline: TimelineView, actions: Actions): void {
  const { canvas, tip } = timeline;
  const pointers = new Map<number, PointerEvent>();
  let moved = 0;
  let pinch = 0;

  canvas.addEventListener("pointerdown", (event) => {
    canvas.setPointerCapture(event.pointerId);
    pointers.set(event.pointerId, event);
    moved = 0;
    pinch = distance();
    canvas.focus({ preventScroll: true });
  });
  canvas.addEventListener("pointermove", (event) => {
    const before = pointers.get(event.pointerId);
    if (!before) {
      hover(event);
      return;
    }
    const [dx, dy] = [event.clientX - before.clientX, event.clientY - before.clientY];
    moved += Math.abs(dx) + Math.abs(dy);
    pointers.set(event.pointerId, event);
    tip.hidden = true;
    if (pointers.size === 2) {
      const now = distance();
      if (pinch > 0 && now > 0) view.zoom(pinch / now, timeline.timeAt(middle()));
      pinch = now;
    } else if (moved > 4) {
      const width = canvas.clientWidth - timeline.gutter;
      view.pan(-dx / width);
      if (event.pointerType === "mouse") timeline.scrollBy(-dy);
      canvas.classList.add("dragging");
    }
  });
  const up = (event: PointerEvent) => {
    const wasOne = pointers.size === 1;
    pointers.delete(event.pointerId);
    canvas.classList.remove("dragging");
    if (event.type === "pointerup" && wasOne && moved <= 4) {
      const span = timeline.spanAt(event.offsetX, event.offsetY);
      if (span >= 0) actions.show(span);
      else view.select(-1);
    }
  };
  canvas.addEventListener("pointerup", up);
  canvas.addEventListener("pointercancel", up);
  canvas.addEventListener("pointerleave", () => {
    tip.hidden = true;
    if (view.hovered >= 0) {
      view.hovered = -1;
      view.changed();
    }
  });
  canvas.addEventListener("dblclick", (event) => {
    const span = timeline.spanAt(event.offsetX, event.offsetY);
    if (span >= 0) view.fit(trace.start[span], trace.end[span]);
    else view.fitAll();
  });
  canvas.addEventListener(
    "wheel",
    (event) => {
      event.preventDefault();
      const lines = event.deltaMode === WheelEvent.DOM_DELTA_LINE ? 16 : 1;
      if (event.shiftKey) timeline.scrollBy((event.deltaY || event.deltaX) * lines);
      else if (Math.abs(event.deltaX) > Math.abs(event.deltaY))
        view.pan((event.deltaX * lines) / canvas.clientWidth);
      else view.zoom(1.0016 ** (event.deltaY * lines), timeline.timeAt(event.offsetX));
    },
    { passive: false },
  );

  function distance(): number {
    const [a, b] = [...pointers.values()];
    return b ? Math.hypot(a.clientX - b.clientX, a.clientY - b.clientY) : 0;
  }

  function middle(): number {
    const [a, b] = [...pointers.values()];
    return (a.clientX + b.clientX) / 2 - canvas.getBoundingClientRect().left;
  }

  function hover(event: PointerEvent): void {
    const span = timeline.spanAt(event.offsetX, event.offsetY);
    const text = span >= 0 ? timeline.tipFor(span) : timeline.momentAt(event.offsetX, event.offsetY);
    if (span !== view.hovered) {
      view.hovered = span;
      view.changed();
    }
    canvas.style.cursor = span >= 0 ? "pointer" : "";
    tip.hidden = !text;
    if (!text) return;
    tip.textContent = text;
    const box = canvas.getBoundingClientRect();
    const [width, height] = [tip.offsetWidth, tip.offsetHeight];
    const left = Math.max(4, Math.min(event.clientX + 14, window.innerWidth - width - 8));
    const below = event.clientY + 18;
    tip.style.left = `${left}px`;
    tip.style.top = `${below + height > window.innerHeight ? event.clientY - height - 10 : below}px`;
    if (box.width === 0) tip.hidden = true;
  }

  document.addEventListener("keydown", (event) => {
    const target = event.target as HTMLElement;
    if (/^(INPUT|SELECT|TEXTAREA)$/.test(target.tagName)) {
      if (event.key === "Escape") {
        target.blur();
        canvas.focus({ preventScroll: true });
      }
      return;
    }
    // A dialog has keys of its own.
    if (event.ctrlKey || event.metaKey || event.altKey || document.querySelector("dialog[open]")) return;
    const by = event.shiftKey ? -1 : 1;
    const everywhere: Record<string, () => void> = {
      "/": actions.focusSearch,
      "?": actions.toggleHelp,
      n: () => actions.nextFound(by),
      e: () => actions.nextFault(by),
      l: actions.nextMode,
      k: actions.togglePath,
      Escape: () => view.select(-1),
      "0": () => view.fitAll(),
      f: () => view.selected >= 0 && view.fit(trace.start[view.selected], trace.end[view.selected]),
      "+": () => view.zoom(0.7),
      "=": () => view.zoom(0.7),
      "-": () => view.zoom(1 / 0.7),
      w: () => view.zoom(0.7),
      s: () => view.zoom(1 / 0.7),
      a: () => view.pan(-0.2),
      d: () => view.pan(0.2),
    };
    const onTimeline: Record<string, () => void> = {
      ArrowLeft: () => walk(-1),
      ArrowRight: () => walk(1),
      ArrowUp: () => climb(-1),
      ArrowDown: () => climb(1),
      p: () => go(view.selected >= 0 ? trace.parent[view.selected] : -1),
      c: () => go(view.selected >= 0 ? (trace.children(view.selected)[0] ?? -1) : -1),
      Enter: () => go(view.selected),
    };
    const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
    const act =
      everywhere[key] ?? (target === canvas || target === document.body ? onTimeline[key] : undefined);
    if (!act) return;
    event.preventDefault();
    act();
  });

  function go(span: number): void {
    if (span >= 0) actions.show(span);
  }

  /** The next span on the row. */
  function walk(by: number): void {
    if (view.selected < 0) {
      go(trace.count ? (timeline.layout.rows[0]?.[0] ?? -1) : -1);
      return;
    }
    const row = timeline.layout.rows[timeline.layout.rowOf[view.selected]];
    go(row[row.indexOf(view.selected) + by] ?? -1);
  }

  /** The span of the next row that is nearest in time. */
  function climb(by: number): void {
    if (view.selected < 0) {
      walk(by);
      return;
    }
    const row = timeline.layout.rows[timeline.layout.rowOf[view.selected] + by];
    if (!row) return;
    const start = trace.start[view.selected];
    let low = 0;
    let high = row.length - 1;
    while (low < high) {
      const half = (low + high) >> 1;
      if (trace.start[row[half]] < start) low = half + 1;
      else high = half;
    }
    const before = low > 0 && start - trace.start[row[low - 1]] < trace.start[row[low]] - start;
    go(row[before ? low - 1 : low]);
  }
}
