import { spawn } from "node:child_process";
import { once } from "node:events";
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { describe, expect, onTestFinished, test } from "vitest";
import { silentLogger } from "../../../../src/core/logger.ts";
import { seededRandom } from "../../../../src/core/random.ts";
import { openDatabase } from "../../../../src/daemon/store/database.ts";
import { openKeptGallery } from "../../../../src/daemon/store/kept-gallery.ts";
import { rotationSteps } from "../../../../src/daemon/store/key-rotation.ts";
import { faceOf, faceresVector, movedBy, personVector, photoOf } from "../../../support/face-vectors.ts";
import { peopleHouse, photo } from "../../../support/people-house.ts";
import { temporaryStateDirectory } from "../../../support/state-directory.ts";

const people = 6;

/** A house with some people; `vectors` is what must come back bit for bit, whatever happens to the key. */
async function filledHouse(stateDirectory: string, place: { keyFile?: string; credentialsDirectory?: string } = {}) {
  const house = peopleHouse(stateDirectory, { place });
  for (let seed = 1; seed <= people; seed++) {
    house.analyser.answers.set(`p${seed}`, photoOf(faceOf(personVector(seed))));
    await house.people.add(`p${seed}`, {}, [photo(`p${seed}`)], "test");
  }
  return house;
}

function open(stateDirectory: string) {
  const db = openDatabase({ stateDirectory, logger: silentLogger });
  onTestFinished(() => db.close());
  const place = { stateDirectory, keyFile: undefined, credentialsDirectory: undefined };
  return { db, ...openKeptGallery(db, place, silentLogger) };
}

/** All vectors open and are what they were, and no key but one is left. */
function expectWhole(stateDirectory: string): void {
  const { db, store } = open(stateDirectory);
  const { templates, damaged } = store.templates();
  expect(damaged).toEqual([]);
  expect(templates.map(({ embeddings }) => embeddings.map(({ vector }) => vector))).toEqual(
    Array.from({ length: people }, (_, i) => [personVector(i + 1), faceresVector(1)]),
  );
  const keys = readdirSync(stateDirectory).filter((name) => name.startsWith("gallery.key"));
  expect(keys).toEqual(["gallery.key"]);
  db.close();
}

describe("a new gallery key", () => {
  test("opens everything, is another one, and nothing sealed with the old one is left", async () => {
    const stateDirectory = temporaryStateDirectory();
    const house = await filledHouse(stateDirectory);
    const file = join(stateDirectory, "gallery.key");
    const oldKey = readFileSync(file);
    const sealed = house.store.sealedOf("p1").map(({ ciphertext }) => Buffer.from(ciphertext).subarray(0, 64));
    writeFileSync(join(stateDirectory, "lintel.db.v1.backup"), "old");
    expect(await house.people.rotateKey("test")).toEqual({
      vectors: 2 * people,
      damaged: 0,
      rotatedAt: house.clock.date().toISOString(),
    });
    expect(readFileSync(file).equals(oldKey)).toBe(false);
    const bytes = Buffer.concat(readdirSync(stateDirectory).map((name) => readFileSync(join(stateDirectory, name))));
    expect(bytes.includes(oldKey)).toBe(false);
    for (const piece of sealed) expect(bytes.includes(piece)).toBe(false);
    expect(existsSync(join(stateDirectory, "lintel.db.v1.backup"))).toBe(false);
    expect(house.events.read(0, 100).at(-1)).toMatchObject({ type: "updated", changed: ["gallery-key"], by: "test" });
    // The house goes on with the new key, and so does the next start.
    house.analyser.answers.set("new", photoOf(faceOf(movedBy(personVector(1), 0.25, seededRandom(1)))));
    expect((await house.people.add("p1", {}, [photo("new")], "test")).templates).toBe(2);
    await house.people.remove("p6", "test");
    house.db.close();
    expect(open(stateDirectory).store.templates().damaged).toEqual([]);
  });

  test("lies where the configuration says the key is", async () => {
    const stateDirectory = temporaryStateDirectory();
    const keyFile = join(temporaryStateDirectory(), "elsewhere.key");
    const house = await filledHouse(stateDirectory, { keyFile });
    const before = readFileSync(keyFile);
    chmodSync(keyFile, 0o400);
    await house.people.rotateKey("test");
    expect(readFileSync(keyFile).equals(before)).toBe(false);
    expect(readdirSync(join(keyFile, ".."))).toEqual(["elsewhere.key"]);
  });

  test("is refused where the key is a credential, which cannot be written from here", async () => {
    const stateDirectory = temporaryStateDirectory();
    const credentialsDirectory = join(stateDirectory, "credentials");
    mkdirSync(credentialsDirectory);
    writeFileSync(join(credentialsDirectory, "gallery.key"), Buffer.alloc(32, 7));
    const house = await filledHouse(stateDirectory, { credentialsDirectory });
    await expect(house.people.rotateKey("test")).rejects.toMatchObject({ code: "LINTEL_E_REQUEST" });
    expect(readdirSync(credentialsDirectory)).toEqual(["gallery.key"]);
  });

  test("leaves what did not open before as it was, and counts it", async () => {
    const house = await filledHouse(temporaryStateDirectory());
    house.db.exec("UPDATE template_vectors SET tag = zeroblob(16) WHERE template_id = 2 AND embedder = 'dlib'");
    expect(await house.people.rotateKey("test")).toMatchObject({ vectors: 2 * people - 1, damaged: 1 });
    expect(house.store.templates().damaged).toEqual([{ personId: "p2", templateId: 2, embedder: "dlib" }]);
  });

  test("that cannot be sealed with on a full disk leaves the old one in force", async () => {
    const stateDirectory = temporaryStateDirectory();
    const house = await filledHouse(stateDirectory);
    const before = readFileSync(join(stateDirectory, "gallery.key"));
    house.db.exec("CREATE TRIGGER full BEFORE UPDATE ON template_vectors BEGIN SELECT RAISE(ABORT, 'disk'); END");
    await expect(house.people.rotateKey("test")).rejects.toMatchObject({ code: "LINTEL_E_STORAGE" });
    expect(readFileSync(join(stateDirectory, "gallery.key")).equals(before)).toBe(true);
    house.db.exec("DROP TRIGGER full");
    house.db.close();
    expectWhole(stateDirectory);
  });
});

