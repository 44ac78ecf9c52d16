// Compiles src/ to dist/ (or to the folder after --out) and copies what is not TypeScript (pages, pictures of the interface)
// beside it.
import { spawnSync } from "node:child_process";
import { cpSync, rmSync } from "node:fs";
import { resolve } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));
const { argv } = process;
const out = argv.includes("--out") ? resolve(argv[argv.indexOf("--out") + 1] ?? "dist") : `${root}dist`;
if (argv.includes("--clean")) rmSync(out, { recursive: true, force: true });
const tsc = spawnSync(
  process.execPath,
  [`${root}node_modules/typescript/bin/tsc`, "-p", `${root}tsconfig.build.json`, "--outDir", out],
  { stdio: "inherit" },
);
for (const pages of ["daemon/web/public", "daemon/operations/public"]) {
  cpSync(`${root}src/${pages}`, `${out}/${pages}`, { recursive: true });
}

process.exit(tsc.status ?? 1);
