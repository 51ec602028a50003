// What a browser makes of the page. From the root of the repository:
//
//     node crates/skyspan-trace/page/test/browser.mjs SKYSPAN_BINARY OUT [--bless] [--quick]
//
// Chromium is taken from CHROMIUM, or /usr/bin/chromium. OUT gets the pages and the pictures. `--quick` leaves out the long
// trace, which takes minutes where the binary is not optimized. `--bless` writes the words that were copied to
// tests/it/page/words, where `cargo test` compiles them, and python/tests runs those of Python.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { basename, join, resolve } from "node:path";
import { chromium } from "playwright-core";

const [binary, out, ...options] = process.argv.slice(2);
const here = resolve(import.meta.dirname, "..");
const root = resolve(here, "../../..");
const wordsFolder = resolve(here, "../tests/it/page/words");
mkdirSync(out, { recursive: true });

/** What `skyspan stats` says of each job, and what fails in it. */
const JOBS = {
  "01_align": ["slit_x set"],
  "02_grid": ["sx set"],
  "03_xafs": ["it trigger"],
  "04_ramp": ["between messages"],
  "05_tomo": ["flyer status", "cam has to be staged before it is triggered"],
  "05b": ["flyer status", "has no stream with the data keys rot, rot_setpoint"],
  "05c": ["flyer status"],
  "05d": ["cam complete"],
  "06_beamdump": ["between messages"],
  "07_shutter": ["stage set", "stalled"],
  "08_nested": ["stage set"],
  "09_count": ["between messages"],
  "10_adaptive": ["m set"],
  "11_fails": ["m set", "detector lost trigger"],
  "12_pause": ["paused or suspended"],
};

function make(source, name, ...more) {
  const file = resolve(out, `${name}.html`);
  execFileSync(binary, ["report", source, "-o", file, ...more], { stdio: ["ignore", "ignore", "inherit"] });
  return file;
}

const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
  args: [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
  ],
});

/** What was said on a console, or asked of a host; there must be nothing of either. */
const heard = [];

async function open(file, { width = 1366, height = 768, colorScheme = "light" } = {}) {
  const context = await browser.newContext({
    viewport: { width, height },
    colorScheme,
    permissions: ["clipboard-read", "clipboard-write"],
  });
  const page = await context.newPage();
  page.on("console", (message) => {
    // That is what this test does to the canvas, and not the page.
    if (!message.text().includes("getImageData")) heard.push(`${basename(file)}: console: ${message.text()}`);
  });
  page.on("pageerror", (error) => heard.push(`${basename(file)}: ${error.message}`));
  page.on("request", (request) => {
    if (!request.url().startsWith("file:") && !request.url().startsWith("data:"))
      heard.push(`${basename(file)}: asks ${request.url()}`);
  });
  await page.goto(`file://${file}`);
  await page.waitForFunction(() => document.documentElement.dataset.ready === "yes");
  return page;
}

const seen = (page) =>
  page.$eval("canvas.lanes", (canvas) => ({
    from: Number(canvas.dataset.from),
    to: Number(canvas.dataset.to),
  }));
const settled = (page) =>
  page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))));

/** Whether a text stands in the first view, without anything being touched. */
async function firstViewHas(page, text) {
  return page.evaluate((text) => {
    const walker = document.createTreeWalker(document.getElementById("page"), NodeFilter.SHOW_TEXT);
    while (walker.nextNode()) {
      const node = walker.currentNode;
      if (!node.data.includes(text)) continue;
      const range = document.createRange();
      range.selectNodeContents(node);
      const box = range.getBoundingClientRect();
      if (
        box.width > 1 &&
        box.top >= 0 &&
        box.bottom <= innerHeight &&
        box.left >= 0 &&
        box.right <= innerWidth + 1
      )
        return true;
    }
    return false;
  }, text);
}

let failed = 0;
async function check(name, test) {
  try {
    await test();
    console.log(`ok      ${name}`);
  } catch (error) {
    failed++;
    console.log(`FAILED  ${name}\n    ${String(error.stack ?? error).replaceAll("\n", "\n    ")}`);
  }
}

const service = make(join(here, "test/service.json"), "service");
const recorded = make(join(root, "fixtures/recordings/grid_scan/spans.json"), "recorded");
const jobs = join(root, "fixtures/jobs");
const pages = Object.fromEntries(Object.keys(JOBS).map((job) => [job, make(join(jobs, `${job}.yaml`), job)]));

