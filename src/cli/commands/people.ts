import { readFileSync } from "node:fs";
import { basename } from "node:path";
import { Command } from "commander";
import { z } from "zod";
import { errorText, exitCode, LintelError } from "../../core/errors.ts";
import { maxPhotoBytes, photoProblem } from "../../vision/protocol.ts";
import { print, table } from "../output.ts";
import {
  type CommonOptions,
  type PeopleCommandDeps,
  parse,
  type RequestClient,
  subcommand,
  withClient,
} from "./people-common.ts";
import { exportCommand, removeCommand } from "./people-privacy.ts";

/** Bytes of pictures in one request: base64 makes a third more of them, and a request has at most 12 MB. */
const maxBatchBytes = 8.5 * 1024 * 1024;
const maxBatchPhotos = 32;

const addAnswer = z.object({
  id: z.string(),
  templates: z.int(),
  refused: z.array(z.object({ file: z.string(), reason: z.string(), detail: z.string() })),
});
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

export type { PeopleCommandDeps, RequestClient } from "./people-common.ts";

/** `lintel people …`: enrol, show, change, remove and export people. */
export function peopleCommand(deps: PeopleCommandDeps): Command {
  return new Command("people")
    .description("Who the door knows: enrol, list, show, change, remove, export.")
    .addCommand(addCommand(deps))
    .addCommand(listCommand(deps))
    .addCommand(showCommand(deps))
    .addCommand(updateCommand(deps))
    .addCommand(removeCommand(deps))
    .addCommand(exportCommand(deps));
}

// --- internal ---

function addCommand(deps: PeopleCommandDeps): Command {
  return subcommand("add", "Enrol a person from photographs, or add photographs to one. Pictures are not kept.")
    .argument("<id>", "short name of the person: a-z, 0-9, dot, underscore, hyphen")
    .argument("<photo...>", "pictures with one face each; several, from the door's own camera, are best")
    .requiredOption("--name <name>", "the name to greet")
    .option("--consent <reference>", "number of the signed consent")
    .addHelpText("after", "\nExample:\n  lintel people add dana --name 'Dana Novak' dana-1.jpg dana-2.jpg")
    .action(async (id: string, files: string[], options: CommonOptions & { name: string; consent?: string }) => {
      const photos = files.map(readPhotoFile);
      const fields = { id, name: options.name, ...(options.consent === undefined ? {} : { consent: options.consent }) };
      const result = await withClient(deps, options, (client) => sendPhotos(client, fields, photos));
      print(options, result, () => addText(result));
      process.exitCode = addExit(result, photos.length);
    });
}

function listCommand(deps: PeopleCommandDeps): Command {
  return subcommand("list", "List everybody.").action(async (options: CommonOptions) => {
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

function showCommand(deps: PeopleCommandDeps): Command {
  return subcommand("show", "Show one person.")
    .argument("<id>")
    .action(async (id: string, options: CommonOptions) => {
      const answer = await withClient(deps, options, (client) => client.request("people/show", { id }));
      const person = parse(shownPerson, answer);
      print(options, person, () => personText(person));
    });
}

interface UpdateOptions extends CommonOptions {
  readonly name?: string;
  readonly enable?: boolean;
  readonly disable?: boolean;
  readonly groups?: string;
  readonly consent?: string;
  readonly validFrom?: string;
  readonly validUntil?: string;
  readonly openSeconds?: string;
}

function updateCommand(deps: PeopleCommandDeps): Command {
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
    .action(async (id: string, options: UpdateOptions) => {
      const changes = changesOf(options);
      const answer = await withClient(deps, options, (client) => client.request("people/update", { id, ...changes }));
      const person = parse(shownPerson, answer);
      print(options, person, () => personText(person));
    });
}

// --- internal: add ---

interface PhotoFile {
  readonly file: string;
  readonly bytes: Buffer;
}

function readPhotoFile(path: string): PhotoFile {
  try {
    return { file: path, bytes: readFileSync(path) };
  } catch (error) {
    throw new LintelError("LINTEL_E_UNREADABLE", `cannot read ${path}: ${errorText(error)}`, {
      hint: "name a picture that is there and that you may read",
      cause: error,
    });
  }
}

type AddAnswer = z.output<typeof addAnswer>;

/** As many requests as the pictures need. Pictures that cannot be sent at all are refused here. */
async function sendPhotos(
  client: RequestClient,
  fields: { readonly id: string; readonly name: string },
  photos: readonly PhotoFile[],
): Promise<AddAnswer> {
  const refused: AddAnswer["refused"] = [];
  const sendable = photos.filter(({ file, bytes }) => {
    if (bytes.length === 0) refused.push({ file, reason: "empty", detail: "The file is empty." });
    else if (bytes.length > maxPhotoBytes) {
      refused.push({ file, reason: "too-large", detail: "The file is larger than 8 MiB: scale the picture down." });
    } else return true;
    return false;
  });
  let templates = 0;
  for (const batch of batches(sendable)) {
    // Refusals come back by the name sent; a number is unique and short where a path may be neither.
    const data = batch.map(({ bytes }, index) => ({ file: `${index}`, data: bytes.toString("base64") }));
    const answer = parse(addAnswer, await client.request("people/add", { ...fields, photos: data }));
    templates = answer.templates;
    for (const one of answer.refused) refused.push({ ...one, file: batch[Number(one.file)]?.file ?? one.file });
  }
  return { id: fields.id, templates, refused };
}

function batches(photos: readonly PhotoFile[]): PhotoFile[][] {
  const all: PhotoFile[][] = [];
  let current: PhotoFile[] = [];
  let currentBytes = 0;
  for (const photo of photos) {
    if (current.length > 0 && (currentBytes + photo.bytes.length > maxBatchBytes || current.length >= maxBatchPhotos)) {
      all.push(current);
      current = [];
      currentBytes = 0;
    }
    current.push(photo);
    currentBytes += photo.bytes.length;
  }
  return current.length > 0 ? [...all, current] : all;
}

/** Something was taken: ok. Nothing, and no file could even be read as a picture: unreadable. Else: a clean no. */
function addExit(result: AddAnswer, sent: number): number {
  if (result.refused.length < sent) return exitCode.ok;
  const isUnreadable = result.refused.every(({ reason }) => photoProblem.safeParse(reason).success);
  return isUnreadable ? exitCode.usage : exitCode.no;
}

function addText({ id, templates, refused }: AddAnswer): string {
  const head = templates === 0 ? `${id} was not enrolled` : `${id}: ${templates} templates`;
  return [head, ...refused.map(({ file, reason, detail }) => `  ${basename(file)}: ${reason}. ${detail}`)].join("\n");
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
