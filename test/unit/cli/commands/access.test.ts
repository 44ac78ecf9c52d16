import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { hoursText, parseHoliday, parseHours, parsePeriod } from "../../../../src/cli/commands/access/words.ts";
import { accessCommand } from "../../../../src/cli/commands/access.ts";
import { silentLogger } from "../../../../src/core/logger.ts";
import { Dispatcher } from "../../../../src/daemon/requests/dispatch.ts";
import { RefusalLog } from "../../../../src/daemon/requests/refusal-log.ts";
import { type MemoryHouse, memoryHouse, smallJpeg } from "../../../support/memory-house.ts";

/** The commands against the real requests on a house in memory. */
let house: MemoryHouse;
let output: string;

beforeEach(async () => {
  house = memoryHouse();
  await house.people.add("dana", { name: "Dana", groups: ["staff"] }, [{ file: "a.jpg", bytes: smallJpeg }], "test");
  output = "";
  vi.spyOn(process.stdout, "write").mockImplementation((text) => {
    output += String(text);
    return true;
  });
});
afterEach(() => {
  vi.restoreAllMocks();
  process.exitCode = undefined;
});

async function run(...args: string[]): Promise<string> {
  const clock = { nowMs: () => 0, date: () => new Date(0) };
  const refusals = new RefusalLog({ events: house.events, clock, logger: silentLogger });
  const dispatcher = new Dispatcher({ context: house.context, refusals, clock, logger: silentLogger });
  const command = accessCommand({
    connect: async () => ({
      request: async (name, data) => {
        const origin = { transport: "control-socket", name: "test" } as const;
        const body = { data: JSON.parse(JSON.stringify(data)), transaction: undefined };
        const answer = await dispatcher.dispatch({ name, body, origin, isTrusted: true });
        if (answer.status === "error") throw new Error(answer.error);
        return answer.data;
      },
      close: () => {},
    }),
  });
  for (const one of [command, ...command.commands]) one.exitOverride().configureOutput({ writeErr: () => {} });
  output = "";
  await command.parseAsync(["node", "access", ...args]);
  return output;
}

test("rules are added, shown and removed", async () => {
  expect(await run("rules")).toContain("There are no rules: every enabled person may enter at any time.");
  await run("add-holidays", "house", "2026-06-05=Outing", "--yearly", "2026-12-24..2026-12-26");
  await run("add-schedule", "office", "--hours", "mon-fri 08:00-18:00", "sat 10:00-14:00", "--holidays", "house");
  await run(
    "add-rule",
    "staff",
    "--group",
    "staff",
    "--schedule",
    "office",
    "--second-factor",
    "badge",
    "--note",
    "ok",
  );
  const shown = JSON.parse(await run("rules", "--json"));
  expect(shown.rules).toEqual([
    {
      ...{ id: "staff", groups: ["staff"], doors: ["*"], schedule: "office" },
      ...{ secondFactor: "badge", persons: 1, passback: null, enabled: true, note: "ok" },
    },
  ]);
  expect(shown.holidays[0].days).toEqual([
    { date: "2026-06-05", yearly: false, name: "Outing" },
    { date: "2026-12-24", until: "2026-12-26", yearly: true },
  ]);
  const text = await run("rules");
  expect(text).toContain(
    "schedule office (Europe/Berlin): mon-fri 08:00-18:00; sat 10:00-14:00; on holidays of house: closed",
  );
  await expect(run("remove-schedule", "office")).rejects.toThrow(/is used by staff/);
  await expect(run("remove-rule", "staff")).rejects.toThrow(/last rule/);
  await run("remove-rule", "staff", "--allow-everyone");
  await run("remove-schedule", "office");
  await run("remove-holidays", "house");
  expect(JSON.parse(await run("rules", "--json"))).toEqual({ rules: [], schedules: [], holidays: [], damaged: [] });
});

