/**
 * A small software rasteriser: textured triangles with an alpha channel, drawn over an RGB picture. Texture lookups are
 * bilinear in fixed point over a pyramid of halved levels, two colour channels to a 32-bit integer.
 */

/** Pixels as red | green << 8 | blue << 16 | alpha << 24, row by row. */
export interface TextureLevel {
  readonly pixels: Uint32Array;
  readonly width: number;
  readonly height: number;
}

/** A picture in falling sizes: level n has half the width and height of level n - 1. */
export interface Texture {
  readonly levels: readonly TextureLevel[];
}

/** What is drawn on: interleaved RGB that may be written. */
export interface Canvas {
  readonly rgb: Uint8Array;
  readonly width: number;
  readonly height: number;
  /** Patches are drawn on these rows only; default all. */
  readonly rows?: Rows;
}

/** Rows from `top` on, as far as `bottom`, which is not one of them. */
export interface Rows {
  readonly top: number;
  readonly bottom: number;
}

/** Triangles over points: `screen` and `texture` hold x, y for each point, `depth` one number (larger is farther). */
export interface Patch {
  readonly screen: Float32Array;
  readonly texture: Float32Array;
  readonly depth: Float32Array;
  /** Three point numbers for each triangle, clockwise on the screen where the front is seen. */
  readonly triangles: Uint32Array;
  /** Texture pixels for each screen pixel, to choose the level. */
  readonly texelsPerPixel: number;
}

const levelCount = 4;

/** Builds the pyramid. Colours are averaged plainly, so pixels of alpha 0 should hold the colour of their neighbours. */
export function makeTexture(pixels: Uint32Array, width: number, height: number): Texture {
  const levels: TextureLevel[] = [{ pixels, width, height }];
  for (let n = 1; n < levelCount; n++) {
    const above = levels[n - 1];
    if (!above || above.width < 8 || above.height < 8) break;
    levels.push(halve(above));
  }
  return { levels };
}

function halve(source: TextureLevel): TextureLevel {
  const width = source.width >> 1;
  const height = source.height >> 1;
  const pixels = new Uint32Array(width * height);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const i = 2 * y * source.width + 2 * x;
      const [a, b] = [source.pixels[i]!, source.pixels[i + 1]!];
      const [c, d] = [source.pixels[i + source.width]!, source.pixels[i + source.width + 1]!];
      const even = ((a & 0xff00ff) + (b & 0xff00ff) + (c & 0xff00ff) + (d & 0xff00ff) + 0x020002) >>> 2;
      const odd =
        (((a >>> 8) & 0xff00ff) +
          ((b >>> 8) & 0xff00ff) +
          ((c >>> 8) & 0xff00ff) +
          ((d >>> 8) & 0xff00ff) +
          0x020002) >>>
        2;
      pixels[y * width + x] = ((even & 0xff00ff) | ((odd & 0xff00ff) << 8)) >>> 0;
    }
  }
  return { pixels, width, height };
}

/** Draws the triangles that face the viewer, the farthest first. */
export function drawPatch(canvas: Canvas, texture: Texture, patch: Patch): void {
  const wanted = Math.max(0, Math.round(Math.log2(Math.max(patch.texelsPerPixel, 1e-3)) - 0.2));
  const levelNumber = Math.min(texture.levels.length - 1, wanted);
  const level = texture.levels[levelNumber];
  if (!level) return;
  const scale = 1 / 2 ** levelNumber;
  const spans: Spans = { top: 0, bottom: 0, ends: new Int32Array(2 * canvas.height) };
  for (const triangle of farthestFirst(canvas, patch)) {
    findSpans(canvas, spans, { patch, triangle });
    if (spans.top < spans.bottom) drawSpans(canvas, level, { spans, plane: texturePlane(patch, triangle, scale) });
  }
}

