import type { DoorEvent } from "../../src/daemon/door/types.ts";
import { type GuardCommand, maxLeaseMs } from "../../src/hal/relay-guard/protocol.ts";

/**
 * The relay guard in a few lines, for random histories: what it does at once, and the reports that arrive later. It also
 * stands for the door itself: where its contact, tamper switch and relay really are.
 */
export class ModelGuard {
  isUp = false;
  isDoorOpen = false;
  isTampered = false;
  /** A relay that somebody else moves: read back as the opposite. */
  isRelayWrong = false;
  #lease: { id: string; untilMs: number } | null = null;
  /** Reports on their way, oldest first. */
  readonly reports: DoorEvent[] = [];

  get isOpen(): boolean {
    return this.#lease !== null;
  }

  start(): void {
    this.isUp = true;
    this.reports.push({ type: "guard-ready" }, { type: "strike", isOpen: false, cause: "start" });
    this.reports.push({ type: "input", line: "contact", isActive: this.isDoorOpen, atMs: 0 });
    this.reports.push({ type: "input", line: "tamper", isActive: this.isTampered, atMs: 0 });
  }

  /** Somebody moves the door or its housing; without a guard nobody hears of it. */
  move(line: "contact" | "tamper", isActive: boolean, atMs: number): void {
    if (line === "contact") this.isDoorOpen = isActive;
    else this.isTampered = isActive;
    if (this.isUp) this.reports.push({ type: "input", line, isActive, atMs });
  }

  /** Dies: the chip takes the strike back; what it had said still arrives. */
  die(): void {
    if (!this.isUp) return;
    this.isUp = false;
    this.#lease = null;
    this.reports.push({ type: "guard-gone", reason: "killed" });
  }

  command(command: GuardCommand, nowMs: number): void {
    if (!this.isUp) return;
    this.passTime(nowMs);
    if (command.type === "lock") this.#lock("lock");
    if (command.type === "probe") this.reports.push({ type: "read-back", isOpen: this.isOpen !== this.isRelayWrong });
    if (command.type !== "lease") return;
    const aheadMs = command.untilMs - nowMs;
    if (aheadMs <= 0 || aheadMs > maxLeaseMs) {
      this.reports.push({ type: "guard-refused", id: command.id, reason: "time" });
      return;
    }
    if (!this.#lease) this.reports.push({ type: "strike", isOpen: true, cause: "lease", leaseId: command.id });
    this.#lease = { id: command.id, untilMs: command.untilMs };
  }

  passTime(nowMs: number): void {
    if (this.#lease && nowMs >= this.#lease.untilMs) this.#lock("deadline");
  }

  #lock(cause: "lock" | "deadline"): void {
    if (!this.#lease) return;
    this.reports.push({ type: "strike", isOpen: false, cause, leaseId: this.#lease.id });
    this.#lease = null;
  }
}
