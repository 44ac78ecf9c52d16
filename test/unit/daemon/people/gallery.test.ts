import { describe, expect, test } from "vitest";
import { seededRandom } from "../../../../src/core/random.ts";
import { Gallery } from "../../../../src/daemon/people/gallery.ts";
import { between, faceresVector, movedBy, personVector } from "../../../support/face-vectors.ts";

const settings = { targetFpir: 1e-3, maxDistance: 0.43 };
const random = seededRandom(5);

function galleryOf(people: number, templatesEach = 1): Gallery {
  const gallery = new Gallery(settings);
  for (let person = 0; person < people; person++) {
    for (let i = 0; i < templatesEach; i++) {
      const vector = i === 0 ? personVector(person) : movedBy(personVector(person), 0.2, random);
      gallery.add({
        id: person * 100 + i,
        personId: `p${person}`,
        embeddings: [
          { embedder: "faceres", vector: faceresVector(person) },
          { embedder: "dlib", vector },
        ],
      });
    }
  }
  return gallery;
}

const dlib = (vector: Float32Array) => ({ embedder: "dlib" as const, vector });

describe("identify", () => {
  test("a known face is recognised with its distance and the runner-up", () => {
    const found = galleryOf(20).identify([dlib(movedBy(personVector(4), 0.3, random))]);
    expect(found).toMatchObject({ person: "p4", reason: null });
    expect(found.distance).toBeCloseTo(0.3, 5);
    expect(found.runnerUp?.distance).toBeGreaterThan(0.5);
    expect(found.runnerUp?.person).not.toBe("p4");
  });

  test("a stranger is unknown", () => {
    expect(galleryOf(20).identify([dlib(personVector(999))])).toMatchObject({ person: null, reason: "unknown" });
  });

  test("two people who are equally near are told apart by nobody", () => {
    const gallery = galleryOf(5);
    const twin = movedBy(personVector(2), 0.2, random);
    gallery.add({ id: 9, personId: "twin", embeddings: [dlib(twin)] });
    const middle = between(personVector(2), twin, 0.1);
    expect(gallery.identify([dlib(middle)])).toMatchObject({ person: null, reason: "ambiguous" });
  });

  test.each([
    ["of another embedder", { embedder: "faceres" as const, vector: faceresVector(1) }],
    ["of another embedder but this length", { embedder: "faceres" as const, vector: personVector(1) }],
    ["of the wrong length", dlib(personVector(1).subarray(0, 64))],
    ["of NaN", dlib(new Float32Array(128).fill(Number.NaN))],
    ["of nothing", dlib(new Float32Array(0))],
  ])("a probe %s is unknown and stops nothing", (_name, probe) => {
    expect(galleryOf(3).identify([probe])).toEqual({ person: null, distance: null, runnerUp: null, reason: "unknown" });
  });

  test("the second descriptor refuses a stranger who looks to the first as if known", () => {
    const face = dlib(movedBy(personVector(4), 0.36, random));
    expect(galleryOf(20).identify([face]).person).toBe("p4");
    const stranger = [face, { embedder: "faceres" as const, vector: faceresVector(99) }];
    expect(galleryOf(20).identify(stranger)).toMatchObject({ person: null, reason: "unknown" });
    const known = galleryOf(20).identify([face, { embedder: "faceres" as const, vector: faceresVector(4) }]);
    expect(known.person).toBe("p4");
    expect(known.distance).toBeLessThan(0.36);
  });

  test("people without a second vector are still recognised, beside people who have one", () => {
    const gallery = galleryOf(5);
    gallery.add({ id: 900, personId: "early", embeddings: [dlib(personVector(50))] });
    const probe = (seed: number) => [
      dlib(movedBy(personVector(seed), 0.3, random)),
      { embedder: "faceres" as const, vector: faceresVector(seed) },
    ];
    expect(gallery.identify(probe(50))).toMatchObject({ person: "early", reason: null });
    expect(gallery.identify(probe(50)).distance).toBeCloseTo(0.3, 5);
    expect(gallery.identify(probe(3)).person).toBe("p3");
  });

  test("who was removed is recognised no more", () => {
    const gallery = galleryOf(5, 3);
    expect(gallery.identify([dlib(personVector(2))]).person).toBe("p2");
    gallery.remove("p2");
    expect(gallery.identify([dlib(personVector(2))]).person).toBeNull();
    expect(gallery.templates).toBe(12);
  });

  test("a template without a vector of the first embedder is left out", () => {
    const gallery = new Gallery(settings);
    const embeddings = [{ embedder: "faceres" as const, vector: faceresVector(1) }];
    expect(gallery.add({ id: 1, personId: "p", embeddings })).toBe(false);
    expect(gallery.templates).toBe(0);
  });
});

test("the threshold tightens by itself as people are enrolled", () => {
  const gallery = galleryOf(150, 3);
  expect(gallery.threshold).toBe(0.4);
  gallery.add({ id: 1e6, personId: "one-more", embeddings: [dlib(personVector(5000))] });
  expect(gallery.threshold).toBeLessThan(0.4);
});

test("a calibration is used as far as the ceiling allows", () => {
  const reference = { people: 10, templates: 30, target: 1e-3, threshold: 0.47 };
  const calibrated = { reference, own: new Map<string, number>() };
  expect(new Gallery({ ...settings, maxDistance: 0.5, calibrated }).threshold).toBe(0.47);
  expect(new Gallery({ ...settings, calibrated }).threshold).toBe(0.43);
});

test("a person's own threshold may be stricter than that for everybody, never looser", () => {
  const gallery = galleryOf(10);
  const probe = dlib(movedBy(personVector(4), 0.38, random));
  const reference = { people: 10, templates: 10, target: 1e-3, threshold: 0.4 };
  gallery.calibrate({ reference, own: new Map([["p4", 0.9]]) });
  expect(gallery.thresholdOf("p4")).toBe(0.4);
  expect(gallery.identify([probe]).person).toBe("p4");
  gallery.calibrate({ reference, own: new Map([["p4", 0.37]]) });
  expect(gallery.identify([probe])).toMatchObject({ person: null, reason: "unknown" });
  expect(gallery.thresholdOf("p5")).toBe(0.4);
});

test("nearestOther never names the person who is asked about", () => {
  const gallery = galleryOf(3);
  expect(gallery.nearestOther("p1", personVector(1))?.personId).not.toBe("p1");
  expect(gallery.nearestOther("new", personVector(1))).toMatchObject({ personId: "p1", distance: 0 });
  expect(galleryOf(1).nearestOther("p0", personVector(0))).toBeNull();
  expect(new Gallery(settings).nearestOther("p0", personVector(0))).toBeNull();
});
