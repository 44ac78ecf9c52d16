import { describe, expect, it } from "vitest";
import type { Child, ChildExit, ChildHandlers } from "../../../src/daemon/child-process.ts";
import { Supervisor } from "../../../src/daemon/supervisor.ts";
import { capturedLog } from "../../support/captured-log.ts";
import { ManualClock } from "../../support/manual-clock.ts";

/** A child in the test's hand. */
class HandChild implements Child {
  readonly pid: number;
  readonly sent: unknown[] = [];
  isKilled = false;
  readonly #handlers: ChildHandlers<string>;
  readonly #waiting: ((exit: ChildExit) => void)[] = [];

  constructor(pid: number, handlers: ChildHandlers<string>) {
    this.pid = pid;
    this.#handlers = handlers;
  }
  send(message: unknown): boolean {
    this.sent.push(message);
    return true;
  }
  kill(): void {
    this.isKilled = true;
    this.end({ code: null, signal: "SIGKILL", reason: "ended by SIGKILL" });
  }
  stop(): Promise<ChildExit> {
    return new Promise((resolve) => this.#waiting.push(resolve));
  }
  says(message: string): void {
    this.#handlers.onMessage(message);
  }
  end(exit: ChildExit = { code: 1, signal: null, reason: "ended with code 1" }): void {
    this.#handlers.onExit(exit);
    for (const resolve of this.#waiting) resolve(exit);
  }
}

function rig() {
  const clock = new ManualClock();
  const children: HandChild[] = [];
  const heard: string[] = [];
  const downs: string[] = [];
  const { logger, lines } = capturedLog();
  const supervisor = new Supervisor<string>({
    name: "child",
    launch: (handlers) => {
      const child = new HandChild(100 + children.length, handlers);
      children.push(child);
      return child;
    },
    silenceMs: 3000,
    startupMs: 8000,
    onMessage: (message) => heard.push(message),
    onDown: ({ reason }) => downs.push(reason),
    clock,
    timers: clock,
    logger,
  });
  const last = (): HandChild => {
    const child = children.at(-1);
    if (!child) throw new Error("no child was started");
    return child;
  };
  return { clock, children, heard, downs, lines, supervisor, last };
}

describe("the supervisor", () => {
  it("starts a child that ended again, after the delay of the policy and not before", () => {
    const { clock, children, supervisor, last, downs, lines } = rig();
    supervisor.start();
    last().end();
    expect(supervisor.isUp).toBe(false);
    clock.advance(99);
    expect(children).toHaveLength(1);
    clock.advance(1);
    expect(children).toHaveLength(2);
    expect(supervisor.pid).toBe(101);
    expect(downs).toEqual(["ended with code 1"]);
    expect(lines).toMatchObject([{ level: "warn", fields: { delayMs: 100 } }]);
  });

  it("kills and replaces a child that fell silent", () => {
    const { clock, children, supervisor, last, downs } = rig();
    supervisor.start();
    last().says("ready");
    clock.advance(2999);
    expect(last().isKilled).toBe(false);
    clock.advance(1);
    expect(children[0]?.isKilled).toBe(true);
    expect(downs).toEqual(["hung"]);
    clock.advance(100);
    expect(children).toHaveLength(2);
  });

  it("leaves a child alone that keeps talking, and one that takes its time to start", () => {
    const { clock, supervisor, last } = rig();
    supervisor.start();
    clock.advance(7900);
    for (let second = 0; second < 60; second++) {
      last().says("beat");
      clock.advance(1000);
    }
    expect(last().isKilled).toBe(false);
  });

  it("does not blame a child for its own standstill", () => {
    const { clock, supervisor, last } = rig();
    supervisor.start();
    last().says("ready");
    // The timer that looks for silence runs ten seconds late: whatever the child said waits unread.
    clock.advance(2900);
    clock.standStill(10_000);
    clock.advance(0);
    expect(last().isKilled).toBe(false);
    last().says("beat");
    clock.advance(2000);
    expect(last().isKilled).toBe(false);
    clock.advance(1000);
    expect(last().isKilled).toBe(true);
  });

  it("hears nothing from a child that has ended", () => {
    const { supervisor, last, heard } = rig();
    supervisor.start();
    const child = last();
    child.end();
    child.says("ghost");
    expect(heard).toEqual([]);
  });

  it("waits for its child when it stops, and starts nothing afterwards", async () => {
    const { clock, children, supervisor, last } = rig();
    supervisor.start();
    let isStopped = false;
    const stopped = supervisor.stop().then(() => {
      isStopped = true;
    });
    await Promise.resolve();
    expect(isStopped).toBe(false);
    last().end({ code: 0, signal: null, reason: "ended with code 0" });
    await stopped;
    clock.advance(60_000);
    expect(children).toHaveLength(1);
    await supervisor.stop();
  });

  it("calls off a restart that is due when it is stopped", async () => {
    const { clock, children, supervisor, last } = rig();
    supervisor.start();
    last().end();
    await supervisor.stop();
    clock.advance(60_000);
    expect(children).toHaveLength(1);
  });

  it("goes slow with an error line when its child keeps ending", () => {
    const { clock, children, supervisor, last, lines } = rig();
    supervisor.start();
    for (let ending = 0; ending < 6; ending++) {
      last().end();
      clock.advance(5000);
    }
    expect(children).toHaveLength(6);
    expect(lines.at(-1)).toMatchObject({ level: "error", fields: { delayMs: 30_000 } });
    clock.advance(30_000);
    expect(children).toHaveLength(7);
  });

  it("replaces a child on request", () => {
    const { clock, children, supervisor } = rig();
    supervisor.start();
    supervisor.replace("doubt");
    expect(children[0]?.isKilled).toBe(true);
    clock.advance(100);
    expect(children).toHaveLength(2);
  });

  it("sends to the present child only, and says when there is none", () => {
    const { clock, children, supervisor, last } = rig();
    expect(supervisor.send("early")).toBe(false);
    supervisor.start();
    last().end();
    expect(supervisor.send("between")).toBe(false);
    clock.advance(100);
    expect(supervisor.send("now")).toBe(true);
    expect(children.map(({ sent }) => sent)).toEqual([[], ["now"]]);
  });
});
