// Compiles src/ to dist/ and copies what is not TypeScript (pages, pictures of the interface) beside it.
import { spawnSync } from "node:child_process";
import { cpSync, existsSync, rmSync } from "node:fs";
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
const pages = `${root}src/daemon/web/public`;
if (existsSync(pages)) cpSync(pages, `${root}dist/daemon/web/public`, { recursive: true });

process.exit(tsc.status ?? 1);
