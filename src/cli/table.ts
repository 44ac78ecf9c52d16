import type { Command } from "commander";

/** Every subcommand, loaded when it is called. A new one is a file and a line here. */
export const commands: ReadonlyMap<string, () => Promise<Command>> = new Map([
  ["demo", async () => (await import("./commands/demo.ts")).demoCommand()],
  ["run", async () => (await import("./commands/run.ts")).runCommand()],
  ["lock", async () => (await import("./commands/lock.ts")).lockCommand()],
  ["check-config", async () => (await import("./commands/check-config.ts")).checkConfigCommand()],
  ["people", async () => (await import("./commands/people.ts")).peopleCommand(await house())],
  ["identify", async () => (await import("./commands/identify.ts")).identifyCommand(await house())],
  ["liveness", async () => (await import("./commands/liveness.ts")).livenessCommand()],
  ["compare", async () => (await import("./commands/compare.ts")).compareCommand()],
  ["evaluate", async () => (await import("./commands/evaluate.ts")).evaluateCommand()],
  ["bench", async () => (await import("./commands/bench.ts")).benchCommand()],
  ["models", async () => (await import("./commands/models.ts")).modelsCommand()],
]);

// --- internal ---

async function house() {
  const { connectHouse } = await import("./local-client.ts");
  return { connect: connectHouse };
}
