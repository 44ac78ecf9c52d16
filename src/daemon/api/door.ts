export type DoorMode = "normal" | "passage" | "lockdown";

/** An alarm and who has seen it. */
export interface AlarmDetail {
  readonly alarm: string;
  /** `resolved`: the cause is gone and nobody has acknowledged it yet. */
  readonly state: "raised" | "acknowledged" | "resolved";
  /** ISO 8601: since when it is in this state. */
  readonly since: string;
  /** Who acknowledged it. */
  readonly by: string | null;
}

/** What is known about the door; the payload of the MQTT topic `state` without `people`. */
export interface DoorState {
  /** As read back from the chip; `unknown` while the guard does not answer. */
  readonly lock: "locked" | "unlocked" | "unknown";
  readonly contact: "open" | "closed" | "unknown";
  readonly mode: DoorMode;
  /** Names of the alarms whose cause is there: `forced`, `held`, `held-warning`, `tamper`, `lock-fault`. */
  readonly alarms: readonly string[];
  /** The same with their states, and the resolved ones that nobody has acknowledged. */
  readonly alarmDetails: readonly AlarmDetail[];
  /** ISO 8601: since when the lock is as it is. */
  readonly since: string;
}

export type UnlockAnswer =
  | { readonly ok: true; readonly openMs: number }
  | { readonly ok: false; readonly reason: string };

export interface Door {
  readonly state: DoorState;
  /** Opens for a time in seconds (1 to 255; absent: the door's own). `by` names who asked, for the event. */
  unlock(
    seconds: number | undefined,
    by: { readonly source: "face" | "request" | "rex"; readonly person?: string; readonly requester?: string },
  ): UnlockAnswer;
  lock(by: string): void;
  setMode(mode: DoorMode, by: string): void;
  /** Somebody has seen the alarm of this name. False: none waits to be acknowledged. */
  acknowledge(alarm: string, by: string): boolean;
  subscribe(listener: (state: DoorState) => void): () => void;
}

/** Why an interlocked door may not open now; `partner` is null where it is nobody's doing but the network's. */
export interface InterlockRefusal {
  readonly partner: string | null;
  readonly why: "open" | "claims" | "no-answer" | "not-connected" | "withdrawn";
}

/** Other doors that must be shut while this one opens. */
export interface OtherDoors {
  /** Asks them all; null when each has agreed. Never later than the configured timeout. */
  claim(): Promise<InterlockRefusal | null>;
}
