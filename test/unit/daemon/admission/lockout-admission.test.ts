import { expect, it } from "vitest";
import { probingRule } from "../../../../src/daemon/admission/lockout.ts";
import { AdmissionRig } from "../../../support/admission-rig.ts";

/** What attempts that fail do to those who come after: nothing. */

function unknownVisits(rig: AdmissionRig, tracks: number, from = 100): void {
  for (let track = from; track < from + tracks; track++) {
    rig.stand(4000, [{ track, face: 0 }]);
    rig.admission.trackEnded(track);
  }
}

it("a permitted person is let in at once after any number of strangers and of spoofs of that very person", () => {
  const fresh = new AdmissionRig();
  fresh.stand(1500, [{ track: 1, face: 1 }]);
  expect(fresh.unlocked).toEqual(["alice"]);

  const rig = new AdmissionRig();
  unknownVisits(rig, 20);
  for (let track = 200; track < 220; track++) {
    rig.stand(2000, [{ track, face: 1, live: "spoof" }]);
    rig.admission.trackEnded(track);
  }
  rig.stand(1500, [{ track: 1, face: 1 }]);
  expect(rig.unlocked).toEqual(["alice"]);
  expect(rig.typesOf().filter((type) => type === "spoof")).toHaveLength(20);
});

it("a stranger beside the person costs that person nothing", () => {
  const rig = new AdmissionRig();
  rig.stand(1500, [
    { track: 1, face: 1 },
    { track: 2, face: 0 },
    { track: 3, face: 0, live: "spoof" },
  ]);
  expect(rig.unlocked).toEqual(["alice"]);
});

it("a spoof locks its own track for good", () => {
  const rig = new AdmissionRig();
  rig.stand(1000, [{ track: 1, face: 1, live: "spoof" }]);
  rig.stand(20_000, [{ track: 1, face: 1 }]);
  expect(rig.unlocked).toEqual([]);
});

it("five unknown tracks within a minute raise one alarm, and each of them one event", () => {
  const rig = new AdmissionRig();
  unknownVisits(rig, probingRule.tracks + 5);
  expect(rig.typesOf().filter((type) => type === "unknown")).toHaveLength(probingRule.tracks + 5);
  expect(rig.typesOf().filter((type) => type === "probing")).toHaveLength(1);
});

it("a face that shows no life yet is no failure: it raises no alarm and is let in once it turns", () => {
  const rig = new AdmissionRig();
  for (let track = 1; track <= 10; track++) {
    rig.stand(10_000, [{ track, face: 1, live: "no-verdict" }]);
    if (track < 10) rig.admission.trackEnded(track);
  }
  rig.stand(500, [{ track: 10, face: 1 }]);
  expect(rig.unlocked).toEqual(["alice"]);
  expect(rig.typesOf()).not.toContain("lockout");
  expect(rig.typesOf()).not.toContain("probing");
});

it("a track that was taken for nobody is judged again only after a wait that grows", () => {
  const rig = new AdmissionRig();
  const unknownAfterMs = (() => {
    for (let ms = 100; ms <= 10_000; ms += 100) {
      rig.stand(100, [{ track: 1, face: 0 }]);
      if (rig.typesOf().includes("unknown")) return ms;
    }
    return Number.POSITIVE_INFINITY;
  })();
  // Three decisions of three frames at ten a second take 1.1 s with the intent; the waits between them 1.5 s more.
  expect(unknownAfterMs).toBeGreaterThanOrEqual(2200);
  expect(unknownAfterMs).toBeLessThan(4000);
});

it("a person recognised by the second decision is let in: the wait binds the stranger's guess, not the face", () => {
  const rig = new AdmissionRig();
  rig.stand(900, [{ track: 1, face: 0 }]);
  expect(rig.typesOf()).not.toContain("unknown");
  rig.stand(1200, [{ track: 1, face: 1 }]);
  expect(rig.unlocked).toEqual(["alice"]);
});
