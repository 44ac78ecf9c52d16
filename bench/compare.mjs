// The gate against growing slower: builds another commit beside this one and lets both run `lintel bench` in turn on this machine.
import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { compareTimes, isRefused } from "../dist/lab/bench/gate.js";
import { terminalTable } from "./lib/table.mjs";

const here = fileURLToPath(new URL("..", import.meta.url));

/** `rounds` times both versions, each with `runs` of every stage. True when nothing has surely become slower than the tolerance allows. */
export async function compareWith(reference, { rounds, runs, tolerance, isJson }) {
  const commit = git(["rev-parse", "--verify", "--end-of-options", `${reference}^{commit}`]).trim();
  const folder = mkdtempSync(join(tmpdir(), "lintel-compare-"));
  const there = join(folder, "tree");
  try {
    git(["worktree", "add", "--quiet", "--detach", there, commit]);
    symlinkSync(join(here, "node_modules"), join(there, "node_modules"));
    build(there);
    const times = {};
    for (let round = 0; round < rounds; round++) {
      process.stderr.write(`bench: round ${round + 1} of ${rounds} …\n`);
      // Who goes first changes, so that warming up favours nobody.
      const order = round % 2 ? ["after", "before"] : ["before", "after"];
      for (const side of order)
        note(times, side, measure(side === "before" ? there : here, { runs, folder: join(folder, side) }));
    }
    const shared = Object.entries(times).filter(([, { before, after }]) => before.length === after.length);
    const found = compareTimes(Object.fromEntries(shared), { tolerance });
    process.stdout.write(
      isJson ? `${JSON.stringify({ commit, tolerance, comparisons: found }, null, 2)}\n` : asText(found, commit),
    );
    return !isRefused(found);
  } finally {
    if (existsSync(there)) git(["worktree", "remove", "--force", there]);
    rmSync(folder, { recursive: true, force: true });
  }
}

function git(args) {
  return execFileSync("git", args, { cwd: here, encoding: "utf8", stdio: ["ignore", "pipe", "inherit"] });
}

function build(tree) {
  const { status } = spawnSync(process.execPath, [join(tree, "scripts/build.mjs")], { cwd: tree, stdio: "inherit" });
  if (status !== 0) throw new Error(`the other commit does not build (code ${status})`);
}

/** Medians by stage, from a process of its own with a model cache of its own. */
function measure(tree, { runs, folder }) {
  const args = [join(tree, "bin/lintel.mjs"), "bench", "--json", "--runs", String(runs)];
  const env = { ...process.env, XDG_CACHE_HOME: folder };
  const out = execFileSync(process.execPath, args, { cwd: tree, env, encoding: "utf8", maxBuffer: 2 ** 24 });
  const { stages, match } = JSON.parse(out);
  return Object.fromEntries([...Object.entries(stages), ["match", match]].map(([name, { p50 }]) => [name, p50]));
}

function note(times, side, medians) {
  for (const [name, ms] of Object.entries(medians)) {
    times[name] ??= { before: [], after: [] };
    times[name][side].push(ms);
  }
}

function asText(found, commit) {
  const shown = (value) => (Number.isFinite(value) ? value.toFixed(2) : "?");
  const rows = found.map(({ name, rounds, ratio, bounds, verdict }) => [
    ...[name, String(rounds), shown(ratio), `${shown(bounds[0])} to ${shown(bounds[1])}`, verdict],
  ]);
  const table = terminalTable({ columns: ["stage", "rounds", "time after / before", "95 % bounds", "verdict"], rows });
  return `\nAgainst ${commit.slice(0, 12)}\n${table}\n`;
}
