import type { Random } from "../../core/random.ts";
import { fusedComparer } from "../../pipeline/matching/face-comparer.ts";
import type { FaceVectors } from "../../pipeline/matching/fusion.ts";
import { euclidean } from "../../pipeline/matching/matrix.ts";
import { monotoneMap } from "../../pipeline/matching/monotone-map.ts";
import { learnedDistance, type TrainedModel, trainedComparer } from "../../pipeline/matching/trained.ts";
import { folds } from "./batches.ts";
import type { ComparedPair } from "./pair-rates.ts";
import type { Samples } from "./samples.ts";
import { type ImpostorPair, scaleKnots } from "./scale.ts";

/** A picture of somebody: 0, 1, 2 ... for the people. */
export interface LabelledFace {
  readonly person: number;
  readonly vectors: FaceVectors;
  /** Further vectors of the same picture, altered: trained on, never measured. */
  readonly variants: readonly Float32Array[];
}

/** Trains on samples; what it gives still lacks its scale. Null when it was broken off. */
export type Train = (samples: Samples) => Promise<TrainedModel | null>;

export interface CrossValidation {
  /** Pairs of people whom the model that compares them has never seen, as the door would compare them. */
  readonly pairs: readonly ComparedPair[];
  /** The first embedder and the trained model alone, without the second embedder. */
  readonly alone: readonly ComparedPair[];
  readonly impostors: readonly ImpostorPair[];
}

/**
 * K models, each tried on the people who were left out of its training (by person: pictures of one person are never on both sides).
 * Null when a training was broken off.
 */
export async function crossValidate(
  faces: readonly LabelledFace[],
  { k, random, train }: { k: number; random: Random; train: Train },
): Promise<CrossValidation | null> {
  const people = 1 + faces.reduce((most, { person }) => Math.max(most, person), -1);
  const all: { pairs: ComparedPair[]; alone: ComparedPair[]; impostors: ImpostorPair[] } = {
    ...{ pairs: [], alone: [], impostors: [] },
  };
  for (const held of folds(people, k, random)) {
    const isHeld = new Set(held);
    const model = await train(samplesOf(faces.filter(({ person }) => !isHeld.has(person))));
    if (model === null) return null;
    const tried = tryOn(
      model,
      faces.filter(({ person }) => isHeld.has(person)),
    );
    for (const pair of tried.pairs) all.pairs.push(pair);
    for (const pair of tried.alone) all.alone.push(pair);
    for (const pair of tried.impostors) all.impostors.push(pair);
  }
  return all;
}

/** How a model that has not seen these people compares them; its scale comes from their impostor pairs. */
export function tryOn(model: TrainedModel, faces: readonly LabelledFace[]): CrossValidation {
  const learned = learnedDistance(model);
  const prepared = faces.map(({ vectors }) => learned.prepare(vectors.dlib));
  const raw = eachPair(faces, (i, j) => ({
    learned: learned.distance(prepared[i]!, prepared[j]!),
    first: euclidean(faces[i]!.vectors.dlib, faces[j]!.vectors.dlib),
  }));
  const impostors = raw.filter(({ people: [a, b] }) => a !== b).map(({ value }) => value);
  const knots = scaleKnots(impostors);
  const toFirstScale = monotoneMap(knots);
  const comparer = trainedComparer({ ...model, knots });
  const full = faces.map(({ vectors }, i): FaceVectors => ({ ...vectors, learned: prepared[i]! }));
  const pairs = eachPair(faces, (i, j) => ({
    before: fusedComparer.distance(full[i]!, full[j]!),
    after: comparer.distance(full[i]!, full[j]!),
  })).map(({ people, value }) => ({ people, ...value }));
  const alone = raw.map(({ people, value }) => ({ people, before: value.first, after: toFirstScale(value.learned) }));
  return { pairs, alone, impostors };
}

/** Everything that may be trained on, the altered pictures too. */
export function samplesOf(faces: readonly LabelledFace[]): Samples {
  const vectors = faces.flatMap(({ vectors: { dlib }, variants }) => [dlib, ...variants]);
  const people = [...new Set(faces.map(({ person }) => person))];
  const dimension = vectors[0]?.length ?? 0;
  const rows = new Float32Array(vectors.length * dimension);
  vectors.forEach((vector, i) => {
    rows.set(vector, i * dimension);
  });
  const labels = faces.flatMap(({ person, variants }) => [person, ...variants.map(() => person)]);
  return { rows, dimension, labels: labels.map((person) => people.indexOf(person)) };
}

// --- internal ---

function eachPair<Value>(
  faces: readonly LabelledFace[],
  compare: (i: number, j: number) => Value,
): { people: readonly [number, number]; value: Value }[] {
  const pairs: { people: readonly [number, number]; value: Value }[] = [];
  for (let i = 0; i < faces.length; i++) {
    for (let j = 0; j < i; j++) {
      pairs.push({ people: [faces[i]!.person, faces[j]!.person], value: compare(i, j) });
    }
  }
  return pairs;
}
