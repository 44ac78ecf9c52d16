import type { GpioLines, InputLine, OutputLine, SignalLine } from "../../src/hal/api.ts";
import { RelayGuard } from "../../src/hal/relay-guard/guard.ts";
import type { GuardMessage } from "../../src/hal/relay-guard/protocol.ts";
import { FakeTime } from "./fake-time.ts";

/** Lines in memory: what was set and when, with a strike that can be made to stick or to be slow. */
export class MemoryLines implements GpioLines {
  readonly sets: { isActive: boolean; atMs: number }[] = [];
  stuckAt: boolean | null = null;
  isBroken = false;
  readonly inputs = new Map<InputLine, boolean>();
  #strike = false;
  readonly #time: FakeTime;

  constructor(time: FakeTime) {
    this.#time = time;
  }

  async setOutput(line: OutputLine, isActive: boolean): Promise<void> {
    if (line !== "strike") return this.signal(line, isActive);
    if (this.isBroken) throw new Error("no answer");
    this.sets.push({ isActive, atMs: this.#time.nowMs() });
    this.#strike = isActive;
  }
  signal: (line: SignalLine, isActive: boolean) => Promise<void> = async () => {};
  async readOutput(): Promise<boolean> {
    if (this.isBroken) throw new Error("no answer");
    return this.stuckAt ?? this.#strike;
  }
  async readInput(line: InputLine): Promise<boolean> {
    return this.inputs.get(line) ?? false;
  }
  async close(): Promise<void> {}

  get isOpen(): boolean {
    return this.#strike;
  }
}

/** A guard that has started on lines in memory. */
export async function startedGuard(
  inputs: readonly InputLine[] = [],
  debounceMs = 0,
  signals: readonly SignalLine[] = [],
) {
  const time = new FakeTime();
  const lines = new MemoryLines(time);
  const messages: GuardMessage[] = [];
  const fatal: string[] = [];
  const guard = new RelayGuard({
    driver: "memory",
    lines,
    inputs: new Map(inputs.map((name) => [name, debounceMs])),
    signals,
    clock: time,
    timers: time,
    send: (message) => messages.push(message),
    onFatal: (reason) => fatal.push(reason),
  });
  await guard.start();
  const strikes = () => messages.filter((message) => message.type === "strike");
  const lease = (id: string, aheadMs: number) => guard.command({ type: "lease", id, untilMs: time.nowMs() + aheadMs });
  return { time, lines, messages, fatal, guard, strikes, lease };
}
