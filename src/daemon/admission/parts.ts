import type { Clock } from "../../core/clock.ts";
import type { Logger } from "../../core/logger.ts";
import type { Sighting, VisionCommand } from "../../vision/protocol.ts";
import type { DisplayState, Door, EventLog } from "../api.ts";
import type { OtherDoors } from "./other-doors.ts";
import type { AccessJudge, AdmissionPolicy, PersonDirectory, Recogniser } from "./types.ts";

/**
 * Why no challenge is asked of a track: it failed too many, too many were begun for this person of late, nothing can show them, or a human
 * is to be asked instead.
 */
export type ChallengeRefusal = "challenge-failed" | "locked-out" | "display-missing" | "ask-somebody";

/** The challenges of the levels `active` and `strict`. */
export interface TrackChallenges {
  /** What a sighting's liveness is at the door's level. `claimed`: whom the track is taken for. */
  sighted(sighting: Sighting, claimed: string | null): { liveness: Sighting["liveness"]; lacksChallenge: boolean };
  /** A recognised track lacks the challenge: asks it, unless that is done already or somebody else is being asked. */
  ask(trackId: number, person: string): ChallengeRefusal | null;
  /** The track was judged. */
  release(trackId: number): void;
  trackEnded(trackId: number): void;
  reset(): void;
}

/** What admission is made of. */
export interface AdmissionParts {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly policy: AdmissionPolicy;
  readonly recogniser: Recogniser;
  readonly people: PersonDirectory;
  readonly access: AccessJudge;
  readonly door: Pick<Door, "state" | "unlock">;
  /** Absent: this door opens whatever others do. */
  readonly otherDoors?: OtherDoors | undefined;
  /** Absent: ordinary frames are enough. */
  readonly challenges?: TrackChallenges | undefined;
  readonly events: Pick<EventLog, "append">;
  readonly board: { show(state: DisplayState, holdMs: number): void };
  readonly greet: "name" | "first-name" | "none";
  /** Tells vision what is still needed from a track. */
  command(command: VisionCommand): void;
}
