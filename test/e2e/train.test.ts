import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { TrainedStore } from "../../src/daemon/people/trained-store.ts";
import type { TrainedModel } from "../../src/pipeline/matching/trained.ts";
import { root } from "../support/daemon.ts";

let folder: string;
let config: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "lintel-train-"));
  config = join(folder, "lintel.yaml");
  const simulated = {
    camera: { driver: "simulated", socket: "/nowhere" },
    gpio: { driver: "simulated", socketPath: "/nowhere", outputs: { strike: { line: 0 } } },
  };
  writeFileSync(config, JSON.stringify({ stateDirectory: folder, ...simulated }));
});
afterEach(() => rmSync(folder, { recursive: true }));

function train(...args: string[]) {
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [join(root, "dist/cli/main.js"), "train", ...args],
    // A daemon's configuration must not be taken from the machine that tests.
    { encoding: "utf8", timeout: 60_000, env: { ...process.env, XDG_CACHE_HOME: folder } },
  );
  return { status, stdout, stderr };
}

const head: TrainedModel = {
  ...{ kind: "head", form: "absolute", weights: new Float32Array(128).fill(1), bias: -1 },
  knots: [
    [0, 0.2],
    [1, 0.7],
  ],
};
const about = {
  madeAt: "2031-04-01T10:00:00.000Z",
  people: 12,
  pictures: 60,
  trial: "better on people it had not seen",
};

test("show says what is in force, roll-back takes it out, and both say 1 when there is nothing", async () => {
  const sha256 = await new TrainedStore(folder).activate(head, about);
  const shown = train("show", "--config", config, "--json");
  expect(shown.status, shown.stderr).toBe(0);
  expect(JSON.parse(shown.stdout)).toEqual({ active: { sha256, kind: "head", ...about } });
  expect(train("show", "--config", config).stdout).toContain(`head ${sha256.slice(0, 12)}`);

  const back = train("rollback", "--config", config);
  expect([back.status, back.stdout]).toEqual([0, expect.stringContaining("now as out of the box")]);
  expect(train("rollback", "--config", config)).toMatchObject({ status: 1, stdout: "no trained model is in force\n" });
  const none = train("show", "--config", config, "--json");
  expect([none.status, JSON.parse(none.stdout)]).toEqual([1, { active: null }]);
});

test("a model whose file was altered is named, with what to do", async () => {
  const sha256 = await new TrainedStore(folder).activate(head, about);
  writeFileSync(join(folder, "trained", `${sha256}.json`), "{}");
  const { status, stderr } = train("show", "--config", config);
  expect([status, stderr]).toEqual([69, expect.stringContaining("lintel train rollback")]);
});

test.each([
  ["a folder that is not there", 2, ["adapter", "nowhere"], /cannot be read/],
  ["a folder with one person", 2, ["adapter", "."], /does not hold two people/],
  ["a trial of one part", 2, ["head", ".", "--folds", "1"], /from 2 on/],
  ["a way of mining that is none", 2, ["adapter", ".", "--mining", "easy"], /Allowed choices/],
  ["a device that is none", 2, ["adapter", ".", "--device", "gpu"], /Allowed choices are auto, wasm, cpu, node-gpu/],
  ["a device whose package is absent", 69, ["siamese", ".", "--device", "node-gpu"], /tfjs-node-gpu is not installed/],
  ["a checkpoint that is not there", 2, ["siamese", ".", "--resume"], /there is no checkpoint in siamese.checkpoint/],
  ["checkpoints every nought steps", 2, ["siamese", ".", "--checkpoint-every", "0"], /from 1 on/],
  ["no steps", 2, ["siamese", ".", "--steps", "0"], /from 1 on/],
  ["people in one part", 2, ["siamese", ".", "--folds", "1"], /from 2 on/],
  ["a door whose configuration is not there", 78, ["adapter", ".", "--activate", "--config", "no.yaml"], /no\.yaml/],
] as const)("%s is refused before anything is read, in one line", (_, code, args, says) => {
  mkdirSync(join(folder, "people", "dana"), { recursive: true });
  const [command, directory, ...options] = args;
  const { status, stdout, stderr } = train(command, join(folder, "people", directory), ...options);
  expect([status, stdout]).toEqual([code, ""]);
  expect(stderr).toMatch(says);
  expect(stderr).not.toMatch(/unexpected|\n\s+at /);
  expect(existsSync(join(folder, "trained"))).toBe(false);
});
