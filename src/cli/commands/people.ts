import { Command } from "commander";
import { z } from "zod";
import { LintelError } from "../../core/errors.ts";
import { print, table } from "../output.ts";
import { adaptedCommand } from "./people/adapted.ts";
import { addCommand } from "./people/add.ts";
import { checkCommand } from "./people/check.ts";
import { enrollCommand } from "./people/enroll.ts";
import { importCommand } from "./people/import.ts";
import { exportCommand, removeCommand } from "./people/privacy.ts";
import { type ClientDeps, type ClientOptions, parse, subcommand, withClient } from "./with-client.ts";

const listedPerson = z.object({
  id: z.string(),
  name: z.string(),
  enabled: z.boolean(),
  templates: z.int(),
  groups: z.array(z.string()),
});
const shownPerson = listedPerson.extend({
  consent: z.string().nullable(),
  validFrom: z.string().nullable(),
  validUntil: z.string().nullable(),
  openSeconds: z.int().nullable(),
  createdAt: z.string(),
  updatedAt: z.string(),
});

/** `lintel people …`: enrol, show, change, remove and export people. */
export function peopleCommand(deps: ClientDeps): Command {
  return new Command("people")
    .description("Who the door knows: enrol, list, show, change, remove, import, export.")
    .addCommand(addCommand(deps))
    .addCommand(listCommand(deps))
    .addCommand(showCommand(deps))
    .addCommand(updateCommand(deps))
    .addCommand(checkCommand(deps))
    .addCommand(adaptedCommand(deps))
    .addCommand(removeCommand(deps))
    .addCommand(importCommand(deps))
    .addCommand(enrollCommand(deps))
    .addCommand(exportCommand(deps));
}

// --- internal ---

function listCommand(deps: ClientDeps): Command {
  return subcommand("list", "List everybody.").action(async (options: ClientOptions) => {
    const answer = await withClient(deps, options, (client) => client.request("people/list", {}));
    const { people } = parse(z.object({ people: z.array(listedPerson) }), answer);
    print(options, { people }, () =>
      table([
        ["id", "name", "enabled", "templates", "groups"],
        ...people.map((person) => [
          person.id,
          person.name,
          person.enabled ? "yes" : "no",
          String(person.templates),
          person.groups.join(","),
        ]),
      ]),
    );
  });
}

function showCommand(deps: ClientDeps): Command {
  return subcommand("show", "Show one person.")
    .argument("<id>")
    .action(async (id: string, options: ClientOptions) => {
      const answer = await withClient(deps, options, (client) => client.request("people/show", { id }));
      const person = parse(shownPerson, answer);
      print(options, person, () => personText(person));
    });
}

interface UpdateOptions extends ClientOptions {
  readonly name?: string;
  readonly enable?: boolean;
  readonly disable?: boolean;
  readonly groups?: string;
  readonly consent?: string;
  readonly validFrom?: string;
  readonly validUntil?: string;
  readonly openSeconds?: string;
  readonly greet?: string;
}

function updateCommand(deps: ClientDeps): Command {
  return subcommand("update", "Change what is given, keep the rest; 'none' clears.")
    .argument("<id>")
    .option("--name <name>", "the name to greet")
    .option("--enable", "let the person in again")
    .option("--disable", "let the person in no more, without forgetting them")
    .option("--groups <names>", "groups, separated by commas")
    .option("--consent <reference>", "number of the signed consent")
    .option("--valid-from <time>", "for example 2031-05-01T08:00:00Z")
    .option("--valid-until <time>", "for example 2031-06-01T00:00:00Z")
    .option("--open-seconds <n>", "the door's open time for this person, 1 to 255")
    .option("--greet <style>", "on the screens: name, first-name, none, or house (as for everybody)")
    .action(async (id: string, options: UpdateOptions) => {
      const changes = changesOf(options);
      const answer = await withClient(deps, options, (client) => client.request("people/update", { id, ...changes }));
      const person = parse(shownPerson, answer);
      print(options, person, () => personText(person));
    });
}

// --- internal: update ---

function changesOf(options: UpdateOptions): Record<string, unknown> {
  if (options.enable && options.disable) {
    throw new LintelError("LINTEL_E_USAGE", "--enable and --disable contradict each other", { hint: "give one" });
  }
  const changes = {
    name: options.name,
    enabled: options.enable ? true : options.disable ? false : undefined,
    groups: orNone(options.groups, commaSeparated) ?? (options.groups === undefined ? undefined : []),
    consent: orNone(options.consent, String),
    validFrom: orNone(options.validFrom, String),
    validUntil: orNone(options.validUntil, String),
    openSeconds: orNone(options.openSeconds, seconds),
    greet: options.greet === "house" ? null : options.greet,
  };
  const given = Object.fromEntries(Object.entries(changes).filter(([, value]) => value !== undefined));
  if (Object.keys(given).length > 0) return given;
  throw new LintelError("LINTEL_E_USAGE", "nothing to change was given", { hint: "lintel people update --help" });
}

/** `none` clears: null. Not given: undefined. */
function orNone<T>(text: string | undefined, read: (text: string) => T): T | null | undefined {
  if (text === undefined) return undefined;
  return text === "none" ? null : read(text);
}

function commaSeparated(text: string): string[] {
  return text
    .split(",")
    .map((name) => name.trim())
    .filter((name) => name !== "");
}

function seconds(text: string): number {
  if (/^\d{1,3}$/.test(text)) return Number(text);
  throw new LintelError("LINTEL_E_USAGE", "--open-seconds must be a whole number from 1 to 255", {
    hint: "or none, for the door's own time",
  });
}

function personText(person: z.output<typeof shownPerson>): string {
  const rows = Object.entries(person).map(([key, value]) => [
    key,
    value === null ? "-" : Array.isArray(value) ? value.join(", ") || "-" : String(value),
  ]);
  return table(rows);
}
