import { setFlagsFromString } from "node:v8";
import type { Command } from "commander";

/** Every subcommand, loaded when it is called. A new one is a file and a line here. */
export const commands: ReadonlyMap<string, () => Promise<Command>> = new Map([
  ["demo", async () => (await import("./commands/demo.ts")).demoCommand()],
  ["run", () => runSmall()],
  ["lock", async () => (await import("./commands/lock.ts")).lockCommand()],
  ["check-config", async () => (await import("./commands/check-config.ts")).checkConfigCommand()],
  ["doctor", async () => (await import("./commands/doctor.ts")).doctorCommand()],
  ["people", async () => (await import("./commands/people.ts")).peopleCommand(await house())],
  ["access", async () => (await import("./commands/access.ts")).accessCommand(await house())],
  ["gallery", async () => (await import("./commands/gallery.ts")).galleryCommand(await house())],
  ["keys", async () => (await import("./commands/keys.ts")).keysCommand(await house())],
  ["fleet", async () => (await import("./commands/fleet.ts")).fleetCommand(await house())],
  ["backup", async () => (await import("./commands/backup.ts")).backupCommand()],
  ["restore", async () => (await import("./commands/restore.ts")).restoreCommand()],
  ["events", async () => (await import("./commands/events.ts")).eventsCommand()],
  ["identify", async () => (await import("./commands/identify.ts")).identifyCommand(await house())],
  ["liveness", async () => (await import("./commands/liveness.ts")).livenessCommand()],
  ["compare", async () => (await import("./commands/compare.ts")).compareCommand()],
  ["calibrate", async () => (await import("./commands/calibrate.ts")).calibrateCommand(await house())],
  ["evaluate", async () => (await import("./commands/evaluate.ts")).evaluateCommand()],
  ["art", async () => (await import("./commands/art.ts")).artCommand()],
  ["train", async () => (await import("./commands/train.ts")).trainCommand()],
  ["bench", async () => (await import("./commands/bench.ts")).benchCommand()],
  ["models", async () => (await import("./commands/models.ts")).modelsCommand()],
]);

// --- internal ---

/**
 * The daemon lives for months: V8's young generation, which otherwise grows while the modules load and never shrinks, costs
 * it some 20 MB of resident memory and gains it nothing.
 */
async function runSmall(): Promise<Command> {
  setFlagsFromString("--semi-space-growth-factor=1");
  return (await import("./commands/run.ts")).runCommand();
}

async function house() {
  const { connectHouse } = await import("./local-client.ts");
  return { connect: connectHouse };
}
