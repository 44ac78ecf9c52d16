import { stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { LintelError } from "../../../core/errors.ts";
import type { Evidence } from "../evidence.ts";
import { byDistance, errorCurve, type ScoredPair } from "../metrics.ts";
import { type EvaluationReport, makeReport } from "../report.ts";
import { type Chart, chartSvg, escapeHtml, legendHtml } from "./chart.ts";
import { detChart, distanceChart, type NamedCurve, priceChart, rocChart } from "./curves.ts";
import { style } from "./style.ts";
import { count, errorTable, openSetTable, partsTable, percent } from "./tables.ts";
import { type ShownPair, type WorstPairs, worstPairs } from "./worst-pairs.ts";

export interface ReportFacts {
  /** What was measured, for the title: a folder or a list. */
  readonly subject: string;
  /** By what faces were compared. */
  readonly comparison: string;
  readonly date: Date;
}

/**
 * Writes the evidence as one page that needs nothing else: curves, tables, and the pairs that went wrong as pictures. `place` is a file
 * that ends in .html, or a folder. Returns the file.
 */
export async function writeHtmlReport(evidence: Evidence, place: string, facts: ReportFacts): Promise<string> {
  const file = place.endsWith(".html") ? place : join(place, "evaluation.html");
  const sorted = byDistance(evidence.pairs);
  const worst = await worstPairs(sorted, evidence.root ?? ".");
  const html = pageHtml({ report: makeReport(evidence), evidence, sorted, worst }, facts);
  try {
    await writeFile(file, html, { mode: 0o600 });
  } catch (cause) {
    const hint = (await isFolder(place)) ? "May you write there?" : "Name a folder that is there, or a file in one.";
    throw new LintelError("LINTEL_E_UNREADABLE", `${file} cannot be written`, { hint, cause });
  }
  return file;
}

// --- internal ---

interface Content {
  readonly report: EvaluationReport;
  readonly evidence: Evidence;
  readonly sorted: readonly ScoredPair[];
  readonly worst: WorstPairs;
}

function pageHtml(content: Content, facts: ReportFacts): string {
  const { report, evidence, sorted, worst } = content;
  const curves = curvesOf(evidence, sorted, report);
  const sections = [
    headHtml(report, facts),
    figuresHtml(report),
    `<h2>Errors</h2>${errorTable(report)}`,
    ruleOfThreeHtml(report),
    `<h2>Curves</h2><div class="charts">${[
      figure("Detection error trade-off", "Nearer to the lower left corner is better.", detChart(curves)),
      figure("Receiver operating characteristic", "Nearer to the upper left corner is better.", rocChart(curves)),
      figure(
        "Distances",
        "Where the two hills overlap, no threshold is right.",
        distanceChart(sorted, report.best.threshold),
      ),
      report.openSet.length === 0
        ? ""
        : figure(
            "What strictness costs",
            "The fewer strangers may pass, the more known people are refused.",
            priceChart(report.openSet.slice(0, 6)),
          ),
    ].join("")}</div>`,
    partsHtml(report),
    openSetHtml(report),
    worstHtml(worst),
    failedHtml(report),
  ];
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; img-src data:; style-src 'unsafe-inline'">
<title>Recognition of ${escapeHtml(facts.subject)}</title><style>${style}</style></head>
<body><main>${sections.join("\n")}</main></body></html>
`;
}

function headHtml(report: EvaluationReport, { subject, comparison, date }: ReportFacts): string {
  return `<h1>How well are faces told apart?</h1>
<p class="soft">${escapeHtml(subject)}, compared by ${escapeHtml(comparison)}, ${date.toISOString().slice(0, 10)}. ${count(report.genuine)} pairs of one person, ${count(report.impostor)} of two people.</p>
<p class="warning">This file contains photographs of the people it was measured on. Treat it as you treat those.</p>`;
}

function figuresHtml(report: EvaluationReport): string {
  const atOnePerMille = report.fnmrAtFmr["1e-3"];
  const figures: [string, string][] = [
    [
      percent(report.eer),
      `equal error rate (${percent(report.intervals.eer[0])} to ${percent(report.intervals.eer[1])})`,
    ],
    [
      atOnePerMille === null ? "–" : percent(atOnePerMille),
      atOnePerMille === null ? "too few pairs for FMR 0.1 %" : "refused at a false match rate of 0.1 %",
    ],
    [
      report.rank1 === null ? "–" : percent(report.rank1),
      report.rank1 === null ? "people are not known" : "named rightly from one picture each",
    ],
    [
      report.fta === null ? "–" : percent(report.fta),
      `of the pictures without a usable face (${report.failedToAcquire.length})`,
    ],
  ];
  return `<div class="figures">${figures.map(([value, says]) => `<div><b>${value}</b><span>${says}</span></div>`).join("")}</div>`;
}

function ruleOfThreeHtml({ impostor, smallestFmr }: EvaluationReport): string {
  return `<p class="soft">${count(impostor)} impostor pairs can speak of false match rates down to ${percent(smallestFmr)} (rule of three, 95 %), and only for people and pictures like these; pairs of the same few people are not independent.</p>`;
}

function partsHtml({ withinSets, sets, groups }: EvaluationReport): string {
  const parts: string[] = [];
  if (withinSets !== null) {
    const rows = [{ ...withinSets, name: "within all sets" }, ...sets];
    parts.push(
      `<h2>Within each set</h2><p>Pairs that cross two sets differ in camera and light as well as in person, and are easy. A door sees one population: these rows say more than the pool.</p>${partsTable("Only pairs of two pictures of one set.", rows)}`,
    );
  }
  if (groups.length > 0) {
    parts.push(
      `<h2>By group</h2><p>People are confused most with people of their own group; a difference between rows is a difference in treatment.</p>${partsTable("Only pairs of two pictures of one group.", groups)}`,
    );
  }
  return parts.join("");
}

function openSetHtml({ openSet }: EvaluationReport): string {
  if (openSet.length === 0) return "";
  return `<h2>At a door: strangers among known people</h2>${openSet.map(openSetTable).join("")}`;
}

function worstHtml({ alike, unlike }: WorstPairs): string {
  const section = (title: string, says: string, pairs: readonly ShownPair[]): string =>
    pairs.length === 0 ? "" : `<h2>${title}</h2><p>${says}</p><div class="pairs">${pairs.map(pairHtml).join("")}</div>`;
  return (
    section("Two people who look like one", "The nearest pair of each two people.", alike) +
    section("One person who looks like two", "The furthest pair of each person.", unlike)
  );
}

function pairHtml({ distance, files, pictures }: ShownPair): string {
  const image = (at: 0 | 1): string =>
    pictures[at] === "" ? "<i></i>" : `<img src="${pictures[at]}" alt="${escapeHtml(files[at])}">`;
  return `<div class="pair"><div>${image(0)}${image(1)}</div><p><b>${distance.toFixed(3)}</b> ${escapeHtml(files[0])} · ${escapeHtml(files[1])}</p></div>`;
}

function failedHtml({ failedToAcquire }: EvaluationReport): string {
  if (failedToAcquire.length === 0) return "";
  const rows = failedToAcquire
    .slice(0, 200)
    .map(({ file, reason }) => `<li>${escapeHtml(file)}: ${escapeHtml(reason)}</li>`);
  const more = failedToAcquire.length > rows.length ? `<li>and ${failedToAcquire.length - rows.length} more</li>` : "";
  return `<h2>Pictures without a usable face</h2><ul class="failed soft">${rows.join("")}${more}</ul>`;
}

function figure(title: string, says: string, chart: Chart): string {
  return `<figure><h3>${title}</h3><figcaption>${says}</figcaption>${legendHtml(chart.series)}${chartSvg(chart)}</figure>`;
}

/** The pool, then the pairs within sets, or else up to five groups: more lines than six nobody can tell apart. */
function curvesOf(evidence: Evidence, sorted: readonly ScoredPair[], report: EvaluationReport): NamedCurve[] {
  const curves: NamedCurve[] = [{ name: "all pairs", curve: errorCurve(sorted), impostor: report.impostor }];
  const add = (name: string, pairs: readonly ScoredPair[]): void => {
    const impostor = pairs.reduce((sum, pair) => sum + Number(!pair.isGenuine), 0);
    if (impostor === 0 || impostor === pairs.length) return;
    curves.push({ name, curve: errorCurve(byDistance(pairs)), impostor });
  };
  const sets = (evidence.parts ?? []).filter(({ kind }) => kind === "set");
  if (sets.length > 0)
    add(
      "within sets",
      sets.flatMap(({ pairs }) => pairs),
    );
  for (const part of (evidence.parts ?? []).slice(0, 4)) add(part.name, part.pairs);
  return curves.slice(0, 6);
}

async function isFolder(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isDirectory();
  } catch {
    return false;
  }
}
