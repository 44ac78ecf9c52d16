import type { ErrorCurve, ScoredPair } from "../metrics.ts";
import type { OpenSetResult } from "../open-set.ts";
import type { Axis, Chart, Series } from "./chart.ts";

/** What a curve is drawn from. */
export interface NamedCurve {
  readonly name: string;
  readonly curve: ErrorCurve;
  readonly impostor: number;
}

const decades = (from: number): number[] =>
  Array.from({ length: 1 - Math.round(Math.log10(from)) }, (_, i) => Number((from * 10 ** i).toPrecision(1)));

/** 0.1 %, 1 %, 10 %, 100 %: people read percent, not exponents. */
const percent = (value: number): string => `${Number((value * 100).toPrecision(3))} %`;

function rateAxis(title: string, from: number): Axis {
  return { title, kind: "log", from, to: 1, ticks: decades(from), format: percent };
}

/** Detection error trade-off (Martin et al. 1997) on logarithmic axes: both errors are rare, and both matter. */
export function detChart(curves: readonly NamedCurve[]): Chart {
  return {
    title: "Detection error trade-off: false non-match rate over false match rate",
    x: rateAxis("false match rate (strangers taken for one)", leastFmr(curves)),
    y: rateAxis("false non-match rate (refused)", 1e-3),
    series: curves.map(({ name, curve, impostor }) => ({
      name,
      points: thin(curve.points.filter(({ fmr }) => fmr >= 1 / impostor).map(({ fmr, fnmr }) => [fmr, fnmr] as const)),
    })),
  };
}

export function rocChart(curves: readonly NamedCurve[]): Chart {
  const ticks = [0, 0.2, 0.4, 0.6, 0.8, 1];
  return {
    title: "Receiver operating characteristic: true match rate over false match rate",
    x: rateAxis("false match rate", leastFmr(curves)),
    y: { title: "true match rate (let in)", kind: "linear", from: 0, to: 1, ticks, format: percent },
    series: curves.map(({ name, curve, impostor }) => ({
      name,
      points: thin(
        curve.points.filter(({ fmr }) => fmr >= 1 / impostor).map(({ fmr, fnmr }) => [fmr, 1 - fnmr] as const),
      ),
    })),
  };
}

/** How the distances of both kinds of pairs lie, each kind by itself: where they overlap, errors are unavoidable. */
export function distanceChart(pairs: readonly ScoredPair[], threshold: number): Chart {
  const finite = pairs.filter(({ distance }) => Number.isFinite(distance));
  const most = finite.reduce((largest, { distance }) => Math.max(largest, distance), 0);
  const to = Math.max(0.1, Math.ceil(most * 10) / 10);
  const series = [true, false].map((isGenuine): Series => {
    const points = density(
      finite.filter((pair) => pair.isGenuine === isGenuine),
      to,
    );
    return { name: isGenuine ? "one person" : "two people", points, isArea: true };
  });
  const top = Math.max(...series.flatMap(({ points }) => points.map(([, y]) => y)), 1e-6);
  const step = to > 1.2 ? 0.4 : 0.2;
  const ticks = Array.from({ length: Math.floor(to / step + 1e-9) + 1 }, (_, i) => i * step);
  return {
    title: "Distances of pairs of one person and of two people",
    x: { title: "distance", kind: "linear", from: 0, to, ticks, format: (value) => value.toFixed(1) },
    y: { title: "part of the pairs", kind: "linear", from: 0, to: top * 1.08, ticks: [], format: percent },
    series,
    marks: [{ x: threshold, label: `fewest errors ${threshold.toFixed(3)}` }],
  };
}

/** What strictness costs: how many enrolled people are refused for each target, a line for each set. */
export function priceChart(openSets: readonly (OpenSetResult & { readonly name: string })[]): Chart {
  return {
    title: "Refusals of enrolled people over the target for strangers",
    x: rateAxis("target: strangers accepted (FPIR)", 1e-4),
    y: rateAxis("enrolled refused, single looks (FNIR)", 1e-3),
    series: openSets.map(({ name, rows }) => ({
      name,
      points: rows.map(({ targetFpir, fnir }) => [targetFpir, fnir] as const),
    })),
  };
}

// --- internal ---

const bars = 90;

function density(pairs: readonly ScoredPair[], to: number): [number, number][] {
  const counts = new Float64Array(bars);
  for (const { distance } of pairs) {
    const bar = Math.min(bars - 1, Math.floor((distance / to) * bars));
    counts[bar] = counts[bar]! + 1;
  }
  return Array.from(counts, (count, i) => [((i + 0.5) / bars) * to, count / Math.max(1, pairs.length)]);
}

/** A decade below which no curve has anything to say. */
function leastFmr(curves: readonly NamedCurve[]): number {
  const most = curves.reduce((largest, { impostor }) => Math.max(largest, impostor), 10);
  return 10 ** -Math.min(6, Math.max(1, Math.ceil(Math.log10(most))));
}

/** As many points as a screen can show: the first of each run that would fall on one pixel. */
function thin(points: readonly (readonly [number, number])[]): (readonly [number, number])[] {
  const kept: (readonly [number, number])[] = [];
  for (const point of points) {
    const last = kept.at(-1);
    const isNear =
      last !== undefined &&
      Math.abs(Math.log10(point[0] / last[0])) < 0.004 &&
      Math.abs(point[1] - last[1]) < 0.0015 &&
      Math.abs(Math.log10((point[1] + 1e-4) / (last[1] + 1e-4))) < 0.01;
    if (!isNear) kept.push(point);
  }
  const end = points.at(-1);
  if (end !== undefined && kept.at(-1) !== end) kept.push(end);
  return kept;
}
