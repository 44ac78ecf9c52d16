import type { SiteTemplates } from "../../pipeline/calibration/site-distances.ts";
import { distanceWithin } from "../../pipeline/matching/distance-within.ts";
import { fusedComparer } from "../../pipeline/matching/face-comparer.ts";
import type { FaceVectors } from "../../pipeline/matching/fusion.ts";
import { type TrainedModel, trainedComparer } from "../../pipeline/matching/trained.ts";

/** Everybody's templates in a form that another thread can be handed without a copy: one block of numbers. */
export interface PackedSite {
  /** Ids of people, and how many templates each has. */
  readonly people: readonly string[];
  readonly templates: readonly number[];
  /** For each template the lengths of its vectors: of the first embedder, of the second, of a trained model; 0 for none. */
  readonly lengths: Uint16Array<ArrayBuffer>;
  /** Template after template, vector after vector. */
  readonly vectors: Float32Array<ArrayBuffer>;
  /** With what faces are compared; null: with both embedders as they are. */
  readonly model: TrainedModel | null;
}

const vectorsPerTemplate = 3;

/** Copies in short turns: somebody removed meanwhile is in it or not, which the next calibration mends. */
export function* packSite(
  people: ReadonlyMap<string, readonly { readonly vectors: FaceVectors }[]>,
  model: TrainedModel | null,
): Generator<undefined, PackedSite> {
  const templates = [...people.values()].map((own) => own.length);
  const lengths = new Uint16Array(vectorsPerTemplate * templates.reduce((sum, own) => sum + own, 0));
  let part = 0;
  let numbers = 0;
  for (const own of people.values()) {
    for (const { vectors } of own) {
      for (const { length } of partsOf(vectors)) {
        lengths[part++] = length;
        numbers += length;
      }
    }
    yield;
  }
  const vectors = new Float32Array(numbers);
  let offset = 0;
  for (const own of people.values()) {
    for (const template of own) {
      for (const numbersOfPart of partsOf(template.vectors)) {
        vectors.set(numbersOfPart, offset);
        offset += numbersOfPart.length;
      }
    }
    yield;
  }
  return { people: [...people.keys()], templates, lengths, vectors, model };
}

/** The templates again; they are views of the block. */
export function unpackSite({ people, templates, lengths, vectors, model }: PackedSite): SiteTemplates<FaceVectors> {
  const comparer = model === null ? fusedComparer : trainedComparer(model);
  const unpacked = new Map<string, FaceVectors[]>();
  let template = 0;
  let offset = 0;
  const next = (length = 0): Float32Array => {
    offset += length;
    return vectors.subarray(offset - length, offset);
  };
  for (const [i, id] of people.entries()) {
    const own: FaceVectors[] = [];
    for (const end = template + (templates[i] ?? 0); template < end; template++) {
      const [first, second, third] = lengths.subarray(template * vectorsPerTemplate);
      const dlib = next(first);
      const faceres = second ? next(second) : null;
      own.push({ dlib, faceres, ...(third ? { learned: next(third) } : {}) });
    }
    unpacked.set(id, own);
  }
  return { people: unpacked, distance: (a, b, limit) => distanceWithin(comparer, [a, b], limit) };
}

// --- internal ---

const none = new Float32Array(0);

function partsOf({ dlib, faceres, learned }: FaceVectors): readonly Float32Array[] {
  return [dlib, faceres ?? none, learned ?? none];
}
