import { basename } from "node:path";
import { buffer } from "node:stream/consumers";
import { type Entry, openPromise, type ZipFile } from "yauzl";
import { errorText, LintelError } from "../../core/errors.ts";
import type { ImportPicture } from "./pictures.ts";

/**
 * The files of a ZIP archive, without unpacking anything to disk. Names that climb out of the archive, and sizes that do not
 * hold, are refused by yauzl itself. Throws `LINTEL_E_UNREADABLE`.
 */
export async function openZip(path: string): Promise<{ readonly pictures: ImportPicture[]; close(): void }> {
  const pictures: ImportPicture[] = [];
  let archive: ZipFile | undefined;
  try {
    archive = await openPromise(path, { autoClose: false });
    for await (const entry of archive.eachEntry()) pictures.push(...pictureOf(archive, entry));
  } catch (error) {
    archive?.close();
    throw new LintelError(
      "LINTEL_E_UNREADABLE",
      `${basename(path)} is no ZIP archive that can be read: ${errorText(error)}`,
      {
        hint: "pack the folder again, or name the folder itself",
        cause: error,
      },
    );
  }
  const opened = archive;
  return { pictures, close: () => opened.close() };
}

// --- internal ---

function pictureOf(archive: ZipFile, entry: Entry): ImportPicture[] {
  const file = entry.fileName;
  if (file.endsWith("/")) return [];
  return [
    {
      file,
      sizeBytes: entry.uncompressedSize,
      read: async () => buffer(await archive.openReadStreamPromise(entry)),
    },
  ];
}
