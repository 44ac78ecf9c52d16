import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { seededRandom } from "../../../../src/core/random.ts";
import { faceOf, movedBy, personVector, photoOf } from "../../../support/face-vectors.ts";
import { peopleHouse, photo } from "../../../support/people-house.ts";
import { temporaryStateDirectory } from "../../../support/state-directory.ts";

const random = seededRandom(11);
const dana = personVector(1);
const eve = personVector(2);

/** A house where `dana`, `dana2`, `eve` and `eve2` are good pictures, and the rest is not. */
function house(options: { requireConsent?: boolean; stateDirectory?: string } = {}) {
  const stateDirectory = options.stateDirectory ?? temporaryStateDirectory();
  const built = peopleHouse(stateDirectory, options);
  const answers = built.analyser.answers;
  answers.set("dana", photoOf(faceOf(dana)));
  answers.set("dana2", photoOf(faceOf(movedBy(dana, 0.25, random))));
  answers.set("eve", photoOf(faceOf(eve)));
  answers.set("eve2", photoOf(faceOf(movedBy(eve, 0.25, random))));
  answers.set("nobody", photoOf());
  answers.set("couple", photoOf(faceOf(dana), faceOf(eve)));
  answers.set("dark", photoOf(faceOf(dana, { reasons: ["too-dark"] })));
  return { ...built, stateDirectory };
}

const probe = (vector: Float32Array) => ({ embedder: "dlib" as const, vector });
const types = (built: ReturnType<typeof house>) =>
  built.events.read(0, 100).map(({ seq: _seq, time: _time, hash: _hash, ...rest }) => rest);

