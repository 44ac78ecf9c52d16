import type { RgbImage } from "../pipeline/types.ts";
import { ease } from "./chance.ts";
import { drawPatch, makeTexture, type Texture } from "./raster.ts";

export interface HeadPaint {
  readonly photo: RgbImage;
  /** Opacity of each pixel of the photograph. */
  readonly alpha: Uint8Array;
  /** Exponent that brightens (above 1) or darkens. */
  readonly gain: number;
  /** x, y of each point in pixels of the photograph. */
  readonly photoAt: Float32Array;
  /** x, y and depth of each point as seen from straight ahead, in head units. */
  readonly flat: Float32Array;
  readonly depth: Float32Array;
  readonly triangles: Uint32Array;
  readonly photoTexelsPerFace: number;
  /** Sine of the photograph's yaw; its sign says on which side the far cheek lies. */
  readonly turned: number;
  /** How far out a place is, seen from straight ahead: 1 on the outline of the face. */
  reach(x: number, y: number): number;
}

/** The picture of a head from straight ahead, with where each point lies in it. */
export interface PaintedHead {
  readonly texture: Texture;
  readonly textureAt: Float32Array;
  readonly texelsPerFace: number;
}

/** The picture reaches this far to each side, above and below the origin, in head units. */
const extent = { side: 1.5, top: 1.55, bottom: 1.55 };

/**
 * Paints the head as seen from straight ahead. What the photograph shows of a turned head's far cheek is a few stretched
 * pixels; there the picture of the near cheek is mirrored in.
 */
export function paintHead(paint: HeadPaint): PaintedHead {
  const texelsPerFace = Math.min(240, paint.photoTexelsPerFace);
  const [width, height] = [
    Math.round(2 * extent.side * texelsPerFace),
    Math.round((extent.top + extent.bottom) * texelsPerFace),
  ];
  const textureAt = paint.flat.map((v, i) => (v + (i % 2 === 0 ? extent.side : extent.top)) * texelsPerFace);
  const patch = {
    screen: textureAt,
    texture: paint.photoAt,
    depth: paint.depth,
    triangles: paint.triangles,
    texelsPerPixel: 1,
  };
  const colour = { rgb: new Uint8Array(width * height * 3), width, height };
  const opacity = { rgb: new Uint8Array(width * height * 3), width, height };
  drawPatch(colour, photoTexture(paint, "colour"), patch);
  drawPatch(opacity, photoTexture(paint, "opacity"), patch);
  mirrorCheek(colour, paint, texelsPerFace);
  const pixels = new Uint32Array(width * height);
  for (let i = 0; i < pixels.length; i++) {
    const [r, g, b] = [colour.rgb[3 * i]!, colour.rgb[3 * i + 1]!, colour.rgb[3 * i + 2]!];
    pixels[i] = (r | (g << 8) | (b << 16) | (opacity.rgb[3 * i]! << 24)) >>> 0;
  }
  return { texture: makeTexture(pixels, width, height), textureAt, texelsPerFace };
}

// --- internal ---

/** The photograph, brightened, without its silhouette; or the silhouette alone as greys. */
function photoTexture({ photo, alpha, gain }: HeadPaint, what: "colour" | "opacity"): Texture {
  const tone = Uint8Array.from({ length: 256 }, (_, v) => Math.min(255, 255 * (1 - (1 - v / 255) ** gain)));
  const pixels = new Uint32Array(photo.width * photo.height);
  for (let i = 0; i < pixels.length; i++) {
    const a = alpha[i]!;
    const [r, g, b] =
      what === "opacity"
        ? [a, a, a]
        : [tone[photo.rgb[3 * i]!]!, tone[photo.rgb[3 * i + 1]!]!, tone[photo.rgb[3 * i + 2]!]!];
    pixels[i] = (r | (g << 8) | (b << 16) | (255 << 24)) >>> 0;
  }
  return makeTexture(pixels, photo.width, photo.height);
}

/** Blends the near cheek into the far one, beyond the eye and inside the outline; the more, the more the head is turned. */
function mirrorCheek(
  colour: { rgb: Uint8Array; width: number; height: number },
  paint: HeadPaint,
  texelsPerFace: number,
): void {
  const { width, height, rgb } = colour;
  const strength = ease((Math.abs(paint.turned) - 0.05) / 0.12);
  if (strength === 0) return;
  const near = rgb.slice();
  const side = Math.sign(paint.turned);
  for (let py = 0; py < height; py++) {
    const y = (py + 0.5) / texelsPerFace - extent.top;
    for (let px = 0; px < width; px++) {
      const x = (px + 0.5) / texelsPerFace - extent.side;
      const out = ease((side * x - 0.27) / 0.13);
      if (out === 0) continue;
      const share = strength * out * (1 - ease((paint.reach(x, y) - 1) / 0.1));
      const [i, j] = [(py * width + px) * 3, (py * width + width - 1 - px) * 3];
      for (let c = 0; c < 3; c++) rgb[i + c] = near[i + c]! * (1 - share) + near[j + c]! * share;
    }
  }
}
