import { lstatSync, readdirSync, readFileSync, statSync } from "node:fs";
import { basename, join, relative, sep } from "node:path";
import { errorText, LintelError } from "../../core/errors.ts";
import { maxPhotoBytes } from "../../vision/protocol.ts";
import { isPictureName, type NamedPerson, personOf } from "./person-of.ts";
import { openZip } from "./zip.ts";

/** A picture to import; its bytes are fetched when its turn comes. */
export interface ImportPicture {
  /** Path in the folder or archive. */
  readonly file: string;
  readonly sizeBytes: number;
  read(): Promise<Buffer>;
}

export interface ImportPerson extends NamedPerson {
  readonly pictures: readonly ImportPicture[];
}

export interface PictureSource {
  readonly people: readonly ImportPerson[];
  /** Pictures of which it is not clear who they show, or that are too large to be sent. */
  readonly skipped: readonly { readonly file: string; readonly reason: string; readonly detail: string }[];
  close(): void;
}

const maxPictures = 100_000;

/**
 * The pictures of a folder or a ZIP archive, by person and in the order of their names. Throws `LINTEL_E_UNREADABLE` (exit 2)
 * for what is neither.
 */
export async function openPictures(path: string): Promise<PictureSource> {
  let isDirectory: boolean;
  try {
    isDirectory = statSync(path).isDirectory();
  } catch (error) {
    throw new LintelError("LINTEL_E_UNREADABLE", `cannot read ${path}: ${errorText(error)}`, {
      hint: "name a folder with one folder of pictures a person, or a ZIP of such a folder",
      cause: error,
    });
  }
  if (isDirectory) return byPerson(path, picturesUnder(path), () => {});
  const archive = await openZip(path);
  const pictures = archive.pictures.filter(({ file }) => isOrdinary(file));
  return byPerson(path, withoutCommonFolder(pictures), archive.close);
}

// --- internal ---

/** What file managers leave behind: `.DS_Store`, `__MACOSX/…`, `._1.jpg`. */
function isOrdinary(file: string): boolean {
  return isPictureName(file) && !file.split("/").some((part) => part.startsWith(".") || part === "__MACOSX");
}

/** Links are not followed: what they point at was not handed over. */
function picturesUnder(root: string): ImportPicture[] {
  const pictures: ImportPicture[] = [];
  const folders = [root];
  for (let folder = folders.pop(); folder !== undefined; folder = folders.pop()) {
    for (const entry of readdirSync(folder, { withFileTypes: true })) {
      const full = join(folder, entry.name);
      const file = relative(root, full).split(sep).join("/");
      if (entry.isDirectory() && !entry.name.startsWith(".")) folders.push(full);
      else if (entry.isFile() && isOrdinary(file)) {
        pictures.push({ file, sizeBytes: lstatSync(full).size, read: async () => readFileSync(full) });
      }
    }
  }
  return pictures;
}

/** An archive of a folder holds everything below that folder's name: it is no person where it holds folders alone. */
function withoutCommonFolder(pictures: readonly ImportPicture[]): ImportPicture[] {
  const [first] = pictures;
  const top = first?.file.split("/")[0];
  const isWrapped = pictures.length > 0 && pictures.every(({ file }) => file.split("/").length > 2);
  if (!isWrapped || !pictures.every(({ file }) => file.startsWith(`${top}/`))) return [...pictures];
  return pictures.map((picture) => ({ ...picture, file: picture.file.slice(`${top}/`.length) }));
}

function byPerson(path: string, pictures: readonly ImportPicture[], close: () => void): PictureSource {
  if (pictures.length === 0 || pictures.length > maxPictures) {
    close();
    const what = pictures.length === 0 ? "no pictures" : `more than ${maxPictures} pictures`;
    throw new LintelError("LINTEL_E_UNREADABLE", `there are ${what} in ${basename(path)}`, {
      hint: "one folder a person, with JPEG, PNG or WebP files in it",
    });
  }
  const people = new Map<string, ImportPerson & { pictures: ImportPicture[] }>();
  const skipped: { file: string; reason: string; detail: string }[] = [];
  for (const picture of [...pictures].sort((a, b) => (a.file < b.file ? -1 : 1))) {
    const { file } = picture;
    const person = personOf(file);
    if (person === null) {
      skipped.push({ file, reason: "no-id", detail: "Name the folder with a-z or 0-9: the id is made of it." });
    } else if (picture.sizeBytes > maxPhotoBytes) {
      skipped.push({ file, reason: "too-large", detail: "The file is larger than 8 MiB: scale the picture down." });
    } else {
      const known = people.get(person.id) ?? { ...person, pictures: [] };
      known.pictures.push(picture);
      people.set(person.id, known);
    }
  }
  return { people: [...people.values()], skipped, close };
}
