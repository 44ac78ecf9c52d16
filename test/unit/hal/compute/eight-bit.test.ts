import { describe, expect, it } from "vitest";
import { whyNoByteProducts } from "../../../../src/hal/compute/eight-bit.ts";
import { deviation, eightBitTolerance, tolerance } from "../../../../src/hal/compute/self-test/compare.ts";
import { eightBitReferences, references } from "../../../../src/hal/compute/self-test/references.ts";
import { TestedEngine } from "../../../../src/hal/compute/self-test/tested-engine.ts";
import type { Engine, NetworkName } from "../../../../src/pipeline/engine.ts";
import { answerAs, saturatingDlib } from "../../../support/eight-bit-answers.ts";
import { NumberNetwork } from "../../../support/number-network.ts";

const flagsOf = (flags: string) => async () => `processor : 0\nflags\t\t: fpu sse2 ${flags} avx2\nbogomips : 4800\n`;

describe("whyNoByteProducts", () => {
  it.each([
    ["x64", "avx512_vnni"],
    ["x64", "avx_vnni"],
    ["arm64", "asimddp"],
  ])("a processor for %s with %s multiplies bytes", async (arch, flag) => {
    expect(await whyNoByteProducts({ arch, cpuinfo: flagsOf(flag) })).toBeUndefined();
  });

  it.each([
    ["x64", "avx512f avx512bw", "avx512_vnni, avx_vnni"],
    ["x64", "asimddp", "avx512_vnni, avx_vnni"],
    ["x64", "avx512_vnni_like", "avx512_vnni, avx_vnni"],
    ["arm64", "asimd asimdhp", "asimddp"],
    ["riscv64", "avx_vnni", "the instructions that it takes"],
  ])("one for %s with %s alone does not, and it is said what it lacks", async (arch, flags, lacks) => {
    expect(await whyNoByteProducts({ arch, cpuinfo: flagsOf(flags) })).toContain(lacks);
  });

  it("a machine that does not tell its flags is not trusted with it", async () => {
    expect(await whyNoByteProducts({ arch: "x64", cpuinfo: async () => "" })).toContain("avx512_vnni");
  });
});

interface Asked extends Engine {
  readonly opened: NetworkName[];
  closed: number;
}

/** Answers every network with this embedding. */
function engineOf(embedding: Float32Array): Asked {
  return {
    ...{ name: "onnx", device: "cpu", opened: [], closed: 0 },
    async open(name) {
      this.opened.push(name);
      return new NumberNetwork(8, () => ({ embedding }));
    },
    async close() {
      this.closed += 1;
    },
  };
}

const floats = answerAs(references.dlib!.embedding!);
const bytes = answerAs(eightBitReferences.dlib!.embedding!);

function opened(answer: Float32Array) {
  const refused: string[] = [];
  const [engine, eightBit] = [engineOf(floats), engineOf(answer)];
  const onRefused = (name: NetworkName, reason: string) => void refused.push(`${name}: ${reason}`);
  return { engine, eightBit, refused, tested: new TestedEngine({ engine, eightBit: { engine: eightBit, onRefused } }) };
}

describe("a network in eight bits", () => {
  it("is preferred where it computes what is stored for it, and the engine says so", async () => {
    const { engine, eightBit, refused, tested } = opened(bytes);
    expect(tested.precision).toBe("float32");
    await tested.open("dlib");
    expect([eightBit.opened, engine.opened, refused]).toEqual([["dlib"], [], []]);
    expect(tested.selfTests.get("dlib")).toMatchObject({ against: "stored", precision: "int8" });
    expect(tested.precision).toBe("int8");
    await tested.close();
    expect([engine.closed, eightBit.closed]).toEqual([1, 1]);
  });

  it.each<[string, (value: number, n: number) => number]>([
    ["saturates", (value) => Math.max(-0.2, Math.min(0.2, value))],
    ["gives zeros", () => 0],
    ["gives what is no number", (value, n) => (n === 5 ? Number.NaN : value)],
    ["is off by three in a hundred", (value) => 1.03 * value],
  ])("that %s is told of once, and floats compute in its place", async (_, fault) => {
    const { engine, refused, tested } = opened(bytes.map(fault));
    await tested.open("dlib");
    await tested.open("dlib");
    expect(engine.opened).toEqual(["dlib"]);
    expect(refused).toEqual([
      expect.stringMatching(/^dlib: onnx on cpu computes dlib wrongly: its numbers are off by/),
    ]);
    expect(tested.selfTests.get("dlib")).toMatchObject({ precision: "float32" });
    expect(tested.precision).toBe("float32");
  });

  it("that came from a processor without VNNI, whose sums saturate, is refused though it is only a little off", async () => {
    const { refused, tested } = opened(answerAs(saturatingDlib));
    await tested.open("dlib");
    expect(refused).toEqual(["dlib: onnx on cpu computes dlib wrongly: its numbers are off by 4.5 % of their range"]);
    expect(tested.precision).toBe("float32");
  });

  it("is not even asked for where there is none", async () => {
    const { engine, eightBit, refused, tested } = opened(bytes);
    await tested.open("sface-2021dec");
    expect([eightBit.opened, engine.opened, refused]).toEqual([[], ["sface-2021dec"], []]);
  });

  it("and the same in floats are told apart by what is stored", () => {
    expect(deviation({ embedding: bytes }, references.dlib!)).toBeGreaterThan(10 * tolerance);
    expect(deviation({ embedding: floats }, eightBitReferences.dlib!)).toBeGreaterThan(eightBitTolerance);
  });
});
