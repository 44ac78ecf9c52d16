import { existsSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { systemClock } from "../../src/core/clock.ts";
import { isRunning } from "../support/camera-kit.ts";
import { DoorRig } from "../support/door-rig.ts";

const stopMs = 2000;

describe("a daemon that is asked to end", () => {
  let rig: DoorRig;
  beforeAll(async () => {
    rig = await DoorRig.open();
  });
  afterAll(() => rig?.stop());

  it("has locked and ended with code 0 within two seconds, in the middle of an opening too", async () => {
    const mark = await rig.mark();
    await rig.broker();
    await rig.ask("door/unlock", { seconds: 20 });
    await rig.opened(mark);
    const children = rig.daemon.everything().map(({ pid }) => pid);
    const askedMs = systemClock.nowMs();
    rig.daemon.kill("SIGTERM");
    const { atMs } = await rig.locked(mark);
    expect(atMs - askedMs).toBeLessThan(150);
    expect(await rig.daemon.ended).toBe(0);
    expect(systemClock.nowMs() - askedMs).toBeLessThan(stopMs);
    expect(children.filter(isRunning)).toEqual([]);
    expect(await rig.openings(mark)).toHaveLength(1);
  });

  it("leaves no control socket and no port behind, and everything that happened in the log", async () => {
    expect(existsSync(join(rig.stateDirectory, "control.sock"))).toBe(false);
    for (const port of [rig.mqttPort, Number(new URL(rig.webUrl).port)]) await bind(port);
    await rig.leaveBroker();
    await rig.startDaemon();
    const types = (await rig.events()).map(({ type }) => type);
    expect(types.slice(0, 3)).toEqual(["started", "opened", "closed"]);
  });

  it("ends as quickly while somebody watches the pages, a client is connected and a picture is looked at", async () => {
    await rig.untilHealthy();
    const page = await fetch(`${rig.webUrl}/door/events`);
    const broker = await rig.broker();
    void broker.request("people/add", { id: "x", name: "X", photos: ["AAAA"] }, 1000).catch(() => {});
    const askedMs = systemClock.nowMs();
    rig.daemon.kill("SIGINT");
    expect(await rig.daemon.ended).toBe(0);
    expect(systemClock.nowMs() - askedMs).toBeLessThan(stopMs);
    await page.body?.cancel().catch(() => {});
    await rig.leaveBroker();
  });

  it("is forced by a second signal, and the strike is locked all the same", async () => {
    await rig.startDaemon();
    await rig.untilHealthy();
    const mark = await rig.mark();
    await rig.ask("door/unlock", { seconds: 20 });
    await rig.opened(mark);
    const children = rig.daemon.everything().map(({ pid }) => pid);
    // A vision that does not listen would hold up an orderly end.
    process.kill(rig.daemon.pidOf("vision"), "SIGSTOP");
    rig.daemon.kill("SIGTERM");
    rig.daemon.kill("SIGINT");
    expect(await rig.daemon.ended).toBe(69);
    await rig.locked(mark, 500);
    await expect.poll(() => children.filter(isRunning), { timeout: 3000 }).toEqual([]);
  });

  it("takes every child with it when a child hangs, within two seconds", async () => {
    await rig.startDaemon();
    await rig.untilHealthy();
    const children = rig.daemon.everything().map(({ pid }) => pid);
    process.kill(rig.daemon.pidOf("vision"), "SIGSTOP");
    const askedMs = systemClock.nowMs();
    rig.daemon.kill("SIGTERM");
    expect(await rig.daemon.ended).toBe(0);
    expect(systemClock.nowMs() - askedMs).toBeLessThan(stopMs);
    expect(children.filter(isRunning)).toEqual([]);
  });

  it("that is asked while it starts ends with code 0 and leaves nothing", async () => {
    const mark = await rig.mark();
    const daemon = await rig.spawnDaemon();
    await daemon.logged(() => true, 10_000);
    daemon.kill("SIGTERM");
    expect(await daemon.ended).toBe(0);
    expect(existsSync(join(rig.stateDirectory, "control.sock"))).toBe(false);
    expect(await rig.openings(mark)).toEqual([]);
  });
});

/** Rejects when somebody still listens. */
async function bind(port: number): Promise<void> {
  const server = createServer();
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, "127.0.0.1", resolve);
  });
  await new Promise((resolve) => server.close(resolve));
}
