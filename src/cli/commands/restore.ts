import { Command } from "commander";
import { systemClock } from "../../core/clock.ts";
import { loadConfig } from "../../daemon/config/load.ts";
import { createLogger } from "../../daemon/log.ts";
import { type RestoreReport, restoreBackup } from "../../daemon/store/restore.ts";
import { defaultConfigFile } from "../defaults.ts";
import { print } from "../output.ts";

interface RestoreFlags {
  readonly config: string;
  readonly json?: boolean;
  readonly replace?: boolean;
  readonly unverified?: boolean;
}

/** `lintel restore FILE`: while no daemon runs. */
export function restoreCommand(): Command {
  return new Command("restore")
    .description("Put a backup in the place of the database, while the daemon is stopped. The door starts in lockdown.")
    .argument("<file>", "what lintel backup has written")
    .option("--replace", "put the database that is there aside (lintel.db.before-restore)")
    .option("--unverified", "take a log whose chain or checkpoints cannot be verified")
    .option("--config <file>", "configuration of the daemon", defaultConfigFile)
    .option("--json", "print {people, head, lastEventAt, keysLeftOut, isInFleet, putAside}")
    .addHelpText(
      "after",
      "\nExample:\n  systemctl stop lintel; lintel restore --replace front.lintel; systemctl start lintel",
    )
    .action((file: string, { config, replace, unverified, ...options }: RestoreFlags) => {
      const { stateDirectory, gallery } = loadConfig(config, process.env);
      const credentialsDirectory = process.env.CREDENTIALS_DIRECTORY;
      const report = restoreBackup({
        place: { stateDirectory, keyFile: gallery.keyFile, credentialsDirectory },
        ...{ file, replace: replace === true, unverified: unverified === true },
        ...{ clock: systemClock, logger: createLogger("warn") },
      });
      print(options, report, () => reportText(report));
    });
}

// --- internal ---

function reportText({ people, head, lastEventAt, keysLeftOut, isInFleet, putAside }: RestoreReport): string {
  const lines = [
    `restored: ${people.length} people, events up to ${head.seq}${lastEventAt === null ? "" : ` (${lastEventAt})`}; nothing after that is known`,
    "the door starts in lockdown. Remove again whoever was removed since, then set the mode to normal:",
    ...people.map(({ id, name, enabled }) => `  ${id}  ${name}${enabled ? "" : "  (disabled)"}`),
  ];
  if (keysLeftOut.length > 0) {
    lines.push("keys for signed requests are left out; add those that still count with lintel keys add:");
    lines.push(...keysLeftOut.map(({ id, name, roles }) => `  ${name}  ${id}  ${roles.join(",")}`));
  }
  if (isInFleet) lines.push("nobody is let in before the door has caught up with the other doors of its fleet");
  if (putAside !== null) lines.push(`what was there lies in ${putAside} until the next removal of a person`);
  return lines.join("\n");
}