describe("adding a person", () => {
  test("creates them, recognises them at once and after a restart, and writes it down", async () => {
    const built = house();
    const answer = await built.people.add(
      "dana",
      { name: " Dana ", groups: ["staff"] },
      [photo("dana"), photo("dana2")],
      "mqtt",
    );
    expect(answer).toEqual({ id: "dana", templates: 2, refused: [] });
    const person = built.people.get("dana");
    expect(person).toMatchObject({ id: "dana", name: "Dana", enabled: true, groups: ["staff"], templates: 2 });
    expect(built.people.identify([probe(movedBy(dana, 0.3, random))]).person).toBe("dana");
    expect(types(built)).toEqual([{ type: "enrolled", person: "dana", templates: 2, by: "mqtt" }]);
    built.db.close();
    const again = house({ stateDirectory: built.stateDirectory });
    expect(again.people.list()).toEqual([person]);
    expect(again.people.identify([probe(movedBy(dana, 0.3, random))]).person).toBe("dana");
    expect(again.store.templates().templates[0]?.embeddings.map(({ embedder }) => embedder)).toEqual([
      "dlib",
      "faceres",
    ]);
  });

  test.each([
    ["nobody", "no-face"],
    ["couple", "several-faces"],
    ["dark", "too-dark"],
    ["unscripted", "not-an-image"],
  ])("without a usable picture (%s) creates nobody and writes nothing", async (name, reason) => {
    const built = house();
    const answer = await built.people.add("dana", { name: "Dana" }, [photo(name)], "cli");
    expect(answer).toMatchObject({ id: "dana", templates: 0, refused: [{ file: `${name}.jpg`, reason }] });
    expect(answer.refused[0]?.detail.length).toBeGreaterThan(15);
    expect(built.people.list()).toEqual([]);
    expect(built.store.list()).toEqual([]);
    expect(built.events.read(0, 10)).toEqual([]);
  });

  test("takes the good pictures and reports the others in the order they came", async () => {
    const photos = ["nobody", "dana", "couple", "eve", "dana2"].map(photo);
    const answer = await house().people.add("dana", {}, photos, "cli");
    expect(answer.templates).toBe(2);
    expect(answer.refused.map(({ file, reason }) => [file, reason])).toEqual([
      ["nobody.jpg", "no-face"],
      ["couple.jpg", "several-faces"],
      ["eve.jpg", "does-not-match-person"],
    ]);
  });

  test("whose face is enrolled under another id is refused", async () => {
    const { people } = house();
    await people.add("dana", {}, [photo("dana")], "cli");
    const answer = await people.add("impostor", {}, [photo("dana2")], "cli");
    expect(answer).toMatchObject({ templates: 0, refused: [{ reason: "already-enrolled" }] });
    expect(answer.refused[0]?.detail).toContain("dana");
    expect(people.get("impostor")).toBeUndefined();
  });

  test("twice at the same moment under two ids enrols one of them", async () => {
    const { people } = house();
    const answers = await Promise.all([
      people.add("dana", {}, [photo("dana")], "a"),
      people.add("other", {}, [photo("dana2")], "b"),
    ]);
    expect(answers.map(({ templates }) => templates).sort()).toEqual([0, 1]);
    expect(people.list()).toHaveLength(1);
  });

  test("again with a new picture and a new name adds both; the same picture is refused", async () => {
    const built = house();
    await built.people.add("dana", { name: "Dana", consent: "C-1" }, [photo("dana")], "cli");
    const answer = await built.people.add("dana", { name: "Dana N." }, [photo("dana2"), photo("dana")], "cli");
    expect(answer).toMatchObject({ templates: 2, refused: [{ file: "dana.jpg", reason: "same-picture" }] });
    expect(built.people.get("dana")).toMatchObject({ name: "Dana N.", consent: "C-1", templates: 2 });
    expect(types(built).map(({ type }) => type)).toEqual(["enrolled", "updated", "enrolled"]);
  });

  test("without pictures is refused for somebody new", async () => {
    await expect(house().people.add("dana", {}, [], "cli")).rejects.toMatchObject({ code: "LINTEL_E_REQUEST" });
  });

  test("with a wrong id or field is refused before any picture is looked at", async () => {
    const built = house();
    built.analyser.analyse = () => Promise.reject(new Error("looked at"));
    await expect(built.people.add("../dana", {}, [photo("dana")], "cli")).rejects.toMatchObject({
      code: "LINTEL_E_REQUEST",
    });
    await expect(built.people.add("dana", { openSeconds: 256 }, [photo("dana")], "cli")).rejects.toMatchObject({
      code: "LINTEL_E_REQUEST",
    });
  });

  test("needs consent where the configuration says so, and keeps it", async () => {
    const { people } = house({ requireConsent: true });
    await expect(people.add("dana", {}, [photo("dana")], "cli")).rejects.toThrow("consent");
    await people.add("dana", { consent: "C-17" }, [photo("dana")], "cli");
    expect(() => people.update("dana", { consent: null }, "cli")).toThrow("consent");
    await people.add("dana", {}, [photo("dana2")], "cli");
    expect(people.get("dana")).toMatchObject({ consent: "C-17", templates: 2 });
  });

  test("who is removed while the pictures are looked at does not come back", async () => {
    const built = house();
    await built.people.add("dana", {}, [photo("dana")], "cli");
    const adding = built.people.add("dana", {}, [photo("dana2")], "cli");
    const removing = built.people.remove("dana", "cli");
    await expect(adding).rejects.toMatchObject({ code: "LINTEL_E_NOT_FOUND" });
    await removing;
    expect(built.people.list()).toEqual([]);
  });

  test("on a full disk changes nothing, neither in memory nor on disk, and works later", async () => {
    const built = house();
    await built.people.add("dana", {}, [photo("dana")], "cli");
    built.db.exec("PRAGMA max_page_count = 1");
    const photos = Array.from({ length: 10 }, (_, i) => `e${i}`);
    for (const name of photos) built.analyser.answers.set(name, photoOf(faceOf(movedBy(eve, 0.3, random))));
    await expect(built.people.add("eve", {}, photos.map(photo), "cli")).rejects.toMatchObject({
      code: "LINTEL_E_STORAGE",
    });
    expect(built.people.list().map(({ id }) => id)).toEqual(["dana"]);
    expect(built.people.identify([probe(eve)]).person).toBeNull();
    expect(built.people.identify([probe(dana)]).person).toBe("dana");
    built.db.exec("PRAGMA max_page_count = 100000");
    expect((await built.people.add("eve", {}, photos.map(photo), "cli")).templates).toBe(10);
  });
});

describe("consent", () => {
  test("is not asked for to disable somebody who was enrolled before it was needed, but for a new picture", async () => {
    const before = house();
    await before.people.add("dana", {}, [photo("dana")], "cli");
    before.db.close();
    const { people } = house({ requireConsent: true, stateDirectory: before.stateDirectory });
    expect(people.update("dana", { enabled: false }, "cli").enabled).toBe(false);
    await expect(people.add("dana", {}, [photo("dana2")], "cli")).rejects.toThrow("consent");
    await people.add("dana", { consent: "C-3" }, [photo("dana2")], "cli");
    expect(() => people.update("dana", { consent: null }, "cli")).toThrow("consent");
  });
});

