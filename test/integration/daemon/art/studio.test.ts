import { existsSync, mkdirSync, readdirSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import type { ArtOrder } from "../../../../src/art/process/protocol.ts";
import { seededRandom } from "../../../../src/core/random.ts";
import { ArtService } from "../../../../src/daemon/art/art-service.ts";
import { artConfig } from "../../../../src/daemon/art/config.ts";
import { Exhibition } from "../../../../src/daemon/art/exhibition.ts";
import { ArtJobStore } from "../../../../src/daemon/art/job-store.ts";
import type { PaintingEnd, PaintingListener } from "../../../../src/daemon/art/painting-process.ts";
import { Studio } from "../../../../src/daemon/art/studio.ts";
import { CronWindow } from "../../../../src/daemon/cron-window.ts";
import { openDatabase } from "../../../../src/daemon/store/database.ts";
import { FakeTime } from "../../../support/fake-time.ts";
import { listeningLogger } from "../../../support/memory-house.ts";
import { temporaryStateDirectory } from "../../../support/state-directory.ts";

const jpeg = Buffer.from([0xff, 0xd8, 0xff, 0xd9]);

/** A process that does what the test says. */
class FakePainting {
  readonly order: ArtOrder;
  readonly calls: string[] = [];
  readonly #listener: PaintingListener;
  isOver = false;

  constructor(order: ArtOrder, listener: PaintingListener) {
    this.order = order;
    this.#listener = listener;
  }
  start = () => void this.calls.push("start");
  hold = () => void this.calls.push("hold");
  goOn = () => void this.calls.push("go on");
  rest = () => void this.calls.push("rest");
  stop = async () => {
    this.calls.push("stop");
    if (!this.isOver) this.end({ kind: "resting" });
  };
  step = (step: number) =>
    this.#listener.progress({ type: "progress", step, steps: 100, width: 1, height: 1, loss: 1 });
  checkpoint = (step: number) => this.#listener.checkpoint(step);
  end(end: PaintingEnd): void {
    this.isOver = true;
    this.#listener.ended(end);
  }
  finish(): void {
    for (const ending of [".jpg", ".mqtt.jpg", ".json"]) writeFileSync(`${this.order.pictureBase}${ending}`, jpeg);
    this.end({ kind: "done", picture: { width: 4, height: 3, sha256: "ab".repeat(32), seconds: 2 } });
  }
}

const hour = 3_600_000;
/** It begins at noon of the first of January 2030, UTC. */
const noon = () => new FakeTime(12 * hour);

/** Hours pass; what waits for its time is looked at in the last minute of them. */
async function pass(time: FakeTime, hours: number): Promise<void> {
  time.jump(hours * hour - 60_000);
  await time.advance(60_000);
}

function studio(
  changes: Record<string, unknown> = {},
  { stateDirectory = temporaryStateDirectory(), time = noon() } = {},
) {
  const { logger, lines } = listeningLogger();
  const db = openDatabase({ stateDirectory, logger });
  const folders = { contentDirectory: join(stateDirectory, "photos"), styleDirectory: join(stateDirectory, "styles") };
  for (const folder of Object.values(folders)) mkdirSync(folder, { recursive: true });
  const config = artConfig.parse({ ...folders, window: { from: "0 22 * * *", until: "0 6 * * *" }, ...changes });
  const store = new ArtJobStore(db);
  const window = new CronWindow(config.window, "UTC");
  const directory = join(stateDirectory, "art");
  let chosen: number | null = null;
  const exhibition = new Exhibition({
    ...{ directory, changeMs: 60_000, timers: time },
    chosen: {
      get: () => chosen,
      set: (id) => {
        chosen = id;
      },
    },
  });
  const paintings: FakePainting[] = [];
  const made: Studio = new Studio({
    ...{ store, exhibition, window, directory, clock: time, timers: time, logger, retention: config },
    plan: () => art.plan(),
    orderOf: (job) => art.orderOf(job),
    openProcess: (order, listener) => {
      const painting = new FakePainting(order, listener);
      paintings.push(painting);
      return painting;
    },
  });
  const art: ArtService = new ArtService({
    ...{ config, store, exhibition, window, studio: made, modelCacheDirectory: "/m", logLevel: "info" },
    ...{ clock: time, random: seededRandom(1) },
  });
  made.start();
  const put = (kind: "photos" | "styles", ...names: string[]) => {
    for (const name of names) {
      const file = join(stateDirectory, kind, name);
      writeFileSync(file, jpeg);
      // long ago: it is not being copied any more
      utimesSync(file, new Date("2029-01-01"), new Date("2029-01-01"));
    }
  };
  const order = (more: object = {}) =>
    art.render(
      {
        content: "lake.jpg",
        styles: [{ file: "x.jpg", weight: 1 }],
        settings: {},
        atOnce: false,
        deadline: null,
        ...more,
      },
      "mqtt",
    );
  const last = () => paintings.at(-1) ?? expect.fail("nothing is painted");
  return {
    studio: made,
    art,
    store,
    exhibition,
    paintings,
    last,
    time,
    put,
    order,
    lines,
    stateDirectory,
    directory,
    folders,
  };
}

function withPictures(changes: Record<string, unknown> = {}) {
  const made = studio(changes);
  made.put("photos", "lake.jpg", "hill.jpg");
  made.put("styles", "x.jpg", "y.jpg");
  return made;
}

describe("the night", () => {
  it("paints what the folders hold, one after the other, and as many as configured", async () => {
    const { paintings, time, last, store } = withPictures({ picturesPerNight: 2 });
    await pass(time, 9.5);
    expect(paintings).toEqual([]);
    await pass(time, 1);
    expect(paintings).toHaveLength(1);
    last().finish();
    expect(paintings).toHaveLength(2);
    last().finish();
    await pass(time, 1);
    expect(paintings).toHaveLength(2);
    expect(store.list("done").map(({ brief }) => brief.title)).toEqual(["Hill, after X", "Lake, after Y"]);
    await pass(time, 24);
    expect(paintings).toHaveLength(3);
  });

  it("picks up a file that was put there meanwhile, and not one that is still being written", async () => {
    const { paintings, time, put, folders } = studio();
    await pass(time, 10.5);
    put("styles", "x.jpg");
    const file = join(folders.contentDirectory, "new.jpg");
    writeFileSync(file, jpeg);
    utimesSync(file, time.date(), time.date());
    await time.advance(2_000);
    expect(paintings).toEqual([]);
    await time.advance(60_000);
    expect(paintings[0]?.order.content?.path).toBe(file);
  });

  it("ends in the morning with a checkpoint, and goes on where it was the next night", async () => {
    const { time, last, store, paintings } = withPictures({ picturesPerNight: 1 });
    await pass(time, 10.5);
    last().checkpoint(40);
    await pass(time, 8);
    expect(last().calls).toEqual(["start", "rest"]);
    last().end({ kind: "resting" });
    expect(store.get(1)).toMatchObject({ state: "waiting", step: 40 });
    await pass(time, 16);
    expect(paintings).toHaveLength(2);
    expect(last().order.jobDirectory).toBe(paintings[0]?.order.jobDirectory);
  });

  it("stays off without folders", async () => {
    const { art, time, paintings } = studio({ contentDirectory: undefined });
    await pass(time, 10.5);
    expect(paintings).toEqual([]);
    expect(() => art.render({ styles: [], settings: {}, atOnce: true, deadline: null }, "mqtt")).toThrow(
      /nothing is painted/,
    );
  });
});

describe("what is asked for", () => {
  it("at once is begun at once, whatever the hour", async () => {
    const { order, last } = withPictures();
    expect(order({ atOnce: true, settings: { steps: 7, seed: 3 } })).toMatchObject({ state: "painting", steps: 7 });
    expect(last().order.settings).toMatchObject({ steps: 7, seed: 3, size: 1920 });
  });

  it.each([
    ["a file that is not there", { content: "sea.jpg" }, /no picture sea\.jpg/],
    ["no style", { styles: [] }, /does not fit/],
    ["a texture with a content", { settings: { mode: "texture" } }, /does not fit/],
    ["a dream with a style", { settings: { mode: "dream" } }, /does not fit/],
    ["a deadline that has passed", { deadline: "2029-12-31T00:00:00.000Z" }, /deadline has passed/],
  ])("%s is refused and not queued", (_what, request, error) => {
    const { order, store } = withPictures();
    expect(() => order(request)).toThrow(error);
    expect(store.list("waiting", "painting")).toEqual([]);
  });

  it("a queue that is full takes nothing more", () => {
    const { order } = withPictures();
    for (let i = 0; i < 100; i++) order();
    expect(() => order()).toThrow(/100 pictures are waiting/);
  });

  it("a picture that is not ready by its deadline fails, even while it is painted, and the next has its turn", async () => {
    const { order, time, last, store, paintings } = withPictures();
    order({ atOnce: true, deadline: "2030-01-01T13:00:00.000Z" });
    order({ atOnce: true });
    last().step(12);
    await pass(time, 1);
    expect(store.get(1)).toMatchObject({ state: "failed", reason: expect.stringMatching(/deadline, 12 of 300/) });
    expect(paintings[0]?.calls).toContain("stop");
    expect(paintings).toHaveLength(2);
  });
});

describe("a person at the door", () => {
  it("stops the painting at once and lets it go on five seconds after the last face", async () => {
    const { studio: made, order, last, time } = withPictures();
    order({ atOnce: true });
    made.sighted();
    expect(last().calls).toEqual(["start", "hold"]);
    expect(made.state.painting?.isHeld).toBe(true);
    await time.advance(5_000);
    expect(last().calls).toEqual(["start", "hold", "go on"]);
    expect(made.state.painting?.isHeld).toBe(false);
  });

  it("keeps a painting from being begun", async () => {
    const { studio: made, order, paintings, time } = withPictures();
    made.sighted();
    order({ atOnce: true });
    expect(paintings).toEqual([]);
    await time.advance(5_000);
    expect(paintings).toHaveLength(1);
  });

  it("is not disturbed even when the night ends: the checkpoint waits", async () => {
    const { studio: made, time, last } = withPictures();
    await pass(time, 10.5);
    made.sighted();
    time.jump(8 * hour);
    made.sighted();
    await time.advance(2_000);
    expect(last().calls).not.toContain("rest");
    await time.advance(60_000);
    expect(last().calls.slice(-2)).toEqual(["go on", "rest"]);
  });
});

describe("what goes wrong", () => {
  it("with one job is on record with its reason, and the next has its turn", () => {
    const { order, last, art, paintings } = withPictures();
    order({ atOnce: true });
    order({ atOnce: true });
    last().end({ kind: "failed", reason: "the loss has no number" });
    expect(paintings).toHaveLength(2);
    expect(art.list().jobs[0]).toMatchObject({ id: 1, state: "failed", reason: "the loss has no number" });
    expect(art.state.lastFailure).toEqual({ job: 1, reason: "the loss has no number" });
  });

  it("with the process is tried again from the checkpoint, three times at most", async () => {
    const { order, last, store, time, paintings } = withPictures();
    order({ atOnce: true });
    for (let attempt = 0; attempt < 3; attempt++) {
      expect(paintings).toHaveLength(attempt + 1);
      last().end({ kind: "broke", reason: "the painting process ended by SIGSEGV" });
      await time.advance(5_000);
    }
    expect(paintings).toHaveLength(3);
    expect(store.get(1)).toMatchObject({ state: "failed", reason: "the painting process ended by SIGSEGV, 3 times" });
  });

  it("with a process that gets on between its crashes is tried for as long as it takes", async () => {
    const { order, last, store, time, paintings } = withPictures();
    order({ atOnce: true });
    for (let attempt = 0; attempt < 6; attempt++) {
      last().checkpoint(attempt + 1);
      last().end({ kind: "broke", reason: "crashed" });
      await time.advance(5_000);
    }
    expect(paintings).toHaveLength(7);
    expect(store.get(1)?.state).toBe("painting");
  });

  it("with the disk waits, without counting against the job", async () => {
    const { order, last, store, time, paintings } = withPictures();
    order({ atOnce: true });
    for (let attempt = 0; attempt < 5; attempt++) {
      last().end({ kind: "postponed", reason: "the disk is full" });
      expect(store.get(1)).toMatchObject({ state: "waiting", reason: "the disk is full" });
      await time.advance(10 * 60_000);
    }
    expect(paintings).toHaveLength(6);
  });

  it("with the machine: what was begun waits again after a restart, and the wall is as it was", async () => {
    const first = withPictures();
    first.order({ atOnce: true });
    first.last().finish();
    first.order({ atOnce: true });
    first.last().checkpoint(9);
    const second = studio({}, { stateDirectory: first.stateDirectory });
    expect(second.exhibition.shown?.title).toBe("Lake, after X");
    expect(second.paintings).toHaveLength(1);
    expect(second.store.get(2)).toMatchObject({ state: "painting", step: 9 });
  });

  it("with a folder that is gone stops nothing but the painting", async () => {
    const { time, lines, paintings, put } = studio({ contentDirectory: "/nowhere/at/all" });
    put("styles", "x.jpg");
    await pass(time, 10.5);
    expect(paintings).toEqual([]);
    expect(
      lines.some(({ message, fields }) => message === "art waits" && JSON.stringify(fields).includes("/nowhere")),
    ).toBe(true);
  });
});

describe("the wall", () => {
  function hung(count: number, changes: Record<string, unknown> = {}) {
    const made = withPictures(changes);
    for (let i = 0; i < count; i++) {
      made.order({ atOnce: true });
      made.last().finish();
    }
    return made;
  }

  it("shows the newest at once, then the others in turn", async () => {
    const { exhibition, time } = hung(3);
    const shown = [exhibition.shown?.id];
    for (let i = 0; i < 3; i++) {
      await time.advance(60_000);
      shown.push(exhibition.shown?.id);
    }
    expect(shown).toEqual([3, 2, 1, 3]);
  });

  it("keeps what somebody chose, over new pictures and retention, until told otherwise", async () => {
    const { exhibition, time, art, order, last } = hung(3, { keepPictures: 2 });
    expect(() => art.show(1)).toThrow(/no picture 1/);
    art.show(2);
    order({ atOnce: true });
    last().finish();
    order({ atOnce: true });
    last().finish();
    await time.advance(600_000);
    expect(exhibition.shown?.id).toBe(2);
    art.show(null);
    await time.advance(60_000);
    expect(exhibition.shown?.id).not.toBe(2);
  });

  it("old pictures go with all their files, and so does the work of a finished one", () => {
    const { directory, store, exhibition } = hung(4, { keepPictures: 2 });
    expect(exhibition.pictures.map(({ id }) => id)).toEqual([4, 3]);
    expect(store.list("done").map(({ id }) => id)).toEqual([3, 4]);
    expect(readdirSync(directory).filter((name) => name.startsWith("1-") || name.startsWith("2-"))).toEqual([]);
    expect(readdirSync(directory).filter((name) => name.endsWith(".json"))).toHaveLength(2);
    expect(existsSync(join(directory, "jobs", "4"))).toBe(false);
  });

  it("gives away what hangs on it and nothing else", async () => {
    const { exhibition } = hung(1);
    expect(await exhibition.read(exhibition.shown?.key ?? "")).toEqual(jpeg);
    for (const key of ["", "..", "../../lintel", "1-00000000"]) expect(await exhibition.read(key)).toBeNull();
  });
});

describe("titles", () => {
  it("are what the files are called, in words", async () => {
    const { order, put } = withPictures();
    put("photos", "old-town_at.night.jpg");
    put("styles", "the wave.png");
    const styles = [
      { file: "the wave.png", weight: 2 },
      { file: "x.jpg", weight: 1 },
    ];
    expect(order({ content: "old-town_at.night.jpg", styles }).title).toBe("Old town at night, after The wave and X");
    expect(order({ title: "Mine" }).title).toBe("Mine");
  });
});
