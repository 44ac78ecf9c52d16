import { spawn } from "node:child_process";
import { once } from "node:events";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { type PhotoAnswer, photoAnswer, unpackVector } from "../../src/vision/protocol.ts";
import { testModelCache } from "../support/model-cache.ts";
import { readSample } from "../support/sample-photos.ts";

const program = fileURLToPath(new URL("../../dist/vision/main.js", import.meta.url));

interface Ended {
  readonly code: number;
  readonly answers: readonly PhotoAnswer[];
  readonly log: readonly Readonly<Record<string, unknown>>[];
}

/** The process that looks at photographs, asked for one, from start to end. */
async function look(compute: object): Promise<Ended> {
  const child = spawn(process.execPath, [program, "--photos"]);
  const ended = once(child, "exit");
  // A process that refuses its configuration does not read what follows.
  child.stdin.on("error", () => {});
  const config = { modelCacheDirectory: testModelCache, logLevel: "info", compute };
  const image = Buffer.from(readSample("sample2.jpg")).toString("base64");
  child.stdin.write(`${JSON.stringify(config)}\n`);
  child.stdin.write(`${JSON.stringify({ type: "photo", id: "one", image, purpose: "comparison" })}\n`);
  const [answers, log] = [linesOf(child.stdout, () => child.stdin.end()), text(child.stderr)];
  const [code] = await ended;
  return {
    code,
    answers: await answers,
    log: (await log)
      .split("\n")
      .filter(Boolean)
      .map((line) => JSON.parse(line)),
  };
}

/** Every message; `onPhoto` when the one that was asked for is there. */
async function linesOf(stream: NodeJS.ReadableStream, onPhoto: () => void): Promise<PhotoAnswer[]> {
  const answers: PhotoAnswer[] = [];
  let rest = "";
  for await (const chunk of stream) {
    rest += chunk;
    const lines = rest.split("\n");
    rest = lines.pop() ?? "";
    answers.push(...lines.map((line) => photoAnswer.parse(JSON.parse(line))));
    if (answers.some(({ type }) => type === "photo")) onPhoto();
  }
  return answers;
}

function vectorsOf({ answers }: Ended): Float32Array[] {
  const answer = answers.find((each) => each.type === "photo");
  if (answer?.type !== "photo") throw new Error("the photograph was not looked at");
  return answer.faces.flatMap(({ embeddings }) => embeddings.map(({ vector }) => unpackVector(vector)));
}

describe("compute.engine and compute.device", () => {
  it("both engines give the same vectors of a photograph within 1e-3, and say who they are", async () => {
    const [onnx, tfjs] = [await look({}), await look({ engine: "tfjs" })];
    expect(onnx.answers[0]).toMatchObject({ type: "ready", engine: "onnx" });
    expect(tfjs.answers[0]).toMatchObject({ type: "ready", engine: "tfjs" });
    expect(tfjs.log).toContainEqual(expect.objectContaining({ msg: "compute engine", engine: "tfjs" }));
    const [ours, theirs] = [vectorsOf(onnx), vectorsOf(tfjs)];
    expect(ours.length).toBeGreaterThanOrEqual(2);
    expect(theirs.map(({ length }) => length)).toEqual(ours.map(({ length }) => length));
    for (const [n, vector] of ours.entries()) {
      for (const [i, value] of vector.entries())
        expect(Math.abs(value - (theirs[n]?.[i] ?? Number.NaN))).toBeLessThan(1e-3);
    }
  });

  it.each([
    ["a device that this machine does not have", { device: "tensorrt" }, 69, /^compute\.device: tensorrt: /],
    [
      "a package that is not installed",
      { device: "node-gpu" },
      78,
      /^compute\.device: node-gpu: @tensorflow\/tfjs-node-gpu is not installed$/,
    ],
    [
      "a pair that does not exist",
      { engine: "onnx", device: "wasm" },
      78,
      /^compute\.device: wasm cannot be used with compute\.engine: onnx$/,
    ],
  ])(
    "%s ends the process with its code, one line and what to do; nothing is looked at",
    async (_, compute, code, problem) => {
      const ended = await look(compute);
      expect(ended.code).toBe(code);
      expect(ended.answers).toEqual([]);
      expect(ended.log).toEqual([
        expect.objectContaining({
          msg: "vision ends",
          problem: expect.stringMatching(problem),
          hint: expect.any(String),
        }),
      ]);
    },
  );
});
