import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import sharp from "sharp";

/** Two people on the sample photographs, as rectangles with one face each (left, top, width, height in pixels). */
const alice = { sample: "sample1.jpg", area: { left: 240, top: 234, width: 372, height: 372 } };
const bob = { sample: "sample3.jpg", area: { left: 382, top: 208, width: 392, height: 392 } };

/**
 * Writes `alice.jpg` and `bob.jpg` into a folder, from sample photographs that come with the networks; and `later.jpg`:
 * alice a little tilted, darker, smaller and coarser than she was enrolled.
 */
export async function writePortraits(folder) {
  const home = dirname(createRequire(import.meta.url).resolve("@vladmandic/face-api/package.json"));
  const cut = ({ sample, area }) => sharp(join(home, "demo", sample)).extract(area);
  await cut(alice).jpeg().toFile(join(folder, "alice.jpg"));
  await cut(bob).jpeg().toFile(join(folder, "bob.jpg"));
  const tilted = await cut(alice).rotate(4, { background: "#777" }).modulate({ brightness: 0.85 }).toBuffer();
  await sharp(tilted).resize(360).jpeg({ quality: 70 }).toFile(join(folder, "later.jpg"));
}
