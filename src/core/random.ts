/** A source of numbers in [0, 1). Injected wherever chance plays a part, so that a seed gives the same run again. */
export type Random = () => number;

/** A seeded source whose place in its sequence can be written down, and gone back to: the same numbers follow. */
export interface SeededRandom {
  (): number;
  place(): number;
  goTo(place: number): void;
}

/** Mulberry32 (T. Ettinger, public domain): 32 bits of state, good enough for simulation and tests, not for secrets. */
export function seededRandom(seed: number): SeededRandom {
  let state = seed >>> 0;
  const draw = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
  const goTo = (place: number): void => {
    state = place >>> 0;
  };
  return Object.assign(draw, { place: () => state, goTo });
}

/** From the system's source for secrets, 32 bits a draw: nobody can guess the next. */
export const unguessable: Random = () => crypto.getRandomValues(new Uint32Array(1))[0]! / 4294967296;

/** One draw from the standard normal distribution (Box and Muller, 1958). */
export function gaussian(random: Random): number {
  const u = 1 - random();
  return Math.sqrt(-2 * Math.log(u)) * Math.cos(2 * Math.PI * random());
}

/** Time to the next event of a Poisson process, in the unit of 1/rate. */
export function exponential(random: Random, rate: number): number {
  return -Math.log(1 - random()) / rate;
}
