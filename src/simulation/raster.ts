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
  for (const triangle of farthestFirst(patch)) drawTriangle(canvas, level, scale, patch, triangle);
}

/** Offsets into `triangles` of those seen from the front, sorted by the mean depth of their corners. */
function farthestFirst(patch: Patch): readonly number[] {
  const { screen, depth, triangles } = patch;
  const seen: number[] = [];
  const depths = new Float32Array(triangles.length / 3);
  for (let t = 0; t < triangles.length; t += 3) {
    const a = triangles[t]!;
    const b = triangles[t + 1]!;
    const c = triangles[t + 2]!;
    const abX = screen[2 * b]! - screen[2 * a]!;
    const abY = screen[2 * b + 1]! - screen[2 * a + 1]!;
    const acX = screen[2 * c]! - screen[2 * a]!;
    const acY = screen[2 * c + 1]! - screen[2 * a + 1]!;
    if (abX * acY - abY * acX <= 1e-6) continue;
    depths[t / 3] = depth[a]! + depth[b]! + depth[c]!;
    seen.push(t);
  }
  return seen.sort((s, t) => depths[t / 3]! - depths[s / 3]!);
}

/** One edge, always walked from its upper end, so that two triangles that share it meet without a gap or an overlap. */
function edgeX(patch: Patch, from: number, to: number, y: number): number {
  const { screen } = patch;
  const isDown =
    screen[2 * from + 1]! < screen[2 * to + 1]! || (screen[2 * from + 1]! === screen[2 * to + 1]! && from < to);
  const top = isDown ? from : to;
  const bottom = isDown ? to : from;
  const y0 = screen[2 * top + 1]!;
  return screen[2 * top]! + ((screen[2 * bottom]! - screen[2 * top]!) * (y - y0)) / (screen[2 * bottom + 1]! - y0);
}

function drawTriangle(canvas: Canvas, level: TextureLevel, scale: number, patch: Patch, triangle: number): void {
  const { screen, texture, triangles } = patch;
  const a = triangles[triangle]!;
  const b = triangles[triangle + 1]!;
  const c = triangles[triangle + 2]!;
  const [ax, ay] = [screen[2 * a]!, screen[2 * a + 1]!];
  const [bx, by] = [screen[2 * b]!, screen[2 * b + 1]!];
  const [cx, cy] = [screen[2 * c]!, screen[2 * c + 1]!];
  const area = (bx - ax) * (cy - ay) - (by - ay) * (cx - ax);
  // The texture coordinates as planes over the screen.
  const [au, av] = [texture[2 * a]! * scale, texture[2 * a + 1]! * scale];
  const [abU, abV] = [texture[2 * b]! * scale - au, texture[2 * b + 1]! * scale - av];
  const [acU, acV] = [texture[2 * c]! * scale - au, texture[2 * c + 1]! * scale - av];
  const uPerX = (abU * (cy - ay) - acU * (by - ay)) / area;
  const uPerY = (acU * (bx - ax) - abU * (cx - ax)) / area;
  const vPerX = (abV * (cy - ay) - acV * (by - ay)) / area;
  const vPerY = (acV * (bx - ax) - abV * (cx - ax)) / area;
  const top = Math.max(0, Math.ceil(Math.min(ay, by, cy) - 0.5));
  const bottom = Math.min(canvas.height, Math.ceil(Math.max(ay, by, cy) - 0.5));
  for (let y = top; y < bottom; y++) {
    const middle = y + 0.5;
    let left = Number.POSITIVE_INFINITY;
    let right = Number.NEGATIVE_INFINITY;
    for (let e = 0; e < 3; e++) {
      const from = e === 0 ? a : e === 1 ? b : c;
      const to = e === 0 ? b : e === 1 ? c : a;
      const y0 = screen[2 * from + 1]!;
      const y1 = screen[2 * to + 1]!;
      // Half open, so that a corner that lies on the line counts once.
      if (y0 <= middle === y1 <= middle) continue;
      const x = edgeX(patch, from, to, middle);
      if (x < left) left = x;
      if (x > right) right = x;
    }
    const first = Math.max(0, Math.ceil(left - 0.5));
    const end = Math.min(canvas.width, Math.ceil(right - 0.5));
    if (first >= end) continue;
    const dx = first + 0.5 - ax;
    const dy = middle - ay;
    drawSpan(canvas, level, {
      start: y * canvas.width + first,
      length: end - first,
      u: (au + uPerX * dx + uPerY * dy - 0.5) * 65536,
      v: (av + vPerX * dx + vPerY * dy - 0.5) * 65536,
      uStep: uPerX * 65536,
      vStep: vPerX * 65536,
    });
  }
}

/** Pixels of one row; texture coordinates in 16.16 fixed point. */
interface Span {
  readonly start: number;
  readonly length: number;
  readonly u: number;
  readonly v: number;
  readonly uStep: number;
  readonly vStep: number;
}

function drawSpan(canvas: Canvas, level: TextureLevel, span: Span): void {
  const { rgb } = canvas;
  const { pixels, width } = level;
  const maxU = (width - 1) * 65536 - 1;
  const maxV = (level.height - 1) * 65536 - 1;
  let o = span.start * 3;
  let u = span.u | 0;
  let v = span.v | 0;
  const uStep = span.uStep | 0;
  const vStep = span.vStep | 0;
  for (let n = span.length; n > 0; n--, o += 3, u += uStep, v += vStep) {
    const cu = u < 0 ? 0 : u > maxU ? maxU : u;
    const cv = v < 0 ? 0 : v > maxV ? maxV : v;
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
