import { describe, expect, it } from "vitest";
import {
  initialInterlock,
  interlockRules,
  isClear,
  next,
  nextWakeMs,
} from "../../../../src/daemon/interlock/machine.ts";
import type { InterlockMessage } from "../../../../src/daemon/interlock/messages.ts";
import type { InterlockEvent, InterlockState } from "../../../../src/daemon/interlock/types.ts";

const mine = "nonce-of-this-door";
const theirs = "nonce-of-the-other";

/** Door `m` with partners before (`b`) and behind (`z`) it in the order of precedence; shut and connected. */
class Rig {
  state: InterlockState = initialInterlock;
  nowMs = 100_000;
  readonly rules = interlockRules({ self: "m", partners: ["b", "z"], timeoutMs: 800 });

  constructor(isReady = true) {
    if (!isReady) return;
    this.feed({ type: "door", isShut: true });
    this.feed({ type: "connection", isConnected: true });
    this.wait(1000);
  }

  /** What is sent, as `type>to`, and how a claim is settled, as the reason or `clear`. */
  feed(event: InterlockEvent): string[] {
    const { state, effects } = next(this.state, event, { nowMs: this.nowMs, rules: this.rules });
    this.state = state;
    return effects.map((effect) => {
      if (effect.type === "settled") return effect.refusal?.why ?? "clear";
      return `${effect.message.type}>${effect.to}${effect.message.type === "refuse" ? `:${effect.message.why}` : ""}`;
    });
  }

  hear(from: string, message: InterlockMessage): string[] {
    return this.feed({ type: "message", from, message });
  }

  /** Time passes, with the ticks that the machine asks for. */
  wait(ms: number): string[] {
    const endMs = this.nowMs + ms;
    const said: string[] = [];
    for (let dueMs = nextWakeMs(this.state, this.rules); dueMs < endMs; dueMs = nextWakeMs(this.state, this.rules)) {
      this.nowMs = dueMs;
      said.push(...this.feed({ type: "tick" }));
    }
    this.nowMs = endMs;
    return [...said, ...this.feed({ type: "tick" })];
  }

  want(): string[] {
    return this.feed({ type: "want", nonce: mine });
  }

  hold(): this {
    this.want();
    for (const from of ["b", "z"]) this.hear(from, { type: "grant", nonce: mine });
    return this;
  }

  use(): this {
    this.feed({ type: "used" });
    return this;
  }

  get isClear(): boolean {
    return isClear(this.state, this.nowMs);
  }
}

