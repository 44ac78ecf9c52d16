import { LintelError } from "../../core/errors.ts";
import type { Identification } from "../../pipeline/matching/identify.ts";
import type { Embedding } from "../../pipeline/types.ts";
import { type PhotoFace, unpackEmbedding } from "../../vision/protocol.ts";
import type { IdentifiedFace, PhotoAnalyser } from "../api.ts";
import { firstEmbedder } from "./gallery.ts";

/** Who each face of an analysed photograph is. A face that was not fit to embed is nobody, with its reason. */
export function identifyFaces(
  answer: Awaited<ReturnType<PhotoAnalyser["analyse"]>>,
  recogniser: { identify(face: readonly Embedding[]): Identification },
): IdentifiedFace[] {
  if (answer.type === "photo-refused") {
    throw new LintelError("LINTEL_E_UNREADABLE", answer.detail, { hint: "send a JPEG, PNG or WebP picture" });
  }
  return answer.faces.map((face) => ({ box: face.box, ...identityOf(face, recogniser) }));
}

// --- internal ---

function identityOf(
  face: PhotoFace,
  recogniser: { identify(face: readonly Embedding[]): Identification },
): Omit<IdentifiedFace, "box"> {
  if (!face.embeddings.some(({ embedder }) => embedder === firstEmbedder)) {
    return { person: null, distance: null, runnerUp: null, reason: face.reasons[0] ?? "not-a-face" };
  }
  return recogniser.identify(face.embeddings.map(unpackEmbedding));
}
