import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import sharp from "sharp";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { demoCast } from "../../src/cli/demo/demo-cast.ts";
import { roles } from "../../src/simulation/roles.ts";
import { DoorRig } from "../support/door-rig.ts";
import { testModelCache } from "../support/model-cache.ts";
import { artConfigOf, hangInputs, longPainting, picture, smallPainting, untilArt } from "../support/painting.ts";
import { poll } from "../support/poll.ts";

let rig: DoorRig;
let inputs: Awaited<ReturnType<typeof hangInputs>>;

beforeAll(async () => {
  inputs = await hangInputs();
  rig = await DoorRig.open({
    config: { door: { id: "rig", openSeconds: 1, restSeconds: 0 }, art: artConfigOf(inputs) },
  });
});
afterAll(async () => {
  await rig?.stop();
  inputs?.remove();
});

const pictures = () => readdirSync(join(rig.stateDirectory, "art")).filter((name) => /^\d+-[0-9a-f]+\.jpg$/.test(name));
const newest = () => pictures().sort((p, q) => Number.parseInt(q, 10) - Number.parseInt(p, 10))[0] ?? "";
const sha256 = (bytes: Uint8Array) => createHash("sha256").update(bytes).digest("hex");
/** As the kernel sees it: T is stopped. */
const processState = (pid: number) => readFileSync(`/proc/${pid}/stat`, "utf8").split(") ")[1]?.split(" ") ?? [];
const isGone = (pid: number) => !existsSync(`/proc/${pid}`) || processState(pid)[0] === "Z";

async function paint(settings: object, count: number): Promise<string> {
  await rig.ask("art/render", { ...picture, settings });
  await untilArt(rig, ({ pictures: done }) => done === count);
  return newest();
}

describe("a daemon that paints", () => {
  let whole = "";

  it("paints a picture, hangs it in the lobby, gives it to the broker, and says how it came about", async () => {
    const name = await paint(smallPainting, 1);
    whole = sha256(readFileSync(join(rig.stateDirectory, "art", name)));
    const jpeg = await (await rig.broker()).bytes("art/image", 5_000);
    expect(jpeg.length).toBeLessThanOrEqual(512_000);
    expect(await sharp(jpeg).metadata()).toMatchObject({ format: "jpeg", width: 160, height: 90 });
    const page = await fetch(`${rig.webUrl}/art/${name}`);
    expect(sha256(new Uint8Array(await page.arrayBuffer()))).toBe(whole);
    const account = JSON.parse(readFileSync(join(rig.stateDirectory, "art", name.replace(".jpg", ".json")), "utf8"));
    const content = readFileSync(join(inputs.content, picture.content));
    expect(account).toMatchObject({
      title: "Lake at evening, after Whirls",
      picture: { width: 160, height: 90, sha256: whole },
      settings: smallPainting,
      inputs: [{ role: "content", name: picture.content, sha256: sha256(content) }, { role: "style" }],
      network: { name: "mobilenet", sha256: expect.stringMatching(/^[0-9a-f]{64}$/) },
    });
    expect(readdirSync(join(rig.stateDirectory, "art", "jobs"))).toEqual([]);
  });

  it("refuses a photograph with a face in it, until somebody allows that file", async () => {
    const { photoOf } = await demoCast(testModelCache);
    const file = join(inputs.content, "dana.jpg");
    writeFileSync(file, await photoOf(roles.enrolled));
    utimesSync(file, new Date(0), new Date(0));
    await rig.ask("art/render", { ...picture, content: "dana.jpg", settings: smallPainting });
    const { lastFailure } = await untilArt(rig, (state) => state.lastFailure !== null);
    expect(lastFailure?.reason).toMatch(/^dana\.jpg shows a face .*touch 'dana\.jpg\.face-allowed'/);
    expect(pictures()).toHaveLength(1);
    writeFileSync(`${file}.face-allowed`, "");
    await rig.ask("art/render", { ...picture, content: "dana.jpg", settings: { ...smallPainting, steps: 3 } });
    await untilArt(rig, ({ pictures: done }) => done === 2);
  });

  it("goes on from its checkpoint when the art process is killed, and the same picture comes out", async () => {
    await rig.ask("art/render", { ...picture, settings: smallPainting });
    await untilArt(rig, ({ painting }) => (painting?.step ?? 0) >= 20);
    process.kill(rig.daemon.pidOf("art"), "SIGKILL");
    const again = await untilArt(rig, ({ painting }) => painting !== null && painting.step > 0, 15_000);
    expect(again.painting?.step).toBeGreaterThanOrEqual(19);
    await untilArt(rig, ({ pictures: done }) => done === 3);
    expect(sha256(readFileSync(join(rig.stateDirectory, "art", newest())))).toBe(whole);
  });

  it("runs at the lowest priority and is the first that the kernel takes when memory is short", async () => {
    await rig.ask("art/render", { ...picture, settings: longPainting });
    await untilArt(rig, ({ painting }) => (painting?.step ?? 0) > 0);
    const pid = rig.daemon.pidOf("art");
    // After "pid (comm) ": the state is the first field, nice the seventeenth.
    expect(processState(pid)[16]).toBe("19");
    expect(readFileSync(`/proc/${pid}/oom_score_adj`, "utf8").trim()).toBe("1000");
    expect(
      spawnSync("ionice", ["-p", String(pid)])
        .stdout.toString()
        .trim(),
    ).toBe("idle");
  });

  it("stands still while a face is at the door, and goes on after it", async () => {
    const pid = rig.daemon.pidOf("art");
    rig.enter({ id: "stranger", actor: roles.strangers[0] });
    const held = await untilArt(rig, ({ painting }) => painting?.isHeld === true, 10_000);
    expect(processState(pid)[0]).toBe("T");
    await rig.clear();
    const after = await untilArt(rig, ({ painting }) => painting?.isHeld === false, 15_000);
    expect(after.painting?.step).toBeLessThanOrEqual((held.painting?.step ?? 0) + 2);
    await untilArt(rig, ({ painting }) => (painting?.step ?? 0) > (after.painting?.step ?? 0) + 2);
  });

  it("leaves no stopped process behind when the daemon is killed, and goes on from the checkpoint after its restart", async () => {
    const pid = rig.daemon.pidOf("art");
    rig.enter({ id: "stranger", actor: roles.strangers[0] });
    const held = await untilArt(rig, ({ painting }) => painting?.isHeld === true, 10_000);
    rig.daemon.kill("SIGKILL");
    await poll(
      async () => isGone(pid),
      (gone) => gone,
      () => "the stopped art process is still there",
      3_000,
    );
    await rig.clear();
    await rig.startDaemon();
    await rig.untilHealthy();
    const { painting } = await untilArt(rig, (state) => state.painting !== null, 20_000);
    expect(painting?.step).toBeGreaterThanOrEqual((held.painting?.step ?? 0) - 2);
    expect(painting?.step).toBeGreaterThan(0);
  });
});
