import { execFile } from "node:child_process";
import { join } from "node:path";
import { connectAsync } from "mqtt";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { EventMessage } from "../../src/cli/demo/broker-client.ts";
import { roles } from "../../src/simulation/roles.ts";
import { root } from "../support/daemon.ts";
import { DoorRig, doorId } from "../support/door-rig.ts";
import { Onlooker } from "../support/mqtt-kit.ts";
import { poll } from "../support/poll.ts";

const decisions = ["granted", "denied", "unknown", "spoof"];
const badgeTopic = "site/reader";
const badge = "04A2B3";

/** The rules as an operator makes them with the shipped command, against a face that walks up to the simulated camera. */
describe("a door with rules", () => {
  let rig: DoorRig;
  let reader: Onlooker;

  beforeAll(async () => {
    const access = { badgeTopic, badgeAfterSeconds: 6 };
    rig = await DoorRig.open({ config: { access, door: { id: doorId, openSeconds: 1, restSeconds: 1 } } });
    reader = await Onlooker.connect(`mqtt://127.0.0.1:${rig.mqttPort}`, {}, badgeTopic);
    await rig.enrolAlice();
  });
  afterAll(async () => {
    await reader?.end();
    await rig?.stop();
  });

  const lintel = (...args: string[]) =>
    new Promise<{ code: number; answer: Record<string, unknown> }>((resolve, reject) => {
      const all = [join(root, "dist/cli/main.js"), ...args, "--config", rig.configFile, "--json"];
      execFile(process.execPath, all, { timeout: 30_000 }, (error, stdout, stderr) => {
        if (stdout === "") reject(new Error(`lintel ${args.join(" ")}: ${stderr}`));
        else resolve({ code: Number(error?.code ?? 0), answer: JSON.parse(stdout) });
      });
    });
  const explain = () => lintel("access", "explain", "alice");

  /** Alice walks up; what is done while she stands there; what the door decides. */
  async function visit(meanwhile: () => Promise<void> = async () => {}): Promise<EventMessage> {
    const { event } = await rig.listen(decisions);
    rig.enter({ id: "alice", actor: roles.enrolled });
    try {
      await meanwhile();
      return await event;
    } finally {
      await rig.clear();
    }
  }

  /** The display asks somebody for a badge, from now on. */
  function askedForBadge(): Promise<unknown> {
    const from = rig.shown.length;
    const asked = async () => rig.shown.slice(from).some(({ prompt }) => prompt === "badge");
    return poll(asked, Boolean, () => "nobody was asked for a badge", 20_000);
  }

  /** The daemon's connection is cut, as by a broker that restarts: it comes back and gets what is retained. */
  async function reconnectDaemon(): Promise<void> {
    const from = rig.daemon.lines.length;
    const url = `mqtt://127.0.0.1:${rig.mqttPort}`;
    const usurper = await connectAsync(url, { clientId: `lintel-${doorId}`, protocolVersion: 4, reconnectPeriod: 0 });
    await usurper.endAsync(true);
    await rig.daemon.logged(({ msg }) => msg === "broker connected", 5000, from);
  }

  it("lets everybody in while there are none", async () => {
    expect(await explain()).toMatchObject({ code: 0, answer: { ok: true, rule: null } });
    const mark = await rig.mark();
    expect(await visit()).toMatchObject({ type: "granted", person: "alice" });
    await rig.opened(mark);
  });

  it("refuses who is in no group of the first one, and says so to the operator only", async () => {
    await lintel("access", "add-rule", "residents", "--group", "residents");
    expect(await explain()).toMatchObject({ code: 1, answer: { ok: false, reason: "not-permitted" } });
    const mark = await rig.mark();
    expect(await visit()).toMatchObject({ type: "denied", person: "alice", reason: "not-permitted" });
    expect(rig.shown.findLast(({ kind }) => kind === "refused")).toMatchObject({
      title: expect.stringMatching(/ring/),
    });
    expect(await rig.openings(mark)).toEqual([]);
  });

  it("lets in who is in a group of one", async () => {
    await lintel("people", "update", "alice", "--groups", "staff");
    await lintel("access", "add-rule", "staff", "--group", "staff");
    expect(await explain()).toMatchObject({ code: 0, answer: { ok: true, rule: "staff" } });
    expect(await visit()).toMatchObject({ type: "granted", person: "alice", rule: "staff" });
  });

  it("asks for the badge a rule wants and opens for none that is retained", async () => {
    await lintel("access", "add-rule", "staff", "--group", "staff", "--second-factor", "badge");
    // Nobody's badge when it is published: what counts later could only be the copy that the broker kept.
    await reader.client.publishAsync(badgeTopic, badge, { qos: 1, retain: true });
    await rig.daemon.logged("second factor not taken");
    await lintel("access", "add-badge", badge, "alice");
    expect(await explain()).toMatchObject({ code: 1, answer: { ok: false, reason: "second-factor-missing" } });
    const mark = await rig.mark();
    const decision = await visit(async () => {
      await askedForBadge();
      await reconnectDaemon();
    });
    expect(decision).toMatchObject({ type: "denied", person: "alice", reason: "second-factor-missing" });
    expect(await rig.openings(mark)).toEqual([]);
    const late = await Onlooker.connect(`mqtt://127.0.0.1:${rig.mqttPort}`, {}, badgeTopic);
    expect(await late.waitFor(badgeTopic)).toMatchObject({ text: badge, packet: { retain: true } });
    await late.end();
  });

  it.each<[string, () => Promise<unknown>]>([
    ["topic", () => reader.client.publishAsync(badgeTopic, '{"badge":"04:a2:b3"}', { qos: 1 })],
    ["request", async () => (await rig.broker()).request("access/badge", { badge })],
  ])("opens on fresh frames when the badge comes by %s while the face waits", async (_, show) => {
    const mark = await rig.mark();
    const granted = await visit(async () => {
      await askedForBadge();
      expect(await rig.openings(mark)).toEqual([]);
      await show();
    });
    expect(granted).toMatchObject({ type: "granted", person: "alice", rule: "staff", secondFactor: "badge" });
    expect(granted.oldestFrameMs).toBeLessThan(1000);
    await rig.opened(mark);
  });

  it("forgets a person with their badge: a proof, a stranger at the door, and a log that still holds together", async () => {
    const removed = await lintel("people", "remove", "alice");
    expect(removed).toMatchObject({ code: 0, answer: { person: "alice", templates: 1, search: { remains: [] } } });
    await expect((await rig.broker()).request("access/badge", { badge })).rejects.toThrow(/nobody has this badge/);
    const mark = await rig.mark();
    expect(await visit()).toMatchObject({ type: "unknown" });
    expect(await rig.openings(mark)).toEqual([]);
    const events = await rig.events();
    expect(events.find(({ type }) => type === "removed")).toMatchObject({ digest: removed.answer.digest });
    expect(await lintel("events", "verify")).toMatchObject({ code: 0, answer: { ok: true, brokenAt: null } });
    expect(JSON.stringify(events)).not.toContain(badge);
  });
});