describe("a change of the key that is cut short", () => {
  const names = ["nothing", "new key", "sealed", "copies", "old aside", "new in place", "all"];

  test.each(names.map((name, done) => [name, done] as const))("after step: %s", async (_name, done) => {
    const stateDirectory = temporaryStateDirectory();
    const { db, store } = await filledHouse(stateDirectory);
    const file = join(stateDirectory, "gallery.key");
    const { steps } = rotationSteps({ db, store, file, stateDirectory, logger: silentLogger, record: () => {} });
    expect(steps).toHaveLength(names.length - 1);
    for (const step of steps.slice(0, done)) step.run();
    db.close();
    expectWhole(stateDirectory);
    // And the next change works.
    const next = open(stateDirectory);
    expect(next.rotateKey(() => {})).toEqual({ vectors: 2 * people, damaged: 0 });
    next.db.close();
    expectWhole(stateDirectory);
  });

  test("in the middle of writing the new key: half a key is thrown away", async () => {
    const stateDirectory = temporaryStateDirectory();
    (await filledHouse(stateDirectory)).db.close();
    writeFileSync(join(stateDirectory, "gallery.key.next"), Buffer.alloc(13, 1));
    expectWhole(stateDirectory);
  });

  test("at a random moment, by SIGKILL, again and again, loses no vector", async () => {
    const kills = Number(process.env.LINTEL_KILLS ?? 12);
    const random = seededRandom(17);
    const stateDirectory = temporaryStateDirectory();
    (await filledHouse(stateDirectory)).db.close();
    const script = fileURLToPath(new URL("../../../support/rotate-process.mjs", import.meta.url));
    const states = new Set<string>();
    let changes = 0;
    for (let kill = 0; kill < kills; kill++) {
      const child = spawn(process.execPath, [script, stateDirectory], { stdio: ["pipe", "pipe", "inherit"] });
      onTestFinished(() => void child.kill("SIGKILL"));
      const exit = once(child, "exit");
      const lines = createInterface({ input: child.stdout });
      lines.on("line", (line) => {
        expect(line).toBe(`${2 * people} 0`);
        changes += 1;
      });
      await once(lines, "line");
      // The moment of the kill is the thing under test, so that here a delay is drawn, not waited for.
      await new Promise((resolve) => setTimeout(resolve, random() * 40));
      child.kill("SIGKILL");
      await exit;
      states.add(
        readdirSync(stateDirectory)
          .filter((name) => name.startsWith("gallery.key"))
          .join(" "),
      );
      expectWhole(stateDirectory);
    }
    expect(changes).toBeGreaterThanOrEqual(kills);
    if (process.env.LINTEL_KILLS)
      process.stdout.write(`${kills} kills, ${changes} changes, found: ${[...states].join(" | ")}\n`);
  }, 240_000);
});
