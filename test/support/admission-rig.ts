import { silentLogger } from "../../src/core/logger.ts";
import { Admission } from "../../src/daemon/admission/admission.ts";
import type { TrackChallenges } from "../../src/daemon/admission/parts.ts";
import type { DisplayState, DoorState, EventType, Person, UnlockAnswer } from "../../src/daemon/api.ts";
import { DisplayBoard } from "../../src/daemon/display-board.ts";
import type { Identification } from "../../src/pipeline/matching/identify.ts";
import type { Embedding } from "../../src/pipeline/types.ts";
import { packVector, type VisionCommand } from "../../src/vision/protocol.ts";
import { memoryAccess, personOf } from "./access-kit.ts";
import { ManualClock } from "./manual-clock.ts";
import { sightingOf } from "./sightings.ts";

/** Alice Doe, Bob Doe. */
export const person = (id: string, changes: Partial<Person> = {}): Person =>
  personOf(id, { name: `${id[0]?.toUpperCase()}${id.slice(1)} Doe`, ...changes });

/** Faces in this rig carry their identity in the first number of the vector: 1 = alice, 2 = bob, 0 = nobody. */
export const faceNumber = (n: number) => ({
  embedder: "dlib" as const,
  vector: packVector(new Float32Array(128).fill(0).with(0, n)),
});

/** Admission with people, rules, door and display in memory, and faces that stand before it. */
export class AdmissionRig {
  readonly clock = new ManualClock();
  readonly events: { type: EventType; fields: Readonly<Record<string, unknown>> }[] = [];
  readonly shown: DisplayState[] = [];
  readonly commands: VisionCommand[] = [];
  readonly unlocked: string[] = [];
  readonly people = new Map([
    ["alice", person("alice")],
    ["bob", person("bob")],
  ]);
  doorState: DoorState = {
    lock: "locked",
    contact: "unknown",
    mode: "normal",
    alarms: [],
    alarmDetails: [],
    since: "",
  };
  doorAnswer: UnlockAnswer = { ok: true, openMs: 5000 };
  distances = [0.66, 0.3, 0.31];
  names: (string | null)[] = [null, "alice", "bob"];
  readonly access = memoryAccess({
    people: this.people,
    clock: this.clock,
    events: { append: (type) => ({ seq: 0, time: "", type }), subscribe: () => () => {} },
    isClockTrusted: () => this.isClockTrusted,
  });
  isClockTrusted = true;
  readonly admission: Admission;
  /** The display, as the challenges see it. */
  readonly board = new DisplayBoard({ clock: this.clock, timers: this.clock });

  constructor(challengesOf?: (rig: AdmissionRig) => TrackChallenges) {
    this.admission = new Admission({
      clock: this.clock,
      logger: silentLogger,
      policy: {
        minFaceWidthPx: 110,
        maxYawDeg: 25,
        intentMs: 400,
        area: null,
        restMs: 10_000,
        requiresLiveness: true,
        factorWaitMs: 10_000,
      },
      recogniser: { identify: (face) => this.#identify(face) },
      people: this.people,
      access: this.access,
      door: this.#door(),
      events: {
        append: (type, fields = {}) => {
          this.events.push({ type, fields });
          return { seq: this.events.length, time: "", type, ...fields };
        },
      },
      board: {
        show: (state, holdMs) => {
          this.shown.push(state);
          this.board.show(state, holdMs);
        },
      },
      challenges: challengesOf?.(this),
      greet: "first-name",
      command: (command) => this.commands.push(command),
    });
    this.access.onBadge((reading) => this.admission.badgeRead(reading));
  }

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

  #identify([probe]: readonly Embedding[]): Identification {
    const n = probe?.vector[0] ?? 0;
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
