import type { RgbImage } from "../pipeline/types.ts";
import { ease } from "./chance.ts";
import { type HeadFrame, levelledPoint, type Outline } from "./head-frame.ts";

/**
 * Cuts head, hair and neck out of a photograph. Colour histograms of what surely is the head and of what surely is not
 * are fitted and refitted (as GrabCut does: Rother et al., SIGGRAPH 2004), a prior around the head settles what colour
 * cannot, and a guided filter (He et al., ECCV 2010) draws the edge along that of the picture.
 */

/** Coarse probability of "head" over a picture, 0 to 255, cells of `cellPx` pixels. */
export interface Silhouette {
  readonly values: Uint8Array;
  readonly width: number;
  readonly height: number;
  readonly cellPx: number;
}

const cellsPerFace = 44;
const rounds = 3;

export function findSilhouette(photo: RgbImage, frame: HeadFrame, outline: Outline): Silhouette {
  const cellPx = Math.max(1, frame.faceWidthPx / cellsPerFace);
  const width = Math.floor(photo.width / cellPx);
  const height = Math.floor(photo.height / cellPx);
  const colours = cellColours(photo, { width, height, cellPx });
  const prior = new Float32Array(width * height);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const p = levelledPoint(frame, (x + 0.5) * cellPx, (y + 0.5) * cellPx);
      prior[y * width + x] = priorOf(p.x, p.y, outline);
    }
  }
  let share: Float32Array = prior.map((logit) => 1 / (1 + Math.exp(-3 * logit)));
  for (let round = 0; round < rounds; round++) {
    const evidence = colourEvidence(colours, share);
    share = share.map((_, i) => {
      const logit = prior[i]! * 1.6 + evidence[i]! * 1.1;
      return 1 / (1 + Math.exp(-logit));
    });
    share = smooth(share, width, height);
  }
  keepConnected(share, {
    width,
    height,
    startX: Math.round(frame.originX / cellPx),
    startY: Math.round(frame.originY / cellPx),
  });
  return { values: Uint8Array.from(share, (s) => Math.round(255 * s)), width, height, cellPx };
}

/** Log odds of "head" by place alone, in head units: sure inside the face, likely where hair and neck are. */
function priorOf(x: number, y: number, outline: Outline): number {
  const reach = outline.reach(x, y);
  if (reach < 0.97) return 6;
  const dx = x - outline.middle.x;
  const above = y < outline.middle.y;
  // The skull with its hair: an ellipse that reaches higher than the face and a little wider.
  const skull = Math.hypot(dx / 0.68, (y - outline.middle.y + 0.12) / (above ? 0.92 : 0.95));
  let logit = 7 * (1 - skull);
  // Long hair may hang beside the neck; the neck itself is sure.
  const neckY = outline.chinY;
  if (!above) logit = Math.max(logit, -0.2 - 7 * Math.max(0, Math.abs(dx) - 0.6));
  if (y > neckY - 0.1 && Math.abs(dx) < 0.27) logit = Math.max(logit, 3);
  return Math.max(-6, Math.min(5, logit));
}

interface Grid {
  readonly width: number;
  readonly height: number;
  readonly cellPx: number;
}

/** Mean colour of each cell, interleaved. */
function cellColours(photo: RgbImage, grid: Grid): Uint8Array {
  const { width, height, cellPx } = grid;
  const colours = new Uint8Array(width * height * 3);
  for (let y = 0; y < height; y++) {
    const [y0, y1] = [Math.floor(y * cellPx), Math.min(photo.height, Math.ceil((y + 1) * cellPx))];
    for (let x = 0; x < width; x++) {
      const [x0, x1] = [Math.floor(x * cellPx), Math.min(photo.width, Math.ceil((x + 1) * cellPx))];
      const sum = [0, 0, 0];
      for (let py = y0; py < y1; py++) {
        for (let i = (py * photo.width + x0) * 3; i < (py * photo.width + x1) * 3; i += 3) {
          sum[0]! += photo.rgb[i]!;
          sum[1]! += photo.rgb[i + 1]!;
          sum[2]! += photo.rgb[i + 2]!;
        }
      }
      const n = Math.max(1, (y1 - y0) * (x1 - x0));
      for (let c = 0; c < 3; c++) colours[(y * width + x) * 3 + c] = sum[c]! / n;
    }
  }
  return colours;
}

