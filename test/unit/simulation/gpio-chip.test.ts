import { describe, expect, it } from "vitest";
import type { ChipMessage, ChipRequest, RecordedEdge } from "../../../src/hal/gpio/simulated-protocol.ts";
import { type ChipPeer, GpioChip } from "../../../src/simulation/gpio-chip.ts";
import { ManualClock } from "../../support/manual-clock.ts";

class Peer implements ChipPeer {
  readonly got: ChipMessage[] = [];
  readonly #chip: GpioChip;

  constructor(chip: GpioChip) {
    this.#chip = chip;
  }
  send(message: ChipMessage): void {
    this.got.push(message);
  }
  /** Asks and returns the answer in short: `ok`, the value, or the reason of the refusal. */
  ask(request: ChipRequest extends infer R ? (R extends { id: number } ? Omit<R, "id"> : never) : never): unknown {
    this.#chip.handle(this, { ...request, id: 7 } as ChipRequest);
    const answer = this.got.findLast((message) => "id" in message);
    if (answer?.type === "error") return answer.reason;
    return answer?.type === "value" ? answer.isActive : answer?.type;
  }
  take(line: number, direction: "output" | "input", activeLow = false): unknown {
    return this.ask({ type: "request", line, direction, activeLow, consumer: "test" });
  }
  edges(): readonly RecordedEdge[] {
    this.ask({ type: "record", fromSequence: 0 });
    const answer = this.got.findLast((message) => message.type === "edges");
    return answer?.edges ?? [];
  }
}

function rig() {
  const clock = new ManualClock();
  const chip = new GpioChip({ clock, lines: 8 });
  return { clock, chip, owner: new Peer(chip), other: new Peer(chip) };
}

describe("a line of the simulated chip", () => {
  it("has one owner", () => {
    const { owner, other, chip } = rig();
    expect(owner.take(0, "output")).toBe("ok");
    expect(other.take(0, "output")).toBe("busy");
    expect(other.take(0, "input")).toBe("busy");
    expect(owner.take(0, "output")).toBe("busy");
    chip.drop(owner);
    expect(other.take(0, "output")).toBe("ok");
  });

  it("is moved and read by its owner alone", () => {
    const { owner, other } = rig();
    owner.take(0, "output");
    expect(other.ask({ type: "set", line: 0, isActive: true })).toBe("not-owner");
    expect(other.ask({ type: "get", line: 0 })).toBe("not-owner");
    expect(other.ask({ type: "release", line: 0 })).toBe("not-owner");
    expect(other.ask({ type: "drive", line: 0, level: 1 })).toBe("wrong-direction");
    expect(owner.ask({ type: "get", line: 0 })).toBe(false);
  });

  it("that does not exist is refused", () => {
    expect(rig().owner.take(8, "output")).toBe("no-such-line");
  });

  it("taken as an input cannot be set", () => {
    const { owner } = rig();
    owner.take(1, "input");
    expect(owner.ask({ type: "set", line: 1, isActive: true })).toBe("wrong-direction");
  });

  it.each([
    [false, 1, 0],
    [true, 0, 1],
  ] as const)(
    "with activeLow %s is active at level %i and released to %i when its owner goes away",
    (activeLow, on, off) => {
      const { owner, other, chip, clock } = rig();
      owner.take(0, "output", activeLow);
      clock.advance(10);
      owner.ask({ type: "set", line: 0, isActive: true });
      expect(owner.ask({ type: "get", line: 0 })).toBe(true);
      clock.advance(10);
      chip.drop(owner);
      const edges = other.edges().slice(-2);
      expect(edges).toMatchObject([
        { line: 0, level: on, isActive: true, cause: "set" },
        { line: 0, level: off, isActive: false, cause: "released", atMs: clock.nowMs() },
      ]);
    },
  );

  it("that is active low goes to its inactive level in the moment it is taken", () => {
    const { owner, other } = rig();
    owner.take(0, "output", true);
    expect(other.edges()).toMatchObject([{ level: 1, isActive: false, cause: "requested" }]);
  });

  it("makes no edge when it is set to what it is", () => {
    const { owner } = rig();
    owner.take(0, "output");
    owner.ask({ type: "set", line: 0, isActive: false });
    owner.ask({ type: "set", line: 0, isActive: true });
    owner.ask({ type: "set", line: 0, isActive: true });
    expect(owner.edges()).toHaveLength(1);
  });

  it("given back by its owner is released and free", () => {
    const { owner, other } = rig();
    owner.take(0, "output");
    owner.ask({ type: "set", line: 0, isActive: true });
    owner.ask({ type: "release", line: 0 });
    expect(other.edges().at(-1)).toMatchObject({ cause: "released", isActive: false });
    expect(other.take(0, "output")).toBe("ok");
  });

  it("tells its owner of an edge from outside, with polarity and time", () => {
    const { owner, other, clock } = rig();
    owner.take(2, "input", true);
    clock.advance(5);
    other.ask({ type: "drive", line: 2, level: 1 });
    expect(owner.got.at(-1)).toEqual({ type: "edge", line: 2, isActive: false, atMs: clock.nowMs() });
    expect(other.got.some(({ type }) => type === "edge")).toBe(false);
  });

  it("that is welded follows nobody until it is mended", () => {
    const { owner, other, chip } = rig();
    owner.take(0, "output");
    other.ask({ type: "stick", line: 0, level: 1 });
    owner.ask({ type: "set", line: 0, isActive: false });
    expect(owner.ask({ type: "get", line: 0 })).toBe(true);
    other.ask({ type: "stick", line: 0, level: null });
    owner.ask({ type: "set", line: 0, isActive: false });
    expect(owner.ask({ type: "get", line: 0 })).toBe(false);
    chip.drop(owner);
  });
});

describe("the record", () => {
  it("is told to watchers as it happens, and no more once they are gone", () => {
    const { owner, other, chip } = rig();
    other.ask({ type: "watch" });
    owner.take(0, "output");
    owner.ask({ type: "set", line: 0, isActive: true });
    chip.drop(other);
    owner.ask({ type: "set", line: 0, isActive: false });
    expect(other.got.filter(({ type }) => type === "recorded")).toMatchObject([{ edge: { sequence: 0 } }]);
  });

  it("is read in pages without a gap", () => {
    const { owner, other } = rig();
    owner.take(0, "output");
    for (let index = 0; index < 2500; index++) owner.ask({ type: "set", line: 0, isActive: index % 2 === 0 });
    const sequences: number[] = [];
    for (let from: number | null = 0; from !== null; ) {
      other.ask({ type: "record", fromSequence: from });
      const page = other.got.findLast((message) => message.type === "edges");
      sequences.push(...(page?.edges.map(({ sequence }) => sequence) ?? []));
      from = page?.next ?? null;
    }
    expect(sequences).toEqual(Array.from({ length: 2500 }, (_, index) => index));
  });
});
