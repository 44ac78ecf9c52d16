import { describe, expect, it } from "vitest";
import { silentLogger } from "../../../../src/core/logger.ts";
import { Admission } from "../../../../src/daemon/admission/admission.ts";
import type { DisplayState, DoorState, EventType, Person, UnlockAnswer } from "../../../../src/daemon/api.ts";
import type { Identification } from "../../../../src/pipeline/matching/identify.ts";
import type { Embedding } from "../../../../src/pipeline/types.ts";
import { packVector, type VisionCommand } from "../../../../src/vision/protocol.ts";
import { ManualClock } from "../../../support/manual-clock.ts";
import { faceOf, sightingOf } from "../../../support/sightings.ts";

const person = (id: string, changes: Partial<Person> = {}): Person => ({
  id,
  name: `${id[0]?.toUpperCase()}${id.slice(1)} Doe`,
  enabled: true,
  groups: [],
  consent: null,
  validFrom: null,
  validUntil: null,
  openSeconds: null,
  createdAt: "2026-01-01T00:00:00Z",
  updatedAt: "2026-01-01T00:00:00Z",
  templates: 1,
  ...changes,
});

/** Faces in this rig carry their identity in the first number of the vector: 1 = alice, 2 = bob, 0 = nobody. */
const faceNumber = (n: number) => ({
  embedder: "dlib" as const,
  vector: packVector(new Float32Array(128).fill(0).with(0, n)),
});

class Rig {
  readonly clock = new ManualClock();
  readonly events: { type: EventType; fields: Readonly<Record<string, unknown>> }[] = [];
  readonly shown: DisplayState[] = [];
  readonly commands: VisionCommand[] = [];
  readonly unlocked: string[] = [];
  readonly people = new Map([
    ["alice", person("alice")],
    ["bob", person("bob")],
  ]);
  doorState: DoorState = { lock: "locked", contact: "unknown", mode: "normal", alarms: [], since: "" };
  doorAnswer: UnlockAnswer = { ok: true, openMs: 5000 };
  distances = [0.66, 0.3, 0.31];
  names: (string | null)[] = [null, "alice", "bob"];
  readonly admission = new Admission({
    clock: this.clock,
    logger: silentLogger,
    policy: {
      minFaceWidthPx: 110,
      maxYawDeg: 25,
      intentMs: 400,
      area: null,
      restMs: 10_000,
      requiresLiveness: true,
    },
    recogniser: { identify: (probe) => this.#identify(probe) },
    people: this.people,
    door: this.#door(),
    events: {
      append: (type, fields = {}) => {
        this.events.push({ type, fields });
        return { seq: this.events.length, time: "", type, ...fields };
      },
    },
    board: { show: (state) => this.shown.push(state) },
    greet: "first-name",
    command: (command) => this.commands.push(command),
  });

  /** The faces stand there for a time, each seen ten times a second. */
  stand(ms: number, faces: readonly { track: number; face: number; live?: "live" | "spoof" | "no-verdict" }[]): void {
    for (let passed = 0; passed < ms; passed += 100) {
      this.clock.advance(100);
      for (const { track, face, live = "live" } of faces) {
        this.admission.sighted(
          sightingOf(track, this.clock.nowMs() - 30, {
            embedding: faceNumber(face),
            liveness: { verdict: live, cues: [] },
          }),
        );
      }
    }
  }

  typesOf(): EventType[] {
    return this.events.map(({ type }) => type);
  }

  #identify(probe: Embedding): Identification {
    const n = probe.vector[0] ?? 0;
    const name = this.names[n] ?? null;
    return { person: name, distance: this.distances[n] ?? 1, runnerUp: null, reason: name ? null : "unknown" };
  }

  #door() {
    const rig = this;
    return {
      get state() {
        return rig.doorState;
      },
      unlock(_seconds: number | undefined, by: { person?: string }) {
        if (rig.doorAnswer.ok) rig.unlocked.push(by.person ?? "?");
        return rig.doorAnswer;
      },
    };
  }
}

