import type { Command } from "commander";
import { z } from "zod";
import { print, table } from "../../output.ts";
import { type ClientDeps, type ClientOptions, parse, subcommand, withClient } from "../with-client.ts";

const nearest = z.object({ person: z.string(), distance: z.number() });
const atDoor = z.object({
  month: z.string(),
  entries: z.int(),
  distance: z.number(),
  margin: z.number().nullable(),
});
const drift = z.object({
  early: z.number(),
  recent: z.number(),
  since: z.string(),
  until: z.string(),
  months: z.int(),
  entries: z.int(),
  perMonth: z.number(),
  interval: z.tuple([z.number(), z.number()]),
  refusedFrom: z.string(),
});
const personCheck = z.object({
  person: z.string(),
  templates: z.int(),
  sureness: z.enum(["sure", "fair", "unsure", "unknown"]),
  threshold: z.number(),
  ownDistance: z.number().nullable(),
  atDoor: atDoor.nullable(),
  nearest: nearest.nullable(),
  retake: z.array(z.object({ template: z.int(), createdAt: z.string(), reason: z.string() })),
  drift: drift.nullable(),
  isReEnrolmentAdvised: z.boolean(),
  advice: z.array(z.string()),
});
const answerOf = z.object({ people: z.array(personCheck) });
type PersonCheck = z.output<typeof personCheck>;

/** `lintel people check`: how surely each person is recognised, and what would help. */
export function checkCommand(deps: ClientDeps): Command {
  return subcommand("check", "How surely people are recognised, whom they look like, which picture to retake.")
    .argument("[id]", "one person; everybody without it")
    .addHelpText("after", "\nExamples:\n  lintel people check\n  lintel people check dana")
    .action(async (id: string | undefined, options: ClientOptions) => {
      const data = id === undefined ? {} : { id };
      const found = parse(answerOf, await withClient(deps, options, (client) => client.request("people/check", data)));
      print(options, found, () => checkText(found.people));
    });
}

export function checkText(people: readonly PersonCheck[]): string {
  if (people.length === 0) return "Nobody is enrolled.";
  const rows = [
    ["person", "pictures", "recognised", "own distance", "at the door", "margin", "threshold", "nearest other"],
  ];
  for (const { person, templates, sureness, ownDistance, atDoor: seen, threshold, nearest: other } of people) {
    rows.push([
      person,
      String(templates),
      sureness === "unknown" ? "cannot tell" : sureness,
      ownDistance?.toFixed(3) ?? "-",
      seen?.distance.toFixed(3) ?? "-",
      seen?.margin?.toFixed(3) ?? "-",
      threshold.toFixed(3),
      other === null ? "-" : `${other.person} ${other.distance.toFixed(3)}`,
    ]);
  }
  return [table(rows), ...people.flatMap(adviceText)].join("\n");
}

// --- internal ---

function adviceText({ person, advice, retake }: PersonCheck): string[] {
  if (advice.length === 0 && retake.length === 0) return [];
  const pictures = retake.map(
    ({ template, createdAt, reason }) => `  picture ${template} of ${createdAt.slice(0, 10)}: ${reason}`,
  );
  return ["", `${person}:`, ...advice.map((line) => `  ${line}`), ...pictures];
}
