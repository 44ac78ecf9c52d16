import { LintelError } from "../../core/errors.ts";
import { vectorLength } from "../../pipeline/embed.ts";
import { euclidean } from "../../pipeline/matching/matrix.ts";
import { verificationThreshold } from "../../pipeline/matching/threshold.ts";
import type { Embedding } from "../../pipeline/types.ts";
import { unpackVector } from "../../vision/protocol.ts";
import type { PhotoAnalyser, PhotoRefusal } from "../api.ts";
import type { TemplateQuality } from "../store/people-store.ts";
import { refusal } from "./refusals.ts";

/** Which pictures become templates of a person. Pure; distances are those of the dlib embedder. */

export const maxTemplatesPerPerson = 10;
const maxPhotosPerAdd = 50;

/**
 * Nearer to somebody else than this and the picture is theirs. Stricter than any threshold at the door, so that siblings can
 * be enrolled: of 150 k pairs of different people of one population none was nearer than 0.375. Pictures further off that
 * show the same face as such a picture are caught with it.
 */
export const alreadyEnrolledDistance = 0.35;
/** Further than this from all of the person's pictures and it is somebody else's (FMR 1e-2, FNMR 1 % a pair). */
export const samePersonDistance = 0.541;
/** Nearer than this only the same picture comes, saved again: 5 of 5,926 pairs of one person's pictures were nearer. */
export const samePictureDistance = 0.06;

/** A picture with exactly one face that is fit to embed. */
export interface Candidate {
  readonly file: string;
  readonly vector: Float32Array;
  readonly embeddings: readonly Embedding[];
  readonly quality: TemplateQuality;
}

export type PhotoReading =
  | { readonly ok: true; readonly candidate: Candidate }
  | { readonly ok: false; readonly refusal: PhotoRefusal };

/** Throws `LINTEL_E_REQUEST` for more pictures than one request may bring, or none of somebody new. */
export function checkPhotoCount(count: number, isKnown: boolean): void {
  if (count > maxPhotosPerAdd) {
    throw new LintelError("LINTEL_E_REQUEST", `${count} pictures are more than ${maxPhotosPerAdd}`, {
      hint: "send the best ten",
    });
  }
  if (!isKnown && count === 0) {
    throw new LintelError("LINTEL_E_REQUEST", "a new person needs at least one picture", {
      hint: "send a picture of the face, from the front, well lit",
    });
  }
}

/** Judges the picture by itself: one face, fit to embed, with vectors of the right kind. */
export function readPhoto(file: string, answer: Awaited<ReturnType<PhotoAnalyser["analyse"]>>): PhotoReading {
  const refuse = (...reason: [Parameters<typeof refusal>[1], string?]): PhotoReading => ({
    ok: false,
    refusal: refusal(file, ...reason),
  });
  if (answer.type === "photo-refused") return refuse(answer.problem);
  const [face, ...others] = answer.faces;
  if (!face) return refuse("no-face");
  if (others.length > 0) return refuse("several-faces");
  const reason = face.reasons[0];
  if (reason !== undefined) return refuse(reason);
  const embeddings = readEmbeddings(face.embeddings);
  const vector = embeddings?.find(({ embedder }) => embedder === "dlib")?.vector;
  if (!embeddings || !vector) return refuse("corrupt", "The picture could not be measured: send it again.");
  const { faceWidthPx, sharpness, brightness, pose } = face;
  const { yawDeg, pitchDeg, rollDeg } = pose;
  const quality = { faceWidthPx, sharpness, brightness, yawDeg, pitchDeg, rollDeg };
  return { ok: true, candidate: { file, vector, embeddings, quality } };
}

export interface SelectionContext {
  /** The dlib vectors the person has already. */
  readonly own: readonly Float32Array[];
  /** Templates the person has already, whatever their vectors. */
  readonly templates: number;
  /** The nearest template of anybody else, or null. */
  nearestOther(vector: Float32Array): { readonly personId: string; readonly distance: number } | null;
}

export interface Selection {
  readonly accepted: readonly Candidate[];
  readonly refused: readonly PhotoRefusal[];
}

/** Judges pictures against the person they are said to show, against everybody else, and against each other. */
export function selectPhotos(candidates: readonly Candidate[], context: SelectionContext): Selection {
  const refused: PhotoRefusal[] = [];
  const accepted: Candidate[] = [];
  const mine = withoutForeign(candidates, context, refused);
  for (const candidate of anchorFirst(mine, context.own)) {
    const known = [...context.own, ...accepted.map(({ vector }) => vector)];
    const distance = nearest(candidate.vector, known);
    if (distance < samePictureDistance) refused.push(refusal(candidate.file, "same-picture"));
    else if (known.length > 0 && distance > samePersonDistance) {
      refused.push(refusal(candidate.file, "does-not-match-person"));
    } else if (context.templates + accepted.length >= maxTemplatesPerPerson) {
      refused.push(refusal(candidate.file, "enough-templates"));
    } else accepted.push(candidate);
  }
  return { accepted, refused };
}

// --- internal ---

function readEmbeddings(
  packed: readonly { embedder: Embedding["embedder"]; vector: string }[],
): Embedding[] | undefined {
  const embeddings: Embedding[] = [];
  for (const { embedder, vector: text } of packed) {
    let vector: Float32Array;
    try {
      vector = unpackVector(text);
    } catch {
      return undefined;
    }
    const isRepeated = embeddings.some((other) => other.embedder === embedder);
    if (isRepeated || vector.length !== vectorLength(embedder)) return undefined;
    embeddings.push({ embedder, vector });
  }
  return embeddings;
}

function nearest(vector: Float32Array, others: readonly Float32Array[]): number {
  return Math.min(...others.map((other) => euclidean(vector, other)));
}

/**
 * Takes out the pictures that show somebody enrolled under another id: those very near to that person, and those that show
 * the same face as such a picture of this batch (one good and one poor picture of somebody do not make a second person).
 */
function withoutForeign(
  candidates: readonly Candidate[],
  context: SelectionContext,
  refused: PhotoRefusal[],
): Candidate[] {
  const foreign = candidates.flatMap((candidate) => {
    const other = context.nearestOther(candidate.vector);
    return other !== null && other.distance < alreadyEnrolledDistance ? [{ candidate, id: other.personId }] : [];
  });
  return candidates.filter((candidate) => {
    const owner = foreign.find(
      (other) =>
        other.candidate === candidate || euclidean(other.candidate.vector, candidate.vector) < verificationThreshold,
    );
    if (!owner) return true;
    refused.push(refusal(candidate.file, "already-enrolled", `This face is already enrolled as ${owner.id}.`));
    return false;
  });
}

/** For somebody new the picture that agrees with most others leads, so that one wrong picture cannot shut out the right. */
function anchorFirst(candidates: readonly Candidate[], own: readonly Float32Array[]): readonly Candidate[] {
  if (own.length > 0 || candidates.length < 3) return candidates;
  const agreeing = (one: Candidate) =>
    candidates.filter(({ vector }) => euclidean(one.vector, vector) <= samePersonDistance).length;
  const anchor = candidates.reduce((best, next) => (agreeing(next) > agreeing(best) ? next : best));
  return [anchor, ...candidates.filter((candidate) => candidate !== anchor)];
}
