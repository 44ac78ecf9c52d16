import { type Random, seededRandom } from "../../core/random.ts";
import type { RateAt, SetStatistics } from "../../pipeline/calibration/shipped-statistics.ts";

/** Rates worth shipping, from frequent to rare; a set gives those that at least three of its pairs stand behind. */
const impostorRates = [0.1, 0.03, 0.01, 0.003, 0.001, 0.0003, 0.0001, 0.00003];
const genuineRates = [0.5, 0.3, 0.2, 0.1, 0.05, 0.02, 0.01, 0.001];
const templates = 3;
const draws = 20;

/** The numbers by which a set of people is shipped to doors that know too few people to say anything themselves. */
export function setStatistics<Face>(
  name: string,
  people: readonly (readonly Face[])[],
  distance: (a: Face, b: Face) => number,
): SetStatistics {
  const impostor = sorted(looks(people, distance, "strangers"));
  const genuine = sorted(looks(people, distance, "themselves")).reverse();
  // Other draws of templates make no new pictures.
  const impostorLooks = impostor.length / draws;
  return {
    name,
    people: people.length,
    pictures: people.reduce((sum, files) => sum + files.length, 0),
    impostorLooks,
    impostor: impostorRates.filter((rate) => rate * impostorLooks >= 3).map((rate) => at(impostor, rate)),
    genuine: genuineRates.filter((rate) => rate * genuine.length >= 3).map((rate) => at(genuine, rate)),
  };
}

// --- internal ---

/** Looks at people of whom each is known by three pictures drawn at random: the distance to the nearest of the three. */
function* looks<Face>(
  people: readonly (readonly Face[])[],
  distance: (a: Face, b: Face) => number,
  whose: "strangers" | "themselves",
): Generator<number> {
  for (let seed = 1; seed <= draws; seed++) {
    const random = seededRandom(seed);
    const orders = people.map((files) => shuffled(files, random));
    for (const [i, order] of orders.entries()) {
      const known = order.slice(0, templates);
      for (const [j, others] of orders.entries()) {
        if ((i === j) !== (whose === "themselves")) continue;
        const probes = i === j ? order.slice(templates) : others;
        for (const probe of probes) yield Math.min(...known.map((one) => distance(probe, one)));
      }
    }
  }
}

function shuffled<T>(items: readonly T[], random: Random): T[] {
  const result = [...items];
  for (let i = result.length - 1; i > 0; i--) {
    const j = Math.floor(random() * (i + 1));
    [result[i], result[j]] = [result[j]!, result[i]!];
  }
  return result;
}

function sorted(distances: Iterable<number>): number[] {
  return [...Float64Array.from(distances).sort()];
}

/** The distance that this part of the distances reaches, from the front. */
function at(distances: readonly number[], rate: number): RateAt {
  return [rate, Number((distances[Math.floor(rate * distances.length)] ?? 0).toFixed(4))];
}