/** Offsets into `triangles` of those seen from the front that may touch the canvas, sorted by the mean depth of their corners. */
function farthestFirst(canvas: Canvas, patch: Patch): readonly number[] {
  const { screen, depth, triangles } = patch;
  const { top, bottom } = rowsOf(canvas);
  const seen: number[] = [];
  const depths = new Float32Array(triangles.length / 3);
  for (let t = 0; t < triangles.length; t += 3) {
    const a = triangles[t]!;
    const b = triangles[t + 1]!;
    const c = triangles[t + 2]!;
    const ax = screen[2 * a]!;
    const ay = screen[2 * a + 1]!;
    const bx = screen[2 * b]!;
    const by = screen[2 * b + 1]!;
    const cx = screen[2 * c]!;
    const cy = screen[2 * c + 1]!;
    if ((ay < top && by < top && cy < top) || (ay > bottom && by > bottom && cy > bottom)) continue;
    if ((ax < 0 && bx < 0 && cx < 0) || (ax > canvas.width && bx > canvas.width && cx > canvas.width)) continue;
    if ((bx - ax) * (cy - ay) - (by - ay) * (cx - ax) <= 1e-6) continue;
    depths[t / 3] = depth[a]! + depth[b]! + depth[c]!;
    seen.push(t);
  }
  return seen.sort((s, t) => depths[t / 3]! - depths[s / 3]!);
}

function rowsOf({ rows, height }: Canvas): Rows {
  return { top: Math.max(0, rows?.top ?? 0), bottom: Math.min(height, rows?.bottom ?? height) };
}

/** Which pixels a triangle covers: row by row from `top` to `bottom` its first and the one after its last. */
interface Spans {
  top: number;
  bottom: number;
  /** Two numbers a row, from `top` on. */
  readonly ends: Int32Array;
}

function findSpans(canvas: Canvas, spans: Spans, of: { readonly patch: Patch; readonly triangle: number }): void {
  const { screen, triangles } = of.patch;
  const a = triangles[of.triangle]!;
  const b = triangles[of.triangle + 1]!;
  const c = triangles[of.triangle + 2]!;
  const ay = screen[2 * a + 1]!;
  const by = screen[2 * b + 1]!;
  const cy = screen[2 * c + 1]!;
  const rows = rowsOf(canvas);
  spans.top = Math.max(rows.top, Math.ceil(Math.min(ay, by, cy) - 0.5));
  spans.bottom = Math.min(rows.bottom, Math.ceil(Math.max(ay, by, cy) - 0.5));
  for (let y = spans.top, n = 0; y < spans.bottom; y++, n += 2) {
    const middle = y + 0.5;
    let left = Number.POSITIVE_INFINITY;
    let right = Number.NEGATIVE_INFINITY;
    // Half open, so that a corner that lies on the line counts once.
    const isAboveA = ay <= middle;
    const isAboveB = by <= middle;
    const isAboveC = cy <= middle;
    if (isAboveA !== isAboveB) left = right = edgeX(screen, a, b, middle);
    if (isAboveB !== isAboveC) {
      const x = edgeX(screen, b, c, middle);
      left = Math.min(left, x);
      right = Math.max(right, x);
    }
    if (isAboveC !== isAboveA) {
      const x = edgeX(screen, c, a, middle);
      left = Math.min(left, x);
      right = Math.max(right, x);
    }
    spans.ends[n] = Math.max(0, Math.ceil(left - 0.5));
    spans.ends[n + 1] = Math.min(canvas.width, Math.ceil(right - 0.5));
  }
}

/** One edge, always walked from its upper end, so that two triangles that share it meet without a gap or an overlap. */
function edgeX(screen: Float32Array, from: number, to: number, y: number): number {
  const fromY = screen[2 * from + 1]!;
  const toY = screen[2 * to + 1]!;
  const isDown = fromY < toY || (fromY === toY && from < to);
  const top = isDown ? from : to;
  const bottom = isDown ? to : from;
  const y0 = screen[2 * top + 1]!;
  return screen[2 * top]! + ((screen[2 * bottom]! - screen[2 * top]!) * (y - y0)) / (screen[2 * bottom + 1]! - y0);
}

/** Texture coordinates as linear functions of the screen, in 16.16 fixed point: u = u0 + uPerX x + uPerY y. */
interface TexturePlane {
  readonly u0: number;
  readonly uPerX: number;
  readonly uPerY: number;
  readonly v0: number;
  readonly vPerX: number;
  readonly vPerY: number;
}

