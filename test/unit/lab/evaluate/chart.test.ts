import { describe, expect, test } from "vitest";
import { chartSvg, escapeHtml, legendHtml } from "../../../../src/lab/evaluate/html/chart.ts";
import { detChart, distanceChart, rocChart } from "../../../../src/lab/evaluate/html/curves.ts";
import { byDistance, errorCurve, type ScoredPair } from "../../../../src/lab/evaluate/metrics.ts";

function pairs(genuine: readonly number[], impostor: readonly number[]): ScoredPair[] {
  const scored = [
    ...genuine.map((distance) => ({ distance, isGenuine: true })),
    ...impostor.map((distance) => ({ distance, isGenuine: false })),
  ];
  return byDistance(scored.map((pair, i) => ({ ...pair, units: [i, i] as const })));
}

const spread = (from: number, to: number, count: number): number[] =>
  Array.from({ length: count }, (_, i) => from + ((to - from) * i) / (count - 1));
const sorted = pairs(spread(0.1, 0.5, 300), spread(0.3, 0.9, 2000));
const curve = { name: "all <pairs>", curve: errorCurve(sorted), impostor: 2000 };

/** Every number in a path of the drawing. */
const numbersOf = (svg: string): number[] =>
  [...svg.matchAll(/d="([^"]*)"/g)].flatMap(([, path = ""]) => (path.match(/-?[\d.]+/g) ?? []).map(Number));

describe("charts", () => {
  test.each([
    ["DET", detChart([curve])],
    ["ROC", rocChart([curve])],
    ["distances", distanceChart(sorted, 0.35)],
    [
      "an impostor-free threshold of a curve without an error",
      detChart([{ ...curve, curve: errorCurve(pairs([0.1], [0.9])), impostor: 1 }]),
    ],
    ["pairs that all failed", distanceChart(pairs([Number.POSITIVE_INFINITY], [Number.POSITIVE_INFINITY]), 0)],
  ])("%s is drawn within its frame, with finite numbers only", (_name, chart) => {
    const svg = chartSvg(chart);
    expect(svg).not.toMatch(/NaN|Infinity|undefined/);
    for (const value of numbersOf(svg)) {
      expect(value).toBeGreaterThanOrEqual(0);
      expect(value).toBeLessThanOrEqual(560);
    }
  });

  test("a curve is thinned to what a screen can show, and keeps its ends", () => {
    const points = detChart([curve]).series[0]?.points ?? [];
    const whole = curve.curve.points.filter(({ fmr }) => fmr >= 1 / 2000);
    expect(points.length).toBeLessThan(whole.length);
    expect(points.length).toBeGreaterThan(50);
    expect(points[0]).toEqual([whole[0]?.fmr, whole[0]?.fnmr]);
    expect(points.at(-1)).toEqual([whole.at(-1)?.fmr, whole.at(-1)?.fnmr]);
  });

  test("the false match axis ends where the pairs have nothing more to say", () => {
    expect(detChart([curve]).x.from).toBeCloseTo(1e-4, 10);
    expect(detChart([{ ...curve, impostor: 1e9 }]).x.from).toBeCloseTo(1e-6, 12);
  });

  test("names from outside are text, not markup", () => {
    expect(
      legendHtml([
        { name: "<b>", points: [] },
        { name: "x", points: [] },
      ]),
    ).not.toContain("<b>");
    expect(escapeHtml(`<a href="x" title='y'>&`)).toBe("&lt;a href=&quot;x&quot; title=&#39;y&#39;&gt;&amp;");
  });
});
