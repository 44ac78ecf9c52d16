import { Command } from "commander";
import { z } from "zod";
import { exitCode } from "../../core/errors.ts";
import {
  holidaysDefinition,
  ruleDefinition,
  scheduleDefinition,
  secondFactors,
} from "../../daemon/access/definitions.ts";
import { print, table } from "../output.ts";
import { hoursText, parseHoliday, parseHours, parsePeriod } from "./access/words.ts";
import { type ClientDeps, type ClientOptions, parse, subcommand, withClient } from "./with-client.ts";

const allDefinitions = z.object({
  rules: z.array(ruleDefinition),
  schedules: z.array(scheduleDefinition),
  holidays: z.array(holidaysDefinition),
  damaged: z.array(z.object({ kind: z.string(), id: z.string() })),
});
const explanation = z.looseObject({
  ok: z.boolean(),
  says: z.string(),
  checks: z.array(z.looseObject({ ok: z.boolean(), says: z.string() })),
  rules: z.array(z.looseObject({ rule: z.string(), verdict: z.string(), says: z.string() })),
});

/** `lintel access …`: who may enter and when. */
export function accessCommand(deps: ClientDeps): Command {
  const command = new Command("access").description(
    "Who may enter and when: rules, schedules, holidays, badges. Without rules every enabled person may, always.",
  );
  for (const make of [rules, addRule, addSchedule, addHolidays, addBadge, left, explain])
    command.addCommand(make(deps));
  for (const one of removable) command.addCommand(removeCommand(deps, one));
  return command;
}

// --- internal ---

function rules(deps: ClientDeps): Command {
  return subcommand("rules", "Show rules, schedules and holidays.").action(async (options: ClientOptions) => {
    const answer = await withClient(deps, options, (client) => client.request("access/rules", {}));
    const all = parse(allDefinitions, answer);
    print(options, all, () => allText(all));
  });
}

interface RuleOptions extends ClientOptions {
  readonly group: string[];
  readonly door?: string[];
  readonly schedule?: string;
  readonly secondFactor?: string;
  readonly note?: string;
  readonly off?: boolean;
  readonly twoPersons?: boolean;
  readonly passback?: string;
  readonly passbackSoft?: boolean;
}

function addRule(deps: ClientDeps): Command {
  return subcommand("add-rule", "Add a rule, or replace the one of that id. The first one refuses everybody else.")
    .argument("<id>")
    .requiredOption("--group <names...>", "whom it lets in; '*' for everybody")
    .option("--door <ids...>", "at which doors; default: every door")
    .option("--schedule <id>", "when; default: at any time")
    .option("--second-factor <kind>", `what is asked besides the face: ${secondFactors.join(", ")}`)
    .option("--passback <minutes>", "nobody passes again so soon after entering")
    .option("--passback-soft", "let them pass all the same, and write it down")
    .option("--two-persons", "opens only to two people together, each permitted by a rule")
    .option("--note <text>", "for whoever reads the rules")
    .option("--off", "keep it, but switched off")
    .addHelpText("after", "\nExample:\n  lintel access add-rule cleaners --group cleaners --schedule evenings")
    .action(
      async (
        id: string,
        { group, door, schedule, secondFactor, note, off, twoPersons, passback, passbackSoft, ...options }: RuleOptions,
      ) => {
        const given = {
          doors: door,
          schedule,
          secondFactor,
          note,
          enabled: off ? false : undefined,
          persons: twoPersons ? 2 : undefined,
          passback: passbackOf(passback, passbackSoft),
        };
        const answer = await send(deps, options, { name: "access/rule/put", data: { id, groups: group, ...given } });
        print(options, answer, () => `${id} is in force`);
      },
    );
}

function passbackOf(minutes: string | undefined, isSoft = false) {
  return minutes === undefined ? undefined : { minutes: Number(minutes), mode: isSoft ? "soft" : "hard" };
}

function left(deps: ClientDeps): Command {
  return subcommand("left", "The person has gone out again, or is pardoned: no rule against passing back holds.")
    .argument("<person>")
    .action(async (person: string, options: ClientOptions) => {
      const answer = await send(deps, options, { name: "access/left", data: { person } });
      print(options, answer, () => `${person} may enter again`);
    });
}

interface ScheduleOptions extends ClientOptions {
  readonly hours: string[];
  readonly timeZone?: string;
  readonly holidays?: string[];
  readonly onHolidays?: string[];
}

function addSchedule(deps: ClientDeps): Command {
  return subcommand("add-schedule", "Add a weekly schedule, or replace the one of that id.")
    .argument("<id>")
    .requiredOption("--hours <days+period...>", "such as 'mon-fri 08:00-18:00' 'sat 22:00-02:00'")
    .option("--time-zone <name>", "IANA name such as Europe/Berlin; default: of the configuration, else the machine's")
    .option("--holidays <ids...>", "calendars of holidays on which the usual week does not apply")
    .option("--on-holidays <period...>", "hours on holidays, such as 10:00-14:00; default: closed")
    .addHelpText(
      "after",
      "\nExample:\n  lintel access add-schedule office --hours 'mon-fri 08:00-18:00' --holidays house",
    )
    .action(async (id: string, { hours, timeZone, holidays, onHolidays, ...options }: ScheduleOptions) => {
      const data = { id, timeZone, weekly: hours.map(parseHours), holidays, onHolidays: onHolidays?.map(parsePeriod) };
      const answer = await send(deps, options, { name: "access/schedule/put", data });
      const schedule = parse(scheduleDefinition, answer);
      print(options, schedule, () => scheduleText(schedule));
    });
}

