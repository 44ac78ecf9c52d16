import { ease } from "./chance.ts";
import type { Clip } from "./clips.ts";
import type { HeadModel } from "./head-model.ts";
import type { Visit } from "./motion.ts";
import { faceWidthM, type Optics } from "./optics.ts";
import type { Texture } from "./raster.ts";
import { paintRoom } from "./room.ts";
import type { MovingPicture } from "./sheet.ts";
import { Walker } from "./walker.ts";

/** A screen that can be held up. Lengths in metres. */
export interface Device {
  readonly widthM: number;
  readonly heightM: number;
  /** At the sides, and above and below. */
  readonly bezelM: readonly [number, number];
  readonly cornerM: number;
  /** How wide the face is on it. */
  readonly faceM: number;
  readonly texelsPerMetre: number;
}

export const replayPhone: Device = {
  widthM: 0.077,
  heightM: 0.16,
  bezelM: [0.003, 0.006],
  cornerM: 0.009,
  faceM: 0.052,
  texelsPerMetre: 2_800,
};

/** Held across. */
export const replayTablet: Device = {
  widthM: 0.24,
  heightM: 0.17,
  bezelM: [0.009, 0.009],
  cornerM: 0.008,
  faceM: 0.075,
  texelsPerMetre: 2_000,
};

export interface ReplayOptions {
  readonly seed: number;
  readonly visit: Visit;
  readonly head: HeadModel;
  readonly torso: Texture;
  /** What the recorded person does. */
  readonly clip: Clip;
}

/** How far before the figure's coming the recorded person stood before that other camera. */
const recordedBeforeMs = 20_000;
/** Somebody films themselves at arm's length. */
const filmedAtM = 0.5;

/**
 * A recording of the living person, rendered as the walker is, for a camera of its own, and shown with a screen's raised black and smaller gamut.
 */
export function replayPicture(device: Device, options: ReplayOptions): MovingPicture {
  const { seed, visit, head, torso, clip } = options;
  const width = Math.round(device.widthM * device.texelsPerMetre);
  const height = Math.round(device.heightM * device.texelsPerMetre);
  const optics = clipOptics(device, { width, height });
  const enterMs = visit.enterMs - recordedBeforeMs;
  const recorded: Visit = {
    id: `${visit.id}/recorded`,
    ...{ enterMs, leaveMs: undefined, from: "left", standM: filmedAtM, besideM: 0 },
  };
  const walker = new Walker(head, { seed, visit: recorded, torso });
  const history = clip(seed, enterMs + 5_000);
  const wall = paintRoom({ width, height, seed: seed + 1 });
  const rgb = new Uint8Array(wall.length);
  const pixels = new Uint32Array(width * height);
  const frame = frameOf(device, { width, height });
  return {
    look: {
      ...{ widthM: device.widthM, heightM: device.heightM, texelsPerMetre: device.texelsPerMetre },
      texture: { levels: [{ pixels, width, height }] },
    },
    paint(tMs, wanted) {
      const rows = { top: Math.max(0, wanted?.top ?? 0), bottom: Math.min(height, wanted?.bottom ?? height) };
      rgb.set(wall.subarray(rows.top * width * 3, rows.bottom * width * 3), rows.top * width * 3);
      walker.draw({ rgb, width, height, rows }, { optics, tMs, history });
      show(rgb, frame, { pixels, from: rows.top * width, to: rows.bottom * width });
    },
  };
}

// --- internal ---

function clipOptics(device: Device, { width, height }: { width: number; height: number }): Optics {
  const facePx = device.faceM * device.texelsPerMetre;
  return { width, height, focalPx: (facePx * filmedAtM) / faceWidthM, centreX: width / 2, centreY: 0.44 * height };
}

/** Opacity of each pixel of the device shifted to where a texture has it, and whether it is picture (1) or bezel (0). */
interface DeviceFrame {
  readonly alpha: Uint32Array;
  readonly isPicture: Uint8Array;
}

function frameOf(device: Device, { width, height }: { width: number; height: number }): DeviceFrame {
  const alpha = new Uint32Array(width * height);
  const isPicture = new Uint8Array(width * height);
  const { widthM, heightM, cornerM, bezelM, texelsPerMetre } = device;
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const [mx, my] = [(x + 0.5) / texelsPerMetre, (y + 0.5) / texelsPerMetre];
      const [dx, dy] = [
        Math.abs(mx - widthM / 2) - widthM / 2 + cornerM,
        Math.abs(my - heightM / 2) - heightM / 2 + cornerM,
      ];
      const inside = cornerM - Math.hypot(Math.max(dx, 0), Math.max(dy, 0)) - Math.min(0, Math.max(dx, dy));
      alpha[y * width + x] = (Math.round(255 * ease(0.5 + inside * texelsPerMetre * 0.5)) << 24) >>> 0;
      const isInPicture = Math.min(mx, widthM - mx) >= bezelM[0] && Math.min(my, heightM - my) >= bezelM[1];
      isPicture[y * width + x] = isInPicture ? 1 : 0;
    }
  }
  return { alpha, isPicture };
}

const bezel = 14 | (14 << 8) | (17 << 16);
/** What a cheap screen makes of a value: black is not black. */
const tone = Uint8Array.from({ length: 256 }, (_, v) => 16 + 0.9 * v);

/** Packs pixels of the picture into the texture. Saturation shrinks by a quarter (about sRGB shown on 72 % of it), and white turns bluish. */
function show(
  rgb: Uint8Array,
  { alpha, isPicture }: DeviceFrame,
  { pixels, from, to }: { pixels: Uint32Array; from: number; to: number },
): void {
  for (let i = from, o = 3 * from; i < to; i++, o += 3) {
    if (isPicture[i] === 0) {
      pixels[i] = bezel | alpha[i]!;
      continue;
    }
    const r = tone[rgb[o]!]!;
    const g = tone[rgb[o + 1]!]!;
    const b = tone[rgb[o + 2]!]!;
    const grey = (77 * r + 150 * g + 29 * b) >> 8;
    const red = (3 * r + grey) >> 2;
    const green = (3 * g + grey) >> 2;
    const blue = Math.min(255, ((3 * b + grey) >> 2) + 8);
    pixels[i] = red | (green << 8) | (blue << 16) | alpha[i]!;
  }
}
