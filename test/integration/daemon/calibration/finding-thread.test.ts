import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, onTestFinished, test } from "vitest";
import { systemClock } from "../../../../src/core/clock.ts";
import { seededRandom } from "../../../../src/core/random.ts";
import { siteFinding } from "../../../../src/daemon/calibration/site-finding.ts";
import type { GallerySite } from "../../../../src/daemon/people/gallery.ts";
import { Gallery } from "../../../../src/daemon/people/gallery.ts";
import { faceresVector } from "../../../support/face-vectors.ts";
import { population } from "../../../support/site-kit.ts";

const built = fileURLToPath(new URL("../../../../dist/daemon/calibration/finding-thread.js", import.meta.url));
const settings = { targetFpir: 1e-3, maxDistance: 0.43 };

/** From `dist/`: a thread cannot load TypeScript. */
async function openThread() {
  if (!existsSync(built)) throw new Error("dist/ is missing: run node scripts/build.mjs");
  const { FindingThread }: typeof import("../../../../src/daemon/calibration/finding-thread.ts") = await import(built);
  const thread = new FindingThread(systemClock);
  onTestFinished(() => thread.stop());
  return thread;
}

function siteOf(people: number): GallerySite {
  const gallery = new Gallery({ targetFpir: 1e-3, maxDistance: 0.43 });
  let id = 0;
  for (const [personId, vectors] of population({ people }, seededRandom(5))) {
    for (const vector of vectors) {
      const second = faceresVector(id);
      gallery.add({
        ...{ id: id++, personId },
        // Every other one was enrolled without the second vector.
        embeddings: [
          { embedder: "dlib", vector },
          ...(id % 2 ? [] : [{ embedder: "faceres", vector: second } as const]),
        ],
      });
    }
  }
  return gallery.site();
}

test("a thread of its own finds what the gallery says, to the last number", async () => {
  const site = siteOf(40);
  const found = await (await openThread()).find(site, settings);
  expect(found).toEqual(siteFinding(site, settings));
  expect(found).toMatchObject({ people: 40, templates: 120, basis: "site" });
});

test.each([
  ["before its thread runs", async () => {}],
  ["while its thread starts", () => new Promise((resolve) => setImmediate(resolve))],
])("stopped %s, it rejects, and can be asked again", async (_when, wait) => {
  const thread = await openThread();
  const site = siteOf(20);
  const running = thread.find(site, settings);
  await wait();
  thread.stop();
  await expect(running).rejects.toMatchObject({ code: "LINTEL_E_CHILD" });
  expect((await thread.find(site, settings)).people).toBe(20);
});

test("a thread that fails costs the calibration and nothing else", async () => {
  const thread = await openThread();
  const site = siteOf(20);
  const nonsense: GallerySite = { ...site, model: { kind: "adapter", layers: [], knots: [] } };
  await expect(thread.find(nonsense, settings)).rejects.toMatchObject({
    code: "LINTEL_E_CHILD",
    message: expect.stringContaining("knots"),
  });
  expect((await thread.find(site, settings)).people).toBe(20);
});
