import { encodeOnnx } from "../../models/onnx/encode.ts";
import { asTensor } from "../features.ts";
import { type CanvasSize, canvasStep, layersUpTo } from "../graph/forward.ts";
import type { GraphRuntime, GraphSession } from "../graph-runtime.ts";
import type { FeatureNetwork } from "../networks/feature-network.ts";
import { toPlanes } from "../optimise/planes.ts";
import { canvasOf } from "../optimise/pyramid.ts";
import { cropPicture, decodePicture, openPicture, type Picture } from "../picture.ts";
import { buildUnitGraph, receptiveField, type Unit, unitPorts } from "./unit-graph.ts";

/** A part of a picture and what the unit says about it. */
export interface Patch {
  readonly file: string;
  readonly activation: number;
  /** In pixels of the picture as it was looked at. */
  readonly box: readonly [x: number, y: number, width: number, height: number];
  readonly picture: Picture;
}

/** Pictures are looked at with this longer side. */
const lookedAtPx = 320;

/** The patches that excite a unit most, the strongest first, at most one from a picture. Files that are no pictures are passed over. */
export async function strongestPatches(
  parts: { graphs: GraphRuntime; network: FeatureNetwork; unit: Unit },
  files: readonly string[],
  options: { count: number; onFile: () => void },
): Promise<Patch[]> {
  const sessions = new UnitSessions(parts);
  const found: Patch[] = [];
  try {
    for (const file of files) {
      const patch = await sessions.strongest(file).catch(() => undefined);
      options.onFile();
      if (patch === undefined) continue;
      found.push(patch);
      found.sort((a, b) => b.activation - a.activation);
      found.length = Math.min(found.length, options.count);
    }
  } finally {
    await sessions.close();
  }
  return found;
}

// --- internal ---

/** One session, for pictures of one size; most folders have few sizes. */
class UnitSessions {
  readonly #parts: Parameters<typeof strongestPatches>[0];
  #open: { key: string; session: GraphSession } | undefined;

  constructor(parts: Parameters<typeof strongestPatches>[0]) {
    this.#parts = parts;
  }

  async strongest(file: string): Promise<Patch> {
    const { network, unit } = this.#parts;
    const source = await openPicture(file);
    const scale = lookedAtPx / Math.max(source.width, source.height);
    const size = { width: Math.round(source.width * scale), height: Math.round(source.height * scale) };
    const canvas = canvasOf(size, canvasStep(layersUpTo(network, [unit.layer])));
    const picture = await decodePicture(source, canvas);
    const session = await this.#session(canvas);
    const outputs = await session.run({ [unitPorts.pixels]: asTensor(toPlanes(picture, canvas, network.mean)) });
    const map = outputs[unitPorts.activation] ?? new Float32Array(0);
    const { sidePx, stridePx } = receptiveField(network, unit.layer);
    const at = map.reduce((best, value, index) => (value > (map[best] ?? 0) ? index : best), 0);
    const across = canvas.width / stridePx;
    const centre = { x: ((at % across) + 0.5) * stridePx, y: (Math.floor(at / across) + 0.5) * stridePx };
    const box = windowAt(centre, Math.max(sidePx, 16), canvas);
    return {
      file: source.name,
      activation: map[at] ?? 0,
      box: [box.left, box.top, box.width, box.height],
      picture: cropPicture(picture, box),
    };
  }

  async close(): Promise<void> {
    await this.#open?.session.close();
    this.#open = undefined;
  }

  async #session(size: CanvasSize): Promise<GraphSession> {
    const key = `${size.width}x${size.height}`;
    if (this.#open?.key === key) return this.#open.session;
    await this.close();
    const { graphs, network, unit } = this.#parts;
    const session = await graphs.open(encodeOnnx(buildUnitGraph(network, unit, size)));
    this.#open = { key, session };
    return session;
  }
}

/** A square window around a place, moved so that it lies within the picture. */
function windowAt({ x, y }: { x: number; y: number }, side: number, { width, height }: CanvasSize) {
  const [w, h] = [Math.min(side, width), Math.min(side, height)];
  const within = (start: number, length: number, all: number) => Math.round(Math.min(all - length, Math.max(0, start)));
  return { left: within(x - w / 2, w, width), top: within(y - h / 2, h, height), width: w, height: h };
}