await check("the jobs here are those of fixtures/jobs", () => {
  const names = readdirSync(jobs)
    .filter((file) => file.endsWith(".yaml"))
    .map((file) => basename(file, ".yaml"));
  assert.deepEqual(names.sort(), Object.keys(JOBS).sort());
});

for (const [job, [longest, fault]] of Object.entries(JOBS)) {
  await check(`${job}: the first view has ${[longest, fault].filter(Boolean).join(", and: ")}`, async () => {
    const page = await open(pages[job]);
    assert.equal(await page.textContent(".verdict .longest strong"), longest);
    assert.ok(await firstViewHas(page, longest), "it is out of sight");
    if (fault) assert.ok(await firstViewHas(page, fault), "the fault is out of sight");
    else assert.ok(await firstViewHas(page, "no span tells of a fault"));
    await page.screenshot({ path: join(out, `${job}.png`) });
    await page.context().close();
  });
}

await check("the wheel zooms around the pointer, dragging pans, 0 shows all", async () => {
  const page = await open(pages["02_grid"]);
  const box = await page.locator("canvas.lanes").boundingBox();
  const all = await seen(page);
  await page.mouse.move(box.x + box.width / 2, box.y + 60);
  await page.mouse.wheel(0, -600);
  await settled(page);
  const zoomed = await seen(page);
  assert.ok(zoomed.to - zoomed.from < 0.6 * (all.to - all.from), JSON.stringify(zoomed));
  await page.mouse.down();
  await page.mouse.move(box.x + box.width / 2 - 100, box.y + 60, { steps: 4 });
  await page.mouse.up();
  await settled(page);
  const panned = await seen(page);
  assert.ok(
    panned.from > zoomed.from && Math.abs(panned.to - panned.from - (zoomed.to - zoomed.from)) < 1,
    JSON.stringify(panned),
  );
  await page.keyboard.press("0");
  await settled(page);
  assert.deepEqual(await seen(page), all);
  await page.context().close();
});

await check(
  "a search counts, Enter goes from one to the next, and the table has what was found",
  async () => {
    const page = await open(pages["02_grid"]);
    await page.keyboard.press("/");
    await page.keyboard.type('device=cam name="Ophyd Status"');
    await page.keyboard.press("Enter");
    assert.equal(await page.textContent("output"), "35 spans");
    assert.equal(await page.textContent(".span h2"), "Ophyd Status");
    const first = await page.textContent(".span dl");
    await page.keyboard.press("Enter");
    assert.notEqual(await page.textContent(".span dl"), first);
    if (!(await page.$eval("details.all", (details) => details.open)))
      await page.click("details.all summary");
    assert.match(await page.textContent("details.all [role=status]"), /1 to 35 of 35 spans that were found/);
    for (const [text, found] of [
      ["error", "nothing"],
      [">600ms", "61 spans"],
      ["nothing-like-this", "nothing"],
      ["", ""],
    ]) {
      await page.fill("input[type=search]", text);
      await page.keyboard.press("Enter");
      assert.equal(await page.textContent("output"), found, text);
    }
    await page.context().close();
  },
);

