import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { silentLogger } from "../../src/core/logger.ts";
import { computeDrivers, driversFor, type EngineChoice } from "../../src/hal/compute/drivers.ts";
import { openEngine } from "../../src/hal/compute/registry.ts";
import type { TestedEngine } from "../../src/hal/compute/self-test/tested-engine.ts";
import { ModelStore } from "../../src/models/store.ts";
import type { Network, NetworkName } from "../../src/pipeline/engine.ts";
import { testModelCache } from "./model-cache.ts";
import { type RecordedRun, replayed, worstDifference } from "./recorded-runs.ts";

const source = new ModelStore({ cacheDirectory: testModelCache, logger: silentLogger });

/** Why a device cannot be run here; undefined when it can. */
export async function whyAbsent(engine: EngineChoice, device: string): Promise<string | undefined> {
  const presence = await driversFor(engine, device, computeDrivers)[0].look();
  return presence.isPresent ? undefined : presence.problem.message;
}

export interface ContractOptions {
  readonly engine: "onnx" | "tfjs";
  readonly device: string;
  /** The networks that are compared with the processor on real faces; the first is used for the rest. Fewer where each takes seconds. */
  readonly networks: readonly [NetworkName, ...NetworkName[]];
  /** What the networks are compared on: recorded on the processor, several of each network. */
  runs(): Promise<readonly RecordedRun[]>;
  /** So many of them go through each network; default one. */
  readonly faces?: number;
}

/** What every engine on every device must do. One that is not here is left out, with the reason in its name. */
export async function describeComputeDevice({
  engine: name,
  device,
  networks,
  runs: recorded,
  faces = 1,
}: ContractOptions): Promise<void> {
  const absent = await whyAbsent(name, device);
  const title = `${name} on ${device}`;
  describe.skipIf(absent !== undefined)(absent === undefined ? title : `${title} (not run here: ${absent})`, () => {
    const [first] = networks;
    let engine: TestedEngine;
    let network: Network;
    let runs: readonly RecordedRun[];

    beforeAll(async () => {
      runs = await recorded();
      engine = await openEngine({ engine: name, device, threads: 1, source, logger: silentLogger });
      network = await engine.open(first);
    }, 240_000);
    afterAll(() => engine?.close());

    it("says what it is, and opens a network once", async () => {
      expect(engine).toMatchObject({ name, device });
      expect(await engine.open(first)).toBe(network);
    });

    it.each(networks)(
      "%s passed the test against the stored outputs and computes a face as the processor does",
      async (each) => {
        const opened = await engine.open(each);
        expect(engine.selfTests.get(each)?.against).toBe("stored");
        const compared = runs.filter((run) => run.network === each).slice(0, faces);
        expect(compared).toHaveLength(faces);
        for (const run of compared) {
          const { part, absolute } = worstDifference(await replayed(opened, run), run.outputs);
          expect(part).toBeLessThan(1e-3);
          if (each === "dlib") expect(absolute).toBeLessThan(1e-3);
        }
      },
      240_000,
    );

    it("leaves earlier answers alone, and sees what is written into the same array", async () => {
      const input = new Float32Array(3 * network.inputWidth * network.inputHeight).fill(0.2);
      const dark = await network.run(input);
      const kept = structuredClone(dark);
      input.fill(0.9);
      const bright = await network.run(input);
      expect(dark).toEqual(kept);
      expect(worstDifference(bright, dark).part).toBeGreaterThan(1e-3);
    }, 240_000);

    it("refuses an input of another size, and goes on", async () => {
      await expect(network.run(new Float32Array(7))).rejects.toMatchObject({ code: "LINTEL_E_MODEL" });
    });

    it("opens nothing once it is closed, and closes twice", async () => {
      await engine.close();
      await engine.close();
      await expect(engine.open(first)).rejects.toMatchObject({ code: "LINTEL_E_MODEL" });
    });
  });
}
