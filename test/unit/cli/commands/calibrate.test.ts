import { afterEach, describe, expect, test, vi } from "vitest";
import { calibrateCommand } from "../../../../src/cli/commands/calibrate.ts";
import { peopleCommand } from "../../../../src/cli/commands/people.ts";

const report = {
  ...{ threshold: 0.363, before: 0.4, targetFpir: 1e-3, people: 9, templates: 27, strangersPerDay: 20 },
  ...{ expectedFalseAcceptsPerYear: 7.1, expectedRefusals: 0.103, n: 36, basis: "site", fromShipped: 0.376 },
  fromSite: 0.406,
  siteInterval: [0.296, 0.559],
  lookAlikes: [{ person: "ann", threshold: 0.34, nearest: { person: "sister", distance: 0.38 } }],
  sameFace: [{ people: ["bob", "robert"], distance: 0.12 }],
};
const check = {
  ...{ person: "ann", templates: 3, sureness: "unsure", threshold: 0.34, ownDistance: 0.33 },
  atDoor: { month: "2031-05", entries: 30, distance: 0.315, margin: null },
  nearest: { person: "sister", distance: 0.38 },
  retake: [{ template: 7, createdAt: "2026-01-02T08:00:00Z", reason: "it is blurred" }],
  ...{ drift: null, isReEnrolmentAdvised: false, advice: ["Looks like sister (0.38 apart)."] },
};

/** What was asked and what was printed. */
function rig(answer: unknown) {
  const sent: [string, unknown][] = [];
  let printed = "";
  vi.spyOn(process.stdout, "write").mockImplementation((text) => {
    printed += String(text);
    return true;
  });
  const request = async (name: string, data: unknown) => {
    sent.push([name, data]);
    return answer;
  };
  const deps = { connect: async () => ({ request, close: () => {} }) };
  return { sent, deps, printed: () => printed };
}

afterEach(() => vi.restoreAllMocks());

describe("lintel calibrate", () => {
  test("says in words what was found", async () => {
    const { sent, deps, printed } = rig(report);
    await calibrateCommand(deps).parseAsync([], { from: "user" });
    expect(sent).toEqual([["gallery/calibrate", {}]]);
    expect(printed()).toContain("Threshold 0.363 (stricter than 0.400 before), for 9 people with 27 pictures.");
    expect(printed()).toContain("Of 1,000 strangers who walk up, one may be taken for somebody.");
    expect(printed()).toContain("7.1 a year expected");
    expect(printed()).toContain("ann looks like sister (0.380 apart)");
    expect(printed()).toContain("bob and robert may be one person under two names");
  });

  test("a gallery that is too small is said to be", async () => {
    const { deps, printed } = rig({ ...report, basis: "shipped", fromSite: null, siteInterval: null, before: 0.363 });
    await calibrateCommand(deps).parseAsync([], { from: "user" });
    expect(printed()).toContain("(as before)");
    expect(printed()).toContain("Too few people");
  });

  test("--json prints one document with the keys of the contract", async () => {
    const { deps, printed } = rig(report);
    await calibrateCommand(deps).parseAsync(["--json", "--strangers-per-day", "200"], { from: "user" });
    const keys = ["threshold", "targetFpir", "people", "expectedFalseAcceptsPerYear", "expectedRefusals", "n"];
    expect(Object.keys(JSON.parse(printed()))).toEqual(expect.arrayContaining(keys));
  });

  test.each(["0", "-3", "many"])("--strangers-per-day %s is refused before anything is asked", async (value) => {
    const { sent, deps } = rig(report);
    const run = calibrateCommand(deps).parseAsync([`--strangers-per-day=${value}`], { from: "user" });
    await expect(run).rejects.toMatchObject({ code: "LINTEL_E_USAGE" });
    expect(sent).toEqual([]);
  });
});

describe("lintel people check", () => {
  test("a row for each person, then what would help", async () => {
    const { sent, deps, printed } = rig({ people: [check] });
    await peopleCommand(deps).parseAsync(["check", "ann"], { from: "user" });
    expect(sent).toEqual([["people/check", { id: "ann" }]]);
    expect(printed()).toMatch(/ann +3 +unsure +0\.330 +0\.315 +- +0\.340 +sister 0\.380/);
    expect(printed()).toContain("  Looks like sister (0.38 apart).");
    expect(printed()).toContain("  picture 7 of 2026-01-02: it is blurred");
  });

  test("a drift comes as it was found, for machines too", async () => {
    const drift = {
      ...{ early: 0.28, recent: 0.36, since: "2031-06", until: "2031-11", months: 6, entries: 60, perMonth: 0.016 },
      ...{ interval: [0.01, 0.02], refusedFrom: "2032-01" },
    };
    const { deps, printed } = rig({ people: [{ ...check, drift }] });
    await peopleCommand(deps).parseAsync(["check", "--json"], { from: "user" });
    expect(JSON.parse(printed())).toMatchObject({ people: [{ drift }] });
  });

  test("nobody is a sentence too", async () => {
    const { sent, deps, printed } = rig({ people: [] });
    await peopleCommand(deps).parseAsync(["check"], { from: "user" });
    expect(sent).toEqual([["people/check", {}]]);
    expect(printed()).toBe("Nobody is enrolled.\n");
  });
});

describe("lintel people adapted", () => {
  const adapted = {
    person: "ann",
    templates: [{ template: 9, since: "2031-05-01", adaptedOn: "2031-05-09" }],
    candidates: [{ template: 12, since: "2031-06-01", confirmed: 1, needed: 3 }],
  };

  test("says what counts and what waits", async () => {
    const { sent, deps, printed } = rig({ people: [adapted] });
    await peopleCommand(deps).parseAsync(["adapted"], { from: "user" });
    expect(sent).toEqual([["people/adapted", {}]]);
    expect(printed()).toMatch(/ann +9 +2031-05-01 +since 2031-05-09/);
    expect(printed()).toMatch(/ann +12 +2031-06-01 +waits: 1 of 3 days/);
  });

  test("--drop forgets one person's, and needs to know whose", async () => {
    const { sent, deps, printed } = rig({ id: "ann", dropped: 2 });
    await peopleCommand(deps).parseAsync(["adapted", "ann", "--drop"], { from: "user" });
    expect(sent).toEqual([["people/adapted/drop", { id: "ann" }]]);
    expect(printed()).toBe("ann: 2 templates dropped\n");
    const run = peopleCommand(rig({}).deps).parseAsync(["adapted", "--drop"], { from: "user" });
    await expect(run).rejects.toMatchObject({ code: "LINTEL_E_USAGE" });
  });

  test("nothing is a sentence too", async () => {
    const { deps, printed } = rig({ people: [] });
    await peopleCommand(deps).parseAsync(["adapted"], { from: "user" });
    expect(printed()).toBe("Nothing was adapted.\n");
  });
});
