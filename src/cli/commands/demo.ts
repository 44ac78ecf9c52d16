import { execFile } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { Command } from "commander";
import { systemClock } from "../../core/clock.ts";
import { exitCode } from "../../core/errors.ts";
import { userModelCache } from "../defaults.ts";
import { demoCast } from "../demo/demo-cast.ts";
import { type Stage, setStage } from "../demo/stage.ts";
import { runStep, steps } from "../demo/steps.ts";
import { type StepResult, Timeline } from "../demo/timeline.ts";
import { keepVisiting } from "../demo/visitors.ts";
import { wholeNumber } from "../number-options.ts";

interface DemoOptions {
  readonly stay: boolean;
  readonly json?: boolean;
  readonly seed: number;
}

export function demoCommand(): Command {
  return new Command("demo")
    .description(
      "The whole system at work on simulated hardware: strangers, an enrolled person, a remote enrolment, a photo attack.",
    )
    .option("--no-stay", "end after the story (always so without a terminal)")
    .option("--seed <n>", "seed of the simulated world", wholeNumber(), 1)
    .option("--json", "print {steps:[{name, ok, detail, ms}], ok}; implies --no-stay")
    .addHelpText("after", "\nExit code 0 only if each step did what it should.\n\nExample:\n  lintel demo --no-stay")
    .action(async (options: DemoOptions) => {
      const isTerminal = process.stdout.isTTY === true;
      process.exitCode = await play(options, options.stay && isTerminal && options.json !== true);
    });
}

// --- internal ---

async function play(options: DemoOptions, isStaying: boolean): Promise<number> {
  const out = options.json === true ? process.stderr : process.stdout;
  const terminal = { write: (text: string) => void out.write(text), isTerminal: out.isTTY === true };
  const timeline = new Timeline(terminal, systemClock.nowMs);
  const interrupted = untilInterrupted();
  timeline.heading("Lintel demo: simulated camera and door, real networks, broker, database and processes");
  timeline.note("demo", "starting (the very first start compiles the networks)");
  const stage = await setStage({
    seed: options.seed,
    onShown: ({ title }) => title !== "" && timeline.note("display", title),
    onDaemonEnded: (reason) => timeline.note("lintel", `the daemon ended: ${reason}`),
  });
  try {
    const results = await tell(stage, timeline, interrupted);
    const ok = results.length === steps.length && results.every((result) => result.ok);
    timeline.summary(results);
    if (options.json === true) process.stdout.write(`${JSON.stringify({ steps: results, ok })}\n`);
    if (isStaying && ok && !interrupted.isSet()) await stay(stage, timeline, interrupted);
    return ok ? exitCode.ok : exitCode.no;
  } finally {
    await stage.stop();
  }
}

async function tell(stage: Stage, timeline: Timeline, interrupted: Interrupted): Promise<StepResult[]> {
  timeline.note("demo", `door display: ${stage.doorPage}   broker: ${stage.mqttUrl}`);
  const cast = await demoCast(userModelCache(process.env));
  noteHappenings(stage, timeline);
  const enrolByCommand = (id: string, name: string, photo: Uint8Array) => addByCommand(stage, { id, name, photo });
  const results: StepResult[] = [];
  for (const step of steps) {
    if (interrupted.isSet()) break;
    results.push(await runStep(step, { stage, cast, timeline, enrolByCommand, nowMs: systemClock.nowMs }));
  }
  return results;
}

/** Events as the broker brings them and the strike as the chip records it. */
function noteHappenings(stage: Stage, timeline: Timeline): void {
  stage.broker.onEvent((event) => {
    const { type, person, reason, distance } = event;
    if (type === "opened" || type === "closed") return;
    const details = [
      person,
      reason === type ? undefined : reason,
      distance === undefined ? undefined : `distance ${String(distance)}`,
    ];
    timeline.note("event", [type, ...details.filter((detail) => detail !== undefined)].map(String).join("  "));
  });
  stage.chip.subscribe((edge) => timeline.note("strike", edge.isActive ? "open" : "locked"));
}

/** The command line beside the running daemon, as an operator would use it. */
async function addByCommand(stage: Stage, who: { id: string; name: string; photo: Uint8Array }): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "lintel-photo-"));
  try {
    const file = join(folder, `${who.id}.jpg`);
    writeFileSync(file, who.photo, { mode: 0o600 });
    const main = fileURLToPath(new URL("../main.js", import.meta.url));
    const args = [main, "people", "add", who.id, "--name", who.name, "--config", stage.configFile, file];
    await promisify(execFile)(process.execPath, args, { env: { ...process.env, ...stage.environment } });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function stay(stage: Stage, timeline: Timeline, interrupted: Interrupted): Promise<void> {
  timeline.heading("The door stays up: people come and go. Ctrl-C ends it.");
  timeline.note(
    "demo",
    `open ${stage.doorPage} beside this window, and the lobby at ${new URL("/", stage.doorPage).href}`,
  );
  await keepVisiting(stage, interrupted.signal);
}

interface Interrupted {
  readonly signal: AbortSignal;
  isSet(): boolean;
}

/** The first Ctrl-C ends the demo in order, the second at once. */
function untilInterrupted(): Interrupted {
  const controller = new AbortController();
  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    process.on(signal, () => {
      if (controller.signal.aborted) process.exit(exitCode.no);
      controller.abort();
    });
  }
  return { signal: controller.signal, isSet: () => controller.signal.aborted };
}
