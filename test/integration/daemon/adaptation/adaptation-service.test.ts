import { describe, expect, onTestFinished, test } from "vitest";
import { silentLogger } from "../../../../src/core/logger.ts";
import { seededRandom } from "../../../../src/core/random.ts";
import { AdaptationService } from "../../../../src/daemon/adaptation/adaptation-service.ts";
import { AdaptationStore } from "../../../../src/daemon/adaptation/adaptation-store.ts";
import { contentOf } from "../../../../src/daemon/fleet/content.ts";
import { packVector, type Sighting } from "../../../../src/vision/protocol.ts";
import { faceOf, movedBy, personVector, photoOf } from "../../../support/face-vectors.ts";
import { peopleHouse, photo } from "../../../support/people-house.ts";
import { sightingOf } from "../../../support/sightings.ts";
import { temporaryStateDirectory } from "../../../support/state-directory.ts";

const dayMs = 86_400_000;
const alice = personVector(1);
/** How alice looks now: 0.27 from her picture, and then how she will look, beyond the threshold of that picture alone. */
const changed = movedBy(alice, 0.27, seededRandom(5));
const later = alice.map((value, i) => value + 1.6 * ((changed[i] ?? 0) - value));
const deep: Sighting["liveness"] = {
  verdict: "live",
  cues: [{ name: "parallax", score: 0.9, verdict: "live", says: "" }],
};

/** Alice is enrolled, and comes to a door that adapts. */
async function house({
  directory = temporaryStateDirectory(),
  mode = "guarded" as "off" | "guarded",
  isClockTrusted = true,
} = {}) {
  const kept = peopleHouse(directory);
  const { db, people, events, clock, store, analyser } = kept;
  const adaptations = new AdaptationStore(db);
  const adaptation = new AdaptationService({
    ...{ mode, people, templates: store, store: adaptations, db, events, clock, timers: clock },
    logger: silentLogger,
  });
  onTestFinished(() => adaptation.stop());
  const enrol = async (id: string, vector: Float32Array) => {
    const [embedding] = faceOf(vector).embeddings;
    analyser.answers.set(id, photoOf(faceOf(vector, { embeddings: embedding ? [embedding] : [] })));
    expect((await people.add(id, {}, [photo(id)], "test")).refused).toEqual([]);
  };
  if (people.get("alice") === undefined) await enrol("alice", alice);
  let track = 0;
  /** One visit on the next day: three frames, the door opens, the track ends. */
  const visitAs = (person: string, vector: Float32Array, changes: Partial<Sighting> = {}, frames = 3) => {
    clock.advance(dayMs);
    track += 1;
    for (let i = 0; i < frames; i++) {
      const seen = movedBy(vector, 0.02, seededRandom(track * 10 + i));
      const embedding = { embedder: "dlib" as const, vector: packVector(seen) };
      adaptation.sighted(sightingOf(track, clock.nowMs(), { embedding, liveness: deep, ...changes }));
    }
    events.append("granted", { person, track, distance: 0.3 });
    adaptation.trackEnded(track);
    clock.advance(5000);
  };
  const visit = visitAs.bind(null, "alice");
  const said = () => events.read(1, 1000).flatMap((event) => event.adaptation ?? []);
  const nameOf = (vector: Float32Array) => people.identify([{ embedder: "dlib", vector }]).person;
  adaptation.start(() => isClockTrusted);
  return { ...kept, adaptation, adaptations, enrol, visit, visitAs, said, nameOf };
}

test("a look that comes on four days becomes a template: the door then knows a face it did not know", async () => {
  const kept = await house();
  expect(kept.nameOf(later)).toBeNull();
  for (let i = 0; i < 3; i++) kept.visit(changed);
  expect(kept.adaptation.list("alice")).toMatchObject([
    { person: "alice", templates: [], candidates: [{ confirmed: 2, needed: 3 }] },
  ]);
  expect(kept.nameOf(later)).toBeNull();
  kept.visit(changed);
  expect(kept.nameOf(later)).toBe("alice");
  expect(kept.adaptation.list(undefined)).toMatchObject([{ person: "alice", templates: [{}], candidates: [] }]);
  const found = kept.people.identify([{ embedder: "dlib", vector: changed }]);
  expect(found.enrolledDistance).toBeCloseTo(0.27, 2);
  expect(found.distance).toBeLessThan(0.05);
  expect(kept.said()).toEqual(["proposed", "adopted"]);
  expect(kept.people.gallery.templates).toBe(2);
  // What was enrolled is what it was: pictures still to come are counted without the adapted one.
  expect(kept.people.get("alice")?.templates).toBe(1);
});