describe("admission", () => {
  it("opens once for a live person it knows, greets by first name, and writes one granted event", () => {
    const rig = new Rig();
    rig.stand(3000, [{ track: 1, face: 1 }]);
    expect(rig.unlocked).toEqual(["alice"]);
    expect(rig.typesOf()).toEqual(["granted"]);
    expect(rig.events[0]?.fields).toMatchObject({ person: "alice", openMs: 5000, distance: 0.3 });
    expect(rig.shown.at(-1)).toMatchObject({ kind: "granted", title: "Welcome, Alice" });
    expect(rig.commands).toContainEqual({ type: "track", trackId: 1, state: "decided" });
  });

  it("never opens for a stranger and writes one unknown event that names nobody", () => {
    const rig = new Rig();
    rig.stand(3000, [{ track: 1, face: 0 }]);
    expect(rig.unlocked).toEqual([]);
    expect(rig.typesOf()).toEqual(["unknown"]);
    expect(rig.events[0]?.fields).not.toHaveProperty("person");
  });

  it("never opens for a spoof and says whom it imitated, but not as the person", () => {
    const rig = new Rig();
    rig.stand(3000, [{ track: 1, face: 1, live: "spoof" }]);
    expect(rig.unlocked).toEqual([]);
    expect(rig.typesOf()).toEqual(["spoof"]);
  });

  it("never opens without proof of life, however long one waits", () => {
    const rig = new Rig();
    rig.stand(30_000, [{ track: 1, face: 1, live: "no-verdict" }]);
    expect(rig.unlocked).toEqual([]);
    expect(rig.typesOf()).toEqual(["denied"]);
    expect(rig.events[0]?.fields).toMatchObject({ reason: "no-liveness-evidence" });
  });

  it("does not let a photograph of a colleague borrow the liveness of the person who holds it", () => {
    const rig = new Rig();
    rig.stand(3000, [
      { track: 1, face: 0, live: "live" },
      { track: 2, face: 1, live: "no-verdict" },
    ]);
    expect(rig.unlocked).toEqual([]);
  });

  it("opens for neither of two faces that look alike to the last digit", () => {
    const rig = new Rig();
    rig.stand(3000, [
      { track: 1, face: 1 },
      { track: 2, face: 1 },
    ]);
    expect(rig.unlocked).toEqual([]);
  });

  it("opens for the person, not for the photograph beside, when both are named alike", () => {
    const rig = new Rig();
    rig.distances = [0.66, 0.3, 0.2];
    rig.names = [null, "alice", "alice"];
    rig.stand(3000, [
      { track: 1, face: 1, live: "no-verdict" },
      { track: 2, face: 2 },
    ]);
    expect(rig.unlocked).toEqual(["alice"]);
    expect(rig.events.find(({ type }) => type === "granted")?.fields).toMatchObject({ track: 2 });
  });

  it("lets a person in whose track was lost and found again under another number", () => {
    const rig = new Rig();
    rig.stand(400, [{ track: 1, face: 1 }]);
    rig.stand(1500, [{ track: 2, face: 1 }]);
    expect(rig.unlocked).toEqual(["alice"]);
  });

  it("does not open a second time for the same person within the rest time, on whatever track", () => {
    const rig = new Rig();
    rig.stand(1500, [{ track: 1, face: 1 }]);
    rig.stand(5000, [{ track: 2, face: 1 }]);
    expect(rig.unlocked).toEqual(["alice"]);
    rig.stand(6000, [{ track: 3, face: 1 }]);
    expect(rig.unlocked).toEqual(["alice", "alice"]);
  });

  const denials: [string, (rig: Rig) => void, string][] = [
    ["a disabled person", (rig) => rig.people.set("alice", person("alice", { enabled: false })), "disabled"],
    [
      "a person whose time has passed",
      (rig) => rig.people.set("alice", person("alice", { validUntil: "2026-01-02T00:00:00Z" })),
      "expired",
    ],
    ["everybody in lockdown", (rig) => (rig.doorState = { ...rig.doorState, mode: "lockdown" }), "lockdown"],
    [
      "everybody while the relay guard is gone",
      (rig) => (rig.doorAnswer = { ok: false, reason: "x" }),
      "door-unavailable",
    ],
    ["a person who was just removed", (rig) => rig.people.delete("alice"), "unknown"],
  ];
  it.each(denials)("denies %s, once", (_name, arrange, reason) => {
    const rig = new Rig();
    arrange(rig);
    rig.stand(4000, [{ track: 1, face: 1 }]);
    expect(rig.unlocked).toEqual([]);
    expect(rig.typesOf()).toEqual(["denied"]);
    expect(rig.events[0]?.fields).toMatchObject({ reason });
  });

  it("does not refuse a known person because a stranger stands beside, and notes the tailgater", () => {
    const rig = new Rig();
    rig.stand(700, [{ track: 2, face: 0, live: "no-verdict" }]);
    rig.stand(3000, [
      { track: 2, face: 0, live: "no-verdict" },
      { track: 1, face: 1 },
    ]);
    expect(rig.unlocked).toEqual(["alice"]);
    expect(rig.typesOf()).toContain("tailgating");
  });

  it("ignores embeddings of faces that are not fit to be judged", () => {
    const rig = new Rig();
    for (let i = 0; i < 30; i++) {
      rig.clock.advance(100);
      rig.admission.sighted(
        sightingOf(1, rig.clock.nowMs() - 30, { embedding: faceNumber(1), face: faceOf({ reasons: ["blurred"] }) }),
      );
    }
    expect(rig.unlocked).toEqual([]);
  });

  it("forgets what was agreed when vision is restarted", () => {
    const rig = new Rig();
    rig.stand(400, [{ track: 1, face: 1 }]);
    rig.admission.reset();
    rig.stand(300, [{ track: 1, face: 1 }]);
    expect(rig.unlocked).toEqual([]);
  });

  it("names a person by the person's own open time", () => {
    const rig = new Rig();
    rig.people.set("alice", person("alice", { openSeconds: 20 }));
    rig.stand(1500, [{ track: 1, face: 1 }]);
    expect(rig.unlocked).toEqual(["alice"]);
  });
});
