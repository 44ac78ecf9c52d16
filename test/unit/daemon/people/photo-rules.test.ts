import { describe, expect, test } from "vitest";
import { seededRandom } from "../../../../src/core/random.ts";
import {
  type Candidate,
  maxTemplatesPerPerson,
  readPhoto,
  type SelectionContext,
  selectPhotos,
} from "../../../../src/daemon/people/photo-rules.ts";
import { euclidean } from "../../../../src/pipeline/matching/matrix.ts";
import { packVector, photoProblem, qualityReason } from "../../../../src/vision/protocol.ts";
import { between, faceOf, movedBy, personVector, photoOf } from "../../../support/face-vectors.ts";

const dana = personVector(1);
const eve = personVector(2);
const random = seededRandom(3);

const newcomer: SelectionContext = { own: [], templates: 0, nearestOther: () => null };

function candidate(file: string, vector: Float32Array): Candidate {
  const quality = { faceWidthPx: 150, sharpness: 1, brightness: 1, yawDeg: 0, pitchDeg: 0, rollDeg: 0 };
  return { file, vector, embeddings: [{ embedder: "dlib", vector }], quality };
}

function knowing(personId: string, ...templates: Float32Array[]): SelectionContext["nearestOther"] {
  return (vector) => ({ personId, distance: Math.min(...templates.map((template) => euclidean(template, vector))) });
}

const files = (list: readonly { file: string }[]) => list.map(({ file }) => file);

describe("a picture by itself", () => {
  test.each(photoProblem.options)("the problem %s is passed on with a sentence", (problem) => {
    const reading = readPhoto("a.jpg", { type: "photo-refused", id: "1", problem, detail: "x" });
    expect(reading).toMatchObject({ ok: false, refusal: { file: "a.jpg", reason: problem } });
    expect(reading.ok || reading.refusal.detail).toMatch(/^[A-Z].{20,}\.$/);
  });

  test.each(qualityReason.options)("the reason %s refuses the picture with a sentence", (reason) => {
    const reading = readPhoto("a.jpg", photoOf(faceOf(dana, { reasons: [reason, "blurred"] })));
    expect(reading).toMatchObject({ ok: false, refusal: { reason } });
    expect(reading.ok || reading.refusal.detail).toMatch(/^[A-Z].{20,}\.$/);
  });

  const wrongLength = { embedder: "dlib" as const, vector: packVector(new Float32Array(127).fill(0.1)) };
  const notFinite = { embedder: "dlib" as const, vector: packVector(new Float32Array(128).fill(Number.NaN)) };
  const good = { embedder: "dlib" as const, vector: packVector(dana) };
  test.each([
    ["no face", photoOf(), "no-face"],
    ["two faces", photoOf(faceOf(dana), faceOf(eve)), "several-faces"],
    ["a second face too small to use", photoOf(faceOf(dana), faceOf(eve, { reasons: ["too-small"] })), "several-faces"],
    ["no vector", photoOf(faceOf(dana, { embeddings: [] })), "corrupt"],
    ["a vector of wrong length", photoOf(faceOf(dana, { embeddings: [wrongLength] })), "corrupt"],
    ["a vector of NaN", photoOf(faceOf(dana, { embeddings: [notFinite] })), "corrupt"],
    ["two vectors of one embedder", photoOf(faceOf(dana, { embeddings: [good, good] })), "corrupt"],
  ])("%s is refused", (_name, answer, reason) => {
    expect(readPhoto("a.jpg", answer)).toMatchObject({ ok: false, refusal: { reason } });
  });

  test("one good face gives the vectors of both embedders", () => {
    const reading = readPhoto("a.jpg", photoOf(faceOf(dana)));
    if (!reading.ok) throw new Error(reading.refusal.reason);
    expect(reading.candidate.vector).toEqual(dana);
    expect(reading.candidate.embeddings.map(({ embedder, vector }) => [embedder, vector.length])).toEqual([
      ["dlib", 128],
      ["faceres", 1024],
    ]);
  });
});

