import { Command } from "commander";
import { z } from "zod";
import { LintelError } from "../../core/errors.ts";
import { defaultConfigFile } from "../defaults.ts";
import { print } from "../output.ts";
import { type ClientDeps, type ClientOptions, parse, withClient } from "./with-client.ts";

const report = z.object({
  threshold: z.number(),
  targetFpir: z.number(),
  people: z.int(),
  expectedFalseAcceptsPerYear: z.number(),
  expectedRefusals: z.number(),
  n: z.int(),
  before: z.number(),
  templates: z.int(),
  strangersPerDay: z.number(),
  basis: z.enum(["site", "shipped"]),
  fromShipped: z.number(),
  fromSite: z.number().nullable(),
  siteInterval: z.tuple([z.number(), z.number()]).nullable(),
  lookAlikes: z.array(
    z.object({
      person: z.string(),
      threshold: z.number(),
      nearest: z.object({ person: z.string(), distance: z.number() }),
    }),
  ),
  sameFace: z.array(z.object({ people: z.tuple([z.string(), z.string()]), distance: z.number() })),
});
type Report = z.output<typeof report>;

interface Options extends ClientOptions {
  readonly strangersPerDay?: string;
}

/** `lintel calibrate`: the threshold for the people this door knows. */
export function calibrateCommand(deps: ClientDeps): Command {
  return new Command("calibrate")
    .description("Find the threshold of recognition for the people this door knows, and use it.")
    .option("--config <file>", "configuration of the daemon", defaultConfigFile)
    .option("--strangers-per-day <n>", "unknown people at the door a day; default: counted in the audit log")
    .option("--json", "print {threshold, targetFpir, people, expectedFalseAcceptsPerYear, expectedRefusals, n, …}")
    .addHelpText(
      "after",
      [
        "",
        "Beside a running daemon it is the daemon that calibrates; it also does so by itself after enrolments.",
        "The target is recognition.targetFpir, the ceiling recognition.maxDistance. docs/accuracy.md says how.",
        "",
        "Examples:",
        "  lintel calibrate",
        "  lintel calibrate --strangers-per-day 200 --json",
      ].join("\n"),
    )
    .action(async (options: Options) => {
      const answer = await withClient(deps, options, (client) =>
        client.request("gallery/calibrate", question(options)),
      );
      const found = parse(report, answer);
      print(options, found, () => calibrationText(found));
    });
}

export function calibrationText(found: Report): string {
  const { threshold, before, lookAlikes, sameFace } = found;
  const change =
    Math.abs(threshold - before) < 0.0005
      ? "as before"
      : `${threshold < before ? "stricter" : "looser"} than ${before.toFixed(3)} before`;
  return [
    `Threshold ${threshold.toFixed(3)} (${change}), for ${found.people} people with ${found.templates} pictures.`,
    `Of ${inWords(found.targetFpir)} strangers who walk up, one may be taken for somebody.`,
    `With ${round(found.strangersPerDay)} strangers a day: ${round(found.expectedFalseAcceptsPerYear)} a year expected.`,
    `Of 100 single looks at somebody enrolled, about ${round(found.expectedRefusals * 100)} are refused; a walk-up has several.`,
    basisText(found),
    ...lookAlikes.map(
      ({ person, nearest, threshold: own }) =>
        `${person} looks like ${nearest.person} (${nearest.distance.toFixed(3)} apart): a stricter threshold of ${own.toFixed(3)}.`,
    ),
    ...sameFace.map(
      ({ people: [one, other], distance }) =>
        `${one} and ${other} may be one person under two names (${distance.toFixed(3)} apart): look at both.`,
    ),
  ].join("\n");
}

// --- internal ---

function question({ strangersPerDay }: Options): { strangersPerDay?: number } {
  if (strangersPerDay === undefined) return {};
  const value = Number(strangersPerDay);
  if (value > 0) return { strangersPerDay: value };
  throw new LintelError("LINTEL_E_USAGE", `--strangers-per-day must be a number above 0, not ${strangersPerDay}`, {
    hint: "leave it out to have them counted in the audit log",
  });
}

function basisText({ basis, n, fromShipped, fromSite, siteInterval }: Report): string {
  const shipped = `the shipped statistics alone say ${fromShipped.toFixed(3)}`;
  if (basis === "shipped" || fromSite === null) return `Too few people to say anything themselves; ${shipped}.`;
  const interval =
    siteInterval === null ? "" : ` (90 %: ${siteInterval[0].toFixed(3)} to ${siteInterval[1].toFixed(3)})`;
  return `From ${n} pairs of your people: ${fromSite.toFixed(3)}${interval}; ${shipped}. The two are weighed together, erring on the strict side.`;
}

function inWords(rate: number): string {
  return Math.round(1 / rate).toLocaleString("en-GB");
}

/** Two figures are enough for an estimate. */
function round(value: number): string {
  return Number(value.toPrecision(2)).toLocaleString("en-GB", { maximumFractionDigits: 6 });
}