describe("a claim", () => {
  it("asks every partner and is clear only when the last one has agreed", () => {
    const rig = new Rig();
    expect(rig.want()).toEqual(["claim>b", "claim>z"]);
    expect(rig.hear("b", { type: "grant", nonce: mine })).toEqual([]);
    expect(rig.isClear).toBe(false);
    expect(rig.hear("z", { type: "grant", nonce: mine })).toEqual(["clear"]);
    expect(rig.isClear).toBe(true);
  });

  it("is not made clear by one partner who agrees twice", () => {
    const rig = new Rig();
    rig.want();
    rig.hear("b", { type: "grant", nonce: mine });
    rig.hear("b", { type: "grant", nonce: mine });
    expect(rig.isClear).toBe(false);
  });

  it.each([
    ["a stranger", "x", mine],
    ["the door itself", "m", mine],
    ["a partner about another claim", "z", theirs],
  ])("is not made clear by %s", (_who, from, nonce) => {
    const rig = new Rig();
    rig.want();
    rig.hear("b", { type: "grant", nonce: mine });
    rig.hear(from, { type: "grant", nonce });
    expect(rig.isClear).toBe(false);
  });

  it("fails at the timeout to the millisecond, and an agreement that comes then is given back", () => {
    const rig = new Rig();
    rig.want();
    rig.hear("b", { type: "grant", nonce: mine });
    expect(rig.wait(799)).toEqual([]);
    expect(nextWakeMs(rig.state, rig.rules) - rig.nowMs).toBe(1);
    expect(rig.wait(1)).toEqual(["release>b", "release>z", "no-answer"]);
    expect(rig.hear("z", { type: "grant", nonce: mine })).toEqual(["release>z"]);
    expect(rig.isClear).toBe(false);
  });

  it("counts an agreement that a late process reads after the timeout as late", () => {
    const rig = new Rig();
    rig.want();
    rig.hear("b", { type: "grant", nonce: mine });
    rig.nowMs += 800;
    expect(rig.hear("z", { type: "grant", nonce: mine })).toEqual(["release>b", "release>z", "no-answer", "release>z"]);
    expect(rig.isClear).toBe(false);
  });

  it.each(["open", "claims"] as const)("fails at once when a partner refuses: %s", (why) => {
    const rig = new Rig();
    rig.want();
    expect(rig.hear("z", { type: "refuse", nonce: mine, why })).toEqual(["release>b", "release>z", why]);
  });

  it("fails at once without a connection and when it is lost, agreed to or not", () => {
    const rig = new Rig();
    rig.want();
    expect(rig.feed({ type: "connection", isConnected: false })).toContain("not-connected");
    expect(rig.want()).toEqual(["not-connected"]);
    const held = new Rig().hold();
    held.feed({ type: "connection", isConnected: false });
    expect(held.isClear).toBe(false);
  });

  it("is asked once, however many want to pass, and answered at once while it is agreed to", () => {
    const rig = new Rig();
    rig.want();
    expect(rig.feed({ type: "want", nonce: "another-nonce-here" })).toEqual([]);
    expect(new Rig().hold().want()).toEqual(["clear"]);
  });

  it("is given back when nobody uses it", () => {
    const rig = new Rig().hold();
    expect(rig.wait(2799)).toEqual([]);
    expect(rig.isClear).toBe(true);
    expect(rig.wait(1)).toEqual(["release>b", "release>z"]);
    expect(rig.isClear).toBe(false);
    expect(rig.use().isClear).toBe(false);
  });

  it("is lost when a partner takes its word back before the door has opened, and not after", () => {
    const rig = new Rig().hold();
    rig.hear("b", { type: "refuse", nonce: mine, why: "open" });
    expect(rig.isClear).toBe(false);
    const open = new Rig().hold().use();
    expect(open.hear("b", { type: "refuse", nonce: mine, why: "open" })).toEqual([]);
    expect(open.isClear).toBe(true);
  });

  it("is called off by an order to lock, asked or agreed to", () => {
    const rig = new Rig();
    rig.want();
    expect(rig.feed({ type: "withdraw" })).toEqual(["release>b", "release>z", "withdrawn"]);
    const held = new Rig().hold();
    held.feed({ type: "withdraw" });
    expect(held.isClear).toBe(false);
  });

  it("cannot be used before it is agreed to", () => {
    const rig = new Rig();
    rig.want();
    rig.use();
    expect(rig.state.claim?.phase).toBe("asking");
  });
});

describe("the claim of a door that was opened", () => {
  it("is renewed every two seconds for as long as the door is open, without a limit", () => {
    const rig = new Rig().hold();
    expect(rig.feed({ type: "used" })).toEqual(["renew>b", "renew>z"]);
    rig.feed({ type: "door", isShut: false });
    const sent = Array.from({ length: 60 }, () => rig.wait(1000)).flat();
    expect(sent.filter((text) => text === "renew>b")).toHaveLength(30);
    expect(sent).not.toContain("release>b");
  });

  it("is released a second after the door was locked and closed, not before", () => {
    const rig = new Rig().hold().use();
    rig.feed({ type: "door", isShut: false });
    rig.wait(3000);
    rig.feed({ type: "door", isShut: true });
    expect(rig.wait(999)).toEqual([]);
    expect(rig.wait(1)).toEqual(["release>b", "release>z"]);
  });

  it("outlasts a door that is locked and turns out to be open a moment later", () => {
    const rig = new Rig().hold().use();
    rig.feed({ type: "door", isShut: false });
    rig.wait(1000);
    rig.feed({ type: "door", isShut: true });
    rig.wait(900);
    rig.feed({ type: "door", isShut: false });
    rig.wait(5000);
    expect(rig.state.claim?.phase).toBe("used");
  });

  it("is not released while the strike has not had the time to open", () => {
    const rig = new Rig().hold().use();
    expect(rig.wait(1999)).toEqual([]);
    expect(rig.wait(1)).toEqual(["release>b", "release>z"]);
  });

  it("is not released by a process that stood still and has not heard yet that its door is open", () => {
    const rig = new Rig().hold().use();
    rig.nowMs += 5000;
    expect(rig.hear("b", { type: "claim", nonce: theirs })).toContain("refuse>b:open");
    rig.feed({ type: "door", isShut: false });
    rig.wait(10_000);
    expect(rig.state.claim?.phase).toBe("used");
  });

  it("outlasts the loss of the broker: the door is open all the same", () => {
    const rig = new Rig().hold().use();
    rig.feed({ type: "door", isShut: false });
    rig.feed({ type: "connection", isConnected: false });
    expect(rig.hear("b", { type: "claim", nonce: theirs })).toEqual(["refuse>b:open"]);
  });
});

