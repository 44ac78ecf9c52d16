import { type Random, seededRandom } from "../core/random.ts";

/** A seed for one part of a scene, so that what one actor does never shifts the dice of another (FNV-1a, 32 bits). */
export function seedFor(seed: number, part: string): number {
  let hash = (0x811c9dc5 ^ seed) >>> 0;
  for (let i = 0; i < part.length; i++) hash = Math.imul(hash ^ part.charCodeAt(i), 0x01000193) >>> 0;
  return hash;
}

export function randomFor(seed: number, part: string): Random {
  return seededRandom(seedFor(seed, part));
}

/** An even draw between two numbers. */
export function between(random: Random, low: number, high: number): number {
  return low + (high - low) * random();
}

/** 0 before 0, 1 after 1, and smooth between them. */
export function ease(t: number): number {
  const x = Math.max(0, Math.min(1, t));
  return x * x * (3 - 2 * x);
}

/**
 * Slow, aimless movement between about -1 and 1: three sine waves whose periods share no common multiple. A pure function
 * of time once it is made.
 */
export function wander(random: Random, periodMs: number): (tMs: number) => number {
  const waves = [1, 0.618, 0.347].map((share, n) => ({
    amplitude: [0.55, 0.3, 0.15][n] ?? 0,
    omega: (2 * Math.PI) / (periodMs * share * between(random, 0.85, 1.15)),
    phase: between(random, 0, 2 * Math.PI),
  }));
  return (tMs) => waves.reduce((sum, wave) => sum + wave.amplitude * Math.sin(wave.omega * tMs + wave.phase), 0);
}
