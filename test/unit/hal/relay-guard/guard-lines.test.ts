import { describe, expect, it } from "vitest";
import { seededRandom } from "../../../../src/core/random.ts";
import type { InputLine } from "../../../../src/hal/api.ts";
import { RelayGuard } from "../../../../src/hal/relay-guard/guard.ts";
import type { GuardMessage } from "../../../../src/hal/relay-guard/protocol.ts";
import { FakeTime } from "../../../support/fake-time.ts";
import { MemoryLines, startedGuard as started } from "../../../support/guard-rig.ts";

describe("the inputs of a guard", () => {
  it("takes the bounce out of an input, and keeps the stamp with which it came to stay", async () => {
    const { time, guard, messages } = await started(["contact"], 50);
    const beganMs = time.nowMs();
    for (const isActive of [true, false, true]) {
      guard.edge({ line: "contact", isActive, atMs: time.nowMs() });
      await time.advance(3);
    }
    const heard = () => messages.filter(({ type }) => type === "input").slice(1);
    expect(heard()).toEqual([]);
    await time.advance(60);
    expect(heard()).toEqual([{ type: "input", line: "contact", isActive: true, atMs: beganMs + 6 }]);
  });

  it.each([
    ["after it, and newer", false, true],
    ["before it, and told already", true, true],
  ])("misses no edge that arrives with the first reading: %s", async (_name, read, edge) => {
    const time = new FakeTime();
    const lines = new MemoryLines(time);
    const messages: GuardMessage[] = [];
    const guard = new RelayGuard({
      driver: "memory",
      lines,
      inputs: new Map([["contact", 50]]),
      signals: [],
      ...{ clock: time, timers: time, send: (message: GuardMessage) => messages.push(message), onFatal: () => {} },
    });
    lines.readInput = async () => {
      // The chip's answer and the edge come in one piece: the edge is handled before the reading is taken in.
      guard.edge({ line: "contact", isActive: edge, atMs: time.nowMs() });
      return read;
    };
    await guard.start();
    await time.advance(60);
    const levels = messages.flatMap((message) => (message.type === "input" ? [message.isActive] : []));
    expect(levels).toEqual(read === edge ? [edge] : [read, edge]);
  });

  it("does not debounce once more what the kernel has debounced", async () => {
    const time = new FakeTime();
    const messages: GuardMessage[] = [];
    const guard = new RelayGuard({
      driver: "memory",
      lines: Object.assign(new MemoryLines(time), { debouncedInputs: new Set<InputLine>(["contact"]) }),
      inputs: new Map([["contact", 200]]),
      signals: [],
      ...{ clock: time, timers: time, send: (message: GuardMessage) => messages.push(message), onFatal: () => {} },
    });
    await guard.start();
    guard.edge({ line: "contact", isActive: true, atMs: time.nowMs() });
    expect(messages.at(-1)).toMatchObject({ type: "input", line: "contact", isActive: true });
  });

  it("leaves no timer of an input or a light behind when it stops", async () => {
    const { time, guard } = await started(["contact"], 50, ["buzzer", "alarm"]);
    guard.command({ type: "signal", outcome: "alarm" });
    guard.edge({ line: "contact", isActive: true, atMs: time.nowMs() });
    await guard.stop("lock");
    expect(time.waiting).toBe(0);
  });
});

describe("the lights and sounders of a guard", () => {
  const outcomes = ["granted", "refused", "warning", "alarm", "quiet"] as const;
  const ways: [name: string, signal: () => Promise<void>][] = [
    ["work", () => Promise.resolve()],
    ["fail", () => Promise.reject(new Error("no answer"))],
    ["never answer", () => new Promise(() => {})],
    [
      "throw",
      () => {
        throw new Error("broken driver");
      },
    ],
  ];

  /** The same random leases and locks with signals in between or without: what the strike did, and when. */
  async function strikeOf(seed: number, signal: (() => Promise<void>) | null) {
    const random = seededRandom(seed);
    const { time, guard, lines, lease, fatal } = await started([], 0, ["alarm", "greenLight", "redLight", "buzzer"]);
    if (signal) lines.signal = signal;
    for (let step = 0; step < 40; step++) {
      const draw = random();
      const outcome = outcomes[Math.floor(random() * outcomes.length)] ?? "quiet";
      if (signal) guard.command({ type: "signal", outcome });
      if (draw < 0.4) lease(`lease-${step}`, 100 + Math.floor(random() * 5000));
      else if (draw < 0.5) guard.command({ type: "lock" });
      await time.advance(Math.ceil(random() * 3000));
    }
    expect(fatal).toEqual([]);
    return lines.sets;
  }

  it.each(ways)("that %s change nothing about the strike", async (_name, signal) => {
    for (let seed = 1; seed <= 5; seed++) {
      const alone = await strikeOf(seed, null);
      expect(alone.length).toBeGreaterThan(5);
      expect(await strikeOf(seed, signal)).toEqual(alone);
    }
  });

  it("that fail are reported once, by name", async () => {
    const { guard, lines, messages, time } = await started([], 0, ["redLight"]);
    lines.signal = () => Promise.reject(new Error("no answer"));
    guard.command({ type: "signal", outcome: "refused" });
    await time.advance(5000);
    expect(messages.filter(({ type }) => type === "signal-fault")).toMatchObject([
      { line: "redLight", reason: "no answer" },
    ]);
  });
});
