import { type Dirent, readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { errorText, LintelError } from "../../core/errors.ts";
import { type PictureSource, pictureFileName } from "./brief.ts";

/** A file of this name beside a picture says that the faces in it may be painted. */
export const faceAllowedEnding = ".face-allowed";

/** A picture in one of the folders. */
export interface FolderPicture extends PictureSource {
  readonly path: string;
  /** Somebody has allowed this file although it shows a face. */
  readonly isFaceAllowed: boolean;
}

/** A file that changed so recently may still be on its way here. */
const settleMs = 3000;

/**
 * The pictures of a folder, by name. Hidden files, other kinds of files and files that are still being written are left
 * out. Throws `LINTEL_E_STORAGE` for a folder that cannot be read.
 */
export function readPictureFolder(folder: string, now: Date): readonly FolderPicture[] {
  let entries: Dirent[];
  try {
    entries = readdirSync(folder, { withFileTypes: true });
  } catch (error) {
    throw new LintelError("LINTEL_E_STORAGE", `cannot read the pictures in ${folder}: ${errorText(error)}`, {
      hint: "make the folder and give the daemon's user the right to read it",
      cause: error,
    });
  }
  const names = new Set(entries.map(({ name }) => name));
  return entries
    .filter((entry) => entry.isFile() && pictureFileName.safeParse(entry.name).success)
    .flatMap(({ name }) => pictureAt(folder, name, now))
    .map((picture) => ({ ...picture, isFaceAllowed: names.has(`${picture.file}${faceAllowedEnding}`) }))
    .sort((p, q) => (p.file < q.file ? -1 : 1));
}

// --- internal ---

function pictureAt(folder: string, file: string, now: Date): Omit<FolderPicture, "isFaceAllowed">[] {
  const path = join(folder, file);
  const stat = statSync(path, { throwIfNoEntry: false });
  if (!stat || Math.abs(now.getTime() - stat.mtimeMs) < settleMs) return [];
  return [{ file, path, version: `${stat.size}-${Math.round(stat.mtimeMs)}` }];
}
