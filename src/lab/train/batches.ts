import type { Random } from "../../core/random.ts";

/** A batch of so many people with so many pictures each: a triplet needs two pictures of one person and one of another. */
export interface BatchShape {
  readonly people: number;
  readonly pictures: number;
}

/** Draws places of samples: people without replacement, their pictures too as far as there are enough. */
export function drawBatch(byPerson: readonly (readonly number[])[], shape: BatchShape, random: Random): number[] {
  const usable = byPerson.filter((own) => own.length >= 2);
  const batch: number[] = [];
  for (const own of shuffled(usable, random).slice(0, shape.people)) {
    batch.push(...shuffled(own, random).slice(0, shape.pictures));
  }
  return batch;
}

/** Fisher and Yates. */
export function shuffled<Item>(items: readonly Item[], random: Random): Item[] {
  const result = [...items];
  for (let i = result.length - 1; i > 0; i--) {
    const j = Math.floor(random() * (i + 1));
    [result[i], result[j]] = [result[j]!, result[i]!];
  }
  return result;
}

/** Places of the samples of each label. */
export function placesByLabel(labels: readonly number[]): number[][] {
  const places: number[][] = [];
  for (const [place, label] of labels.entries()) {
    places[label] ??= [];
    places[label].push(place);
  }
  return places.filter((own) => own !== undefined);
}

/** K parts of about equal size, by chance: nobody is in two of them. */
export function folds(people: number, k: number, random: Random): number[][] {
  const order = shuffled(
    Array.from({ length: people }, (_, i) => i),
    random,
  );
  return Array.from({ length: k }, (_, fold) => order.filter((_, i) => i % k === fold));
}
