import type { Command } from "commander";
import { checkConfigCommand } from "./commands/check-config.ts";
import { lockCommand } from "./commands/lock.ts";
import { modelsCommand } from "./commands/models.ts";
import { peopleCommand } from "./commands/people.ts";
import { runCommand } from "./commands/run.ts";
import { connectHouse } from "./local-client.ts";

/** Every subcommand. A new one is a file and a line here. */
export const commands: readonly (() => Command)[] = [
  runCommand,
  lockCommand,
  checkConfigCommand,
  () => peopleCommand({ connect: connectHouse }),
  modelsCommand,
];
