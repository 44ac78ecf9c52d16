import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { watch } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openCastKit } from "../support/cast.ts";
import { allTints, writeMadePeople } from "../support/made-people.ts";
import { stopTrainings, type Trained, train } from "../support/train-process.ts";

let folder: string;
let families: string;
let strangers: string;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "lintel-train-"));
  families = join(folder, "families");
  strangers = join(folder, "strangers");
  const { cast, engine } = await openCastKit();
  await engine.close();
  await writeMadePeople(cast, families, { tints: allTints, pictures: 3 });
  await writeMadePeople(cast, strangers, { tints: ["plain"], pictures: 4 });
});
afterAll(() => {
  stopTrainings();
  rmSync(folder, { recursive: true });
});

/** Resolves once a file of this name stands in the folder, which may not be there yet. */
async function appears(directory: string, name: string, signal: AbortSignal): Promise<void> {
  mkdirSync(directory, { recursive: true });
  const events = watch(directory, { signal });
  if (existsSync(join(directory, name))) return;
  for await (const { filename } of events) if (filename === name) return;
}

/** The one JSON document on its standard output. */
function answer({ stdout, stderr }: Trained) {
  if (stdout === "") throw new Error(`it answered nothing: ${stderr}`);
  return JSON.parse(stdout);
}

describe("a trained model at a door, through the command line", () => {
  const lesson = ["--folds", "2", "--copies", "0", "--steps", "10", "--seed", "2", "--json"];
  let config: string;
  let state: string;
  beforeAll(() => {
    config = join(folder, "lintel.yaml");
    state = join(folder, "state");
    const simulated = {
      camera: { driver: "simulated", socket: "/nowhere" },
      gpio: { driver: "simulated", socketPath: "/nowhere", outputs: { strike: { line: 0 } } },
    };
    writeFileSync(config, JSON.stringify({ stateDirectory: state, ...simulated }));
  });

  test("is refused where it is not better on people it has not seen", async () => {
    const checkpoint = join(folder, "refused");
    const options = [...lesson, "--activate", "--config", config, "--checkpoint", checkpoint];
    const trained = await train(["adapter", strangers, ...options]);
    const told = answer(trained);
    expect(told).toMatchObject({ kind: "adapter", people: 12, pictures: 48, interrupted: false });
    expect([trained.status, told.trial.isBetter, told.activated]).toEqual([1, false, null]);
    expect(told.trial.says).toMatch(/stays out/);
    expect(existsSync(join(state, "trained"))).toBe(false);
    expect((await train(["show", "--config", config])).status).toBe(1);
    expect(existsSync(checkpoint)).toBe(false);
  });

  test("is put in force where it is better beyond its confidence interval, and taken back", async () => {
    const options = [...lesson, "--activate", "--config", config, "--checkpoint", join(folder, "better")];
    const trained = await train(["adapter", families, ...options]);
    const { trial, activated, people } = answer(trained);
    expect([trained.status, people, trial.isBetter], trial.says).toEqual([0, 48, true]);
    expect(trial.door[0].interval[1]).toBeLessThan(0);
    expect(activated).toMatch(/^[0-9a-f]{64}$/);

    const shown = await train(["show", "--config", config, "--json"]);
    const active = { sha256: activated, kind: "adapter", people: 48, trial: trial.says };
    expect([shown.status, answer(shown)]).toEqual([0, { active: expect.objectContaining(active) }]);
    const back = await train(["rollback", "--config", config, "--json"]);
    expect([back.status, answer(back)]).toEqual([0, { from: activated, to: null }]);
    expect((await train(["show", "--config", config])).status).toBe(1);
  }, 240_000);
});

