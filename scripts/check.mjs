// Everything that can be judged without running the project: lint, format, import boundaries, types.
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));
const checks = [
  ["biome", join(root, "node_modules", "@biomejs", "biome", "bin", "biome"), "ci", "--error-on-warnings", "."],
  ["types", join(root, "node_modules", "typescript", "bin", "tsc"), "--noEmit", "-p", join(root, "tsconfig.json")],
];
let failed = 0;
for (const [name, ...args] of checks) {
  const run = spawnSync(process.execPath, args, { cwd: root, stdio: "inherit" });
  process.stdout.write(`check: ${name} ${run.status === 0 ? "ok" : "NOT ok"}\n`);
  if (run.status !== 0) failed++;
}
process.exit(failed === 0 ? 0 : 1);
