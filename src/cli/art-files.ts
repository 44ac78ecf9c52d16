import { rename, rm, writeFile } from "node:fs/promises";
import { encodePicture, type Picture } from "../art/picture.ts";
import { errorText, LintelError } from "../core/errors.ts";

/** Writes a picture as its name says; it appears whole or not at all. */
export async function writePicture(file: string, picture: Picture): Promise<void> {
  const bytes = await encodePicture(picture, file);
  const part = `${file}.part`;
  try {
    await writeFile(part, bytes);
    await rename(part, file);
  } catch (cause) {
    await rm(part, { force: true }).catch(() => undefined);
    throw new LintelError("LINTEL_E_STORAGE", `${file} cannot be written: ${errorText(cause)}`, {
      hint: "Name a file in a folder that is there and may be written to.",
      cause,
    });
  }
}