test("it outlives a restart, is shown to the person, and stays out of what other doors are told", async () => {
  const directory = temporaryStateDirectory();
  const before = await house({ directory });
  for (let i = 0; i < 4; i++) before.visit(changed);
  before.visit(movedBy(alice, 0.25, seededRandom(99)));
  const after = await house({ directory });
  expect(after.nameOf(later)).toBe("alice");
  const { templates, other } = await after.people.export("alice", { vectors: true, eventsFrom: 1 });
  expect(templates.map(({ kind }) => kind)).toEqual(["enrolled", "adapted"]);
  expect(other.adaptations).toHaveLength(1);
  const person = after.people.get("alice");
  expect(person && contentOf(person, after.store.describeTemplates("alice", true))?.templates).toHaveLength(1);
});

test("the removal of the person destroys it with the rest, and proves that", async () => {
  const kept = await house();
  for (let i = 0; i < 4; i++) kept.visit(changed);
  const proof = await kept.people.remove("alice", "test");
  expect(proof.vectors).toHaveLength(2);
  expect(kept.adaptations.list()).toEqual([]);
  expect(kept.nameOf(later)).toBeNull();
});

describe("nothing is kept", () => {
  test.each<[string, Partial<Sighting>]>([
    ["without proof of depth", { liveness: { verdict: "live", cues: [] } }],
    ["of somebody turned away", { face: { ...sightingOf(1, 0).face!, pose: { yawDeg: 22, pitchDeg: 0, rollDeg: 0 } } }],
    ["of a small face", { face: { ...sightingOf(1, 0).face!, faceWidthPx: 80 } }],
    ["of a blurred face", { face: { ...sightingOf(1, 0).face!, sharpness: 60 } }],
  ])("%s", async (_name, changes) => {
    const kept = await house();
    for (let i = 0; i < 6; i++) kept.visit(changed, changes);
    expect(kept.adaptation.list(undefined)).toEqual([]);
    expect(kept.said()).toEqual([]);
  });

  test("of a single frame, and of a track in which another face was seen", async () => {
    const kept = await house();
    kept.visit(changed, {}, 1);
    const stranger = { embedder: "dlib" as const, vector: packVector(personVector(77)) };
    kept.adaptation.sighted(sightingOf(50, 0, { embedding: stranger, liveness: deep }));
    for (let i = 0; i < 3; i++) {
      const embedding = { embedder: "dlib" as const, vector: packVector(changed) };
      kept.adaptation.sighted(sightingOf(50, i, { embedding, liveness: deep }));
    }
    kept.events.append("granted", { person: "alice", track: 50 });
    kept.adaptation.trackEnded(50);
    kept.clock.advance(5000);
    expect(kept.adaptation.list(undefined)).toEqual([]);
  });

  test("of a track for which the door did not open, after a reset, and after stop", async () => {
    const kept = await house();
    const embedding = { embedder: "dlib" as const, vector: packVector(changed) };
    const stand = (track: number) => {
      for (let i = 0; i < 3; i++) kept.adaptation.sighted(sightingOf(track, i, { embedding, liveness: deep }));
    };
    stand(60);
    kept.adaptation.trackEnded(60);
    stand(61);
    kept.events.append("granted", { person: "alice", track: 61 });
    kept.adaptation.reset();
    kept.adaptation.trackEnded(61);
    stand(62);
    kept.events.append("granted", { person: "alice", track: 62 });
    kept.adaptation.trackEnded(62);
    kept.adaptation.stop();
    kept.adaptation.stop();
    kept.clock.advance(60_000);
    expect(kept.adaptation.list(undefined)).toEqual([]);
  });

  test("of people who have a look-alike in the gallery", async () => {
    const kept = await house();
    const { reference } = { reference: { people: 2, templates: 2, target: 1e-3, threshold: 0.4 } };
    kept.people.gallery.calibrate({ reference, own: new Map([["alice", 0.38]]) });
    for (let i = 0; i < 6; i++) kept.visit(changed);
    expect(kept.adaptation.list(undefined)).toEqual([]);
  });

  test("of people who are disabled", async () => {
    const kept = await house();
    kept.people.update("alice", { enabled: false }, "test");
    for (let i = 0; i < 6; i++) kept.visit(changed);
    expect(kept.adaptation.list(undefined)).toEqual([]);
  });
});