await check("a span is chosen by a click where it is drawn, and by keys from there", async () => {
  const page = await open(pages["07_shutter"]);
  const box = await page.locator("canvas.lanes").boundingBox();
  const { from, to } = await seen(page);
  const gutter = 130;
  // In the middle of the first move of the stage, on the row of its lane: the one where a name is told.
  const x = gutter + ((1e9 - from) / (to - from)) * (box.width - gutter);
  let told = "";
  for (let y = 40; y < box.height && !told; y += 10) {
    await page.mouse.move(box.x + x, box.y + y);
    const tip = await page.textContent(".tip");
    if (/^stage {2}→/.test(tip)) {
      told = tip;
      await page.mouse.click(box.x + x, box.y + y);
    }
  }
  assert.match(told, /→ 1\.0 mm/);
  assert.match(await page.textContent(".span"), /device_name"?stage|stage/);
  const chosen = await page.textContent(".span dl");
  await page.keyboard.press("ArrowRight");
  assert.notEqual(await page.textContent(".span dl"), chosen);
  await page.keyboard.press("p");
  assert.ok(await page.textContent(".span h2"));
  await page.keyboard.press("Escape");
  assert.match(await page.textContent(".span"), /Choose a span/);
  await page.context().close();
});

await check("an error is marked, told, and found by E", async () => {
  const page = await open(service);
  assert.equal((await page.textContent(".verdict .fault")).trim(), "charge: card declined");
  await page.keyboard.press("e");
  assert.equal(await page.textContent(".span .fault"), "card declined");
  assert.match(await page.textContent(".span"), /CardDeclined/);
  // The mark has the colour of faults.
  const fault = await page.evaluate(() => {
    const canvas = document.querySelector("canvas.lanes");
    const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
    let red = 0;
    for (let at = 0; at < data.length; at += 4)
      if (data[at] > 180 && data[at + 1] < 70 && data[at + 2] < 75) red++;
    return red;
  });
  assert.ok(fault > 100, `${fault} pixels`);
  await page.context().close();
});

await check("what a test asserted in vain is on top, and on its span", async () => {
  // Such a page is what SKYSPAN_REPORT leaves; here its data are put into one that has none.
  const html = readFileSync(pages["02_grid"], "utf8");
  const at = html.indexOf('"checks":[]');
  assert.ok(at > 0);
  const checks =
    '"checks":[{"headline":"1 span differs","report":"the whole report","notes":[[3,"target: expected 5, found 6"]]}]';
  const file = resolve(out, "failed.html");
  writeFileSync(
    file,
    html.replace('"checks":[]', () => checks),
  );
  const page = await open(file);
  assert.ok(await firstViewHas(page, "1 span differs"));
  await page.keyboard.press("e");
  assert.match(await page.textContent(".span .fault"), /expected 5, found 6/);
  await page.context().close();
});

await check("names with markup are text, and secrets are gone", async () => {
  const page = await open(service);
  assert.equal(await page.evaluate(() => window.hacked), undefined);
  await page.fill("input[type=search]", "note");
  await page.keyboard.press("Enter");
  assert.match(await page.textContent(".span h2"), /check <cart> & "basket"/);
  assert.match(await page.textContent(".span"), /<\/script><script>window\.hacked/);
  assert.ok(!readFileSync(service, "utf8").includes("abcdefgh12345678"));
  await page.context().close();
});

await check("dark is dark, by preference and by hand", async () => {
  const ground = (page) =>
    page.evaluate(() => {
      const canvas = document.querySelector("canvas.lanes");
      return [...canvas.getContext("2d").getImageData(canvas.width - 3, canvas.height - 3, 1, 1).data]
        .slice(0, 3)
        .reduce((a, b) => a + b);
    });
  const light = await open(pages["02_grid"]);
  const dark = await open(pages["02_grid"], { colorScheme: "dark" });
  assert.ok((await ground(light)) > 600 && (await ground(dark)) < 150);
  await light.click("text=light / dark");
  await settled(light);
  assert.ok((await ground(light)) < 150);
  await light.context().close();
  await dark.context().close();
});

await check("lanes, critical path, flame graph, readings: each is drawn", async () => {
  const page = await open(pages["01_align"]);
  for (const mode of ["run", "nesting", "device"]) {
    await page.selectOption("select[aria-label=Lanes]", mode);
    await settled(page);
  }
  await page.click("[data-tab=path]");
  assert.match(await page.textContent("aside .body"), /slit_x set/);
  await page.click("[data-tab=flame]");
  assert.match(await page.textContent(".flame"), /wait: slit_x set/);
  await page.click("[data-tab=readings]");
  assert.ok(await page.$("aside svg path.curve-0"));
  assert.match(await page.getAttribute("aside svg", "aria-label"), /diode.* against slit_x/);
  await page.screenshot({ path: join(out, "readings.png") });
  await page.context().close();
});

// The grid, and the same with a motor that is slower and a point that is missing.
const grid = join(root, "fixtures/estimates/grid.yaml");
const slower = join(out, "slower-grid.yaml");
writeFileSync(slower, readFileSync(grid, "utf8").replace("velocity: 1.0", "velocity: 0.9"));
const compared = resolve(out, "compared.html");
try {
  execFileSync(binary, ["diff", grid, slower, "--report", compared], { stdio: "ignore" });
} catch (error) {
  // They differ.
  assert.equal(error.status, 1);
}

await check("two traces stand side by side, lane by lane, with what differs", async () => {
  const page = await open(compared);
  assert.ok(await firstViewHas(page, "2 traces"));
  assert.ok(await firstViewHas(page, "Times before and after"));
  assert.match(await page.textContent(".verdict"), /differ: 1 slower/);
  const row = await page.textContent("aside table.statistics tbody tr");
  assert.match(row, /Ophyd Status sx.*318 ms.*343 ms.*\+7\.9 %.*slower/);
  // Both are drawn from 0 on, and a lane of one stands beside that of the other.
  await page.selectOption("select[aria-label=Lanes]", "run");
  await settled(page);
  await page.selectOption("select[aria-label=Lanes]", "device");
  await settled(page);
  await page.keyboard.press("j");
  await page.screenshot({ path: join(out, "compared.png") });
  await page.context().close();
});

await check("several traces are on one page", async () => {
  const several = resolve(out, "several.html");
  execFileSync(binary, [
    "report",
    join(jobs, "06_beamdump.yaml"),
    join(jobs, "07_shutter.yaml"),
    "-o",
    several,
  ]);
  const page = await open(several);
  assert.ok(await firstViewHas(page, "2 traces"));
  assert.match(await page.textContent(".verdict"), /stalled/);
  await page.context().close();
});

await check("the page can be used by keys and read aloud", async () => {
  const page = await open(service);
  assert.deepEqual(
    await page.$$eval("button, input, select, canvas[tabindex]", (all) =>
      all
        .filter((it) => !(it.textContent.trim() || it.ariaLabel || it.placeholder || it.title))
        .map((it) => it.outerHTML),
    ),
    [],
  );
  await page.keyboard.press("?");
  assert.ok(await page.isVisible("dialog"));
  await page.keyboard.press("Escape");
  await page.focus("canvas.lanes");
  await page.keyboard.press("ArrowRight");
  assert.match(await page.textContent("p[role=status]"), /POST \/order/);
  await page.click("details.all summary");
  // The rows are made when the browser says that the table is open, which may be a moment later.
  await page.waitForSelector("table.spans tbody tr");
  assert.equal(await page.$$eval("table.spans tbody tr", (rows) => rows.length), 72);
  await page.context().close();
});

/** The pictures of a page for the documentation, at the width of a laptop and of a phone. */
async function pictures(name, file) {
  for (const [width, height, device] of [
    [1366, 768, "laptop"],
    [390, 844, "phone"],
  ]) {
    const page = await open(file, { width, height });
    await page.screenshot({ path: join(out, "pictures", `${name}-${device}.png`) });
    await page.context().close();
  }
}
mkdirSync(join(out, "pictures"), { recursive: true });
await pictures("failing", pages["07_shutter"]);
await pictures("suspended", pages["06_beamdump"]);
await pictures("service", service);
await pictures("recorded", recorded);
await pictures("compared", compared);

await check("a phone has all of it, and nothing to the right of its edge", async () => {
  for (const file of [service, recorded, pages["06_beamdump"], pages["07_shutter"]]) {
    const page = await open(file, { width: 390, height: 844 });
    const width = await page.evaluate(() => document.documentElement.scrollWidth);
    assert.ok(width <= 390, `${file}: ${width} pixels`);
    await page.context().close();
  }
});

await check("it prints in full", async () => {
  const page = await open(pages["07_shutter"]);
  const bytes = await page.pdf({ path: join(out, "print.pdf"), format: "A4" });
  assert.ok(bytes.length > 10_000);
  await page.context().close();
});

await check("a trace without spans says so", async () => {
  const empty = join(out, "empty.json");
  writeFileSync(empty, "");
  const page = await open(make(empty, "empty", "--allow-empty"));
  assert.match(await page.textContent("#page"), /This trace has no spans/);
  await page.context().close();
});

await check("what is left out is told", async () => {
  const page = await open(make(join(here, "test/service.json"), "left-out", "--spans", "30"));
  assert.match(
    await page.textContent("aside"),
    /30 spans of 72 are on this page.*42 are left out, none longer than/s,
  );
  await page.context().close();
});

for (const [name, file] of [
  ["recorded", recorded],
  ["service", service],
]) {
  await check(`${name}: words are copied as cargo test has them`, async () => {
    const page = await open(file);
    const words = { rust: [], python: [], check: [], traceql: [] };
    const rows = await page.evaluate(
      () => JSON.parse(document.getElementById("timeline").textContent).spans.start.length,
    );
    if (!(await page.$eval("details.all", (details) => details.open)))
      await page.click("details.all summary");
    for (let row = 1; row <= rows; row++) {
      await page.click(`table.spans tbody tr:nth-child(${row}) button`);
      const id = await page.$eval(".span dl:last-of-type dd:nth-of-type(2)", (dd) => dd.textContent);
      for (const kind of Object.keys(words)) {
        await page.click(`[data-words=${kind}]`);
        await page.waitForFunction(
          (kind) => document.querySelector(`[data-words=${kind}]`).nextSibling.textContent === "copied",
          kind,
        );
        const text = await page.evaluate(() => navigator.clipboard.readText());
        words[kind].push(kind === "traceql" ? `${id} ${text}` : text.trimEnd());
      }
    }
    const unique = (list) => [...new Set(list)];
    const files = {
      [`${name}.rs`]: `{\n${unique(words.rust).join("\n").replace(/^/gm, "    ")}\n}\n`,
      [`${name}.py`]: `${unique(words.python).join("\n")}\n`,
      [`${name}.check.yaml`]: `${unique(words.check).join("\n")}\n`,
      [`${name}.traceql`]: `${words.traceql.join("\n")}\n`,
    };
    for (const [file, text] of Object.entries(files)) {
      const path = join(wordsFolder, file);
      if (options.includes("--bless")) {
        mkdirSync(wordsFolder, { recursive: true });
        writeFileSync(path, text);
      }
      assert.ok(existsSync(path), `${path} is missing; --bless writes it`);
      assert.equal(text, readFileSync(path, "utf8"), `${file} is another; --bless writes it anew`);
    }
    await page.context().close();
  });
}

await check("100,000 spans open within two seconds, and move at 30 frames a second", async () => {
  if (options.includes("--quick")) return;
  const plan = join(out, "long.yaml");
  writeFileSync(
    plan,
    "devices:\n" +
      "  - {name: stage, class: SimMotor, velocity: 1}\n" +
      "  - {name: cam, class: SimDetector, exposure_time: 0.1}\n" +
      "items:\n" +
      "  - {item_type: plan, name: scan, args: [[cam], stage, 0, 1000, 16700]}\n",
  );
  const file = make(plan, "long");
  await pictures("long", file);
  const opened = [];
  // A machine may have other things to do: the best of three tells what the page takes.
  for (let attempt = 0; attempt < 3; attempt++) {
    const began = performance.now();
    const page = await open(file);
    opened.push(performance.now() - began);
    if (attempt < 2 && opened.at(-1) > 2000) {
      await page.context().close();
      continue;
    }
    const box = await page.locator("canvas.lanes").boundingBox();
    await page.evaluate(() => {
      window.frames_ms = [];
      let last = performance.now();
      const step = (now) => {
        window.frames_ms.push(now - last);
        last = now;
        requestAnimationFrame(step);
      };
      requestAnimationFrame(step);
    });
    await page.mouse.move(box.x + 500, box.y + 120);
    const end = performance.now() + 5000;
    for (let turn = 0; performance.now() < end; turn++) {
      await page.mouse.wheel(0, turn % 60 < 30 ? -50 : 50);
      if (turn % 5 === 0) await page.mouse.wheel(turn % 40 < 20 ? 90 : -90, 0);
      await page.waitForTimeout(12);
    }
    const frames = (await page.evaluate(() => window.frames_ms.slice(2))).sort((a, b) => a - b);
    const p95 = frames[Math.floor(frames.length * 0.95)];
    console.log(
      `        opened in ${Math.round(Math.min(...opened))} ms; ${frames.length} frames, p95 ${p95.toFixed(1)} ms`,
    );
    assert.ok(Math.min(...opened) <= 2000, `opened in ${opened.map(Math.round)} ms`);
    assert.ok(p95 <= 33.5, `p95 ${p95} ms`);
    await page.context().close();
    break;
  }
});

await check("nothing was said on a console, and no host was asked", () => assert.deepEqual(heard, []));

await browser.close();
console.log(failed ? `${failed} failed` : "all passed");
process.exitCode = failed ? 1 : 0;