describe("asked by another door", () => {
  it.each<[string, (rig: Rig) => void, string, string]>([
    ["shut and idle: agrees", () => {}, "b", "grant>b"],
    ["open: refuses", (rig) => rig.feed({ type: "door", isShut: false }), "b", "refuse>b:open"],
    ["agreed to itself: refuses whoever asks", (rig) => rig.hold(), "b", "refuse>b:claims"],
    ["told to open and not open yet: refuses", (rig) => rig.hold().use(), "b", "refuse>b:open"],
    ["asking itself: goes before a greater id", (rig) => rig.want(), "z", "refuse>z:claims"],
  ])("%s", (_case, prepare, from, answer) => {
    const rig = new Rig();
    prepare(rig);
    expect(rig.hear(from, { type: "claim", nonce: theirs })).toEqual([answer]);
  });

  it("asking itself: gives way to a smaller id, and never opens on what it had asked", () => {
    const rig = new Rig();
    rig.want();
    rig.hear("z", { type: "grant", nonce: mine });
    expect(rig.hear("b", { type: "claim", nonce: theirs })).toEqual([
      ...["release>b", "release>z", "claims", "grant>b"],
    ]);
    rig.hear("b", { type: "grant", nonce: mine });
    expect(rig.isClear).toBe(false);
  });

  it("refuses while nobody knows whether it is shut, and for a second after it was shut", () => {
    const rig = new Rig(false);
    rig.feed({ type: "connection", isConnected: true });
    expect(rig.hear("b", { type: "claim", nonce: `${theirs}-1` })).toEqual(["refuse>b:open"]);
    rig.feed({ type: "door", isShut: true });
    rig.wait(999);
    expect(rig.hear("b", { type: "claim", nonce: `${theirs}-2` })).toEqual(["refuse>b:open"]);
    rig.wait(1);
    expect(rig.hear("b", { type: "claim", nonce: `${theirs}-3` })).toEqual(["grant>b"]);
  });

  it("does not answer a stranger, nor the same claim twice", () => {
    const rig = new Rig();
    expect(rig.hear("x", { type: "claim", nonce: theirs })).toEqual([]);
    expect(rig.hear("b", { type: "claim", nonce: theirs })).toEqual(["grant>b"]);
    rig.hear("b", { type: "release", nonce: theirs });
    expect(rig.hear("b", { type: "claim", nonce: theirs })).toEqual([]);
    expect(rig.state.leases).toEqual([]);
  });

  it("remembers a bounded number of claims", () => {
    const rig = new Rig();
    for (let n = 0; n < 1000; n++) rig.hear("b", { type: "claim", nonce: `nonce-number-${n}-abc` });
    expect(rig.state.seen).toHaveLength(256);
    expect(rig.state.leases).toHaveLength(1);
  });

  it("tells those it agreed with when it opens all the same", () => {
    const rig = new Rig();
    rig.hear("z", { type: "claim", nonce: theirs });
    expect(rig.feed({ type: "door", isShut: false })).toEqual(["refuse>z:open"]);
  });
});

describe("holding still for another door", () => {
  const held = () => {
    const rig = new Rig();
    rig.hear("z", { type: "claim", nonce: theirs });
    return rig;
  };

  it("does not ask for itself, whatever its precedence", () => {
    expect(held().want()).toEqual(["claims"]);
  });

  it("ends after ten seconds when the other door is never heard of again", () => {
    const rig = held();
    rig.wait(9999);
    expect(rig.want()).toEqual(["claims"]);
    rig.wait(1);
    expect(rig.want()).toEqual(["claim>b", "claim>z"]);
  });

  it("goes on with each renewal, and a repeated one counts nothing", () => {
    const rig = held();
    rig.wait(9000);
    rig.hear("z", { type: "renew", nonce: theirs, n: 1 });
    rig.wait(9000);
    expect(rig.want()).toEqual(["claims"]);
    rig.hear("z", { type: "renew", nonce: theirs, n: 1 });
    rig.wait(1000);
    expect(rig.want()).toEqual(["claim>b", "claim>z"]);
  });

  it("ends with the release of that claim by that door only", () => {
    const rig = held();
    rig.hear("b", { type: "release", nonce: theirs });
    rig.hear("z", { type: "release", nonce: mine });
    expect(rig.want()).toEqual(["claims"]);
    rig.hear("z", { type: "release", nonce: theirs });
    rig.hear("z", { type: "renew", nonce: theirs, n: 1 });
    expect(rig.want()).toEqual(["claim>b", "claim>z"]);
  });
});
