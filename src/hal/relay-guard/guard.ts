import type { Clock } from "../../core/clock.ts";
import { errorText } from "../../core/errors.ts";
import type { Timers } from "../../core/timers.ts";
import type { GpioLines, InputLine, LineEdge, SignalLine } from "../api.ts";
import { Debouncer } from "./debounce.ts";
import { type GuardCommand, type GuardMessage, maxLeaseMs, type StrikeCause } from "./protocol.ts";
import { SignalPlayer } from "./signal-player.ts";

/**
 * Keeps the strike. It is open only while a lease runs; every doubt locks it: a deadline, a lost parent, a line that does
 * not follow. Locking early is allowed, locking late is not, so that the timer aims a little before the deadline.
 */
export interface GuardDeps {
  readonly driver: string;
  readonly lines: GpioLines;
  /** The wired inputs, and how long each must rest before a change of it counts. */
  readonly inputs: ReadonlyMap<InputLine, number>;
  /** The wired lights and sounders. */
  readonly signals: readonly SignalLine[];
  readonly clock: Clock;
  readonly timers: Timers;
  send(message: GuardMessage): void;
  /** The lines cannot be trusted any more: end the process, so that the chip takes them back. Called once. */
  onFatal(reason: string): void;
}

/** The strike may be locked this much before its deadline: the coarseness of a timer and the way to the chip. */
const leadMs = 2;
/** Lease ids remembered against replays; more than any parent can use within the life of one lease. */
const rememberedLeases = 4096;
/** A stamp further away than this is not a late or early lease but comes from another clock. */
const otherClockMs = 60_000;

export class RelayGuard {
  readonly #deps: GuardDeps;
  readonly #usedLeases = new Set<string>();
  readonly #debouncers = new Map<InputLine, Debouncer>();
  /** The last edge of each input that came before its first reading was taken in: it may be the newer of the two. */
  readonly #earlyEdges = new Map<InputLine, LineEdge>();
  readonly #signals: SignalPlayer;
  /** The lease in force; null while the strike is to be locked. */
  #lease: { readonly id: string; readonly untilMs: number } | null = null;
  #cancelTimer = () => {};
  #reportedOpen = false;
  /** Numbers the drives, so that only the latest one is read back against. */
  #drives = 0;
  #queue: Promise<void> = Promise.resolve();
  #isDead = false;
  #isReady = false;
  #isStopping = false;

