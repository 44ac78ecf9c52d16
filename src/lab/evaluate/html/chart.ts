/** Line charts as SVG: no script, legible in print, colours from the page. */

export interface Axis {
  readonly title: string;
  readonly kind: "log" | "linear";
  readonly from: number;
  readonly to: number;
  readonly ticks: readonly number[];
  format(value: number): string;
}

export interface Series {
  readonly name: string;
  readonly points: readonly (readonly [x: number, y: number])[];
  /** Filled down to the axis, for distributions. */
  readonly isArea?: boolean;
}

export interface Chart {
  readonly title: string;
  readonly x: Axis;
  readonly y: Axis;
  readonly series: readonly Series[];
  /** Vertical lines with a word each. */
  readonly marks?: readonly { readonly x: number; readonly label: string }[];
}

const width = 560;
const height = 380;
const plot = { left: 62, right: 26, top: 14, bottom: 50 };

export function chartSvg({ title, x, y, series, marks = [] }: Chart): string {
  const toX = (value: number): number => plot.left + position(x, value) * (width - plot.left - plot.right);
  const toY = (value: number): number => height - plot.bottom - position(y, value) * (height - plot.top - plot.bottom);
  const bottom = height - plot.bottom;
  const grid = [
    ...x.ticks.map((tick) => line(toX(tick), plot.top, toX(tick), bottom, "grid")),
    ...y.ticks.map((tick) => line(plot.left, toY(tick), width - plot.right, toY(tick), "grid")),
  ];
  const labels = [
    ...x.ticks.map((tick) => text(toX(tick), bottom + 18, x.format(tick), "middle")),
    ...y.ticks.map((tick) => text(plot.left - 8, toY(tick) + 4, y.format(tick), "end")),
    text((plot.left + width - plot.right) / 2, height - 10, x.title, "middle", "axis"),
    `<text class="axis" text-anchor="middle" transform="translate(16 ${(plot.top + bottom) / 2}) rotate(-90)">${escapeHtml(y.title)}</text>`,
  ];
  const lines = series.map(({ points, isArea }, i) => {
    const path = points.map(([px, py]) => `${toX(px).toFixed(1)} ${toY(py).toFixed(1)}`).join(" L");
    if (path === "") return "";
    const area =
      isArea === true
        ? `<path class="area s${i}" d="M${toX(points[0]?.[0] ?? x.from).toFixed(1)} ${bottom} L${path} L${toX(points.at(-1)?.[0] ?? x.to).toFixed(1)} ${bottom} Z"/>`
        : "";
    return `${area}<path class="line s${i}" d="M${path}"/>`;
  });
  const notes = marks.flatMap((mark) => [
    line(toX(mark.x), plot.top, toX(mark.x), bottom, "mark"),
    text(toX(mark.x) + 5, plot.top + 12, mark.label, "start"),
  ]);
  return [
    `<svg viewBox="0 0 ${width} ${height}" role="img" aria-label="${escapeHtml(title)}">`,
    ...grid,
    line(plot.left, bottom, width - plot.right, bottom, "base"),
    ...lines,
    ...notes,
    ...labels,
    "</svg>",
  ].join("");
}

export function legendHtml(series: readonly Series[]): string {
  if (series.length < 2) return "";
  const entries = series.map(({ name }, i) => `<span><i class="key s${i}"></i>${escapeHtml(name)}</span>`);
  return `<p class="legend">${entries.join("")}</p>`;
}

export function escapeHtml(value: string): string {
  return value.replace(
    /[&<>"']/g,
    (character) => ({ "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" })[character] ?? "&#39;",
  );
}

// --- internal ---

/** From 0 to 1 along the axis; what lies beyond is drawn at its end. */
function position({ kind, from, to }: Axis, value: number): number {
  const scale = kind === "log" ? (v: number): number => Math.log10(Math.max(v, from)) : (v: number): number => v;
  return Math.min(1, Math.max(0, (scale(value) - scale(from)) / (scale(to) - scale(from))));
}

function line(x1: number, y1: number, x2: number, y2: number, className: string): string {
  return `<path class="${className}" d="M${x1.toFixed(1)} ${y1.toFixed(1)} L${x2.toFixed(1)} ${y2.toFixed(1)}"/>`;
}

function text(x: number, y: number, value: string, anchor: string, className = "tick"): string {
  return `<text class="${className}" x="${x.toFixed(1)}" y="${y.toFixed(1)}" text-anchor="${anchor}">${escapeHtml(value)}</text>`;
}