describe("a training that was killed or broken off, through the command line", () => {
  /** What has to be the same: all weights, and all that is told but the time it took. */
  function outcome(out: string, trained: Trained) {
    const { runs, outcomes, people, pictures, interrupted, checkpoint } = answer(trained);
    const weights = readdirSync(out).filter((name) => name.endsWith(".json"));
    return {
      ...{ people, pictures, interrupted, checkpoint },
      runs: [...runs, ...outcomes].map(({ seconds: _, ...run }: { seconds: number }) => run),
      weights: weights.map((name) => [name, readFileSync(join(out, name), "utf8")]),
    };
  }

  test("a network from scratch ends with the weights of one that ran through", async () => {
    const options = ["--steps", "5", "--folds", "2", "--checkpoint-every", "2", "--seed", "3", "--json"];
    const [unbroken, broken] = [join(folder, "unbroken"), join(folder, "broken")];
    const whole = await train(["siamese", strangers, "--out", unbroken, ...options]);
    expect(whole.status, whole.stderr).toBe(0);
    expect(readdirSync(unbroken)).toHaveLength(7);

    const again = ["siamese", strangers, "--out", broken, ...options];
    const checkpoint = join(broken, "checkpoint");
    const killed = await train(again, { killOn: (signal) => appears(checkpoint, "training.checkpoint", signal) });
    expect([killed.status, killed.stdout]).toEqual(["SIGKILL", ""]);

    const interrupted = await train([...again, "--resume"], { interruptAt: /random mining: equal error/ });
    expect([interrupted.status, answer(interrupted)]).toMatchObject([1, { interrupted: true, checkpoint }]);
    expect(interrupted.stderr).toContain(
      `model 2 of 6; checkpoint in ${checkpoint}. Go on with:\n  lintel train siamese`,
    );
    expect(interrupted.stderr).toMatch(/--json --resume\n$/);

    const last = await train([...again, "--resume"]);
    expect(last.status, last.stderr).toBe(0);
    expect(outcome(broken, last)).toEqual(outcome(unbroken, whole));
    expect(readdirSync(checkpoint)).toEqual([]);
  }, 240_000);

  test("an adapter gets the trial of one that ran through; other options, photographs and a damaged file are refused", async () => {
    const [few, fewer] = [join(folder, "few"), join(folder, "fewer")];
    for (const [i, person] of readdirSync(strangers).slice(0, 6).entries()) {
      cpSync(join(strangers, person), join(few, person), { recursive: true });
      if (i < 4) cpSync(join(strangers, person), join(fewer, person), { recursive: true });
    }
    const checkpoint = join(folder, "adapter-checkpoint");
    const lesson = ["--folds", "2", "--copies", "0", "--steps", "40", "--checkpoint-every", "1", "--json"];
    const adapter = (people: string, ...more: string[]) => [
      "adapter",
      people,
      ...lesson,
      "--checkpoint",
      checkpoint,
      ...more,
    ];
    const whole = await train(adapter(few));
    expect(whole.status, whole.stderr).toBe(1);

    const killOn = (signal: AbortSignal) => appears(checkpoint, "training.checkpoint", signal);
    const killed = await train(adapter(few), { killOn });
    expect([killed.status, killed.stdout]).toEqual(["SIGKILL", ""]);
    const file = join(checkpoint, "training.checkpoint");
    const kept = readFileSync(file);

    const refusals = [
      { args: adapter(few, "--seed", "5", "--resume"), says: /is of another training: --seed 1 there, 5 here/ },
      { args: adapter(fewer, "--resume"), says: /was made from other photographs/ },
      { args: ["siamese", few, "--checkpoint", checkpoint, "--resume"], says: /command adapter there, siamese here/ },
    ];
    for (const { args, says } of refusals) {
      const { status, stdout, stderr } = await train(args);
      expect([status, stdout, stderr]).toEqual([2, "", expect.stringMatching(says)]);
    }
    writeFileSync(file, kept.subarray(0, kept.length - 1));
    const damaged = await train(adapter(few, "--resume"));
    expect([damaged.status, damaged.stderr]).toEqual([
      2,
      expect.stringMatching(/is damaged .*Begin again without --resume/),
    ]);

    writeFileSync(file, kept);
    const resumed = await train(adapter(few, "--resume"));
    expect(resumed.stderr).not.toMatch(/broken off/);
    expect(answer(resumed)).toEqual(answer(whole));
    expect(existsSync(file)).toBe(false);
  }, 240_000);
});
