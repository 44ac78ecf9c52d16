import type { Command } from "commander";
import { errorText, exitCode, LintelError } from "../../../core/errors.ts";
import { type ImportPerson, type ImportPicture, openPictures, type PictureSource } from "../../import/pictures.ts";
import { print, table } from "../../output.ts";
import { type AddAnswer, type NewPerson, type PhotoFile, sendPhotos } from "../../people-photos.ts";
import { type Progress, progressBar } from "../../progress.ts";
import { type ClientDeps, type ClientOptions, type RequestClient, subcommand, withClient } from "../with-client.ts";

/** Few enough that the bar moves and that others get their requests in between; one answer waits for all of them. */
const picturesPerRequest = 8;

interface ImportOptions extends ClientOptions {
  readonly consent?: string;
  readonly groups?: string;
}

type Refusals = AddAnswer["refused"];

/** One person of the import: `error` says why none of the pictures could be sent. */
interface ImportedPerson {
  readonly id: string;
  readonly name: string;
  readonly pictures: number;
  readonly templates: number;
  readonly refused: Refusals;
  readonly error: string | null;
}

interface ImportReport {
  readonly pictures: number;
  readonly taken: number;
  readonly people: readonly ImportedPerson[];
  readonly skipped: PictureSource["skipped"];
}

/** `lintel people import DIR|ZIP`: everybody in a folder of folders. Done again, it adds only what is new. */
export function importCommand(deps: ClientDeps): Command {
  return subcommand("import", "Enrol everybody in a folder or ZIP archive: one folder of pictures a person.")
    .argument("<dir|zip>", "'Dana Novak/1.jpg' and 'Dana Novak.jpg' enrol Dana Novak as dana-novak")
    .option("--consent <reference>", "number of the signed consent, for all of them")
    .option("--groups <names>", "groups of all of them, separated by commas")
    .addHelpText(
      "after",
      `
Each file that is not taken is named with its reason. An import that was broken off is simply done again: pictures that are
there already are known. The door goes on working meanwhile.

Examples:
  lintel people import ./staff --groups staff
  lintel people import staff.zip --consent 2031-117 --json > report.json`,
    )
    .action(async (path: string, options: ImportOptions) => {
      const source = await openPictures(path);
      try {
        const report = await withClient(deps, options, (client) => importAll(client, source, options));
        print(options, report, () => reportText(report));
        process.exitCode = report.taken > 0 ? exitCode.ok : exitCode.no;
      } finally {
        source.close();
      }
    });
}

// --- internal ---

async function importAll(client: RequestClient, source: PictureSource, options: ImportOptions): Promise<ImportReport> {
  const pictures = source.people.reduce((sum, person) => sum + person.pictures.length, 0);
  const bar = progressBar(pictures, "pictures");
  const people: ImportedPerson[] = [];
  try {
    for (const person of source.people) {
      people.push(await importPerson(client, { person, options, progress: bar }));
    }
  } finally {
    bar.stop();
  }
  const taken = people.reduce((sum, { pictures: all, refused, error }) => sum + (error ? 0 : all - refused.length), 0);
  return { pictures: pictures + source.skipped.length, taken, people, skipped: source.skipped };
}

/** What is wrong with one person (no consent, for example) does not end the import; a daemon that is gone does. */
async function importPerson(
  client: RequestClient,
  { person, options, progress }: { person: ImportPerson; options: ImportOptions; progress: Progress },
): Promise<ImportedPerson> {
  const { id, name, pictures } = person;
  const fields: NewPerson = {
    ...{ id, name },
    ...(options.consent === undefined ? {} : { consent: options.consent }),
    ...(options.groups === undefined ? {} : { groups: options.groups.split(",").map((group) => group.trim()) }),
  };
  const refused: Refusals = [];
  let templates = 0;
  let sent = 0;
  try {
    for (let start = 0; start < pictures.length; start += picturesPerRequest) {
      const slice = pictures.slice(start, start + picturesPerRequest);
      const { photos, unreadable } = await readAll(slice);
      refused.push(...unreadable);
      const answer = await sendPhotos(client, fields, photos);
      templates = Math.max(templates, answer.templates);
      refused.push(...answer.refused);
      progress.add(slice.length);
      sent += slice.length;
    }
  } catch (error) {
    if (!(error instanceof LintelError) || error.code !== "LINTEL_E_REQUEST") throw error;
    progress.add(pictures.length - sent);
    return { id, name, pictures: pictures.length, templates, refused, error: error.message };
  }
  return { id, name, pictures: pictures.length, templates, refused, error: null };
}

/** One broken file of an archive, or one that may not be read, costs itself alone. */
async function readAll(pictures: readonly ImportPicture[]): Promise<{ photos: PhotoFile[]; unreadable: Refusals }> {
  const photos: PhotoFile[] = [];
  const unreadable: Refusals = [];
  for (const picture of pictures) {
    try {
      photos.push({ file: picture.file, bytes: await picture.read() });
    } catch (error) {
      unreadable.push({ file: picture.file, reason: "unreadable", detail: `${errorText(error)}.` });
    }
  }
  return { photos, unreadable };
}

function reportText({ pictures, taken, people, skipped }: ImportReport): string {
  const enrolled = people.filter(({ templates }) => templates > 0).length;
  const files = [
    ...people.flatMap(({ refused }) => refused),
    ...people.flatMap(({ id, error }) => (error === null ? [] : [{ file: id, reason: "refused", detail: error }])),
    ...skipped,
  ];
  const head = `${taken} of ${pictures} pictures taken; ${enrolled} of ${people.length} people are enrolled`;
  if (files.length === 0) return head;
  return [head, table([["not taken", "reason", ""], ...files.map((one) => [one.file, one.reason, one.detail])])].join(
    "\n",
  );
}
