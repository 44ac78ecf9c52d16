import type { GuardCommand, StrikeCause } from "../../hal/relay-guard/protocol.ts";
import type { DoorMode, EventType, UnlockAnswer } from "../api.ts";

/** The vocabulary of the door machine. All times are monotonic milliseconds. */

/** What does not change while the door runs. */
export interface DoorRules {
  /** How long the door opens when nobody says otherwise: 1000 to 255 000. */
  readonly openMs: number;
  /** The door contact may be open this long before `held` is raised; longer for who was given more time to pass. */
  readonly heldMs: number;
  /** The warning before `held` begins this long ahead of it; 0: none. */
  readonly heldWarningMs: number;
  /** A scheduled passage waits for the first person who is recognised. */
  readonly firstInUnlock: boolean;
  /** A scheduled passage that a fault has ended is not tried again before this. */
  readonly scheduleRetryMs: number;
  /** Lock as soon as the contact says that the door was opened: nobody slips in behind on the same grant. */
  readonly relockOnOpen: boolean;
  /** A request-to-exit button also opens the strike. Where the way out is mechanical it only excuses the opening. */
  readonly rexOpens: boolean;
  /** A door that opens this soon after it was locked was opened by the permission before; later it is forced. */
  readonly graceMs: number;
  /** Length of one lease; a longer opening is renewed at half of it. At most the guard's own limit. */
  readonly sliceMs: number;
  /** The guard must have opened this soon after it was told, or the permission ends. */
  readonly answerMs: number;
  /** The guard must have reported the strike locked this soon after it should be, or it is replaced. */
  readonly lockWithinMs: number;
}

export type UnlockSource = "face" | "request" | "rex";

/** A permission that has not ended. */
export interface Opening {
  readonly kind: "timed" | "passage";
  /** `mode`: passage by a command. */
  readonly source: UnlockSource | "mode" | "schedule";
  readonly person: string | null;
  /** Which key, client or command line asked, for a request. */
  readonly requester: string | null;
  readonly askedAtMs: number;
  /** Time given with the permission; 0 in passage mode. */
  readonly openMs: number;
  /** When the permission ends; infinite in passage mode. No lease ever reaches beyond it. */
  readonly untilMs: number;
  readonly lease: { readonly id: string; readonly untilMs: number };
  /** The guard has confirmed that the strike is open. */
  readonly isConfirmed: boolean;
  /** The door was opened, or nobody can tell. */
  readonly isTaken: boolean;
}

/** A permission that ended without the door being opened; said aloud once the grace is over. */
export interface Untaken {
  readonly source: Opening["source"];
  readonly person: string | null;
  /** Which key, client or command line asked, for a request. */
  readonly requester: string | null;
  readonly openMs: number;
  readonly untilMs: number;
}

export type AlarmName = "forced" | "held" | "held-warning" | "tamper" | "lock-fault";

/** One alarm; at most one of a name. See `alarms.ts` for its life. */
export interface DoorAlarm {
  readonly name: AlarmName;
  readonly state: "raised" | "acknowledged" | "resolved";
  /** Since when it is in this state. */
  readonly sinceMs: number;
  /** Who acknowledged it. */
  readonly by: string | null;
}

/** What is known of the weekly schedule; a wish until `startScheduled` has looked at everything else. */
export interface ScheduleState {
  /** As last told; null: it could not say. */
  readonly isPassageTime: boolean | null;
  /** A command outranks the schedule until its present time is over. */
  readonly isSuspended: boolean;
  /** Somebody was recognised since the present time began. */
  readonly hasSomebodyCome: boolean;
  readonly notBeforeMs: number;
}

export interface DoorMachineState {
  readonly guard: "gone" | "starting" | "ready";
  /** Only what the guard reported or read back; never what we hope. */
  readonly lock: "locked" | "unlocked" | "unknown";
  /** The contact as last reported; it outlives the guard, so that a change in between is noticed. */
  readonly contact: "open" | "closed" | "unknown";
  readonly mode: DoorMode;
  readonly opening: Opening | null;
  readonly untaken: Untaken | null;
  /** Leases issued so far: numbers the next one. */
  readonly leases: number;
  /** Whether the last strike event written was `opened`. */
  readonly isOpenOnRecord: boolean;
  /** Who asked for the lock that is under way. */
  readonly lockedBy: string | null;
  /** When the guard must have reported the strike locked; null when nothing is owed. */
  readonly lockDueMs: number | null;
  /** Until when an opening of the door is excused. */
  readonly excusedUntilMs: number;
  /** Since when the contact counts as open for `held`; null while closed. */
  readonly heldSinceMs: number | null;
  /** How long the door may stay open this time. */
  readonly heldLimitMs: number;
  /** In the order in which they were raised. */
  readonly alarms: readonly DoorAlarm[];
  readonly schedule: ScheduleState;
  /** The relay does not do what it is told. Nothing is opened until it has been read back as it should be. */
  readonly isLockFaulty: boolean;
}

export type DoorEvent =
  | {
      readonly type: "unlock";
      readonly source: UnlockSource;
      readonly seconds?: number;
      readonly person?: string;
      readonly requester?: string;
    }
  | { readonly type: "lock"; readonly by: string }
  | { readonly type: "mode"; readonly mode: DoorMode; readonly by: string }
  /** What the weekly schedule says at this moment; null: it cannot say. */
  | { readonly type: "schedule"; readonly isPassageTime: boolean | null }
  | { readonly type: "acknowledge"; readonly alarm: AlarmName; readonly by: string }
  /** The process is about to end. */
  | { readonly type: "shutdown" }
  | { readonly type: "guard-ready" }
  | { readonly type: "guard-gone"; readonly reason: string }
  | { readonly type: "guard-fault"; readonly reason: string }
  | { readonly type: "guard-refused"; readonly id: string; readonly reason: string }
  | {
      readonly type: "strike";
      readonly isOpen: boolean;
      readonly cause: StrikeCause;
      readonly leaseId?: string | undefined;
    }
  | { readonly type: "read-back"; readonly isOpen: boolean }
  | {
      readonly type: "input";
      readonly line: "contact" | "requestToExit" | "tamper";
      readonly isActive: boolean;
      readonly atMs: number;
    }
  | { readonly type: "tick" };

export type DoorEffect =
  /** First in any list: the hardware does not wait for the records. */
  | { readonly type: "guard"; readonly command: GuardCommand }
  | { readonly type: "event"; readonly event: EventType; readonly fields: Readonly<Record<string, unknown>> }
  /** The guard does not lock as it should: end it, so that the chip takes the lines back. */
  | { readonly type: "replace-guard"; readonly reason: string }
  /** For the lights and sounders. */
  | { readonly type: "signal"; readonly outcome: "granted" }
  /** Whether there was such an alarm. */
  | { readonly type: "acknowledged"; readonly isKnown: boolean }
  /** For the log of the operator: something did not go as it should. */
  | { readonly type: "fault"; readonly reason: string }
  | { readonly type: "answer"; readonly answer: UnlockAnswer };

/** One step of the machine while it is computed; lives for one call of `next`. */
export interface Turn {
  state: DoorMachineState;
  readonly effects: DoorEffect[];
  readonly nowMs: number;
  readonly rules: DoorRules;
}
