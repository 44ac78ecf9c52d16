import { describe, expect, it } from "vitest";
import { realMarkdown, reportMarkdown, simulatedMarkdown } from "../../../../src/lab/liveness/markdown.ts";
import { type LivenessReport, reportOf, type Trial } from "../../../../src/lab/liveness/report.ts";
import { between, requirePlace } from "../../../../src/lab/liveness/write-report.ts";

const trial = (kind: string, response: Trial["response"], more: Partial<Trial> = {}): Trial => ({
  ...{ kind, response, source: "0", isGenuine: kind === "walker", afterMs: null, says: [] },
  ...more,
});
const many = (n: number, kind: string, response: Trial["response"]) =>
  Array.from({ length: n }, (_, i) => trial(kind, response, { source: String(i), afterMs: 100 * (i + 1) }));

describe("the report", () => {
  it("counts an attack without a verdict as refused and one judged live as passed", () => {
    const { attacks } = reportOf([trial("print", "none"), trial("print", "spoof"), trial("print", "live")]);
    expect(attacks).toHaveLength(1);
    expect(attacks[0]).toMatchObject({ species: "print", spoof: 1, none: 1, apcer: { count: 1, n: 3 } });
  });

  it("has the species that passes most often as its headline", () => {
    const { worst } = reportOf([...many(4, "print", "none"), ...many(1, "mask", "live"), ...many(1, "mask", "none")]);
    expect(worst?.species).toBe("mask");
  });

  it("takes the species with fewest trials as worst when none passed: least is known of it", () => {
    expect(reportOf([...many(9, "print", "none"), ...many(2, "phone", "spoof")]).worst?.species).toBe("phone");
  });

  it("never counts a person among the attacks, nor the other way round", () => {
    const { attacks, genuine, worst } = reportOf([trial("walker", "live"), trial("print", "none")]);
    expect(attacks.map(({ species }) => species)).toEqual(["print"]);
    expect(genuine.map(({ kind }) => kind)).toEqual(["walker"]);
    expect(worst?.species).toBe("print");
  });

  it("keeps a false denial apart from a non-response", () => {
    const { genuine } = reportOf([...many(2, "walker", "live"), trial("walker", "spoof"), trial("walker", "none")]);
    expect(genuine[0]).toMatchObject({ live: 2, bpcer: { count: 1, n: 4 }, nonResponse: { count: 1, n: 4 } });
  });

  it("gives the time of people who were let in, by nearest rank", () => {
    const { genuine } = reportOf([...many(20, "walker", "live"), trial("walker", "spoof", { afterMs: 9_000 })]);
    expect(genuine[0]?.liveAfterMs).toEqual({ p50: 1_000, p95: 1_900 });
    expect(reportOf([trial("walker", "none")]).genuine[0]?.liveAfterMs).toBeNull();
  });

  it("names the seeds of attacks that passed", () => {
    const { judgedLive } = reportOf([trial("mask", "live", { source: "7", says: ["parallax: deep"] })]);
    expect(judgedLive).toEqual([{ kind: "mask", source: "7", says: ["parallax: deep"] }]);
  });

  it("has no worst species where nothing attacked", () => {
    expect(reportOf([trial("walker", "live")]).worst).toBeNull();
    expect(reportOf([])).toEqual({ attacks: [], genuine: [], denials: [], worst: null, judgedLive: [] });
  });
});

