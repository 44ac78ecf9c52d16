import { readdir, readFile, stat } from "node:fs/promises";
import { basename, join, normalize } from "node:path";
import { LintelError } from "../../core/errors.ts";

/** Two files to compare, and whether they show one person. */
export interface LabelledPair {
  readonly first: string;
  readonly second: string;
  readonly isGenuine: boolean;
}

/** A folder of pictures of one person, files in the order of their names. */
export interface PersonFolder {
  readonly name: string;
  readonly files: readonly string[];
}

const answers: Readonly<Record<string, boolean>> = { yes: true, "1": true, no: false, "0": false };

/**
 * Reads `first file, second file, yes/no or 1/0` line by line; a first line without such an answer is the header. Throws
 * `LINTEL_E_UNREADABLE` with the line's number.
 */
export function parsePairs(text: string): LabelledPair[] {
  const pairs: LabelledPair[] = [];
  const lines = text.replace(/^\uFEFF/, "").split(/\r?\n/);
  let hasContent = false;
  for (const [index, line] of lines.entries()) {
    if (line.trim() === "") continue;
    const isFirst = !hasContent;
    hasContent = true;
    const [first = "", second = "", answer = "", ...rest] = parseCells(line);
    const isGenuine = answers[answer.toLowerCase()];
    if (isGenuine === undefined && isFirst) continue;
    if (isGenuine === undefined || first === "" || second === "" || rest.some((cell) => cell !== "")) {
      throw new LintelError(
        "LINTEL_E_UNREADABLE",
        `line ${index + 1} of the pairs is not "file,file,yes or no": ${line}`,
        {
          hint: "Each line names two files and ends with yes, no, 1 or 0; a header line is allowed.",
        },
      );
    }
    pairs.push({ first, second, isGenuine });
  }
  if (pairs.length === 0) throw new LintelError("LINTEL_E_UNREADABLE", "there are no pairs in the file");
  return pairs;
}

/** Cells of one line of CSV (RFC 4180): a cell in double quotes may hold commas, and a double quote written twice. */
function parseCells(line: string): string[] {
  const cells: string[] = [];
  for (const match of `,${line}`.matchAll(/,\s*(?:"((?:[^"]|"")*)"\s*|([^,]*))/g)) {
    cells.push((match[1]?.replaceAll('""', '"') ?? match[2] ?? "").trim());
  }
  return cells;
}

export async function readPairs(file: string): Promise<LabelledPair[]> {
  return parsePairs(await readText(file));
}

async function readText(file: string): Promise<string> {
  try {
    return (await readFile(file, "utf8")).replace(/^\uFEFF/, "");
  } catch (cause) {
    throw new LintelError("LINTEL_E_UNREADABLE", `${file} cannot be read`, { hint: "Is the name right?", cause });
  }
}

/** Throws `LINTEL_E_UNREADABLE` naming the first file that is not there, so that a wrong `--root` is not taken for bad pictures. */
export async function requireFiles(root: string, files: readonly string[]): Promise<void> {
  const missing: string[] = [];
  for (const file of files) if (!(await isFile(join(root, file)))) missing.push(file);
  if (missing.length === 0) return;
  throw new LintelError(
    "LINTEL_E_UNREADABLE",
    `${missing.length} of ${files.length} files are missing, first ${missing[0]}`,
    {
      hint: `Names are taken from ${root}; give the right folder with --root.`,
    },
  );
}

async function isFile(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isFile();
  } catch {
    return false;
  }
}

/** A set of photographs: people who were photographed alike. */
export interface PhotoSet {
  readonly name: string;
  readonly people: readonly PersonFolder[];
}

/**
 * A directory with one folder for each person, or with one folder for each set of them; in the order of their names. Hidden files are
 * left out; with `wanted` only the sets of these names are read. Throws `LINTEL_E_UNREADABLE` for fewer than two people.
 */
export async function readSets(directory: string, wanted?: readonly string[]): Promise<PhotoSet[]> {
  const people = wanted === undefined ? await readPeople(directory, "") : [];
  const sets: PhotoSet[] = [];
  if (people.length > 0) sets.push({ name: basename(directory), people });
  else {
    for (const name of wanted ?? (await visibleNames(directory, "directories"))) {
      const ofSet = await readPeople(directory, name);
      if (ofSet.length > 0) sets.push({ name, people: ofSet });
    }
  }
  if (sets.reduce((sum, set) => sum + set.people.length, 0) >= 2) return sets;
  throw new LintelError("LINTEL_E_UNREADABLE", `${directory} does not hold two people`, {
    hint: "Give a directory with one folder for each person and pictures in it, or with folders of such folders.",
  });
}

async function readPeople(root: string, set: string): Promise<PersonFolder[]> {
  const people: PersonFolder[] = [];
  for (const name of await visibleNames(join(root, set), "directories")) {
    const files = await visibleNames(join(root, set, name), "files");
    if (files.length > 0) people.push({ name: join(set, name), files: files.map((file) => join(set, name, file)) });
  }
  return people;
}

/**
 * Reads `person or file, group` line by line: who is compared within which group. Throws `LINTEL_E_UNREADABLE` with the line's number.
 */
export async function readGroups(file: string): Promise<ReadonlyMap<string, string>> {
  const groups = new Map<string, string>();
  for (const [index, line] of (await readText(file)).split(/\r?\n/).entries()) {
    if (line.trim() === "") continue;
    const [who = "", group = "", ...rest] = parseCells(line);
    if (who === "" || group === "" || rest.some((cell) => cell !== "")) {
      throw new LintelError("LINTEL_E_UNREADABLE", `line ${index + 1} of the groups is not "person,group": ${line}`, {
        hint: "Each line names a person's folder or a file, and a group.",
      });
    }
    groups.set(normalize(who), group);
  }
  return groups;
}

async function visibleNames(directory: string, kind: "files" | "directories"): Promise<string[]> {
  try {
    const entries = await readdir(directory, { withFileTypes: true });
    return entries
      .filter((entry) => !entry.name.startsWith(".") && (kind === "files" ? entry.isFile() : entry.isDirectory()))
      .map((entry) => entry.name)
      .sort();
  } catch (cause) {
    throw new LintelError("LINTEL_E_UNREADABLE", `${directory} cannot be read`, { hint: "Is the name right?", cause });
  }
}
