#!/usr/bin/env node
import { Command, CommanderError } from "commander";
import { exitCode } from "../core/errors.ts";
import { describeFailure } from "./failure.ts";
import { commands } from "./table.ts";
import { packageVersion } from "./version.ts";

/** The command line: `table.ts` lists the subcommands, each in its own file. Exit codes are a contract (docs/config.md). */
async function main(): Promise<void> {
  const program = new Command("lintel")
    .description("Opens a door for people it knows: face recognition, liveness, a door relay, MQTT.")
    .version(packageVersion())
    .showSuggestionAfterError()
    .exitOverride()
    .addHelpText(
      "after",
      [
        "",
        "Examples:",
        "  lintel demo                                    everything at work, on simulated hardware",
        "  lintel check-config config/lintel.yaml         all mistakes of a configuration at once",
        "  lintel run --config config/lintel.yaml         the daemon",
        "  lintel people add dana --name 'Dana' dana.jpg  enrol somebody",
        "  lintel identify visitor.jpg                    who is on this photograph",
        "",
        "Exit codes: 0 yes or done, 1 a clean no, 2 usage or unreadable input, 69 hardware missing, 78 configuration.",
      ].join("\n"),
    );
  try {
    for (const load of wanted(process.argv[2])) program.addCommand(inheritExit(await load()));
    await program.parseAsync(process.argv);
  } catch (error) {
    if (error instanceof CommanderError) {
      process.exitCode = error.exitCode === 0 ? exitCode.ok : exitCode.usage;
      return;
    }
    const failure = describeFailure(error);
    process.stderr.write(`lintel: ${failure.line}\n`);
    process.exitCode = failure.exit;
  }
}

/** The one that is called, so that the others cost nothing; all of them for help and for a name that is none. */
function wanted(name: string | undefined): readonly (() => Promise<Command>)[] {
  if (name === "--version" || name === "-V") return [];
  const called = name === undefined ? undefined : commands.get(name);
  return called ? [called] : [...commands.values()];
}

function inheritExit(command: Command): Command {
  command.exitOverride();
  for (const sub of command.commands) inheritExit(sub);
  return command;
}

/** Whoever reads our output has seen enough (`lintel events tail | head`): that is no failure. */
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code !== "EPIPE") throw error;
  process.exit();
});
await main();
