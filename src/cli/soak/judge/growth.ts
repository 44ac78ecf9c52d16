/** Whether a process grows: its resident memory and its open files over one life. */

export interface VitalSample {
  /** The machine's own time, milliseconds. */
  readonly atMs: number;
  readonly residentMb: number;
  readonly files: number;
}

export interface GrowthVerdict {
  readonly livedS: number;
  readonly samples: number;
  /** Null: the life was too short to say anything. */
  readonly growth: {
    readonly residentFromMb: number;
    readonly residentToMb: number;
    /** Of the resident memory after warm-up, as a fraction. */
    readonly resident: number;
    readonly filesFrom: number;
    readonly filesTo: number;
  } | null;
  readonly breaches: readonly string[];
}

export interface GrowthRules {
  /** Shorter lives are not judged. */
  readonly leastLifeMs: number;
  /** Not looked at, from the start of the process. */
  readonly warmUpMs: number;
  /** Nor is what was before this moment: whatever happens in a day had not yet happened once. */
  readonly warmAtMs: number;
}

export const mostGrowth = 0.05;
/** Connections come and go. */
const mostMoreFiles = 2;

/**
 * Compares the first third after the warm-up with the last third, by the lower quartile of each: a heap that is collected
 * now and then goes up and down, and what counts is what it comes down to. Pure.
 */
export function judgeGrowth(
  samples: readonly VitalSample[],
  { leastLifeMs, warmUpMs, warmAtMs }: GrowthRules,
): GrowthVerdict {
  const [first, last] = [samples[0], samples.at(-1)];
  const livedMs = first && last ? last.atMs - first.atMs : 0;
  const about = { livedS: Math.round(livedMs / 1000), samples: samples.length };
  const fromMs = Math.max((first?.atMs ?? 0) + warmUpMs, warmAtMs);
  const warm = samples.filter(({ atMs }) => atMs >= fromMs);
  const third = Math.floor(warm.length / 3);
  if (livedMs < leastLifeMs || third < 5) return { ...about, growth: null, breaches: [] };
  const [early, late] = [warm.slice(0, third), warm.slice(-third)];
  const residentFromMb = lowerQuartile(early.map(({ residentMb }) => residentMb));
  const residentToMb = lowerQuartile(late.map(({ residentMb }) => residentMb));
  const filesFrom = lowerQuartile(early.map(({ files }) => files));
  const filesTo = lowerQuartile(late.map(({ files }) => files));
  const resident = residentToMb / residentFromMb - 1;
  const breaches: string[] = [];
  if (resident > mostGrowth) breaches.push(`resident memory grew by ${(100 * resident).toFixed(1)} %`);
  if (filesTo > filesFrom + mostMoreFiles) breaches.push(`open files grew from ${filesFrom} to ${filesTo}`);
  return { ...about, growth: { residentFromMb, residentToMb, resident, filesFrom, filesTo }, breaches };
}

// --- internal ---

function lowerQuartile(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor((sorted.length - 1) / 4)] ?? Number.NaN;
}
