import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { KeptTrials } from "../../../../src/lab/liveness/kept-trials.ts";
import { playVisits, type Visit, type VisitPlayer } from "../../../../src/lab/liveness/visits.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "lintel-visits-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

const visits: Visit[] = [0, 1, 2].flatMap((seed) => [
  { kind: "print", seed },
  { kind: "walker", seed },
]);

/** Players that answer after a few turns of the event loop, the later seeds sooner. */
function players(fails?: Visit) {
  const played: string[] = [];
  const state = { stopped: 0, busy: 0, mostBusy: 0 };
  const openPlayer = (): VisitPlayer => ({
    play: async ({ kind, seed }) => {
      played.push(`${kind} ${seed}`);
      state.busy++;
      state.mostBusy = Math.max(state.mostBusy, state.busy);
      for (let n = 0; n < 3 - seed; n++) await Promise.resolve();
      state.busy--;
      if (fails?.kind === kind && fails.seed === seed) throw new Error("the thread broke");
      return { response: kind === "walker" ? "live" : "none", afterMs: 100 * seed, says: [], deniedBy: [] };
    },
    stop: async () => {
      state.stopped++;
    },
  });
  return { played, state, openPlayer };
}

describe("visits that are played side by side", () => {
  it.each([1, 2, 5])("come in their own order, each played once, with %i players", async (jobs) => {
    const { played, state, openPlayer } = players();
    let told = 0;
    const trials = await playVisits({ visits, jobs, openPlayer, onTrial: () => told++ });
    expect(trials.map(({ kind, source }) => `${kind} ${source}`)).toEqual(visits.map((v) => `${v.kind} ${v.seed}`));
    expect(trials[1]).toMatchObject({ isGenuine: true, response: "live" });
    expect([...played].sort()).toEqual(visits.map((v) => `${v.kind} ${v.seed}`).sort());
    expect(state).toMatchObject({ stopped: jobs, busy: 0, mostBusy: jobs });
    expect(told).toBe(visits.length);
  });

  it("end with the error of the one that failed, and leave no player behind", async () => {
    const { state, openPlayer } = players({ kind: "walker", seed: 1 });
    await expect(playVisits({ visits, jobs: 2, openPlayer, onTrial: () => {} })).rejects.toThrow("the thread broke");
    expect(state.stopped).toBe(2);
  });
});

describe("trials that are kept in a file", () => {
  const file = () => join(folder, "trials.jsonl");

  it("are not played again after a run that broke off", async () => {
    const broken = players({ kind: "walker", seed: 1 });
    const first = playVisits({ visits, ...broken, jobs: 1, kept: await KeptTrials.open(file()), onTrial: () => {} });
    await expect(first).rejects.toThrow("the thread broke");
    const again = players();
    const kept = await KeptTrials.open(file());
    const wereKept: boolean[] = [];
    const trials = await playVisits({ visits, ...again, jobs: 1, kept, onTrial: (isKept) => wereKept.push(isKept) });
    // The rate of what is left follows from those that were played now.
    expect(wereKept).toEqual([true, true, true, false, false, false]);
    expect(again.played).toEqual(["walker 1", "print 2", "walker 2"]);
    expect(trials.map(({ afterMs }) => afterMs)).toEqual([0, 0, 100, 100, 200, 200]);
  });

  it("survive a line that was cut off, and do not run into the next one", async () => {
    const trial = { kind: "print", isGenuine: false, source: "0", response: "none" as const, afterMs: null, says: [] };
    writeFileSync(file(), `${JSON.stringify(trial)}\n{"kind":"wal`);
    const kept = await KeptTrials.open(file());
    expect(kept.find({ kind: "print", seed: 0 })).toEqual(trial);
    await kept.add({ ...trial, source: "1" });
    const reopened = await KeptTrials.open(file());
    expect(reopened.find({ kind: "print", seed: 1 })).toMatchObject({ source: "1" });
    expect(readFileSync(file(), "utf8").trimEnd().split("\n")).toHaveLength(3);
  });

  it("cannot be kept in what is no file", async () => {
    await expect(KeptTrials.open(folder)).rejects.toMatchObject({ code: "LINTEL_E_UNREADABLE" });
  });
});
