// What a browser makes of a page with a table whose cells have traces: the map of `skyspan torture`. From the root of the repository:
//
//     node crates/skyspan-trace/page/test/grid.mjs SKYSPAN_BINARY OUT
//
// Chromium is taken from CHROMIUM, or /usr/bin/chromium. OUT gets the page and a picture of it.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdirSync } from "node:fs";
import { join, resolve } from "node:path";
import { chromium } from "playwright-core";

const [binary, out] = process.argv.slice(2);
const root = resolve(import.meta.dirname, "../../../..");
mkdirSync(out, { recursive: true });

const file = resolve(out, "torture.html");
const plan = join(root, "fixtures/torture/shutter_left_open.yaml");
const made = spawnSync(binary, ["torture", plan, "--report", file], {
  stdio: ["ignore", "ignore", "inherit"],
});
assert.equal(made.status, 1, "something is left by that plan");

const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
  args: ["--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking"],
});

/** What was said on a console, or asked of a host; there must be nothing of either. */
const heard = [];

async function open(address, viewport) {
  const context = await browser.newContext({ viewport });
  const page = await context.newPage();
  page.on("console", (message) => heard.push(`console: ${message.text()}`));
  page.on("pageerror", (error) => heard.push(error.message));
  page.on("request", (request) => {
    if (!/^(file|data|about):/.test(request.url())) heard.push(`asks ${request.url()}`);
  });
  await page.goto(address);
  await page.waitForFunction(() => document.documentElement.dataset.ready === "yes");
  return page;
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

const told = (page) => page.locator(".told").textContent();
/** The trace in the frame, once it is drawn. */
async function trace(page, title) {
  const frame = page.frameLocator("iframe");
  await frame.locator(`h1:text-is("${title}")`).waitFor({ timeout: 10_000 });
  await frame.locator("canvas.lanes").waitFor();
  return frame;
}

const page = await open(`file://${file}`, { width: 1400, height: 900 });

await check("the first finding is chosen, and its trace is drawn", async () => {
  assert.match(await told(page), /^case 12: the plan is aborted at message 1, set shutter 'Open'/);
  const frame = await trace(page, "case 12");
  assert.match(await frame.locator(".sum").textContent(), /span/);
});

await check("a cell that is chosen tells what is left, and shows its own trace", async () => {
  await page.locator('[data-cell="175"]').click();
  assert.match(await told(page), /stage fails at message 17, set stage 1\.0/);
  assert.match(await told(page), /▲ shutter is left Open, not Closed/);
  const frame = await trace(page, "case 175");
  assert.match(await frame.locator(".verdict").textContent(), /injected fault/);
  assert.equal(await page.locator('[aria-pressed="true"]').count(), 1);
  assert.match(await page.locator(".again").textContent(), /skyspan torture .* --case 175/);
});

await check("what no plan can help is told as that", async () => {
  await page.locator('[data-cell="76"]').click();
  assert.match(await told(page), /no plan could help that: a device hangs, and its wait has no timeout/);
  await trace(page, "case 76");
});

await check("the arrows go from cell to cell", async () => {
  await page.locator('[data-cell="172"]').click();
  await page.keyboard.press("ArrowRight");
  assert.match(await told(page), /^case 173: /);
  await page.keyboard.press("ArrowDown");
  assert.match(await told(page), /^case 183: /);
  await page.keyboard.press("ArrowUp");
  await page.keyboard.press("ArrowLeft");
  assert.match(await told(page), /^case 172: /);
});

await check("an address leads to a cell", async () => {
  const there = await open(`file://${file}#182`, { width: 1400, height: 900 });
  assert.match(await told(there), /^case 182: the plan is aborted halfway through message 18, wait/);
  await trace(there, "case 182");
  await there.screenshot({ path: join(out, "torture.png") });
  await there.context().close();
});

await check("a phone has the table above the trace", async () => {
  const phone = await open(`file://${file}`, { width: 390, height: 800 });
  const [table, frame] = await Promise.all([
    phone.locator(".left").boundingBox(),
    phone.locator("iframe").boundingBox(),
  ]);
  assert.ok(table.y < frame.y);
  await phone.context().close();
});

await check("nothing was said on a console, and no host was asked", () => assert.deepEqual(heard, []));

await browser.close();
console.log(failed ? `${failed} failed` : "all passed");
process.exitCode = failed ? 1 : 0;
