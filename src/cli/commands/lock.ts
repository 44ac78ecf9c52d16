import { Command } from "commander";
import { loadConfig } from "../../daemon/config/load.ts";
import { driveSafe } from "../../hal/relay-guard/lock-once.ts";
import { defaultConfigFile } from "../defaults.ts";

export function lockCommand(): Command {
  return new Command("lock")
    .description("Drive the relay safe and exit: for service managers, after the daemon has ended in whatever way.")
    .option("--config <file>", "configuration", defaultConfigFile)
    .addHelpText("after", "\nExample:\n  lintel lock --config /etc/lintel/lintel.yaml")
    .action(async (options: { config: string }) => {
      await driveSafe(loadConfig(options.config, process.env).gpio);
      process.stderr.write("lintel: the door is locked\n");
    });
}
