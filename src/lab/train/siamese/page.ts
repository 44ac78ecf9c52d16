import { type Axis, type Chart, chartSvg, escapeHtml, legendHtml, type Series } from "../../evaluate/html/chart.ts";
import { style } from "../../evaluate/html/style.ts";
import { tableHtml } from "../../evaluate/html/tables.ts";
import type { Interval } from "../../evaluate/intervals.ts";
import { minings } from "../mining.ts";
import type { Demonstration, Outcome, TrainedRun } from "./demonstration.ts";
import type { Difference } from "./rates.ts";

/** The demonstration as one page that needs nothing else: loss curves, how many triplets still taught something, and what came of it. */
export function demonstrationPage(found: Demonstration, { subject, date }: { subject: string; date: Date }): string {
  const { people, pictures, folds, runs, outcomes } = found;
  const charts = [lossChart(runs), activeChart(runs)].map(
    (chart) => `<figure><h3>${escapeHtml(chart.title)}</h3>${legendHtml(chart.series)}${chartSvg(chart)}</figure>`,
  );
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>A Siamese network learns faces</title><style>${style}${narrow}</style></head><body><main>
<h1>A Siamese network learns faces</h1>
<p class="soft">${escapeHtml(subject)}, ${date.toISOString().slice(0, 10)}. ${pictures} pictures of ${people} people in ${folds} parts:
each part is measured on by networks that were trained from scratch on the others.</p>
<p>The same network starts three times from the same weights and sees batches drawn in the same way. Only the third picture of each triplet is
chosen differently: anybody (<b>random</b>), somebody farther than the right one but within the margin (<b>semi-hard</b>), or the
nearest wrong one (<b>hard</b>).</p>
${figures(outcomes)}
<p class="soft">The equal error rate is where as many wrong pairs match as right ones are refused: the smaller the better, 50 % is guessing. Behind
it is what other people might have shown (95 %, bootstrap over people; how the networks start and what they draw is not in it).</p>
<h2>While it learnt</h2>
<p class="soft">Not comparable with each other: harder triplets cost more. What came of it is.</p>
<div class="charts">${charts.join("")}</div>
${resultTable(outcomes)}
</main></body></html>
`;
}

// --- internal ---

/** On a telephone one chart below the other. */
const narrow = ".charts { grid-template-columns: repeat(auto-fit, minmax(min(100%, 420px), 1fr)); }";

function percent(rate: number): string {
  return `${(rate * 100).toFixed(1)} %`;
}

function range([low, high]: Interval): string {
  return `${(low * 100).toFixed(1)} to ${(high * 100).toFixed(1)}`;
}

function figures(outcomes: readonly Outcome[]): string {
  const cards = outcomes.map(
    ({ mining, before, after }, i) =>
      `<div><span><i class="key s${i}"></i>${mining} mining</span><b>${percent(after.eer)}</b>` +
      `<span>equal error rate (${range(after.intervals.eer)}); ${percent(before.eer)} before</span></div>`,
  );
  return `<div class="figures">${cards.join("")}</div>`;
}

/** The mean over the networks of each way of mining, as far as all of them came. */
function seriesOf(runs: readonly TrainedRun[], value: (step: TrainedRun["history"][number]) => number): Series[] {
  return minings.flatMap((mining) => {
    const histories = runs.filter((run) => run.mining === mining).map(({ history }) => history);
    if (histories.length === 0) return [];
    const steps = Math.min(...histories.map((history) => history.length));
    const points = Array.from({ length: steps }, (_, i) => {
      const sum = histories.reduce((total, history) => total + value(history[i]!), 0);
      return [i + 1, sum / histories.length] as const;
    });
    return [{ name: mining, points: smoothed(points) }];
  });
}

function lossChart(runs: readonly TrainedRun[]): Chart {
  const most = Math.max(0.1, ...runs.flatMap(({ history }) => history.map(({ loss }) => loss)));
  const y = axis("loss", Math.ceil(most * 10) / 10, (value) => value.toFixed(2));
  return { title: "Triplet loss over the steps", x: stepAxis(runs), y, series: seriesOf(runs, ({ loss }) => loss) };
}

function activeChart(runs: readonly TrainedRun[]): Chart {
  const y = axis("share of triplets", 1, (value) => `${Math.round(value * 100)} %`);
  const title = "Triplets that still cost something";
  return { title, x: stepAxis(runs), y, series: seriesOf(runs, ({ active }) => active) };
}

function stepAxis(runs: readonly TrainedRun[]): Axis {
  const most = Math.max(1, ...runs.map(({ history }) => history.length));
  return axis("step", most, (value) => String(Math.round(value)));
}

function axis(title: string, to: number, format: (value: number) => string): Axis {
  const ticks = Array.from({ length: 6 }, (_, i) => (to * i) / 5);
  return { title, kind: "linear", from: 0, to, ticks, format };
}

/** The mean of five steps: a batch is small and its loss jumps. */
function smoothed(points: readonly (readonly [number, number])[]): (readonly [number, number])[] {
  return points.map(([x], i) => {
    const near = points.slice(Math.max(0, i - 2), i + 3);
    return [x, near.reduce((sum, [, y]) => sum + y, 0) / near.length] as const;
  });
}

function resultTable(outcomes: readonly Outcome[]): string {
  const head = [
    "mining",
    "time",
    "equal error rate",
    "against random",
    "right pair nearer than wrong one",
    "against random",
  ];
  const rows = outcomes.map(({ mining, seconds, after, lessRandom }) => [
    ...[mining, `${Math.round(seconds)} s`],
    ...[`${percent(after.eer)} (${range(after.intervals.eer)})`, lessRandom && lessText(lessRandom, "eer")],
    ...[`${percent(after.auc)} (${range(after.intervals.auc)})`, lessRandom && lessText(lessRandom, "auc")],
    `${percent(after.fnmrAtFmr1e2)}`,
  ]);
  const caption = "In brackets 95 %, drawing people again and again; for differences the same people for both.";
  return `<h2>On people they never saw</h2>${tableHtml(caption, [
    [...head, "false non-matches at FMR 1 %"],
    ...rows.map((row) => row.map((cell) => cell ?? "")),
  ])}`;
}

function lessText(difference: Difference, rate: "eer" | "auc"): string {
  const value = difference[rate];
  return `${value > 0 ? "+" : ""}${percent(value)} (${range(difference.intervals[rate])})`;
}
