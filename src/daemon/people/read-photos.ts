import type { Photo, PhotoAnalyser, PhotoRefusal } from "../api.ts";
import { type Candidate, readPhoto } from "./photo-rules.ts";

/** Has every picture looked at, one after the other: those fit to become templates, and why the others are not. */
export async function readPhotos(
  photos: readonly Photo[],
  analyser: PhotoAnalyser,
): Promise<{ candidates: Candidate[]; refused: PhotoRefusal[] }> {
  const candidates: Candidate[] = [];
  const refused: PhotoRefusal[] = [];
  for (const { file, bytes } of photos) {
    const reading = readPhoto(file, await analyser.analyse(bytes, "enrolment"));
    if (reading.ok) candidates.push(reading.candidate);
    else refused.push(reading.refusal);
  }
  return { candidates, refused };
}
