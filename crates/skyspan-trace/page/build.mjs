// Writes built/: the script and the style that the library compiles in, and their hashes for the content security policy.
import { createHash } from "node:crypto";
import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const here = dirname(fileURLToPath(import.meta.url));
// The gate builds into another folder, and compares.
const out = process.argv[2] ?? join(here, "built");
mkdirSync(out, { recursive: true });

await build({
  absWorkingDir: here,
  entryPoints: [
    { in: "src/main.ts", out: "page" },
    { in: "src/page.css", out: "page" },
    { in: "src/grid.ts", out: "grid" },
    { in: "src/grid.css", out: "grid" },
  ],
  outdir: out,
  bundle: true,
  minify: true,
  target: ["es2022", "chrome111", "firefox113", "safari16.4"],
  format: "iife",
  charset: "utf8",
  legalComments: "none",
});
for (const frame of ["page.html", "grid.html"]) copyFileSync(join(here, "src", frame), join(out, frame));

for (const file of ["page.js", "page.css", "grid.js", "grid.css"]) {
  // A line end behind the last character would be one more in the page, and another hash.
  const text = readFileSync(join(out, file), "utf8").trimEnd();
  if (/<\/(script|style)|<!--/i.test(text)) {
    throw new Error(`${file} has something in it that would end its element`);
  }
  writeFileSync(join(out, file), text);
  writeFileSync(
    join(out, `${file}.sha256`),
    `sha256-${createHash("sha256").update(text).digest("base64")}\n`,
  );
}
