import { cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { sharedData } from "../support/shared-data.ts";
import { stopTrainings, train } from "../support/train-process.ts";

const photographs = join(sharedData, "faces", "att");
const isThere = existsSync(photographs);
let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "lintel-train-"));
  if (!isThere) return;
  choose("some", { people: 12, pictures: 4 });
  choose("few", { people: 8, pictures: 3 });
  choose("fewest", { people: 5, pictures: 3 });
});
afterAll(() => {
  stopTrainings();
  rmSync(folder, { recursive: true });
});

/** A folder with the first pictures of the first people. */
function choose(name: string, { people, pictures }: { people: number; pictures: number }): void {
  for (const person of readdirSync(photographs).sort().slice(0, people)) {
    for (const file of readdirSync(join(photographs, person)).sort().slice(0, pictures)) {
      cpSync(join(photographs, person, file), join(folder, name, person, file));
    }
  }
}

describe.skipIf(!isThere)(`lintel train on photographs under ${photographs} (skipped when they are not there)`, () => {
  it("tries an adapter on people it has not seen, and puts none in force that is not better", async () => {
    const config = join(folder, "lintel.yaml");
    const simulated = {
      camera: { driver: "simulated", socket: "/nowhere" },
      gpio: { driver: "simulated", socketPath: "/nowhere", outputs: { strike: { line: 0 } } },
    };
    writeFileSync(config, JSON.stringify({ stateDirectory: join(folder, "state"), ...simulated }));
    const options = ["--folds", "2", "--copies", "0", "--steps", "10", "--activate", "--config", config, "--json"];
    const { status, stdout, stderr } = await train(["adapter", join(folder, "some"), ...options]);
    const told = JSON.parse(stdout);
    expect(told, stderr).toMatchObject({
      ...{ kind: "adapter", people: 12, pictures: 48, failed: [], interrupted: false },
      trial: { folds: 2, genuine: 12 * 6, impostor: 2 * 15 * 16, door: [{ fmr: 0.01 }] },
    });
    // With a dozen people no gain can be told from chance.
    expect([status, told.trial.isBetter, told.activated]).toEqual([1, false, null]);
    expect(existsSync(join(folder, "state", "trained"))).toBe(false);
  });

  it("learns the same for the same seed, altered copies and all", async () => {
    const options = ["--folds", "2", "--copies", "1", "--steps", "5", "--seed", "4", "--json"];
    const learn = async () => JSON.parse((await train(["adapter", join(folder, "fewest"), ...options])).stdout);
    expect(await learn()).toEqual(await learn());
  });

  it("says of a head from too few people that it cannot be measured", async () => {
    const options = ["--folds", "2", "--copies", "0", "--form", "chi-square"];
    const { status, stdout } = await train(["head", join(folder, "few"), ...options]);
    expect(stdout).toMatch(/head from 24 pictures of 8 people.*\n(.*\n)*not measurable.*\nnothing was put in force\n$/);
    expect(status).toBe(1);
  });

  it("Ctrl-C while pictures are read ends it with a clear line and changes nothing", async () => {
    for (const kind of ["adapter", "siamese"]) {
      const { status, stdout, stderr } = await train([kind, join(folder, "some"), "--json"], {
        interruptAt: /reading \d+ pictures/,
      });
      expect([status, stdout]).toEqual([1, ""]);
      expect(stderr).toMatch(/broken off before anything was learnt: nothing was changed\n$/);
    }
  });

  it.each(["adapter", "head"])("Ctrl-C while the %s is trained puts nothing in force and says so", async (kind) => {
    const checkpoint = join(folder, "broken");
    const own = kind === "adapter" ? ["--steps", "100000", "--checkpoint", checkpoint] : [];
    const args = [kind, join(folder, "few"), "--folds", "2", "--copies", "0", "--json", ...own];
    const { status, stdout, stderr } = await train(args, { interruptAt: /training 3 models/ });
    expect([status, JSON.parse(stdout)]).toEqual([
      1,
      {
        ...{ kind, people: 8, pictures: 24, failed: [], trial: null, activated: null, interrupted: true },
        checkpoint: kind === "adapter" ? checkpoint : null,
      },
    ]);
    expect(stderr.includes("Go on with:")).toBe(kind === "adapter");
  });

  it("Ctrl-C while networks are trained from scratch keeps the weights so far, and the page says what came of them", async () => {
    const out = join(folder, "siamese");
    const options = ["--steps", "15", "--folds", "2", "--out", out, "--json"];
    const interrupted = await train(["siamese", join(folder, "few"), ...options], {
      interruptAt: /random mining: equal error/,
    });
    const { status, stdout, stderr } = interrupted;
    expect(stderr).toContain("random mining");
    const told = JSON.parse(stdout);
    expect(told).toMatchObject({
      people: 8,
      folds: 2,
      interrupted: true,
      runs: [{ steps: 15 }, {}],
      outcomes: [{}, {}],
    });
    expect([status, told.runs[1].steps < 15, told.runs.length]).toEqual([1, true, 2]);
    for (const mining of ["random", "semi-hard"]) {
      const { weights } = JSON.parse(readFileSync(join(out, `siamese-${mining}-1.json`), "utf8"));
      expect(weights).toHaveLength(7);
      for (const packed of weights) {
        const bytes = Buffer.from(packed, "base64");
        for (let at = 0; at < bytes.length; at += 4) expect(Number.isFinite(bytes.readFloatLE(at))).toBe(true);
      }
    }
    expect(readFileSync(told.page, "utf8")).toContain("random");
  });
});
