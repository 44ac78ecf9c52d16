import { type Axis, type Chart, chartSvg, escapeHtml, legendHtml, type Series } from "../../evaluate/html/chart.ts";
import { style } from "../../evaluate/html/style.ts";
import type { Demonstration, TrainedRun } from "./demonstration.ts";

/** The demonstration as one page that needs nothing else: loss curves, how many triplets still taught something, and what came of it. */
export function demonstrationPage(found: Demonstration, { subject, date }: { subject: string; date: Date }): string {
  const { people, pictures, runs } = found;
  const charts = [lossChart(runs), activeChart(runs)].map(
    (chart) => `<figure><h3>${escapeHtml(chart.title)}</h3>${legendHtml(chart.series)}${chartSvg(chart)}</figure>`,
  );
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>A Siamese network learns faces</title><style>${style}${narrow}</style></head><body><main>
<h1>A Siamese network learns faces</h1>
<p class="soft">${escapeHtml(subject)}, ${date.toISOString().slice(0, 10)}. Trained from scratch on ${pictures.trained} pictures of
${people.trained} people, measured on ${pictures.held} pictures of ${people.held} people it never saw.</p>
<p>The same network starts three times from the same weights and sees batches drawn in the same way. Only the third picture of each triplet is
chosen differently: anybody (<b>random</b>), somebody farther than the right one but within the margin (<b>semi-hard</b>), or the
nearest wrong one (<b>hard</b>).</p>
${figures(runs)}
<p class="soft">The equal error rate is where as many wrong pairs match as right ones are refused: the smaller the better, 50 % is guessing.</p>
<h2>While it learnt</h2>
<p class="soft">Not comparable with each other: harder triplets cost more. What came of it is.</p>
<div class="charts">${charts.join("")}</div>
${resultTable(runs)}
</main></body></html>
`;
}

// --- internal ---

/** On a telephone one chart below the other. */
const narrow = ".charts { grid-template-columns: repeat(auto-fit, minmax(min(100%, 420px), 1fr)); }";

function percent(rate: number): string {
  return `${(rate * 100).toFixed(1)} %`;
}

function figures(runs: readonly TrainedRun[]): string {
  const cards = runs.map(
    ({ mining, before, after }, i) =>
      `<div><span><i class="key s${i}"></i>${mining} mining</span><b>${percent(after.eer)}</b>` +
      `<span>equal error rate; ${percent(before.eer)} before</span></div>`,
  );
  return `<div class="figures">${cards.join("")}</div>`;
}

function seriesOf(runs: readonly TrainedRun[], value: (step: TrainedRun["history"][number]) => number): Series[] {
  return runs.map(({ mining, history }) => ({
    name: mining,
    points: smoothed(history.map((step) => [step.step, value(step)] as const)),
  }));
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

function resultTable(runs: readonly TrainedRun[]): string {
  const rows = runs.map(
    ({ mining, before, after, history, seconds }) =>
      `<tr><th>${mining}</th><td>${history.length}</td><td>${Math.round(seconds)} s</td><td>${percent(before.eer)}</td>` +
      `<td>${percent(after.eer)}</td><td>${percent(before.fnmrAtFmr1e2)}</td><td>${percent(after.fnmrAtFmr1e2)}</td></tr>`,
  );
  return `<h2>On people it never saw</h2><div class="scroll"><table><thead><tr><th>mining</th><th>steps</th><th>time</th><th>equal error rate before</th>
<th>after</th><th>false non-matches at FMR 1 % before</th><th>after</th></tr></thead><tbody>${rows.join("")}</tbody></table></div>`;
}
