import { createHash } from "node:crypto";
import { describe, expect, test } from "vitest";
import { decodeTraining, encodeTraining, type Training } from "../../../../src/lab/train/checkpoint-file.ts";

const floats = (...values: number[]) => [Float32Array.of(...values), Float32Array.of(1 / 3)];
const training: Training = {
  settings: { command: "siamese", "--margin": 0.1 + 0.2, "--steps": 120 },
  data: "ab".repeat(32),
  models: [
    {
      history: [{ step: 1, loss: 1 / 3, active: 1, judged: -0.5 }],
      ...{
        kept: { step: 1, judged: -0.5, weights: floats(1e-40, -0) },
        seconds: 1.5,
        random: 0xffffffff,
        going: "patience",
      },
    },
    {
      history: [
        { step: 1, loss: Number.NaN, active: 0 },
        { step: 2, loss: 0.1 + 0.2, active: 0.5, judged: Number.NaN },
      ],
      ...{ kept: { step: 0, judged: null, weights: floats(2) }, seconds: 0, random: 0 },
      going: { weights: floats(Number.NaN, 3), adam: { means: floats(4), squares: floats(Number.MAX_VALUE) } },
    },
  ],
};
const whole = encodeTraining(training);

/** A file whose digest is right, whatever its content. */
function signed(content: unknown): Uint8Array {
  const body = typeof content === "string" ? content : JSON.stringify(content);
  const digest = createHash("sha256").update(body).digest("hex");
  return Buffer.from(`lintel-training-checkpoint ${digest}\n${body}`);
}
const content = JSON.parse(Buffer.from(whole).toString("utf8").split("\n")[1] ?? "");
const [, second] = content.models;

describe("the file of a checkpoint", () => {
  test("gives back every number to the last bit, those that are none too", () => {
    expect(decodeTraining(whole)).toEqual(training);
    expect(signed(content)).toEqual(Buffer.from(whole));
  });

  test("every single byte that is another is noticed", () => {
    for (let i = 0; i < whole.length; i++) {
      const other = Uint8Array.from(whole);
      other[i] = (other[i] ?? 0) ^ 1;
      if (decodeTraining(other) !== null) throw new Error(`byte ${i} was not noticed`);
    }
  });

  test.each([
    ["nothing", new Uint8Array(0)],
    ["half of a file", whole.subarray(0, whole.length / 2)],
    ["a file with more behind it", Buffer.concat([whole, Buffer.from(" ")])],
    ["another kind of file", Buffer.from("%PDF-1.7\n...")],
    ["zeros, as after a power cut", new Uint8Array(whole.length)],
    ["no JSON", signed("{")],
    ["another document", signed([])],
    ["another version", signed({ ...content, format: 1 })],
    ["a part too many", signed({ ...content, more: 1 })],
    ["no models", signed({ ...content, models: undefined })],
    [
      "weights that are no whole floats",
      signed({ ...content, models: [{ ...second, going: { ...second.going, weights: ["AAA="] } }] }),
    ],
    [
      "weights that are no base64",
      signed({ ...content, models: [{ ...second, going: { ...second.going, weights: ["?"] } }] }),
    ],
    ["no memory of the optimiser", signed({ ...content, models: [{ ...second, going: { weights: [] } }] })],
    ["an end that there is not", signed({ ...content, models: [{ ...second, going: "signal" }] })],
    ["a place of chance below zero", signed({ ...content, models: [{ ...second, random: -1 }] })],
  ])("%s is no checkpoint", (_, bytes) => {
    expect(decodeTraining(bytes)).toBeNull();
  });
});
