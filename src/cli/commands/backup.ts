import { existsSync } from "node:fs";
import { join } from "node:path";
import { Command } from "commander";
import { loadConfig } from "../../daemon/config/load.ts";
import { makeBackup } from "../../daemon/store/backup.ts";
import { defaultConfigFile } from "../defaults.ts";
import { print } from "../output.ts";

/** `lintel backup FILE`: reads beside a running daemon, needs nothing of it. */
export function backupCommand(): Command {
  return new Command("backup")
    .description("Write a copy of everything a door knows to a new file, while it works. The keys are not in it.")
    .argument("<file>", "a new file")
    .option("--config <file>", "configuration of the daemon", defaultConfigFile)
    .option("--json", "print {file, bytes, people, head, keysToKeep}")
    .addHelpText("after", "\nExample:\n  lintel backup /mnt/usb/front-$(date +%F).lintel")
    .action((file: string, { config, ...options }: { config: string; json?: boolean }) => {
      const { stateDirectory } = loadConfig(config, process.env);
      const report = { ...makeBackup(stateDirectory, file), keysToKeep: keysOf(stateDirectory) };
      const { bytes, people, head, keysToKeep } = report;
      print(
        options,
        report,
        () =>
          `${file}: ${people} people, events up to ${head.seq}, ${Math.ceil(bytes / 1000)} kB\n` +
          `not in it, and useless without: ${keysToKeep.join(", ")}; keep copies in another place than this file`,
      );
    });
}

// --- internal ---

/** Where they are credentials of the service manager they lie elsewhere under the same names. */
function keysOf(stateDirectory: string): string[] {
  const names = ["gallery.key", "audit.key", "fleet.key"];
  return names.filter((name) => name !== "fleet.key" || existsSync(join(stateDirectory, name)));
}
