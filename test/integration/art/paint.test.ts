import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { decodeCheckpoint, encodeCheckpoint } from "../../../src/art/checkpoint.ts";
import type { GraphRuntime } from "../../../src/art/graph-runtime.ts";
import type { PaintInputs, PaintProgress } from "../../../src/art/paint.ts";
import { createOnnxGraphs } from "../../../src/hal/compute/onnx-graphs.ts";
import { openStudio, quick } from "../../support/art-studio.ts";

const studio = openStudio();
let inputs: PaintInputs & { content: { file: string } };
beforeAll(async () => {
  inputs = await studio.drawInputs();
});
afterAll(() => studio.close());

describe("painting", () => {
  test("the picture comes near the style, has the asked size, and says what it was made from", async () => {
    const seen: PaintProgress[] = [];
    const settings = quick({ steps: 60 });
    const { picture, isFinished, provenance } = await studio.painter.paint(settings, inputs, {
      onStep: (progress) => seen.push(progress),
    });
    expect(isFinished).toBe(true);
    expect([picture.width, picture.height, picture.rgb.length]).toEqual([96, 64, 3 * 96 * 64]);
    expect(provenance.fidelity.styleDistance).toBeLessThan(0.3);
    expect(provenance.fidelity.contentCorrelation).toBeGreaterThan(0.3);
    expect(provenance.loss).toHaveLength(60);
    expect(provenance.loss.at(-1)).toBeLessThan(0.5 * (provenance.loss[0] ?? 0));
    expect(seen.map(({ step }) => step)).toEqual(Array.from({ length: 60 }, (_, i) => i + 1));
    expect(seen.at(-1)).toMatchObject({ share: 1, width: 96, height: 64 });
    expect(seen[0]).toMatchObject({ width: 48 });
    const sha256 = createHash("sha256").update(readFileSync(inputs.content.file)).digest("hex");
    expect(provenance.inputs[0]).toEqual({ role: "content", name: "content.png", sha256, weight: 1 });
    expect(provenance.engine).toBe("onnx cpu");
  });

  test.each([
    ["adam", 3840, "Set the size to 2880 at most."],
    ["lbfgs", 1200, "Set the size to 1024 at most, or the optimiser to adam."],
  ] as const)(
    "with %s a square of %d pixels is refused before it begins, with the size that would fit",
    async (optimiser, size, hint) => {
      const painting = studio.painter.paint(quick({ size, optimiser, aspect: 1 }), inputs);
      await expect(painting).rejects.toMatchObject({ code: "LINTEL_E_USAGE", hint });
    },
  );

  test("the same seed gives the same picture to the last bit, another seed another one", async () => {
    const paint = async (seed: number) =>
      (await studio.painter.paint(quick({ start: "noise", seed }), inputs)).picture.rgb;
    const [first, again, other] = [await paint(3), await paint(3), await paint(4)];
    expect(Buffer.compare(first, again)).toBe(0);
    expect(Buffer.compare(first, other)).not.toBe(0);
  });

  test.each([3, 6, 11])("broken off and resumed after step %d it is the same picture to the last bit", async (step) => {
    const settings = quick();
    const whole = await studio.painter.paint(settings, inputs);
    let kept = new Uint8Array(0);
    const ending = new AbortController();
    const broken = await studio.painter.paint(settings, inputs, {
      signal: ending.signal,
      checkpointEverySteps: 1,
      onCheckpoint: async (state) => {
        if (state.step !== step) return;
        kept = Uint8Array.from(encodeCheckpoint(state));
        ending.abort();
      },
    });
    expect(broken).toMatchObject({ isFinished: false, picture: { width: 96, height: 64 } });
    const resumed = await studio.painter.paint(settings, inputs, { resumeFrom: decodeCheckpoint(kept) });
    expect(Buffer.compare(resumed.picture.rgb, whole.picture.rgb)).toBe(0);
    expect(resumed.provenance.loss).toEqual(whole.provenance.loss);
  });

  test("a checkpoint of another painting is refused", async () => {
    let kept = new Uint8Array(0);
    const onCheckpoint = async (state: Parameters<typeof encodeCheckpoint>[0]) => {
      kept = Uint8Array.from(encodeCheckpoint(state));
    };
    await studio.painter.paint(quick({ steps: 2 }), inputs, { checkpointEverySteps: 1, onCheckpoint });
    const other = studio.painter.paint(quick({ steps: 3 }), inputs, { resumeFrom: decodeCheckpoint(kept) });
    await expect(other).rejects.toMatchObject({ code: "LINTEL_E_CONFLICT" });
  });

  test("the gate is waited for before each step, and ending there paints no further", async () => {
    const ending = new AbortController();
    let waits = 0;
    const beforeStep = async () => {
      if (++waits === 4) ending.abort();
    };
    const { provenance, isFinished } = await studio.painter.paint(quick(), inputs, {
      beforeStep,
      signal: ending.signal,
    });
    expect([waits, provenance.steps, isFinished]).toEqual([4, 3, false]);
  });

  test("a style of weight zero has no part, but stands in the record", async () => {
    const extra = { file: await studio.draw("extra.png", { seed: 2 }), weight: 0 };
    const alone = await studio.painter.paint(quick(), inputs);
    const both = await studio.painter.paint(quick(), { ...inputs, styles: [...inputs.styles, extra] });
    expect(Buffer.compare(alone.picture.rgb, both.picture.rgb)).toBe(0);
    expect(both.provenance.inputs.at(-1)).toMatchObject({ name: "extra.png", weight: 0 });
  });

  test("two styles are blended by their weights", async () => {
    const second = await studio.draw("second.png", { seed: 9 });
    const paint = async (weight: number) => {
      const styles = [...inputs.styles, { file: second, weight }];
      return (await studio.painter.paint(quick({ steps: 20 }), { ...inputs, styles })).picture.rgb;
    };
    const [little, much, only] = [await paint(0.05), await paint(20), await paint(1e6)];
    const gap = (a: Uint8Array, b: Uint8Array) => a.reduce((sum, value, i) => sum + Math.abs(value - b[i]!), 0);
    expect(gap(much, only)).toBeLessThan(gap(little, only) / 2);
  });

  test("with its luminance preserved the painting has the content's colours", async () => {
    const { picture } = await studio.painter.paint(quick({ preserveColour: "luminance", learningRate: 2 }), inputs);
    const original = await studio.painter.paint(quick({ steps: 1, learningRate: 0.01, totalVariation: 0 }), inputs);
    const redLessBlue = ({ rgb }: { rgb: Uint8Array }, i: number) => rgb[3 * i]! - rgb[3 * i + 2]!;
    const inside = Array.from({ length: 96 * 64 }, (_, i) => i).filter((i) => {
      const pixel = picture.rgb.subarray(3 * i, 3 * i + 3);
      return pixel.every((value) => value > 0 && value < 255);
    });
    expect(inside.length).toBeGreaterThan(2000);
    for (const i of inside)
      expect(Math.abs(redLessBlue(picture, i) - redLessBlue(original.picture, i))).toBeLessThan(6);
  });

  test("texture needs no content and inversion no style", async () => {
    const texture = await studio.painter.paint(quick({ mode: "texture", aspect: 2 }), { styles: inputs.styles });
    expect([texture.picture.width, texture.picture.height]).toEqual([96, 48]);
    expect(texture.provenance.fidelity.contentCorrelation).toBeNull();
    const settings = quick({ mode: "inversion", steps: 60, contentLayers: [{ layer: "pw2", weight: 1 }] });
    const inversion = await studio.painter.paint(settings, { content: inputs.content, styles: [] });
    expect(inversion.provenance.fidelity.styleDistance).toBeNull();
    expect(inversion.provenance.fidelity.contentCorrelation).toBeGreaterThan(0.7);
  });

  test("a picture can be the start", async () => {
    const start = { file: await studio.draw("start.png", { seed: 3 }) };
    const settings = quick({ start: "picture", steps: 1, learningRate: 0.01 });
    const { provenance } = await studio.painter.paint(settings, { ...inputs, start });
    expect(provenance.inputs.at(-1)).toMatchObject({ role: "start", name: "start.png" });
  });

  test.each([0.5, 2.5])("strokes may be %d times as large", async (styleScale) => {
    const { provenance } = await studio.painter.paint(quick({ styleScale, steps: 3 }), inputs);
    expect(provenance.steps).toBe(3);
  });
});

