import { readFileSync } from "node:fs";
import { Command } from "commander";
import { z } from "zod";
import { LintelError } from "../../core/errors.ts";
import { loadConfig } from "../../daemon/config/load.ts";
import { type JoinRequest, joinRequest, openDoorKeys } from "../../daemon/fleet/door-keys.ts";
import { admit, makeRoster, newSite, revoke, type SiteFile } from "../../daemon/fleet/owner.ts";
import { defaultConfigFile } from "../defaults.ts";
import { print, table } from "../output.ts";
import { createOwnerFile, readOwnerFile, replaceOwnerFile } from "./fleet/owner-file.ts";
import { type ClientDeps, type ClientOptions, parse, subcommand, withClient } from "./with-client.ts";

/** `lintel fleet …`: doors of one site that know the same people. */
export function fleetCommand(deps: ClientDeps): Command {
  return new Command("fleet")
    .description("Doors of one site that know the same people: enrol at one, every door knows (docs/fleet.md).")
    .addCommand(initCommand())
    .addCommand(joinCommand())
    .addCommand(admitCommand())
    .addCommand(revokeCommand())
    .addCommand(rosterCommand(deps))
    .addCommand(statusCommand(deps))
    .addHelpText(
      "after",
      [
        "",
        "From nothing to two doors:",
        "  lintel fleet init hq --owner-file hq.owner                 once, on the owner's machine; prints fleet.owner",
        "  lintel fleet join --config front.yaml > front.join         on each door",
        "  lintel fleet admit --owner-file hq.owner front.join back.join > hq.roster",
        "  lintel fleet roster hq.roster                              on any one door; the others get it by the broker",
        "  lintel fleet status",
      ].join("\n"),
    );
}

// --- internal ---

function initCommand(): Command {
  return new Command("init")
    .description("Found a site: its owner's file (mode 0600) says which doors belong to it and never lies on a door.")
    .argument("<site>", "name of the site: letters, digits, _ and -")
    .requiredOption("--owner-file <file>", "where the owner's file goes; an existing one is left alone")
    .option("--json", "print one JSON document")
    .addHelpText("after", "\nExample:\n  lintel fleet init hq --owner-file hq.owner")
    .action((site: string, options: { ownerFile: string; json?: boolean }) => {
      if (!/^[a-zA-Z0-9_-]{1,64}$/.test(site)) {
        throw new LintelError("LINTEL_E_USAGE", `${JSON.stringify(site)} is no name for a site`, {
          hint: "letters, digits, _ and - only, at most 64",
        });
      }
      const file = newSite(site);
      createOwnerFile(options.ownerFile, file);
      process.stderr.write(`lintel: keep ${options.ownerFile} and a copy in a safe: without it no door can be added\n`);
      print(options, { site, owner: file.key.x, file: options.ownerFile }, () =>
        ["# into the configuration of each door:", "fleet:", `  site: ${site}`, `  owner: ${file.key.x}`].join("\n"),
      );
    });
}

function joinCommand(): Command {
  return new Command("join")
    .description(
      "Say who this door is, for its owner: standard output is the file for lintel fleet admit, without secrets.",
    )
    .option("--config <file>", "configuration of the door", defaultConfigFile)
    .addHelpText(
      "after",
      "\nRun it as the user of the daemon: it makes the door's keys if there are none.\n\n" +
        "Example:\n  sudo -u lintel lintel fleet join > front.join",
    )
    .action(({ config: configFile }: { config: string }) => {
      const config = loadConfig(configFile, process.env);
      const { stateDirectory, fleet, door } = config;
      const credentialsDirectory = process.env.CREDENTIALS_DIRECTORY;
      const keys = openDoorKeys({ stateDirectory, keyFile: fleet.keyFile, credentialsDirectory });
      if (keys.isNew) process.stderr.write(`lintel: the private keys of this door are in ${keys.file}\n`);
      const request: JoinRequest = { format: "lintel-fleet-join-1", id: door.id, ...keys.publicPart };
      process.stdout.write(`${JSON.stringify(request)}\n`);
    });
}

function admitCommand(): Command {
  return new Command("admit")
    .description("Take doors into the site: standard output is the new roster.")
    .argument("<join...>", "what lintel fleet join printed at each door")
    .requiredOption("--owner-file <file>", "the owner's file")
    .option("--read-only", "these doors know everybody; what is changed at them stays with them")
    .addHelpText("after", "\nExample:\n  lintel fleet admit --owner-file hq.owner front.join back.join > hq.roster")
    .action(async (files: string[], options: { ownerFile: string; readOnly?: boolean }) => {
      const joining = files.map(readJoinRequest);
      const before = readOwnerFile(options.ownerFile);
      await issue(options.ownerFile, admit(before, joining, { writes: options.readOnly !== true }));
    });
}

