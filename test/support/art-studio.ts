import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import sharp, { type Sharp } from "sharp";
import { createFeatureNetworks } from "../../src/art/networks/networks.ts";
import { createPainter, type PainterParts, type PaintInputs } from "../../src/art/paint.ts";
import { type PaintSettingsInput, paintSettings } from "../../src/art/settings.ts";
import { systemClock } from "../../src/core/clock.ts";
import { silentLogger } from "../../src/core/logger.ts";
import { createOnnxGraphs } from "../../src/hal/compute/onnx-graphs.ts";

/** A folder of drawn pictures and a painter on the real engine. */
export function openStudio(parts: Partial<PainterParts> = {}) {
  const folder = mkdtempSync(join(tmpdir(), "lintel-art-"));
  const painter = createPainter({
    graphs: createOnnxGraphs({ threads: 2 }),
    networks: createFeatureNetworks({ cacheDirectory: folder }),
    clock: systemClock,
    logger: silentLogger,
    ...parts,
  });
  const file = (name: string) => join(folder, name);
  return {
    folder,
    painter,
    file,
    /** Stripes of two colours at an angle, and a disc: something with edges, places and colours. */
    async draw(name: string, options: { width?: number; height?: number; seed?: number } = {}) {
      const { width = 96, height = 64, seed = 1 } = options;
      await drawing(width, height, seed).toFile(file(name));
      return file(name);
    },
    /** A content and a style. */
    async drawInputs(): Promise<PaintInputs & { content: { file: string } }> {
      const content = { file: await this.draw("content.png") };
      const style = { file: await this.draw("style.png", { width: 80, height: 80, seed: 4 }), weight: 1 };
      return { content, styles: [style] };
    },
    close: () => rmSync(folder, { recursive: true, force: true }),
  };
}

export function drawing(width: number, height: number, seed: number): Sharp {
  const hue = (seed * 77) % 360;
  const stripes = Array.from(
    { length: 12 },
    (_, i) => `<rect x="${i * 12}" y="-80" width="6" height="300" fill="hsl(${hue + 40},80%,60%)"/>`,
  );
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 96 64" preserveAspectRatio="none">
    <rect width="96" height="64" fill="hsl(${hue},60%,35%)"/><g transform="rotate(${20 * seed})">${stripes.join("")}</g>
    <circle cx="${30 + 7 * seed}" cy="30" r="16" fill="hsl(${hue + 180},90%,70%)"/></svg>`;
  return sharp(Buffer.from(svg)).removeAlpha();
}

/** Small and quick; everything may be overridden. */
export const quick = (settings: PaintSettingsInput = {}) =>
  paintSettings.parse({ size: 96, steps: 12, coarsestSize: 64, ...settings });