function addHolidays(deps: ClientDeps): Command {
  return subcommand("add-holidays", "Add a calendar of holidays, or replace the one of that id.")
    .argument("<id>")
    .argument("[day...]", "such as 2026-12-24..2026-12-26=Christmas")
    .option("--yearly <day...>", "the same days of every year")
    .addHelpText("after", "\nExample:\n  lintel access add-holidays house 2027-03-26 --yearly 2026-12-25=Christmas")
    .action(async (id: string, once: string[], { yearly = [], ...options }: ClientOptions & { yearly?: string[] }) => {
      const days = [
        ...once.map((text) => parseHoliday(text, false)),
        ...yearly.map((text) => parseHoliday(text, true)),
      ];
      const answer = await send(deps, options, { name: "access/holidays/put", data: { id, days } });
      print(options, answer, () => `${id}: ${days.length} holidays`);
    });
}

function addBadge(deps: ClientDeps): Command {
  return subcommand("add-badge", "Give a badge to a person, taking it from whoever had it.")
    .argument("<badge>", "its number as the reader says it")
    .argument("<person>")
    .option("--duress", "a second badge to hold up under threat: it opens as any other and raises a silent alarm")
    .action(async (badge: string, person: string, { duress, ...options }: ClientOptions & { duress?: boolean }) => {
      const answer = await send(deps, options, { name: "access/badge/put", data: { badge, person, duress } });
      print(options, answer, () => `the badge belongs to ${person}`);
    });
}

function explain(deps: ClientDeps): Command {
  return subcommand("explain", "Why a person may or may not enter, now or at a time. Exit code 0: may, 1: may not.")
    .argument("<person>")
    .option("--time <time>", "such as 2026-12-24T18:00:00+01:00; default: now")
    .action(async (person: string, { time, ...options }: ClientOptions & { time?: string }) => {
      const found = parse(explanation, await send(deps, options, { name: "access/explain", data: { person, time } }));
      print(options, found, () => explanationText(found));
      process.exitCode = found.ok ? exitCode.ok : exitCode.no;
    });
}

interface Removable {
  readonly what: "rule" | "schedule" | "holidays" | "badge";
  readonly key: "id" | "badge";
}

const removable: readonly Removable[] = [
  { what: "rule", key: "id" },
  { what: "schedule", key: "id" },
  { what: "holidays", key: "id" },
  { what: "badge", key: "badge" },
];

function removeCommand(deps: ClientDeps, { what, key }: Removable): Command {
  const command = subcommand(`remove-${what}`, `Remove a ${what === "holidays" ? "calendar of holidays" : what}.`)
    .argument(`<${key}>`)
    .action(async (id: string, { allowEveryone, ...options }: ClientOptions & { allowEveryone?: boolean }) => {
      const data = { [key]: id, ...(allowEveryone ? { allowEveryone } : {}) };
      const answer = await send(deps, options, { name: `access/${what}/remove`, data });
      print(options, answer, () => (what === "badge" ? "the badge was removed" : `${id} was removed`));
    });
  if (what === "rule") command.option("--allow-everyone", "remove it though it is the last: everybody may enter then");
  return command;
}

async function send(
  deps: ClientDeps,
  options: ClientOptions,
  { name, data }: { name: string; data: Readonly<Record<string, unknown>> },
): Promise<unknown> {
  const given = Object.fromEntries(Object.entries(data).filter(([, value]) => value !== undefined));
  return withClient(deps, options, (client) => client.request(name, given));
}

// --- internal: words ---

function allText({ rules: list, schedules, holidays, damaged }: z.output<typeof allDefinitions>): string {
  const rows = list.map((rule) => [
    rule.id,
    rule.enabled ? "on" : "off",
    rule.groups.join(","),
    rule.doors.join(","),
    rule.schedule ?? "always",
    rule.secondFactor,
    rule.persons === 2 ? "two" : "one",
    rule.note ?? "",
  ]);
  const head = ["rule", "", "groups", "doors", "schedule", "second factor", "persons", "note"];
  return [
    list.length === 0 && damaged.length === 0
      ? "There are no rules: every enabled person may enter at any time."
      : table([head, ...rows]),
    ...schedules.map(scheduleText),
    ...holidays.map(({ id, days }) => `holidays ${id}: ${days.length} entries`),
    ...damaged.map(({ kind, id }) => `${kind} ${id} cannot be read and permits nothing: add it anew or remove it`),
  ].join("\n");
}

function scheduleText({ id, timeZone, weekly, holidays, onHolidays }: z.output<typeof scheduleDefinition>): string {
  const special = onHolidays.map(({ from, until }) => `${from}-${until}`).join(", ") || "closed";
  const closed = holidays.length === 0 ? "" : `; on holidays of ${holidays.join(", ")}: ${special}`;
  return `schedule ${id} (${timeZone}): ${weekly.map(hoursText).join("; ")}${closed}`;
}

function explanationText({ says, checks, rules: list }: z.output<typeof explanation>): string {
  return [
    says,
    ...checks.map((one) => `  ${one.ok ? "ok" : "no"}  ${one.says}`),
    ...list.map((one) => `  ${one.verdict === "permits" ? "ok" : "no"}  rule ${one.rule} ${one.says}`),
  ].join("\n");
}
