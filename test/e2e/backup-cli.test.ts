import { execFile } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { describe, expect, test } from "vitest";
import { KeyRing } from "../../src/daemon/keys/key-ring.ts";
import { root } from "../support/daemon.ts";
import { faceOf, personVector, photoOf } from "../support/face-vectors.ts";
import { peopleHouse, photo } from "../support/people-house.ts";
import { temporaryStateDirectory } from "../support/state-directory.ts";

/** Runs `lintel …` from dist/ on a state directory. */
async function lintel(stateDirectory: string, ...args: string[]) {
  const config = join(stateDirectory, "lintel.yaml");
  writeFileSync(
    config,
    JSON.stringify({
      stateDirectory,
      camera: { driver: "simulated", socket: "/nowhere" },
      gpio: { driver: "simulated", socketPath: "/nowhere", outputs: { strike: { line: 0 } } },
    }),
  );
  const run = promisify(execFile)(process.execPath, [`${root}dist/cli/main.js`, ...args, "--config", config]);
  return run.then(
    ({ stdout, stderr }) => ({ code: 0, stdout, stderr }),
    ({ code, stdout, stderr }: { code: number; stdout: string; stderr: string }) => ({ code, stdout, stderr }),
  );
}

async function door() {
  const directory = temporaryStateDirectory();
  const { people, analyser, db, events, clock } = peopleHouse(directory);
  analyser.answers.set("dana", photoOf(faceOf(personVector(1))));
  await people.add("dana", { name: "Dana" }, [photo("dana")], "test");
  const keys = new KeyRing({ db, events, clock });
  const publicKey = JSON.stringify({ kty: "OKP", crv: "Ed25519", x: "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo" });
  await keys.add(publicKey, { name: "reception", roles: ["open"] }, "test");
  return { directory, db, file: join(directory, "copy.lintel") };
}

describe("lintel backup and restore", () => {
  test("say which keys are not in it, what came back, and what is left to do", async () => {
    const { directory, db, file } = await door();
    const made = await lintel(directory, "backup", file);
    expect(made).toMatchObject({ code: 0 });
    expect(made.stdout).toMatch(/1 people, events up to 2.*\nnot in it, and useless without: gallery.key, audit.key;/);
    db.close();
    const restored = await lintel(directory, "restore", file, "--replace");
    expect(restored).toMatchObject({ code: 0 });
    expect(restored.stdout).toContain("the door starts in lockdown");
    expect(restored.stdout).toContain("dana  Dana");
    expect(restored.stdout).toMatch(/left out; add those that still count.*\n {2}reception {2}\S+ {2}open/);
    expect(restored.stdout).toContain("lintel.db.before-restore");
    expect((await lintel(directory, "events", "verify")).code).toBe(0);
  });

  test("print one document with --json, and end with 1, 2 and 78 for a clean no, a bad file and a missing key", async () => {
    const { directory, db, file } = await door();
    expect(JSON.parse((await lintel(directory, "backup", file, "--json")).stdout)).toMatchObject({ file, people: 1 });
    expect(await lintel(directory, "backup", file)).toMatchObject({ code: 1, stdout: "" });
    db.close();
    const conflict = await lintel(directory, "restore", file);
    expect(conflict).toMatchObject({ code: 1, stdout: "" });
    expect(conflict.stderr).toContain("say --replace");
    expect((await lintel(directory, "restore", join(directory, "absent"), "--replace")).code).toBe(2);
    expect((await lintel(temporaryStateDirectory(), "restore", file)).code).toBe(78);
    const { code, stdout } = await lintel(directory, "restore", file, "--replace", "--json");
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ people: [{ id: "dana" }], isInFleet: false });
  });
});
