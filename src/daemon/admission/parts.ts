import type { Clock } from "../../core/clock.ts";
import type { Logger } from "../../core/logger.ts";
import type { VisionCommand } from "../../vision/protocol.ts";
import type { DisplayState, Door, EventLog } from "../api.ts";
import type { OtherDoors } from "./other-doors.ts";
import type { AccessJudge, AdmissionPolicy, PersonDirectory, Recogniser } from "./types.ts";

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
  readonly events: Pick<EventLog, "append">;
  readonly board: { show(state: DisplayState, holdMs: number): void };
  readonly greet: "name" | "first-name" | "none";
  /** Tells vision what is still needed from a track. */
  command(command: VisionCommand): void;
}
