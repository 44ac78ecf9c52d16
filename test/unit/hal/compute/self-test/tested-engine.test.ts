import { describe, expect, it } from "vitest";
import { testPicture } from "../../../../../src/hal/compute/self-test/picture.ts";
import { TestedEngine } from "../../../../../src/hal/compute/self-test/tested-engine.ts";
import type { Engine, Network } from "../../../../../src/pipeline/engine.ts";
import { NumberNetwork } from "../../../../support/number-network.ts";

/** A network without a stored reference: it is compared with the processor. */
const name = "sface-2021dec";

function engineOf(
  device: string,
  answer: (input: Float32Array) => number[],
): Engine & { opened: number; closed: number } {
  return {
    name: "onnx",
    device,
    opened: 0,
    closed: 0,
    async open(): Promise<Network> {
      this.opened += 1;
      return new NumberNetwork(8, (input) => ({ embedding: Float32Array.from(answer(input)) }));
    },
    async close() {
      this.closed += 1;
    },
  };
}
const means = (input: Float32Array) =>
  [0, 1, 2].map((c) => input.slice(64 * c, 64 * c + 64).reduce((a, b) => a + b) / 64);

describe("TestedEngine", () => {
  it("opens a network that computes as the processor does, once for all who ask", async () => {
    const [engine, processor] = [engineOf("webgpu", means), engineOf("cpu", means)];
    const tested = new TestedEngine({ engine, openProcessor: async () => processor });
    const [first, second] = await Promise.all([tested.open(name), tested.open(name)]);
    expect(first).toBe(second);
    expect([engine.opened, processor.opened, processor.closed]).toEqual([1, 1, 1]);
    expect(tested.selfTests.get(name)).toEqual({ deviation: 0, against: "processor", precision: "float32" });
  });

  it.each<[string, (input: Float32Array) => number[], string]>([
    ["nothing but zeros", () => [0, 0, 0], "its numbers are off by 1.0e+2 % of their range"],
    ["the channels in another order", (input) => means(input).reverse(), "its numbers are off by"],
    ["no numbers", () => [1, Number.NaN, 1], "its numbers are off by Infinity % of their range"],
    ["a shorter answer", (input) => means(input).slice(1), "its output embedding has 2 numbers instead of 3"],
  ])("a device that gives %s is refused, and nobody gets its network", async (_, answer, message) => {
    const tested = new TestedEngine({
      engine: engineOf("webgpu", answer),
      openProcessor: async () => engineOf("cpu", means),
    });
    const failure = expect.objectContaining({
      code: "LINTEL_E_MODEL",
      exit: 69,
      message: expect.stringContaining(`onnx on webgpu computes ${name} wrongly: ${message}`),
    });
    await expect(tested.open(name)).rejects.toEqual(failure);
    // Asking again is no way around the test.
    await expect(tested.open(name)).rejects.toEqual(failure);
    expect(tested.selfTests.size).toBe(0);
  });

  it("on the processor itself a network without a reference has to give numbers at least", async () => {
    const sound = new TestedEngine({ engine: engineOf("cpu", means) });
    await sound.open(name);
    expect(sound.selfTests.get(name)).toMatchObject({ against: "none" });
    const unsound = new TestedEngine({ engine: engineOf("cpu", () => [Number.NaN]) });
    await expect(unsound.open(name)).rejects.toMatchObject({ code: "LINTEL_E_MODEL" });
  });

  it("a packaged network is compared with what is stored, also on the processor", async () => {
    const tested = new TestedEngine({ engine: engineOf("cpu", () => Array.from({ length: 128 }, () => 0.1)) });
    await expect(tested.open("dlib")).rejects.toMatchObject({
      message: expect.stringContaining("onnx on cpu computes dlib wrongly"),
      hint: expect.stringContaining("npm ci"),
    });
  });

  it("closes what it was given", async () => {
    const engine = engineOf("webgpu", means);
    await new TestedEngine({ engine }).close();
    expect(engine.closed).toBe(1);
  });
});

describe("testPicture", () => {
  const size = { inputWidth: 40, inputHeight: 30 };

  it("is one picture in both layouts", () => {
    const planes = testPicture("dlib", { ...size, inputLayout: "nchw" });
    const interleaved = testPicture("dlib", { ...size, inputLayout: "nhwc" });
    for (let place = 0; place < 1200; place++) {
      for (let c = 0; c < 3; c++) expect(interleaved[3 * place + c]).toBe(planes[c * 1200 + place]);
    }
  });

  it("differs from place to place and from channel to channel, within the range of the network", () => {
    const picture = testPicture("minifasnet-v2", { ...size, inputLayout: "nchw" });
    expect(Math.min(...picture)).toBeGreaterThanOrEqual(0);
    expect(Math.max(...picture)).toBeLessThanOrEqual(255);
    expect(new Set(picture).size).toBeGreaterThan(50);
    expect(picture.slice(0, 1200)).not.toEqual(picture.slice(1200, 2400));
  });
});
