import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { decodeCheckpoint, encodeCheckpoint } from "../../../src/art/checkpoint.ts";
import type { PaintInputs } from "../../../src/art/paint.ts";
import { openStudio, quick } from "../../support/art-studio.ts";

const studio = openStudio();
let inputs: PaintInputs & { content: { file: string } };
beforeAll(async () => {
  inputs = await studio.drawInputs();
});
afterAll(() => studio.close());

describe("a dream", () => {
  const dream = (changes: Parameters<typeof quick>[0] = {}) =>
    quick({ mode: "dream", learningRate: 6, contentLayers: [{ layer: "pw3", weight: 1 }], ...changes });

  test("shows more of what a layer sees, and is the same for the same seed, also after a break", async () => {
    const paint = (steps: number) => studio.painter.paint(dream({ steps }), { content: inputs.content, styles: [] });
    const [whole, again] = [await paint(24), await paint(24)];
    expect(Buffer.compare(whole.picture.rgb, again.picture.rgb)).toBe(0);
    const { loss, fidelity } = whole.provenance;
    // Minus the square of the features in parts of those of the content.
    expect(loss[0]).toBeGreaterThan(-1.3);
    expect(loss.at(-1)).toBeLessThan((loss[0] ?? 0) - 0.25);
    expect(fidelity).toMatchObject({ styleDistance: null });
    const only = { content: inputs.content, styles: [] };
    let kept = new Uint8Array(0);
    const ending = new AbortController();
    await studio.painter.paint(dream({ steps: 24 }), only, {
      signal: ending.signal,
      checkpointEverySteps: 13,
      onCheckpoint: async (state) => {
        kept = Uint8Array.from(encodeCheckpoint(state));
        ending.abort();
      },
    });
    const resumed = await studio.painter.paint(dream({ steps: 24 }), only, { resumeFrom: decodeCheckpoint(kept) });
    expect(Buffer.compare(resumed.picture.rgb, whole.picture.rgb)).toBe(0);
  });
});
