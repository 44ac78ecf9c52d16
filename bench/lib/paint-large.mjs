// A process of its own: paints 1920 x 1080 from drawn pictures and says how much memory that took.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import sharp from "sharp";
import { createFeatureNetworks } from "../../dist/art/networks/networks.js";
import { createPainter } from "../../dist/art/paint.js";
import { paintSettings } from "../../dist/art/settings.js";
import { systemClock } from "../../dist/core/clock.js";
import { silentLogger } from "../../dist/core/logger.js";
import { graphs } from "./art-setting.mjs";

const folder = mkdtempSync(join(tmpdir(), "lintel-bench-"));
const draw = async (name, colour) => {
  const file = join(folder, name);
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="1920" height="1080"><rect width="1920" height="1080" fill="${colour}"/><circle cx="900" cy="500" r="400" fill="#fa3"/><path d="M0,900 Q900,300 1920,1000" stroke="#fff" stroke-width="60" fill="none"/></svg>`;
  await sharp(Buffer.from(svg)).jpeg().toFile(file);
  return file;
};
const painter = createPainter({
  graphs,
  networks: createFeatureNetworks({ cacheDirectory: folder }),
  clock: systemClock,
  logger: silentLogger,
});
const inputs = {
  content: { file: await draw("a.jpg", "#246") },
  styles: [{ file: await draw("b.jpg", "#823"), weight: 1 }],
};
const { provenance } = await painter.paint(paintSettings.parse({ size: 1920, steps: 14 }), inputs);
rmSync(folder, { recursive: true, force: true });
const { width, height, steps, stepMs } = provenance;
process.stdout.write(JSON.stringify({ width, height, steps, stepMs, maxRssMb: process.resourceUsage().maxRSS / 1000 }));
