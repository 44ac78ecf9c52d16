import { readFileSync } from "node:fs";
import { afterEach, describe, expect, it } from "vitest";
import { z } from "zod";
import { systemClock } from "../../src/core/clock.ts";
import { systemTimers } from "../../src/core/timers.ts";
import { type Child, type ChildExit, startChild } from "../../src/daemon/child-process.ts";
import { capturedLog } from "../support/captured-log.ts";

const message = z.discriminatedUnion("type", [
  z.object({ type: z.literal("ready") }),
  z.object({ type: z.literal("said"), text: z.string() }),
]);
type Message = z.infer<typeof message>;

describe("a child process", () => {
  const children: Child[] = [];
  afterEach(() => {
    for (const child of children.splice(0)) child.kill();
  });

  function start(acts: readonly string[], more: object = {}) {
    const heard: Message[] = [];
    const { logger, lines } = capturedLog();
    let settle: (exit: ChildExit) => void = () => {};
    const exited = new Promise<ChildExit>((resolve) => {
      settle = resolve;
    });
    const child = startChild<Message>(
      {
        name: "talking",
        entry: new URL("../support/talking-child.mjs", import.meta.url),
        schema: message,
        maxLineBytes: 100_000,
        firstMessage: { acts, ...more },
      },
      { onMessage: (said) => heard.push(said), onExit: (exit) => settle(exit) },
      { logger, clock: systemClock, timers: systemTimers },
    );
    children.push(child);
    const said = () => heard.flatMap((each) => (each.type === "said" ? [each.text] : []));
    const ready = () => expect.poll(() => heard.some(({ type }) => type === "ready"), { timeout: 5000 }).toBe(true);
    return { child, said, ready, exited, lines };
  }

  it("gets its first message, answers, and ends when its input closes", async () => {
    const { child, said, ready } = start([]);
    await ready();
    child.send({ ping: "hello" });
    await expect.poll(said, { timeout: 5000 }).toEqual(["hello"]);
    expect(await child.stop()).toMatchObject({ code: 0 });
    expect(child.send({ ping: "late" })).toBe(false);
  });

  it("that does not end by itself is asked, and one that does not listen is forced", async () => {
    const { child, ready, said } = start(["stay-open", "ignore-term"]);
    await ready();
    const startMs = systemClock.nowMs();
    expect(await child.stop()).toMatchObject({ signal: "SIGKILL" });
    expect(said()).toEqual(["no"]);
    const tookMs = systemClock.nowMs() - startMs;
    expect(tookMs).toBeGreaterThan(1400);
    expect(tookMs).toBeLessThan(2500);
  });

  it("is heard to its last word before its end is reported", async () => {
    const { exited, said } = start(["last-words"]);
    expect((await exited).code).toBe(0);
    expect(said()).toHaveLength(200);
  });

  it("reports the code it ended with", async () => {
    const { exited } = start(["exit-with"], { code: 78 });
    expect(await exited).toEqual({ code: 78, signal: null, reason: "ended with code 78" });
  });

  it("that talks nonsense is read on, and complained of", async () => {
    const { child, ready, said, lines } = start(["talk-nonsense"]);
    await ready();
    child.send({ ping: "still here" });
    await expect.poll(said, { timeout: 5000 }).toEqual(["still here"]);
    expect(lines.filter(({ level }) => level === "warn")).toHaveLength(2);
  });

  it("that writes a line without end costs no memory, and its later words are heard", async () => {
    const { child, said, lines } = start(["talk-endlessly"]);
    child.send({ ping: "first" });
    child.send({ ping: "second" });
    await expect.poll(said, { timeout: 5000 }).toContain("second");
    expect(lines).toMatchObject([{ level: "warn", fields: { reason: "too-long" } }]);
  });

  it("has its log passed on", async () => {
    const { ready, lines } = start(["log"]);
    await ready();
    await expect.poll(() => lines.length, { timeout: 5000 }).toBe(2);
    expect(lines).toMatchObject([
      { level: "info", message: "working", fields: { fps: 15 } },
      { level: "warn", fields: { line: "boom" } },
    ]);
  });

  it("sees no credentials and no overrides of the configuration", async () => {
    process.env.CREDENTIALS_DIRECTORY = "/run/credentials/x";
    process.env.LINTEL__door__openSeconds = "9";
    const { ready, said } = start(["environment"]);
    Reflect.deleteProperty(process.env, "CREDENTIALS_DIRECTORY");
    Reflect.deleteProperty(process.env, "LINTEL__door__openSeconds");
    await ready();
    expect(said()[0]).toContain("PATH");
    expect(said()[0]).not.toMatch(/CREDENTIALS_DIRECTORY|LINTEL__/);
  });

  it("leaves nothing behind that it started, however it ends", async () => {
    const { child, ready, said, exited } = start(["start-grandchild"]);
    await ready();
    const grandchild = Number(said()[0]);
    expect(isRunning(grandchild)).toBe(true);
    process.kill(child.pid ?? 0, "SIGKILL");
    expect((await exited).signal).toBe("SIGKILL");
    await expect.poll(() => isRunning(grandchild), { timeout: 2000 }).toBe(false);
  });
});

function isRunning(pid: number): boolean {
  try {
    return !/\) Z /.test(readFileSync(`/proc/${pid}/stat`, "utf8"));
  } catch {
    return false;
  }
}