describe("changing a person", () => {
  test("keeps what is not named and writes the names of what changed, not the values", async () => {
    const built = house();
    await built.people.add("dana", { name: "Dana", consent: "C-1" }, [photo("dana")], "cli");
    built.clock.advance(1000);
    const person = built.people.update("dana", { enabled: false, openSeconds: 20 }, "mqtt");
    expect(person).toMatchObject({ name: "Dana", consent: "C-1", enabled: false, openSeconds: 20, templates: 1 });
    expect(person.updatedAt > person.createdAt).toBe(true);
    expect(built.people.get("dana")).toEqual(person);
    expect(built.store.get("dana")).toEqual(person);
    expect(types(built)[1]).toEqual({
      type: "updated",
      person: "dana",
      changed: ["enabled", "openSeconds"],
      by: "mqtt",
    });
  });

  test("to what is there already writes nothing", async () => {
    const built = house();
    await built.people.add("dana", { name: "Dana" }, [photo("dana")], "cli");
    built.people.update("dana", { name: "Dana", enabled: true }, "mqtt");
    expect(built.events.read(0, 10)).toHaveLength(1);
  });

  test("listeners find the change made when they hear of it", async () => {
    const built = house();
    const heard: unknown[] = [];
    built.events.subscribe(({ type }) => heard.push([type, built.people.get("dana")?.name]));
    await built.people.add("dana", { name: "Dana" }, [photo("dana")], "cli");
    built.people.update("dana", { name: "D." }, "cli");
    await built.people.remove("dana", "cli");
    expect(heard).toEqual([
      ["enrolled", "Dana"],
      ["updated", "D."],
      ["removed", undefined],
    ]);
  });
});

describe("removing a person", () => {
  test("leaves no byte of the name or the templates in any file, copies included", async () => {
    const built = house();
    await built.people.add("dana-xyzzy", { name: "Dana Plugh", consent: "CONSENT-9" }, [photo("dana")], "cli");
    await built.people.add("eve", { name: "Eve" }, [photo("eve")], "cli");
    writeFileSync(join(built.stateDirectory, "lintel.db.v1.backup"), "Dana Plugh");
    await built.people.remove("dana-xyzzy", "cli");
    const files = readdirSync(built.stateDirectory);
    const bytes = Buffer.concat(files.map((name) => readFileSync(join(built.stateDirectory, name))));
    expect(bytes.includes("Dana Plugh")).toBe(false);
    expect(bytes.includes("CONSENT-9")).toBe(false);
    expect(bytes.includes("Eve")).toBe(true);
    expect(built.people.get("dana-xyzzy")).toBeUndefined();
    expect(built.people.identify([probe(dana)]).person).toBeNull();
    expect(built.people.identify([probe(eve)]).person).toBe("eve");
    expect(built.store.templates().templates.map(({ personId }) => personId)).toEqual(["eve"]);
  });

  test("frees the face for another id", async () => {
    const { people } = house();
    await people.add("dana", {}, [photo("dana")], "cli");
    await people.remove("dana", "cli");
    expect((await people.add("dana.2", {}, [photo("dana2")], "cli")).templates).toBe(1);
  });
});

describe("verifying", () => {
  test.each([
    ["dana2", { match: true, reason: null }],
    ["eve", { match: false, reason: "different-person" }],
    ["couple", { match: false, distance: null, reason: "several-faces" }],
    ["nobody", { match: false, distance: null, reason: "no-face" }],
  ])("the picture %s against dana", async (name, expected) => {
    const { people } = house();
    await people.add("dana", {}, [photo("dana")], "cli");
    await expect(people.verify("dana", photo(name))).resolves.toMatchObject(expected);
  });
});

test.each(["show", "ghost"])("nobody is called %s: update, remove and verify say so", async (id) => {
  const { people } = house();
  const missing = expect.objectContaining({ code: "LINTEL_E_NOT_FOUND" });
  expect(() => people.update(id, { name: "x" }, "cli")).toThrow(missing);
  await expect(people.remove(id, "cli")).rejects.toThrow(missing);
  await expect(people.export(id, { vectors: false, eventsFrom: 0 })).rejects.toThrow(missing);
  await expect(people.verify(id, photo("dana"))).rejects.toMatchObject({ code: "LINTEL_E_NOT_FOUND" });
});

test("a template that was altered on disk is left out; everybody else gets in", async () => {
  const built = house();
  await built.people.add("dana", {}, [photo("dana")], "cli");
  await built.people.add("eve", {}, [photo("eve")], "cli");
  built.db.exec("UPDATE template_vectors SET ciphertext = zeroblob(512) WHERE template_id = 1 AND embedder = 'dlib'");
  built.people.start();
  expect(built.people.identify([probe(dana)]).person).toBeNull();
  expect(built.people.identify([probe(eve)]).person).toBe("eve");
});
