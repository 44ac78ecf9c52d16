import type { Random } from "../../src/core/random.ts";
import { initialInterlock, interlockRules, next, nextWakeMs } from "../../src/daemon/interlock/machine.ts";
import type { InterlockEvent, InterlockRules, InterlockState } from "../../src/daemon/interlock/types.ts";

export interface Weather {
  readonly loss: number;
  readonly repeat: number;
  readonly maxDelayMs: number;
  /** Crashes, standstills and losses of the broker, per door and second. */
  readonly mishaps: number;
}

export const calm: Weather = { loss: 0, repeat: 0, maxDelayMs: 20, mishaps: 0 };

interface SimulatedDoor {
  readonly id: string;
  readonly rules: InterlockRules;
  machine: InterlockState;
  /** Incarnation: what belongs to an earlier one is void. */
  life: number;
  isUp: boolean;
  stalledUntilMs: number;
  wakeAtMs: number;
  isStrikeOpen: boolean;
  isLeafOpen: boolean;
  wantsUntilMs: number;
  openings: number;
  /** When the latest report of the door arrives. */
  reportedMs: number;
}

/** Doors as they are, the machines that guard them, and a network between. Nothing here but the machine is under test. */
export class InterlockWorld {
  nowMs = 0;
  weather: Weather = calm;
  readonly doors: SimulatedDoor[];
  /** Moments at which two doors were open at once. */
  readonly breaches: string[] = [];
  readonly #random: Random;
  readonly #due: { atMs: number; rank: number; order: number; run: () => void }[] = [];
  #order = 0;
  #nonces = 0;

  constructor(ids: readonly string[], random: Random, rules: Partial<InterlockRules> = {}) {
    this.#random = random;
    this.doors = ids.map((id) => ({
      ...{ id, machine: initialInterlock, life: 0, isUp: false, stalledUntilMs: 0, wakeAtMs: Number.POSITIVE_INFINITY },
      ...{ isStrikeOpen: false, isLeafOpen: false, wantsUntilMs: 0, openings: 0, reportedMs: 0 },
      rules: interlockRules({ self: id, partners: ids.filter((other) => other !== id), timeoutMs: 800, ...rules }),
    }));
    for (const door of this.doors) this.#boot(door);
  }

  /** Plays for a time; `wanting` is how often somebody comes to a door, a second. */
  play(ms: number, wanting: number): void {
    const endMs = this.nowMs + ms;
    for (let atMs = this.nowMs; atMs < endMs; atMs += 100) this.#at(atMs, 2, () => this.#passTime(wanting / 10));
    while (this.#due.length > 0) {
      let first = 0;
      for (let i = 1; i < this.#due.length; i++) if (this.#isBefore(i, first)) first = i;
      const task = this.#due[first];
      if (!task || task.atMs > endMs) break;
      this.#due.splice(first, 1);
      this.nowMs = Math.max(this.nowMs, task.atMs);
      task.run();
    }
    this.nowMs = endMs;
  }

  // --- internal ---

  #isBefore(i: number, j: number): boolean {
    const a = this.#due[i];
    const b = this.#due[j];
    if (!a || !b) return false;
    return (a.atMs - b.atMs || a.rank - b.rank || a.order - b.order) < 0;
  }