describe("people whom a cue denied", () => {
  const says = ["evidence: enough", "parallax: flat", "carrier: four edges"];
  const person = (deniedBy: readonly string[] | undefined, response: Trial["response"] = "spoof") =>
    trial("walker", response, { says, deniedBy });
  const counted = (trials: readonly Trial[]) =>
    Object.fromEntries(reportOf(trials).denials.map(({ cue, denied }) => [cue, `${denied.count} of ${denied.n}`]));

  it("are counted for every cue that denied them, and once in all", () => {
    const people = [person(["carrier"]), person(["carrier", "parallax"]), person([], "live"), person([], "none")];
    expect(counted(people)).toEqual({ parallax: "1 of 4", carrier: "2 of 4", "all together": "2 of 4" });
  });

  it("do not vanish where an older file did not keep which cue it was", () => {
    const people = [person(undefined), person(undefined, "live")];
    expect(counted(people)).toEqual({
      ...{ parallax: "0 of 2", carrier: "0 of 2" },
      ...{ "not noted": "1 of 2", "all together": "1 of 2" },
    });
  });

  it("are not mixed with attacks, nor are there rows for cues that never deny", () => {
    const attack = trial("print", "spoof", { says, deniedBy: ["carrier"] });
    expect(counted([attack, person([], "live")])).toMatchObject({ carrier: "0 of 1", "all together": "0 of 1" });
    expect(Object.keys(counted([person([], "live")]))).not.toContain("evidence");
    expect(reportOf([attack]).denials).toEqual([]);
  });

  it("bound the rate exactly: 0 of 300 is at most 1.2 %", () => {
    const people = Array.from({ length: 300 }, () => person([], "live"));
    const all = reportOf(people).denials.find(({ cue }) => cue === "carrier")?.denied;
    expect(all?.interval[1]).toBeCloseTo(0.01222, 4);
  });
});

describe("the page", () => {
  const report: LivenessReport = {
    level: "passive",
    simulated: {
      ...reportOf([trial("mask", "live", { source: "7" }), trial("walker", "live")]),
      seeds: 1,
      networkCue: false,
    },
    real: { ...reportOf([trial("phone screen", "none", { source: "a.mp4" })]), networkCue: true },
  };

  it("says in the row of an attack whether it passes, and with which seed", () => {
    const text = simulatedMarkdown(report.simulated!);
    expect(text).toMatch(/\| mask \| 1 \| 1 \| 100\.0 % .*\*\*passes\*\* \|/);
    expect(text).toContain("mask 7.");
    expect(text).toContain("Worst simulated species: **mask**");
  });

  it("has a row for each cue that may deny, of people only", () => {
    const people = [trial("walker", "spoof", { says: ["carrier: edges"], deniedBy: ["carrier"] })];
    const text = simulatedMarkdown({ ...reportOf(people), seeds: 1, networkCue: false });
    expect(text).toContain("| carrier | 1 | 1 | 100.0 % | 2.5 to 100.0 % |");
    const attacks = simulatedMarkdown({ ...reportOf([trial("mask", "live")]), seeds: 1, networkCue: false });
    expect(attacks).not.toContain("cue that may deny");
  });

  it("says that simulated depth is judged by the network that drew it", () => {
    expect(simulatedMarkdown(report.simulated!)).toMatch(/landmark network which also judges it/);
    expect(realMarkdown(report.real!)).not.toMatch(/simulated head/);
  });

  it("never has simulated and real material in one table", () => {
    const tables = reportMarkdown(report)
      .split("\n\n")
      .filter((part) => part.startsWith("|"));
    expect(tables.filter((part) => part.includes("| mask |"))).toHaveLength(1);
    for (const part of tables) expect(part.includes("| mask |") && part.includes("| phone screen |")).toBe(false);
  });

  it("is replaced between its markers only", () => {
    const page = "a\n<!-- x -->\nold\n<!-- /x -->\nb\n";
    expect(between(page, "x", "new")).toBe("a\n<!-- x -->\nnew\n<!-- /x -->\nb\n");
    expect(between(between(page, "x", "new"), "x", "old")).toBe(page);
  });

  it.each(["", "<!-- x -->", "<!-- /x -->\n<!-- x -->"])("is not touched without both markers in order: %j", (page) => {
    expect(() => between(page, "x", "new")).toThrowError(/no <!-- x --> followed by/);
  });
});

it("a page that cannot take the report is refused before anything is measured", async () => {
  await expect(requirePlace("/nowhere", ["simulated"])).rejects.toMatchObject({ code: "LINTEL_E_USAGE" });
  await expect(requirePlace("/nowhere", [])).resolves.toBeUndefined();
});
