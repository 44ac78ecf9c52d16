import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Command } from "commander";
import { TimeSource, timeSourceVariable } from "../../core/time-source.ts";
import { positiveNumber, wholeNumber } from "../number-options.ts";

/**
 * `npm run soak`: a day at the door in an hour, with everything broken that breaks in years. Nothing here may load a clock
 * before the time source is in the environment.
 */

interface Flags {
  readonly hours: number;
  readonly visits: number;
  readonly rounds: number;
  readonly seed: number;
  readonly patience: number;
  readonly only?: readonly string[];
  readonly report: string;
  readonly models?: string;
  readonly json?: boolean;
  readonly keep?: boolean;
}

const command = new Command("soak")
  .description(
    "A day at a simulated door, empty time skipped, with everything broken that may break. Exit 1: a breach.",
  )
  .option("--hours <n>", "simulated hours", positiveNumber(), 24)
  .option("--visits <n>", "visits in that time; each takes some ten seconds", wholeNumber(), 200)
  .option("--rounds <n>", "how often each fault comes", wholeNumber(), 3)
  .option("--seed <n>", "of the plan", wholeNumber(), 1)
  .option("--patience <n>", "bounds of the faults times this, on a machine that others use too", positiveNumber(), 1)
  .option("--only <fault...>", "only these faults")
  .option("--report <name>", "writes <name>.json and <name>.md", "soak-report")
  .option("--models <dir>", "compiled networks to start from; default: the user's cache")
  .option("--json", "print the report")
  .option("--keep", "keep the folder with the log and the state")
  .addHelpText(
    "after",
    [
      "",
      "Examples:",
      "  npm run soak                                        24 hours, 200 visits: about an hour, one core and a half",
      "  npm run soak -- --hours 1 --visits 3 --rounds 1     every fault once: about two minutes",
      "  unshare -Urm npm run soak                           without root: may mount the disk that is filled",
    ].join("\n"),
  );

await main(command.parse(process.argv).opts());

async function main(flags: Flags): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "lintel-soak-"));
  const file = join(folder, "time");
  const time = TimeSource.create(file);
  process.env[timeSourceVariable] = file;
  const [{ runSoak }, { markdownOf }, { progressBar }, { userModelCache }] = await Promise.all([
    import("./run-soak.ts"),
    import("./report.ts"),
    import("../progress.ts"),
    import("../defaults.ts"),
  ]);
  const bar = progressBar(100, "% of the day");
  let shown = 0;
  const report = await runSoak(
    { folder, time },
    {
      ...flags,
      models: flags.models ?? userModelCache(process.env),
      growth: { leastLifeMs: 8 * 60_000, warmUpMs: 3 * 60_000 },
      signal: interrupted(),
      onTurn: (part, said) => {
        bar.add(Math.floor(part * 100) - shown);
        shown = Math.floor(part * 100);
        if (!process.stderr.isTTY) process.stderr.write(`soak: ${said}\n`);
      },
    },
  ).finally(() => bar.stop());
  const markdown = markdownOf(report);
  writeFileSync(`${flags.report}.json`, `${JSON.stringify(report, null, 2)}\n`);
  writeFileSync(`${flags.report}.md`, markdown);
  process.stdout.write(flags.json ? `${JSON.stringify(report)}\n` : markdown);
  if (flags.keep || !report.ok) process.stderr.write(`soak: log and state are in ${folder}\n`);
  else rmSync(folder, { recursive: true, force: true });
  process.exitCode = report.ok ? 0 : 1;
}

/** The first signal ends the day where it is, everything is put away, and what was seen so far is judged. */
function interrupted(): AbortSignal {
  const ending = new AbortController();
  for (const name of ["SIGINT", "SIGTERM"] as const) process.once(name, () => ending.abort());
  return ending.signal;
}