const bins = { luma: 20, chroma: 20 };

function binOf(colours: Uint8Array, cell: number): number {
  const [r, g, b] = [colours[3 * cell]!, colours[3 * cell + 1]!, colours[3 * cell + 2]!];
  const luma = 0.299 * r + 0.587 * g + 0.114 * b;
  const chromaBin = (v: number) => Math.max(0, Math.min(bins.chroma - 1, Math.floor((v / 200 + 0.5) * bins.chroma)));
  const lumaBin = Math.min(bins.luma - 1, Math.floor(Math.sqrt(luma / 255) * bins.luma));
  return (lumaBin * bins.chroma + chromaBin(b - luma)) * bins.chroma + chromaBin(r - luma);
}

/** Log ratio of a cell's colour in the head and outside of it. */
function colourEvidence(colours: Uint8Array, share: Float32Array): Float32Array {
  const size = bins.luma * bins.chroma * bins.chroma;
  let inside: Float32Array = new Float32Array(size);
  let outside: Float32Array = new Float32Array(size);
  for (let i = 0; i < share.length; i++) {
    const bin = binOf(colours, i);
    if (share[i]! > 0.75) inside[bin]! += 1;
    else if (share[i]! < 0.25) outside[bin]! += 1;
  }
  for (let pass = 0; pass < 2; pass++) {
    inside = blurBins(inside);
    outside = blurBins(outside);
  }
  const total = (bin: Float32Array) => bin.reduce((sum, n) => sum + n, 0) || 1;
  const [insideAll, outsideAll] = [total(inside), total(outside)];
  return share.map((_, i) => {
    const bin = binOf(colours, i);
    const ratio = Math.log((inside[bin]! / insideAll + 2e-5) / (outside[bin]! / outsideAll + 2e-5));
    return Math.max(-4, Math.min(4, ratio));
  });
}

/** Spreads each bin over its six neighbours. */
function blurBins(source: Float32Array): Float32Array {
  const { luma, chroma } = bins;
  const steps = [chroma * chroma, chroma, 1];
  const lengths = [luma, chroma, chroma];
  return source.map((own, i) => {
    let sum = 2 * own;
    for (let axis = 0; axis < 3; axis++) {
      const step = steps[axis]!;
      const place = Math.floor(i / step) % lengths[axis]!;
      if (place > 0) sum += source[i - step]!;
      if (place < lengths[axis]! - 1) sum += source[i + step]!;
    }
    return sum / 8;
  });
}

function smooth(share: Float32Array, width: number, height: number): Float32Array {
  return boxMean(share, { width, height, radius: 1 });
}

/** Mean over a square of 2 * radius + 1 cells, by running sums along rows and then columns. */
export function boxMean(source: Float32Array, size: { width: number; height: number; radius: number }): Float32Array {
  const { width, height, radius } = size;
  const rows = new Float32Array(source.length);
  const out = new Float32Array(source.length);
  for (let y = 0; y < height; y++) runningMean(source, rows, { start: y * width, step: 1, count: width, radius });
  for (let x = 0; x < width; x++) runningMean(rows, out, { start: x, step: width, count: height, radius });
  return out;
}