  constructor(deps: GuardDeps) {
    this.#deps = deps;
    this.#signals = new SignalPlayer({
      lines: deps.signals,
      timers: deps.timers,
      set: (line, isActive) => deps.lines.setOutput(line, isActive),
      onFault: (line, reason) => {
        if (!this.#isDead) deps.send({ type: "signal-fault", line, reason, atMs: deps.clock.nowMs() });
      },
    });
  }

  /** Locks, reads back, and reports every input and the strike as they are. The lines were opened inactive. */
  async start(): Promise<void> {
    const { send, driver, clock } = this.#deps;
    this.#drive("start");
    await this.#queue;
    if (this.#isDead || this.#isStopping) return;
    send({ type: "ready", driver, atMs: clock.nowMs() });
    for (const [line, debounceMs] of this.#deps.inputs) {
      const isActive = await this.#deps.lines.readInput(line);
      const atMs = clock.nowMs();
      send({ type: "input", line, isActive, atMs });
      this.#listen(line, debounceMs, { isActive, atMs });
    }
    if (this.#isDead || this.#isStopping) return;
    // Last: who hears that the door is locked, and may be opened, knows its contact already.
    this.#isReady = true;
    send({ type: "strike", isOpen: false, cause: "start", atMs: clock.nowMs() });
  }

  command(command: GuardCommand): void {
    if (this.#isDead) return;
    this.#checkDeadline();
    if (command.type === "lease") this.#accept(command);
    else if (command.type === "lock") this.lock("lock");
    else if (command.type === "signal") this.#signals.play(command.outcome);
    else this.#enqueue(() => this.#reportState());
  }

  edge(edge: LineEdge): void {
    this.#checkDeadline();
    const debouncer = this.#debouncers.get(edge.line);
    if (debouncer) debouncer.edge(edge);
    else this.#earlyEdges.set(edge.line, edge);
  }

  /** Ends any lease and drives the strike inactive at once, whatever it is believed to be. */
  lock(cause: StrikeCause): void {
    const leaseId = this.#lease?.id;
    this.#lease = null;
    this.#cancelTimer();
    this.#drive(cause, leaseId);
  }

  /** The chip is gone; nothing more can be done from here. */
  lost(reason: string): void {
    this.#die(`the chip is lost: ${reason}`);
  }

  /** Locks for good and waits until the chip has confirmed it. No lease is accepted afterwards. */
  async stop(cause: StrikeCause): Promise<void> {
    this.#isStopping = true;
    this.lock(cause);
    this.#silence();
    await this.#queue;
  }

  // --- internal ---

  /** Kernel and guard never both debounce: the times would add up. */
  #listen(line: InputLine, debounceMs: number, level: { readonly isActive: boolean; readonly atMs: number }): void {
    const { lines, timers, send } = this.#deps;
    const options = {
      debounceMs: lines.debouncedInputs?.has(line) ? 0 : debounceMs,
      timers,
      onChange: (isActive: boolean, atMs: number) => send({ type: "input", line, isActive, atMs }),
    };
    const debouncer = new Debouncer(options, level);
    this.#debouncers.set(line, debouncer);
    const early = this.#earlyEdges.get(line);
    if (early) debouncer.edge(early);
  }

  #silence(): void {
    for (const debouncer of this.#debouncers.values()) debouncer.stop();
    this.#signals.stop();
  }

  #accept({ id, untilMs }: Extract<GuardCommand, { type: "lease" }>): void {
    const reason = this.#refusal(id, untilMs);
    if (reason !== null) {
      this.#deps.send({ type: "refused", id, reason, atMs: this.#deps.clock.nowMs() });
      return;
    }
    this.#remember(id);
    const wasOpen = this.#lease !== null;
    this.#lease = { id, untilMs };
    this.#armTimer();
    if (!wasOpen) this.#drive("lease", id);
  }

  #refusal(id: string, untilMs: number): string | null {
    const aheadMs = untilMs - this.#deps.clock.nowMs();
    if (this.#isStopping) return "stopping";
    if (!this.#isReady) return "not-ready";
    if (!Number.isFinite(aheadMs) || Math.abs(aheadMs) > otherClockMs) return "other-clock";
    if (aheadMs <= leadMs) return "past";
    if (aheadMs > maxLeaseMs) return "too-long";
    if (this.#usedLeases.has(id)) return "replayed";
    return null;
  }

  #remember(id: string): void {
    this.#usedLeases.add(id);
    if (this.#usedLeases.size <= rememberedLeases) return;
    for (const oldest of this.#usedLeases) {
      this.#usedLeases.delete(oldest);
      break;
    }
  }

  #armTimer(): void {
    this.#cancelTimer();
    if (!this.#lease) return;
    const remainingMs = this.#lease.untilMs - this.#deps.clock.nowMs();
    // Timers count whole milliseconds and are rounded up: aim below, look at the clock on waking.
    const delayMs = Math.max(0, Math.floor(remainingMs - leadMs));
    this.#cancelTimer = this.#deps.timers.after(delayMs, () => {
      if (!this.#checkDeadline()) this.#armTimer();
    });
  }

  /** Locks when the lease is over. Looked at on every wake, so that a late timer is not the only chance. */
  #checkDeadline(): boolean {
    if (!this.#lease || this.#lease.untilMs - this.#deps.clock.nowMs() > leadMs) return false;
    this.lock("deadline");
    return true;
  }

  /** Tells the chip at once; reading back and reporting follow in the order of the drives. */
  #drive(cause: StrikeCause, leaseId?: string): void {
    const { lines, clock, send } = this.#deps;
    const isOpen = this.#lease !== null;
    const drive = ++this.#drives;
    const isLatest = () => drive === this.#drives;
    const done = lines.setOutput("strike", isOpen).then(() => clock.nowMs());
    // Awaited in the queue below; a failure before its turn must not count as unhandled.
    done.catch(() => {});
    this.#enqueue(async () => {
      const atMs = await done;
      if (isLatest() && (await lines.readOutput("strike")) !== isOpen && isLatest()) {
        throw new Error(`the strike reads ${isOpen ? "locked after opening" : "open after locking"}`);
      }
      if (isOpen === this.#reportedOpen) return;
      this.#reportedOpen = isOpen;
      send({ type: "strike", isOpen, cause, ...(leaseId === undefined ? {} : { leaseId }), atMs });
    });
  }

  async #reportState(): Promise<void> {
    const isOpen = await this.#deps.lines.readOutput("strike");
    this.#deps.send({ type: "state", isOpen, atMs: this.#deps.clock.nowMs() });
    // Somebody else moved the line: the safe side does not wait for an order from above.
    if (isOpen && !this.#lease) this.lock("fault");
  }

  #enqueue(work: () => Promise<void>): void {
    this.#queue = this.#queue.then(async () => {
      if (this.#isDead) return;
      try {
        await work();
      } catch (error) {
        this.#die(errorText(error));
      }
    });
  }

  #die(reason: string): void {
    if (this.#isDead) return;
    this.#isDead = true;
    this.#lease = null;
    this.#cancelTimer();
    // A last attempt; the end of the process, which follows, makes the chip do the same.
    this.#deps.lines.setOutput("strike", false).catch(() => {});
    this.#silence();
    this.#deps.send({ type: "fault", reason, atMs: this.#deps.clock.nowMs() });
    this.#deps.onFatal(reason);
  }
}