describe("a loss that is no number", () => {
  /** The real engine, whose losses are no number at these runs (counted from 1). */
  function failing(isBad: (run: number) => boolean): GraphRuntime {
    const real = createOnnxGraphs({ threads: 1 });
    let runs = 0;
    return {
      ...real,
      async open(onnx) {
        const session = await real.open(onnx);
        return {
          ...{ close: () => session.close() },
          async run(feeds, into) {
            const outputs = await session.run(feeds, into);
            if (!("gradient" in outputs)) return outputs;
            runs++;
            return isBad(runs) ? { ...outputs, style: Float32Array.of(Number.NaN) } : outputs;
          },
        };
      },
    };
  }

  test("costs a step back at half the rate, and the painting goes on", async () => {
    const own = openStudio({ graphs: failing((run) => run === 4 || run === 5) });
    const { isFinished, provenance } = await own.painter.paint(quick(), inputs);
    own.close();
    expect(isFinished).toBe(true);
    expect(provenance.loss.every(Number.isFinite)).toBe(true);
    expect(provenance.loss).toHaveLength(12);
  });

  test("with L-BFGS costs a shorter move, and the painting goes on", async () => {
    const own = openStudio({ graphs: failing((run) => run === 2 || run === 3 || run === 6) });
    const settings = quick({ optimiser: "lbfgs", steps: 4, coarsestSize: 96 });
    const { isFinished, provenance } = await own.painter.paint(settings, inputs);
    own.close();
    expect(isFinished).toBe(true);
    expect(provenance.loss.every(Number.isFinite)).toBe(true);
  });

  test("with L-BFGS fails the painting with the reason when it stays", async () => {
    const own = openStudio({ graphs: failing((run) => run > 3) });
    const painting = own.painter.paint(quick({ optimiser: "lbfgs", steps: 8, coarsestSize: 96 }), inputs);
    await expect(painting).rejects.toMatchObject({ code: "LINTEL_E_PAINTING", message: /is no number/ });
    own.close();
  });

  test("fails the painting with the reason when it stays", async () => {
    const own = openStudio({ graphs: failing((run) => run > 3) });
    const painting = own.painter.paint(quick(), inputs);
    await expect(painting).rejects.toMatchObject({
      code: "LINTEL_E_PAINTING",
      message: "after step 3 the loss is no number, 7 times at smaller and smaller steps",
    });
    own.close();
  });
});