test("an impostor who is let in by force every day leaves nothing behind", async () => {
  const kept = await house();
  const impostor = movedBy(alice, 0.39, seededRandom(8));
  expect(kept.nameOf(impostor)).toBe("alice");
  for (let i = 0; i < 30; i++) kept.visit(impostor);
  expect(kept.adaptation.list(undefined)).toEqual([]);
  expect(kept.people.gallery.templates).toBe(1);
});

test("a look that is not confirmed goes after two months, also of somebody who does not come again", async () => {
  const kept = await house();
  await kept.enrol("bob", personVector(40));
  kept.visit(changed);
  kept.clock.advance(61 * dayMs);
  expect(kept.adaptation.list("alice")).toHaveLength(1);
  kept.visitAs("bob", personVector(40));
  expect(kept.adaptation.list("alice")).toEqual([]);
  expect(kept.said()).toEqual(["proposed", "discarded"]);
});

test("nothing is counted by a clock that is not to be believed", async () => {
  const kept = await house({ isClockTrusted: false });
  for (let i = 0; i < 6; i++) kept.visit(changed);
  expect(kept.adaptation.list(undefined)).toEqual([]);
});

test("somebody like the candidate who is enrolled meanwhile ends it", async () => {
  const kept = await house();
  kept.visit(changed);
  await kept.enrol("sister", movedBy(changed, 0.4, seededRandom(3)));
  for (let i = 0; i < 61; i++) kept.visit(changed);
  expect(kept.people.gallery.templates).toBe(2);
  expect(kept.said()).not.toContain("adopted");
});

test("there are never more than two, and the oldest goes", async () => {
  const kept = await house();
  for (let look = 0; look < 3; look++) {
    for (let i = 0; i < 20; i++) kept.visit(movedBy(alice, 0.27, seededRandom(100 + look)));
  }
  expect(kept.said().filter((what) => what === "adopted")).toHaveLength(3);
  expect(kept.said()).toContain("retired");
  expect(kept.adaptation.list("alice")[0]?.templates).toHaveLength(2);
  expect(kept.people.gallery.templates).toBe(3);
});

test("dropping forgets what was adapted and what waits, and leaves what was enrolled", async () => {
  const kept = await house();
  for (let i = 0; i < 4; i++) kept.visit(changed);
  expect(kept.adaptation.drop("alice", "command-line")).toBe(1);
  expect(kept.adaptation.drop("alice", "command-line")).toBe(0);
  expect(kept.nameOf(later)).toBeNull();
  expect(kept.nameOf(alice)).toBe("alice");
  expect(kept.events.read(1, 1000).at(-1)).toMatchObject({
    adaptation: "dropped",
    person: "alice",
    by: "command-line",
  });
  expect(() => kept.adaptation.drop("nobody", "test")).toThrow(expect.objectContaining({ code: "LINTEL_E_NOT_FOUND" }));
});

test("switched off, it keeps nothing and lets go of what it kept before", async () => {
  const directory = temporaryStateDirectory();
  const before = await house({ directory });
  for (let i = 0; i < 4; i++) before.visit(changed);
  const off = await house({ directory, mode: "off" });
  expect(off.nameOf(later)).toBeNull();
  expect(off.adaptation.list(undefined)).toEqual([]);
  for (let i = 0; i < 6; i++) off.visit(changed);
  expect(off.people.gallery.templates).toBe(1);
});
