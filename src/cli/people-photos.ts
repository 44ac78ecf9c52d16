import { readFileSync } from "node:fs";
import { z } from "zod";
import { errorText, LintelError } from "../core/errors.ts";
import { maxPhotoBytes } from "../vision/protocol.ts";
import { parse, type RequestClient } from "./commands/with-client.ts";

/** Photographs on their way to `people/add`, in as many requests as they need. */

/** Bytes of pictures in one request: base64 makes a third more of them, and a request has at most 12 MB. */
const maxBatchBytes = 8.5 * 1024 * 1024;
const maxBatchPhotos = 32;

const addAnswer = z.object({
  id: z.string(),
  templates: z.int(),
  refused: z.array(z.object({ file: z.string(), reason: z.string(), detail: z.string() })),
});

/** How many templates the person has now, and which files were not taken, by the names they were given under. */
export type AddAnswer = z.output<typeof addAnswer>;

export interface PhotoFile {
  readonly file: string;
  readonly bytes: Buffer;
}

export interface NewPerson {
  readonly id: string;
  readonly name: string;
  readonly consent?: string;
  readonly groups?: readonly string[];
}

/** Throws `LINTEL_E_UNREADABLE` (exit 2). */
export function readPhotoFile(path: string): PhotoFile {
  try {
    return { file: path, bytes: readFileSync(path) };
  } catch (error) {
    throw new LintelError("LINTEL_E_UNREADABLE", `cannot read ${path}: ${errorText(error)}`, {
      hint: "name a picture that is there and that you may read",
      cause: error,
    });
  }
}

/** Pictures that cannot be sent at all are refused here, the others by the daemon. */
export async function sendPhotos(
  client: RequestClient,
  person: NewPerson,
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
    const answer = parse(addAnswer, await client.request("people/add", { ...person, photos: data }));
    templates = answer.templates;
    for (const one of answer.refused) refused.push({ ...one, file: batch[Number(one.file)]?.file ?? one.file });
  }
  return { id: person.id, templates, refused };
}

// --- internal ---

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
