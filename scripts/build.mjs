// Compiles src/ to dist/ and copies what is not TypeScript (pages, pictures of the interface) beside it.
import { spawnSync } from "node:child_process";
import { cpSync, rmSync } from "node:fs";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));
if (process.argv.includes("--clean")) rmSync(`${root}dist`, { recursive: true, force: true });
const tsc = spawnSync(
  process.execPath,
  [`${root}node_modules/typescript/bin/tsc`, "-p", `${root}tsconfig.build.json`],
  {
    stdio: "inherit",
  },
);
for (const pages of ["daemon/web/public", "daemon/operations/public"]) {
  cpSync(`${root}src/${pages}`, `${root}dist/${pages}`, { recursive: true });
}

process.exit(tsc.status ?? 1);