function texturePlane(patch: Patch, triangle: number, scale: number): TexturePlane {
  const { screen, texture, triangles } = patch;
  const a = triangles[triangle]!;
  const b = triangles[triangle + 1]!;
  const c = triangles[triangle + 2]!;
  const ax = screen[2 * a]!;
  const ay = screen[2 * a + 1]!;
  const abX = screen[2 * b]! - ax;
  const abY = screen[2 * b + 1]! - ay;
  const acX = screen[2 * c]! - ax;
  const acY = screen[2 * c + 1]! - ay;
  const unit = 65536 / (abX * acY - abY * acX);
  const along = (n: 0 | 1) => {
    const start = texture[2 * a + n]! * scale;
    const ab = (texture[2 * b + n]! * scale - start) * unit;
    const ac = (texture[2 * c + n]! * scale - start) * unit;
    const perX = ab * acY - ac * abY;
    const perY = ac * abX - ab * acX;
    // Texels have their middle at a half, as pixels have.
    return { perX, perY, zero: (start - 0.5) * 65536 - perX * ax - perY * ay };
  };
  const u = along(0);
  const v = along(1);
  return { u0: u.zero, uPerX: u.perX, uPerY: u.perY, v0: v.zero, vPerX: v.perX, vPerY: v.perY };
}

function drawSpans(
  canvas: Canvas,
  { pixels, width, height }: TextureLevel,
  { spans, plane }: { readonly spans: Spans; readonly plane: TexturePlane },
): void {
  const { rgb } = canvas;
  const maxU = (width - 1) * 65536 - 1;
  const maxV = (height - 1) * 65536 - 1;
  const uStep = plane.uPerX | 0;
  const vStep = plane.vPerX | 0;
  for (let y = spans.top, n = 0; y < spans.bottom; y++, n += 2) {
    const first = spans.ends[n]!;
    const end = (y * canvas.width + spans.ends[n + 1]!) * 3;
    let u = (plane.u0 + plane.uPerX * (first + 0.5) + plane.uPerY * (y + 0.5)) | 0;
    let v = (plane.v0 + plane.vPerX * (first + 0.5) + plane.vPerY * (y + 0.5)) | 0;
    for (let o = (y * canvas.width + first) * 3; o < end; o += 3, u += uStep, v += vStep) {
      const cu = Math.max(0, Math.min(maxU, u));
      const cv = Math.max(0, Math.min(maxV, v));
      const i = (cv >> 16) * width + (cu >> 16);
      const fx = (cu >> 8) & 255;
      const fy = (cv >> 8) & 255;
      const w11 = (fx * fy) >> 8;
      const w10 = fx - w11;
      const w01 = fy - w11;
      const w00 = 256 - fx - w01;
      const p00 = pixels[i]!;
      const p10 = pixels[i + 1]!;
      const p01 = pixels[i + width]!;
      const p11 = pixels[i + width + 1]!;
      // Green and alpha first: most of a texture's rim is empty.
      const ga =
        ((Math.imul((p00 >>> 8) & 0xff00ff, w00) +
          Math.imul((p10 >>> 8) & 0xff00ff, w10) +
          Math.imul((p01 >>> 8) & 0xff00ff, w01) +
          Math.imul((p11 >>> 8) & 0xff00ff, w11)) >>>
          8) &
        0xff00ff;
      const alpha = ga >> 16;
      if (alpha < 3) continue;
      const rb =
        ((Math.imul(p00 & 0xff00ff, w00) +
          Math.imul(p10 & 0xff00ff, w10) +
          Math.imul(p01 & 0xff00ff, w01) +
          Math.imul(p11 & 0xff00ff, w11)) >>>
          8) &
        0xff00ff;
      if (alpha > 252) {
        rgb[o] = rb & 255;
        rgb[o + 1] = ga & 255;
        rgb[o + 2] = rb >> 16;
      } else {
        rgb[o] = rgb[o]! + ((((rb & 255) - rgb[o]!) * alpha) >> 8);
        rgb[o + 1] = rgb[o + 1]! + ((((ga & 255) - rgb[o + 1]!) * alpha) >> 8);
        rgb[o + 2] = rgb[o + 2]! + ((((rb >> 16) - rgb[o + 2]!) * alpha) >> 8);
      }
    }
  }
}