function revokeCommand(): Command {
  return new Command("revoke")
    .description(
      "Put a door out of the site: standard output is the new roster. The others change to a key it never gets.",
    )
    .argument("<door>", "its door.id")
    .requiredOption("--owner-file <file>", "the owner's file")
    .addHelpText(
      "after",
      "\nTake away its rights at the broker as well; docs/fleet.md says what a stolen door still knows.\n\n" +
        "Example:\n  lintel fleet revoke back --owner-file hq.owner > hq.roster",
    )
    .action((door: string, { ownerFile }: { ownerFile: string }) =>
      issue(ownerFile, revoke(readOwnerFile(ownerFile), door)),
    );
}

function rosterCommand(deps: ClientDeps): Command {
  return subcommand("roster", "Give the newest roster to this door, and by the broker to all others.")
    .argument("<file>", "what lintel fleet admit or revoke printed")
    .addHelpText("after", "\nExample:\n  lintel fleet roster hq.roster")
    .action(async (file: string, options: ClientOptions) => {
      const roster = readText(file);
      const answer = await withClient(deps, options, (client) => client.request("fleet/roster", { roster }));
      const taken = parse(rosterAnswer, answer);
      const doors = taken.isMember ? `doors: ${taken.doors.join(", ")}` : "this door is none of the site";
      print(options, taken, () => `roster ${taken.version}, ${doors}`);
      if (!taken.isMember) process.exitCode = 1;
    });
}

function statusCommand(deps: ClientDeps): Command {
  return subcommand("status", "How this door and the others stand; exit code 1 while this one has not caught up.")
    .addHelpText("after", "\nExample:\n  lintel fleet status\n  lintel fleet status --json | jq .removals")
    .action(async (options: ClientOptions) => {
      const answer = await withClient(deps, options, (client) => client.request("fleet/status", {}));
      const status = parse(statusAnswer, answer);
      print(options, answer, () => statusText(status));
      if (status.state !== "caught-up") process.exitCode = 1;
    });
}

const rosterAnswer = z.object({ version: z.int(), doors: z.array(z.string()), isMember: z.boolean() });
const statusAnswer = z.object({
  site: z.string(),
  door: z.string(),
  state: z.string(),
  isListTrusted: z.boolean(),
  roster: z.int(),
  people: z.int(),
  removed: z.int(),
  root: z.string(),
  provenAt: z.string().nullable(),
  waiting: z.int(),
  notAtBroker: z.int(),
  refused: z.record(z.string(), z.int()),
  doors: z.array(
    z.object({
      door: z.string(),
      writes: z.boolean(),
      saidAt: z.string().nullable(),
      standing: z.string(),
      people: z.int().nullable(),
      unconfirmed: z.int(),
    }),
  ),
  removals: z.array(z.object({ topic: z.string(), by: z.string(), waitingFor: z.array(z.string()) })),
});

/** What each state means for whoever looks. */
const stateTexts: Readonly<Record<string, string>> = {
  "caught-up": "has caught up",
  "no-roster": "has no roster yet: lintel fleet roster FILE",
  "no-member": "is no door of this site (any more)",
  "not-connected": "is not connected to the broker",
  settling: "is reading what the broker has kept",
  "no-manifest": "waits for another door to say what the site knows",
  behind: "lacks something that other doors know: nobody new is let in (is the broker's queue too short?)",
  "manifest-too-old": "has heard of no door that is up to date",
  "clock-unset": "waits for the time of day",
};

function statusText(status: z.output<typeof statusAnswer>): string {
  const { site, door, state, people, removed, waiting, notAtBroker, provenAt } = status;
  const refused = Object.entries(status.refused).map(([reason, n]) => `${n} ${reason}`);
  const rows = status.doors.map((other) => [
    ...[
      other.door,
      other.writes ? "writes" : "reads",
      other.standing,
      other.people === null ? "-" : String(other.people),
    ],
    ...[String(other.unconfirmed), other.saidAt ?? "never"],
  ]);
  return [
    `${door} of ${site} ${stateTexts[state] ?? state} (roster ${status.roster}, last whole: ${provenAt ?? "never"})`,
    ...(status.isListTrusted ? [] : ["its list is too old to be believed: nobody is let in"]),
    `${people} people, ${removed} removed, ${waiting} waiting, ${notAtBroker} not at the broker`,
    ...(refused.length > 0 ? [`not taken: ${refused.join(", ")}`] : []),
    table([["door", "may", "standing", "people", "removals to confirm", "last heard"], ...rows]),
  ].join("\n");
}

async function issue(file: string, changed: SiteFile): Promise<void> {
  const { file: next, roster } = await makeRoster(changed);
  replaceOwnerFile(file, next);
  process.stderr.write(`lintel: roster ${next.version}, doors: ${next.doors.map(({ id }) => id).join(", ")}\n`);
  process.stdout.write(`${roster}\n`);
}

function readJoinRequest(file: string): JoinRequest {
  try {
    return joinRequest.parse(JSON.parse(readText(file)));
  } catch (error) {
    if (error instanceof LintelError) throw error;
    throw new LintelError("LINTEL_E_UNREADABLE", `${file} is nothing that lintel fleet join printed`, {
      hint: "run lintel fleet join at the door and keep what it prints",
    });
  }
}

function readText(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch {
    throw new LintelError("LINTEL_E_UNREADABLE", `cannot read ${file}`, { hint: "name a file that you may read" });
  }
}