describe("pictures of a person", () => {
  test("several different pictures of one face are all taken", () => {
    const photos = ["a", "b", "c"].map((file) => candidate(file, movedBy(dana, 0.2, random)));
    expect(files(selectPhotos(photos, newcomer).accepted).sort()).toEqual(["a", "b", "c"]);
  });

  test("a picture near to somebody else's template is refused and names the id", () => {
    const context = { ...newcomer, nearestOther: knowing("dana", dana) };
    const { accepted, refused } = selectPhotos([candidate("a", movedBy(dana, 0.34, random))], context);
    expect(accepted).toEqual([]);
    expect(refused).toEqual([
      { file: "a", reason: "already-enrolled", detail: "This face is already enrolled as dana." },
    ]);
  });

  test("somebody who merely resembles another person may be enrolled", () => {
    const context = { ...newcomer, nearestOther: knowing("dana", dana) };
    expect(files(selectPhotos([candidate("a", movedBy(dana, 0.36, random))], context).accepted)).toEqual(["a"]);
  });

  test.each([
    ["first", ["near", "far"]],
    ["last", ["far", "near"]],
  ])("a poorer picture of an enrolled face is caught with the better one, which comes %s", (_name, order) => {
    const near = movedBy(dana, 0.3, random);
    const vectors: Record<string, Float32Array> = { near, far: movedBy(near, 0.4, random) };
    const context = { ...newcomer, nearestOther: knowing("dana", dana) };
    const photos = order.map((file) => candidate(file, vectors[file] ?? dana));
    const { accepted, refused } = selectPhotos(photos, context);
    expect(accepted).toEqual([]);
    expect(refused.map(({ reason }) => reason)).toEqual(["already-enrolled", "already-enrolled"]);
  });

  test("a picture of somebody unknown beside one of an enrolled face is judged by itself", () => {
    const context = { ...newcomer, nearestOther: knowing("dana", dana) };
    const { accepted, refused } = selectPhotos([candidate("dana", dana), candidate("eve", eve)], context);
    expect(files(accepted)).toEqual(["eve"]);
    expect(files(refused)).toEqual(["dana"]);
  });

  test("a picture far from all of the person's templates is refused", () => {
    const context = { ...newcomer, own: [dana, movedBy(dana, 0.3, random)], templates: 2 };
    const { accepted, refused } = selectPhotos([candidate("eve", eve)], context);
    expect(accepted).toEqual([]);
    expect(refused[0]?.reason).toBe("does-not-match-person");
  });

  test("one template that is near enough is enough", () => {
    const own = [dana, between(dana, eve, 0.4)];
    const { accepted } = selectPhotos([candidate("between", between(dana, eve, 0.6))], {
      ...newcomer,
      own,
      templates: 2,
    });
    expect(files(accepted)).toEqual(["between"]);
  });

  test("one wrong picture among the first ones does not shut out the right ones", () => {
    const right = ["b", "c", "d"].map((file) => candidate(file, movedBy(dana, 0.2, random)));
    const { accepted, refused } = selectPhotos([candidate("wrong", eve), ...right], newcomer);
    expect(files(accepted)).toEqual(["b", "c", "d"]);
    expect(refused).toMatchObject([{ file: "wrong", reason: "does-not-match-person" }]);
  });

  test.each([0, 0.05])("a picture %d away from one that is there is the same picture", (distance) => {
    const copy = candidate("copy", distance === 0 ? dana : movedBy(dana, distance, random));
    expect(selectPhotos([copy], { ...newcomer, own: [dana], templates: 1 }).refused[0]?.reason).toBe("same-picture");
    expect(selectPhotos([candidate("a", dana), copy], newcomer).refused).toMatchObject([
      { file: "copy", reason: "same-picture" },
    ]);
  });

  test("the templates of a person are limited, those stored before included", () => {
    const photos = Array.from({ length: 12 }, (_, i) => candidate(`${i}`, movedBy(dana, 0.25, random)));
    const fresh = selectPhotos(photos, newcomer);
    expect(fresh.accepted).toHaveLength(maxTemplatesPerPerson);
    expect(fresh.refused.map(({ reason }) => reason)).toEqual(["enough-templates", "enough-templates"]);
    const full = selectPhotos(photos, { ...newcomer, own: [dana], templates: 9 });
    expect(full.accepted).toHaveLength(1);
  });
});
