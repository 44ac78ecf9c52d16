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

describe("with L-BFGS", () => {
  const settings = (changes: Parameters<typeof quick>[0] = {}) => quick({ optimiser: "lbfgs", ...changes });

  test("the loss never rises within a size, and the same seed gives the same picture", async () => {
    const paint = () => studio.painter.paint(settings({ start: "noise", coarsestSize: 96, steps: 10 }), inputs);
    const [first, again] = [await paint(), await paint()];
    expect(Buffer.compare(first.picture.rgb, again.picture.rgb)).toBe(0);
    const { loss } = first.provenance;
    expect(loss).toHaveLength(10);
    for (const [i, value] of loss.entries()) expect(value).toBeLessThanOrEqual(loss[i - 1] ?? value);
    expect(loss.at(-1)).toBeLessThan(0.3 * (loss[0] ?? 0));
  });

  test.each([2, 7, 10])("broken off and resumed after step %d it is the same picture to the last bit", async (step) => {
    const whole = await studio.painter.paint(settings(), inputs);
    let kept = new Uint8Array(0);
    const ending = new AbortController();
    await studio.painter.paint(settings(), inputs, {
      signal: ending.signal,
      checkpointEverySteps: 1,
      onCheckpoint: async (state) => {
        if (state.step !== step) return;
        kept = Uint8Array.from(encodeCheckpoint(state));
        ending.abort();
      },
    });
    const resumed = await studio.painter.paint(settings(), inputs, { resumeFrom: decodeCheckpoint(kept) });
    expect(Buffer.compare(resumed.picture.rgb, whole.picture.rgb)).toBe(0);
    expect(resumed.provenance.loss).toEqual(whole.provenance.loss);
  });

  test("where there is nowhere lower to go, the painting is finished early", async () => {
    const flat = settings({ mode: "inversion", start: "content", totalVariation: 0, coarsestSize: 96, steps: 30 });
    const { isFinished, provenance } = await studio.painter.paint(flat, inputs);
    expect(isFinished).toBe(true);
    expect(provenance.loss.length).toBeLessThan(30);
  });

  test("a dream is not painted with it", async () => {
    await expect(studio.painter.paint(settings({ mode: "dream" }), inputs)).rejects.toMatchObject({
      code: "LINTEL_E_USAGE",
      message: "a dream is not painted with lbfgs",
    });
  });
});