function runningMean(
  source: Float32Array,
  out: Float32Array,
  line: { start: number; step: number; count: number; radius: number },
): void {
  const { start, step, count, radius } = line;
  let sum = 0;
  let n = 0;
  for (let i = 0; i < Math.min(radius, count); i++, n++) sum += source[start + i * step]!;
  for (let i = 0; i < count; i++) {
    if (i + radius < count) {
      sum += source[start + (i + radius) * step]!;
      n++;
    }
    if (i - radius - 1 >= 0) {
      sum -= source[start + (i - radius - 1) * step]!;
      n--;
    }
    out[start + i * step] = sum / n;
  }
}

/** Clears what is likely "head" by colour but hangs together with the face nowhere. */
function keepConnected(
  share: Float32Array,
  at: { width: number; height: number; startX: number; startY: number },
): void {
  const { width, height } = at;
  const reached = new Uint8Array(share.length);
  const queue = [at.startY * width + at.startX];
  while (queue.length > 0) {
    const i = queue.pop()!;
    if (reached[i] || !(share[i]! > 0.5)) continue;
    reached[i] = 1;
    const x = i % width;
    if (x > 0) queue.push(i - 1);
    if (x < width - 1) queue.push(i + 1);
    if (i >= width) queue.push(i - width);
    if (i < width * (height - 1)) queue.push(i + width);
  }
  for (let i = 0; i < share.length; i++) if (!reached[i]) share[i] = Math.min(share[i]!, 0.35);
}

/**
 * Opacity for each pixel of the photograph: the coarse silhouette, refined by the guided filter with the picture's
 * luminance as guide (coefficients on the coarse grid, applied at full size: He and Sun, 2015).
 */
export function alphaOf(photo: RgbImage, silhouette: Silhouette): Uint8Array {
  const { width, height, cellPx } = silhouette;
  const size = { width, height, radius: 3 };
  const p = Float32Array.from(silhouette.values, (v) => v / 255);
  const colours = cellColours(photo, silhouette);
  const guide = Float32Array.from(p, (_, i) => luminance(colours, 3 * i) / 255);
  const meanP = boxMean(p, size);
  const meanI = boxMean(guide, size);
  const meanIP = boxMean(
    p.map((v, i) => v * guide[i]!),
    size,
  );
  const meanII = boxMean(
    guide.map((v) => v * v),
    size,
  );
  const slope = p.map((_, i) => (meanIP[i]! - meanI[i]! * meanP[i]!) / (meanII[i]! - meanI[i]! ** 2 + 2e-3));
  const offset = p.map((_, i) => meanP[i]! - slope[i]! * meanI[i]!);
  const [slopes, offsets] = [boxMean(slope, size), boxMean(offset, size)];
  const alpha = new Uint8Array(photo.width * photo.height);
  for (let y = 0; y < photo.height; y++) {
    for (let x = 0; x < photo.width; x++) {
      const at = { x: x / cellPx - 0.5, y: y / cellPx - 0.5 };
      const i = y * photo.width + x;
      const value =
        bilinear(slopes, silhouette, at) * (luminance(photo.rgb, 3 * i) / 255) + bilinear(offsets, silhouette, at);
      alpha[i] = 255 * ease((value - 0.3) / 0.45);
    }
  }
  return alpha;
}

function luminance(rgb: Uint8Array, i: number): number {
  return 0.299 * rgb[i]! + 0.587 * rgb[i + 1]! + 0.114 * rgb[i + 2]!;
}

function bilinear(grid: Float32Array, size: { width: number; height: number }, at: { x: number; y: number }): number {
  const x = Math.max(0, Math.min(size.width - 1.001, at.x));
  const y = Math.max(0, Math.min(size.height - 1.001, at.y));
  const [xi, yi] = [Math.floor(x), Math.floor(y)];
  const [fx, fy] = [x - xi, y - yi];
  const i = yi * size.width + xi;
  const top = grid[i]! * (1 - fx) + grid[i + 1]! * fx;
  const bottom = grid[i + size.width]! * (1 - fx) + grid[i + size.width + 1]! * fx;
  return top * (1 - fy) + bottom * fy;
}