test("explain says yes with exit code 0 and no with 1, in words and as data", async () => {
  await run("add-schedule", "office", "--hours", "mon-fri 08:00-18:00", "--time-zone", "Europe/Berlin");
  await run("add-rule", "staff", "--group", "staff", "--schedule", "office");
  const yes = await run("explain", "dana", "--time", "2026-06-01T08:00:00+02:00");
  expect(yes).toContain("may pass by rule staff");
  expect(process.exitCode).toBe(0);
  const no = JSON.parse(await run("explain", "dana", "--time", "2026-06-01T07:59:59+02:00", "--json"));
  expect(no).toMatchObject({
    ok: false,
    reason: "outside-hours",
    rules: [{ rule: "staff", verdict: "outside-hours" }],
  });
  expect(process.exitCode).toBe(1);
});

test("a rule for two people, against passing back, is written as such", async () => {
  await run("add-rule", "vault", "--group", "vault", "--two-persons", "--passback", "30", "--passback-soft");
  const shown = JSON.parse(await run("rules", "--json"));
  expect(shown.rules).toMatchObject([{ id: "vault", persons: 2, passback: { minutes: 30, mode: "soft" } }]);
  await expect(run("add-rule", "vault", "--group", "vault", "--passback", "soon")).rejects.toThrow(/passback/);
  expect(await run("left", "dana")).toContain("dana may enter again");
});

test("a badge is given, and taken back, without being repeated in the answer", async () => {
  expect(await run("add-badge", "04:a2:b3", "dana")).not.toMatch(/04:?a2/i);
  house.context.access.badgeShown("04A2B3");
  expect(await run("remove-badge", "04A2B3")).not.toMatch(/04:?a2/i);
  expect(() => house.context.access.badgeShown("04A2B3")).toThrow(/nobody has this badge/);
});

test.each([
  ["an hour 25", ["add-schedule", "s", "--hours", "mon 25:00-26:00"], /weekly/],
  ["a zone that does not exist", ["add-schedule", "s", "--hours", "mon 08:00-09:00", "--time-zone", "X/Y"], /timeZone/],
  ["a second factor that does not exist", ["add-rule", "r", "--group", "a", "--second-factor", "pin"], /secondFactor/],
  ["no group", ["add-rule", "r"], /required option/],
  ["a person who is not enrolled", ["explain", "nobody"], /nobody is enrolled/],
  ["a time that is none", ["explain", "dana", "--time", "noon"], /time: must be a time/],
])("%s is refused with what is wrong", async (_name, args, message) => {
  await expect(run(...args)).rejects.toThrow(message);
});

describe("hours and holidays as they are written", () => {
  test.each([
    ["mon-fri 08:00-18:00", ["mon", "tue", "wed", "thu", "fri"]],
    ["fri-mon 22:00-06:00", ["fri", "sat", "sun", "mon"]],
    ["sat,sun 08:00-18:00", ["sat", "sun"]],
    ["mon-tue,tue-wed 08:00-18:00", ["mon", "tue", "wed"]],
    ["daily 00:00-24:00", ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]],
  ])("%s", (text, days) => {
    expect(parseHours(text).days).toEqual(days);
  });

  test.each([
    ["mon-fri", "no hours"],
    ["08:00-18:00", "no hours"],
    ["mon 08:00-18:00 20:00-21:00", "no hours"],
    ["monday 08:00-18:00", "no days"],
    ["mon-fri-sun 08:00-18:00", "no days"],
    ["mon 08:00", "no period"],
    ["mon 08:00-10:00-12:00", "no period"],
  ])("%s is refused", (text, message) => {
    expect(() => parseHours(text)).toThrow(message);
  });

  test.each(["", "..2026-12-26", "2026-12-24..", "a..b..c"])("a holiday written %j is refused", (text) => {
    expect(() => parseHoliday(text, false)).toThrow("no holiday");
  });

  test("a name may hold what separates", () => {
    expect(parseHoliday("2026-12-24=a=b", true)).toEqual({ date: "2026-12-24", yearly: true, name: "a=b" });
  });

  test.each(["mon-fri 08:00-18:00", "sat,sun 10:00-14:00", "daily 22:00-06:00", "mon 08:00-09:00"])(
    "%s reads back as it was written",
    (text) => {
      expect(hoursText(parseHours(text))).toBe(text);
    },
  );

  test("a period is two times", () => {
    expect(parsePeriod("22:00-06:00")).toEqual({ from: "22:00", until: "06:00" });
  });
});
