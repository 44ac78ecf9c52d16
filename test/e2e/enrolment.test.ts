import { execFile } from "node:child_process";
import { cpSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { demoCast } from "../../src/cli/demo/demo-cast.ts";
import { roles } from "../../src/simulation/roles.ts";
import { root } from "../support/daemon.ts";
import { DoorRig, doorId } from "../support/door-rig.ts";
import { testModelCache } from "../support/model-cache.ts";
import { Onlooker } from "../support/mqtt-kit.ts";

/** Progress of that stage for the request with this transaction. */
const isOf = (transaction: string, stage: string) => (text: string) =>
  text.includes(transaction) && text.includes(`"stage":"${stage}"`);

const base = `lintel/${doorId}`;

describe("enrolment at the door, asked for over MQTT", () => {
  let rig: DoorRig;
  let asker: Onlooker;

  beforeAll(async () => {
    rig = await DoorRig.open();
    asker = await Onlooker.connect(`mqtt://127.0.0.1:${rig.mqttPort}`);
  });
  afterAll(async () => {
    await asker?.end();
    await rig?.stop();
  });

  const viewsTaken = () =>
    asker
      .on(`${base}/response/people/enroll`)
      .map(({ text }) => (JSON.parse(text) as { data: { stage?: string; view?: string } }).data)
      .filter(({ stage }) => stage === "view")
      .map(({ view }) => view);

  /** Asks, and gives the answer that is not progress. */
  async function enroll(
    id: string,
    seconds: number,
  ): Promise<{ data: Record<string, unknown>; status: string; error?: string }> {
    const transaction = `enroll-${id}`;
    const data = JSON.stringify({ id, name: "Alice Example", seconds, transaction });
    await asker.client.publishAsync(`${base}/request/people/enroll`, data, { qos: 1 });
    const isAnswer = (text: string) => text.includes(transaction) && !text.includes('"progress":true');
    const answer = await asker.waitFor(`${base}/response/people/enroll`, isAnswer, (seconds + 5) * 1000);
    return JSON.parse(answer.text);
  }

  it("leads a stranger through the views, keeps three templates, opens nothing; the next walk-up opens", async () => {
    const mark = await rig.mark();
    const answer = enroll("alice", 60);
    await asker.waitFor(`${base}/response/people/enroll`, (text) => text.includes('"started"'));
    rig.enter({ id: "alice", actor: roles.enrolled });
    expect(await answer).toMatchObject({
      status: "ok",
      data: { stage: "enrolled", id: "alice", templates: 3, refused: [], recognised: true },
      transaction: "enroll-alice",
    });
    // A face that is lost on a busy machine begins anew, so there may be more before these.
    expect(viewsTaken().slice(-3)).toEqual(["front", "left", "right"]);
    expect(await rig.openings(mark)).toEqual([]);
    await rig.clear();
    expect(await rig.letAliceIn()).toMatchObject({ type: "granted", person: "alice" });
  });

  it("does not enrol a photograph held up to the camera, however long it is shown", async () => {
    const answer = enroll("mallory", 12);
    rig.enter({ id: "print", actor: roles.newcomer, as: "print" });
    await asker.waitFor(`${base}/response/people/enroll`, isOf("enroll-mallory", "seen"), 12_000);
    const { status, error } = await answer;
    await rig.clear();
    expect(status).toBe("error");
    expect(error).toMatch(/time is up|does not seem to be alive/);
    expect(await rig.ask("people/list")).toMatchObject({ people: [{ id: "alice" }] });
  });

  it("says that the person who stands there is known as somebody else, and lets them in", async () => {
    const mark = await rig.mark();
    const answer = enroll("impostor", 30);
    rig.enter({ id: "alice-again", actor: roles.enrolled });
    const known = await asker.waitFor(`${base}/response/people/enroll`, (text) => text.includes('"known"'), 30_000);
    expect(JSON.parse(known.text)).toMatchObject({ data: { stage: "known", person: "alice" }, progress: true });
    await rig.opened(mark, 20_000);
    expect(await asker.ask(base, "people/enroll/cancel")).toMatchObject({ data: { cancelled: true } });
    expect(await answer).toMatchObject({ status: "error" });
    await rig.clear();
  });
});

describe("people import", () => {
  let rig: DoorRig;
  beforeAll(async () => {
    rig = await DoorRig.prepare();
    await rig.startDaemon();
  });
  afterAll(() => rig?.stop());

  it("enrols everybody of a folder beside the running daemon, and adds nothing when it is done again", async () => {
    const { photoOf } = await demoCast(testModelCache);
    const folder = join(rig.folder, "staff");
    for (const name of ["Alice Example", "Bob Example", "Nobody"]) mkdirSync(join(folder, name), { recursive: true });
    writeFileSync(join(folder, "Alice Example", "1.jpg"), await photoOf(roles.enrolled));
    writeFileSync(join(folder, "Bob Example", "1.jpg"), await photoOf(roles.newcomer));
    cpSync(join(root, "docs/images/door-welcome.png"), join(folder, "Nobody", "page.png"));
    const run = () =>
      new Promise<{ code: number; report: Record<string, unknown> }>((resolve) => {
        const args = [join(root, "dist/cli/main.js"), "people", "import", folder, "--config", rig.configFile, "--json"];
        execFile(process.execPath, args, { timeout: 60_000 }, (error, stdout) =>
          resolve({ code: Number(error?.code ?? 0), report: JSON.parse(stdout) }),
        );
      });
    const first = await run();
    expect(first).toMatchObject({ code: 0, report: { pictures: 3, taken: 2 } });
    expect(first.report.people).toMatchObject([
      { id: "alice-example", templates: 1, refused: [] },
      { id: "bob-example", templates: 1, refused: [] },
      { id: "nobody", templates: 0, refused: [{ file: "Nobody/page.png", reason: "no-face" }] },
    ]);
    const again = await run();
    expect(again).toMatchObject({ code: 1, report: { taken: 0 } });
    expect(await rig.ask("people/list")).toMatchObject({ people: [{ templates: 1 }, { templates: 1 }] });
  });
});