  #at(atMs: number, rank: number, run: () => void): void {
    this.#due.push({ atMs, rank, order: this.#order++, run });
  }

  #between(fromMs: number, toMs: number): number {
    return fromMs + this.#random() * (toMs - fromMs);
  }

  #passTime(chance: number): void {
    for (const door of this.doors) {
      if (this.#random() < chance) door.wantsUntilMs = this.nowMs + 4000;
      if (this.#random() < this.weather.mishaps / 10) this.#mishap(door);
      if (door.isUp && this.nowMs >= door.stalledUntilMs && this.nowMs < door.wantsUntilMs) this.#tryDoor(door);
    }
  }

  #mishap(door: SimulatedDoor): void {
    // One standstill after the other: what waits must stay in its order.
    if (this.nowMs < door.stalledUntilMs) return;
    const kind = this.#random();
    if (kind < 0.3) this.#crash(door);
    else if (kind < 0.7) door.stalledUntilMs = this.nowMs + this.#between(100, 6000);
    else {
      const { life } = door;
      this.#tell(door, { type: "connection", isConnected: false });
      this.#at(this.nowMs + this.#between(50, 5000), 1, () => {
        if (door.life === life) this.#tell(door, { type: "connection", isConnected: true });
      });
    }
  }

  #boot(door: SimulatedDoor): void {
    door.life += 1;
    door.isUp = true;
    door.machine = initialInterlock;
    this.#report(door);
    const { life } = door;
    this.#at(this.nowMs + this.#between(5, 1500), 1, () => {
      if (door.life === life) this.#tell(door, { type: "connection", isConnected: true });
    });
  }

  /** The process dies: the guard locks; the leaf stays as it is. */
  #crash(door: SimulatedDoor): void {
    door.life += 1;
    door.isUp = false;
    door.stalledUntilMs = 0;
    door.isStrikeOpen = false;
    const { life } = door;
    this.#at(this.nowMs + this.#between(300, 6000), 0, () => {
      if (door.life === life) this.#boot(door);
    });
  }

  #tryDoor(door: SimulatedDoor): void {
    this.#tell(door, { type: "want", nonce: `nonce-of-this-claim-${this.#nonces++}` });
    const { claim } = door.machine;
    if (claim?.phase !== "held" || door.isStrikeOpen || door.isLeafOpen) return;
    this.#tell(door, { type: "used" });
    if (door.machine.claim?.phase === "used") this.#open(door);
  }

  /** The guard takes up to 0.9 s; somebody may pull the door at any moment while the strike is open. */
  #open(door: SimulatedDoor): void {
    door.wantsUntilMs = 0;
    const { life } = door;
    const opensAtMs = this.nowMs + this.#between(1, 900);
    const locksAtMs = opensAtMs + this.#between(1000, 5000);
    this.#at(opensAtMs, 0, () => {
      if (door.life !== life) return;
      door.openings += 1;
      door.isStrikeOpen = true;
      this.#changed(door);
    });
    const lock = () => {
      if (door.life !== life || !door.isStrikeOpen) return;
      door.isStrikeOpen = false;
      this.#changed(door);
    };
    this.#at(locksAtMs, 0, lock);
    if (this.#random() < 0.2) return;
    const pulledAtMs = this.#random() < 0.3 ? locksAtMs - 1 : this.#between(opensAtMs, locksAtMs);
    this.#at(pulledAtMs, 0, () => {
      if (!door.isStrikeOpen) return;
      door.isLeafOpen = true;
      this.#changed(door);
      this.#at(this.nowMs + this.#between(1, 100), 0, lock);
      this.#at(this.nowMs + this.#between(300, 15_000), 0, () => {
        door.isLeafOpen = false;
        this.#changed(door);
      });
    });
  }

  #changed(door: SimulatedDoor): void {
    const open = this.doors.filter((other) => other.isStrikeOpen || other.isLeafOpen).map(({ id }) => id);
    if (open.length > 1) this.breaches.push(`${open.join(" and ")} at ${Math.round(this.nowMs)} ms`);
    this.#report(door);
  }

  /** The strike is known soon, the contact after its debouncing; a report says how things were when it was made. */
  #report(door: SimulatedDoor): void {
    const { life, isStrikeOpen, isLeafOpen } = door;
    const reported = { isShut: !isStrikeOpen && !isLeafOpen };
    // In the order in which they were made, as the guard sends them.
    door.reportedMs = Math.max(door.reportedMs, this.nowMs + (isLeafOpen ? 300 : 50));
    this.#at(door.reportedMs, 1, () => {
      if (door.life === life) this.#tell(door, { type: "door", ...reported });
    });
  }

  /** Gives the machine an event; who stands still reads it later, the network's before the door's. */
  #tell(door: SimulatedDoor, event: InterlockEvent): void {
    if (!door.isUp) return;
    if (this.nowMs < door.stalledUntilMs) {
      const { life } = door;
      const rank = event.type === "message" ? 0 : 1;
      this.#at(door.stalledUntilMs, rank, () => {
        if (door.life === life) this.#tell(door, event);
      });
      return;
    }
    const { state, effects } = next(door.machine, event, { nowMs: this.nowMs, rules: door.rules });
    door.machine = state;
    for (const effect of effects) {
      if (effect.type === "send") this.#send(door, effect.to, effect.message);
    }
    this.#arm(door);
  }

  #arm(door: SimulatedDoor): void {
    const dueMs = nextWakeMs(door.machine, door.rules);
    door.wakeAtMs = dueMs;
    if (dueMs === Number.POSITIVE_INFINITY) return;
    const { life } = door;
    this.#at(Math.max(this.nowMs, dueMs), 1, () => {
      if (door.life === life && door.wakeAtMs === dueMs) this.#tell(door, { type: "tick" });
    });
  }

  #send(from: SimulatedDoor, to: string, message: Extract<InterlockEvent, { type: "message" }>["message"]): void {
    const receiver = this.doors.find(({ id }) => id === to);
    if (!receiver || !from.machine.isConnected) return;
    const copies = this.#random() < this.weather.loss ? 0 : this.#random() < this.weather.repeat ? 2 : 1;
    for (let copy = 0; copy < copies; copy++) {
      const delayMs = 1 + this.#random() ** 4 * this.weather.maxDelayMs;
      this.#at(this.nowMs + delayMs, 1, () => {
        if (receiver.machine.isConnected) this.#tell(receiver, { type: "message", from: from.id, message });
      });
    }
  }
}
