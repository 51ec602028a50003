// A table whose cells can be chosen: each tells more, and shows the page of its own trace where that is there.

import { button, element } from "./dom";

type Tone = "quiet" | "good" | "known" | "bad" | "worst";

interface Cell {
  name: string;
  mark: string;
  tone: Tone;
  text: string;
  again: string;
}

interface GridData {
  title: string;
  generator: string;
  summary: string[];
  notes: { mark: string; tone: Tone; text: string; cell: string }[];
  columns: string[];
  rows: { label: string; group: string; cells: [column: number, cell: Cell][] }[];
  legend: string[];
}

/** The part of the address that leads to a cell. */
const hashOf = (name: string): string => `#${encodeURIComponent(name)}`;

const read = <T>(id: string): T => JSON.parse(document.getElementById(id)!.textContent!) as T;

class GridPage {
  private readonly grid = read<GridData>("grid");
  private readonly shell = read<[string, string, string, string]>("shell");
  private readonly buttons: HTMLButtonElement[] = [];
  private readonly cells: { cell: Cell; row: number; column: number }[] = [];
  private readonly byName = new Map<string, number>();
  /** By the name as an address has it: what stands there may be no encoding of anything. */
  private readonly byHash = new Map<string, number>();
  private readonly told = element("pre", { class: "told", role: "status", "aria-live": "polite" });
  private readonly again = element("p", { class: "again" });
  private readonly frame = element("iframe", { title: "the trace of the chosen cell" });
  private chosen = -1;

  draw(page: HTMLElement): void {
    const { grid } = this;
    const table = this.table();
    page.append(
      element(
        "header",
        {},
        element("h1", {}, grid.title),
        ...grid.summary.map((line) => element("p", {}, line)),
      ),
      element(
        "div",
        { class: "left" },
        this.notes(),
        table,
        ...grid.legend.map((line) => element("p", { class: "quiet-text" }, line)),
        element("p", { class: "quiet-text" }, `Made by ${grid.generator}.`),
      ),
      element(
        "section",
        { class: "right", "aria-label": "What was chosen" },
        this.told,
        this.again,
        this.frame,
      ),
    );
    this.told.textContent = this.cells.length
      ? "Choose a cell: what came of it, and its trace."
      : "There are no cells.";
    this.frame.hidden = true;
    const wanted = this.byHash.get(location.hash);
    if (wanted !== undefined) this.choose(wanted);
    else if (grid.notes.length) this.choose(this.byName.get(grid.notes[0].cell) ?? -1);
    document.documentElement.dataset.ready = "yes";
  }

  private notes(): HTMLElement {
    const note = ({ mark, tone, text, cell }: GridData["notes"][number]) => {
      const at = this.byName.get(cell);
      return element(
        "li",
        {},
        element("span", { class: `mark ${tone}` }, mark),
        at === undefined ? element("span", {}, text) : button(text, () => this.choose(at)),
      );
    };
    return element("ul", { class: "notes" }, ...this.grid.notes.map(note));
  }

  private table(): HTMLElement {
    const { grid } = this;
    const head = ["", ...grid.columns].map((name) => element("th", { scope: "col" }, name));
    const body = element("tbody");
    let group = "";
    grid.rows.forEach((row, at) => {
      if (row.group && row.group !== group) {
        const across = { class: "group", scope: "colgroup", colspan: grid.columns.length + 1 };
        body.append(element("tr", {}, element("th", across, row.group)));
      }
      group = row.group;
      const cells = new Map(row.cells);
      // All of them have their places, also those that are not shown.
      const places = new Map<number, number>();
      for (const [column, cell] of row.cells) {
        places.set(column, this.cells.length);
        this.byName.set(cell.name, this.cells.length);
        this.byHash.set(hashOf(cell.name), this.cells.length);
        this.cells.push({ cell, row: at, column });
      }
      const shown = grid.columns.map((name, column) => {
        const cell = cells.get(column);
        const place = places.get(column);
        if (!cell || place === undefined) return element("td");
        const chooses = button(cell.mark, () => this.choose(place), {
          class: cell.tone,
          "aria-pressed": "false",
          "aria-label": `${name} at ${row.label}: ${cell.mark}`,
          "data-cell": cell.name,
        });
        chooses.addEventListener("keydown", (event) => this.step(event, place));
        this.buttons[place] = chooses;
        return element("td", {}, chooses);
      });
      body.append(element("tr", {}, element("th", { scope: "row", title: row.label }, row.label), ...shown));
    });
    return element("table", {}, element("thead", {}, element("tr", {}, ...head)), body);
  }

  /** The arrows go from cell to cell. */
  private step(event: KeyboardEvent, from: number): void {
    const steps: Record<string, [number, number]> = {
      ArrowLeft: [0, -1],
      ArrowRight: [0, 1],
      ArrowUp: [-1, 0],
      ArrowDown: [1, 0],
    };
    const by = steps[event.key];
    if (!by) return;
    event.preventDefault();
    const { row, column } = this.cells[from];
    const inWay = this.cells
      .map((cell, place) => ({ ...cell, place }))
      .filter((cell) => this.buttons[cell.place])
      .filter((cell) =>
        by[0]
          ? cell.column === column && (cell.row - row) * by[0] > 0
          : cell.row === row && (cell.column - column) * by[1] > 0,
      );
    const next = by[0] + by[1] > 0 ? inWay[0] : inWay[inWay.length - 1];
    if (!next) return;
    this.choose(next.place);
    this.buttons[next.place].focus();
  }

  private choose(place: number): void {
    if (place < 0) return;
    this.buttons[this.chosen]?.setAttribute("aria-pressed", "false");
    this.chosen = place;
    this.buttons[place]?.setAttribute("aria-pressed", "true");
    const { cell } = this.cells[place];
    this.told.textContent = cell.text;
    const page = this.pageOf(place, cell.name);
    this.again.textContent = page
      ? cell.again
      : `Its trace is not on this page${cell.again ? `; this shows it: ${cell.again}` : ""}`;
    this.frame.hidden = !page;
    this.frame.srcdoc = page;
    history.replaceState(null, "", hashOf(cell.name));
  }

  /** The page of a cell; nothing where its trace is not here. */
  private pageOf(place: number, name: string): string {
    const timeline = document.getElementById(`timeline-${place}`);
    if (!timeline) return "";
    const title = name.replaceAll("&", "&amp;").replaceAll("<", "&lt;");
    const [before, head, behind, end] = this.shell;
    // The data are written without any markup.
    const details = [...document.querySelectorAll(`.detail-${place}`)].map(
      ({ textContent }) => `<script type="application/json" class="detail">${textContent}</script>`,
    );
    return before + title + head + timeline.textContent + behind + details.join("\n") + end;
  }
}

new GridPage().draw(document.getElementById("grid-page")!);
