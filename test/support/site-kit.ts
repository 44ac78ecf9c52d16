import { gaussian, type Random, seededRandom } from "../../src/core/random.ts";
import {
  type SiteDistances,
  type SiteTemplates,
  siteDistances,
} from "../../src/pipeline/calibration/site-distances.ts";
import { euclidean } from "../../src/pipeline/matching/matrix.ts";
import { movedBy } from "./face-vectors.ts";

/**
 * People whose faces scatter about one another as those of one population do: `apart` is the usual distance of two of them. Few
 * effective dimensions give the long tail towards look-alikes that real faces have.
 */
export function population(
  { people, templates = 3, apart = 0.68, scatter = 0.28 }: PopulationSettings,
  random: Random,
): Map<string, Float32Array[]> {
  const dimensions = 24;
  const found = new Map<string, Float32Array[]>();
  for (let person = 0; person < people; person++) {
    const face = new Float32Array(128);
    for (let i = 0; i < dimensions; i++) face[i] = (gaussian(random) * apart) / Math.sqrt(2 * dimensions);
    const pictures = Array.from({ length: templates }, () => movedBy(face, scatter / Math.SQRT2, random));
    found.set(`p${String(person).padStart(3, "0")}`, pictures);
  }
  return found;
}

export interface PopulationSettings {
  readonly people: number;
  readonly templates?: number;
  readonly apart?: number;
  /** Usual distance of two pictures of one person. */
  readonly scatter?: number;
}

export function siteOf(people: ReadonlyMap<string, readonly Float32Array[]>): SiteDistances {
  return finished({ people, distance: euclidean });
}

export function finished<Template>(site: SiteTemplates<Template>): SiteDistances {
  return siteDistances(site, seededRandom(1));
}
