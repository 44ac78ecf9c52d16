import type { Clock } from "../../core/clock.ts";
import type { AlarmDetail } from "../api.ts";
import type { DoorAlarm } from "./types.ts";

/** Gives the alarms the time of day: each change of one is stamped once, when it is first seen. */
export class AlarmBook {
  readonly #clock: Clock;
  #entries: readonly { readonly alarm: DoorAlarm; readonly detail: AlarmDetail }[] = [];

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  details(alarms: readonly DoorAlarm[]): readonly AlarmDetail[] {
    this.#entries = alarms.map((alarm) => this.#entries.find((entry) => entry.alarm === alarm) ?? this.#enter(alarm));
    return this.#entries.map(({ detail }) => detail);
  }

  // --- internal ---

  #enter(alarm: DoorAlarm) {
    const { name, state, by } = alarm;
    return { alarm, detail: { alarm: name, state, since: this.#clock.date().toISOString(), by } };
  }
}
