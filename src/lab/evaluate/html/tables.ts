import type { Interval } from "../intervals.ts";
import type { OpenSetResult } from "../open-set.ts";
import { type EvaluationReport, type PairRates, reportedFmrs } from "../report.ts";
import { escapeHtml } from "./chart.ts";

/** A rate for people: as many figures as it has, never `0 %` where a bound is meant. */
export function percent(rate: number): string {
  if (rate === 0 || rate === 1) return `${rate * 100} %`;
  return `${(rate * 100).toFixed(rate < 0.001 ? 3 : rate < 0.1 ? 2 : 1)} %`;
}

/** A rate that was chosen, not measured: without zeros that would promise precision. */
export function chosenRate(rate: number): string {
  return `${Number((rate * 100).toPrecision(3))} %`;
}

export function rateWith(rate: number | null, interval: Interval | null): string {
  if (rate === null) return '<span class="soft">too few pairs</span>';
  const range = interval === null ? "" : `<small>${percent(interval[0])} to ${percent(interval[1])}</small>`;
  return `${percent(rate)}${range}`;
}

export function tableHtml(caption: string, rows: readonly (readonly string[])[]): string {
  const [head = [], ...body] = rows;
  const headHtml = head.map((cell) => `<th>${cell}</th>`).join("");
  const bodyHtml = body.map((row) => `<tr>${row.map((cell) => `<td>${cell}</td>`).join("")}</tr>`).join("");
  return `<div class="scroll"><table><caption>${caption}</caption><thead><tr>${headHtml}</tr></thead><tbody>${bodyHtml}</tbody></table></div>`;
}

export function errorTable(report: EvaluationReport): string {
  const { intervals } = report;
  return tableHtml("Intervals at 95 %: people drawn again for the equal error rate, Wilson for the others.", [
    ["measure", "value and interval", "stands on"],
    [
      "equal error rate",
      rateWith(report.eer, intervals.eer),
      `${count(report.genuine)} + ${count(report.impostor)} pairs`,
    ],
    ...reportedFmrs.map((fmr) => [
      `false non-matches at FMR ${chosenRate(Number(fmr))}`,
      rateWith(report.fnmrAtFmr[fmr], intervals.fnmrAtFmr[fmr]),
      report.fnmrAtFmr[fmr] === null
        ? `needs ${count(3 / Number(fmr))} impostor pairs`
        : `${count(report.genuine)} genuine pairs`,
    ]),
    ...(report.rank1 === null
      ? []
      : [["rank-1 identification", rateWith(report.rank1, intervals.rank1), "one picture each in the gallery"]]),
    ...(report.fta === null
      ? []
      : [["failure to acquire", rateWith(report.fta, intervals.fta), "counted as non-matches"]]),
  ]);
}

export function partsTable(caption: string, parts: readonly (PairRates & { readonly name: string })[]): string {
  return tableHtml(caption, [
    ["", "genuine", "impostor", "EER", ...reportedFmrs.slice(0, 3).map((fmr) => `FNMR at ${chosenRate(Number(fmr))}`)],
    ...parts.map((part) => [
      escapeHtml(part.name),
      count(part.genuine),
      count(part.impostor),
      part.genuine > 0 && part.impostor > 0 ? percent(part.eer) : '<span class="soft">too few</span>',
      ...reportedFmrs.slice(0, 3).map((fmr) => rateWith(part.fnmrAtFmr[fmr], null)),
    ]),
  ]);
}

export function openSetTable(result: OpenSetResult & { readonly name: string }): string {
  const { name, galleryPeople, templates, splits, strangerPictures, strangers } = result;
  const caption = `${escapeHtml(name)}: ${galleryPeople} people enrolled with ${templates} pictures each, the other ${strangers - galleryPeople} walk up as strangers; ${splits} draws, in all ${count(strangerPictures)} different pictures. Single looks, thresholds as lintel calibrate finds them for each gallery.`;
  return tableHtml(caption, [
    ["target FPIR", "threshold", "strangers accepted (FPIR)", "enrolled refused (FNIR)"],
    ...result.rows.map(({ targetFpir, threshold, fpir, fpirInterval, fnir, fnirInterval }) => [
      chosenRate(targetFpir),
      threshold.toFixed(3),
      fpir === null
        ? `<span class="soft">not measurable with n = ${count(strangerPictures)}</span>`
        : rateWith(fpir, fpirInterval),
      rateWith(fnir, fnirInterval),
    ]),
  ]);
}

export function count(value: number): string {
  return Math.round(value).toLocaleString("en-GB");
}
