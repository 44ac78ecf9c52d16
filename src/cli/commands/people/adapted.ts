import type { Command } from "commander";
import { z } from "zod";
import { LintelError } from "../../../core/errors.ts";
import { print, table } from "../../output.ts";
import { type ClientDeps, type ClientOptions, parse, subcommand, withClient } from "../with-client.ts";

const look = z.object({ template: z.int(), since: z.string() });
const answerOf = z.object({
  people: z.array(
    z.object({
      person: z.string(),
      templates: z.array(look.extend({ adaptedOn: z.string() })),
      candidates: z.array(look.extend({ confirmed: z.int(), needed: z.int() })),
    }),
  ),
});
const dropped = z.object({ id: z.string(), dropped: z.int() });

/** `lintel people adapted`: what the door has learnt of people beside what was enrolled. */
export function adaptedCommand(deps: ClientDeps): Command {
  return subcommand(
    "adapted",
    "Templates the door took from visits (recognition.adaptTemplates), and how to drop them.",
  )
    .argument("[id]", "one person; everybody without it")
    .option("--drop", "forget what was adapted of this person; enrolled pictures stay")
    .addHelpText("after", "\nExamples:\n  lintel people adapted\n  lintel people adapted dana --drop")
    .action(async (id: string | undefined, options: ClientOptions & { drop?: boolean }) => {
      if (options.drop === true && id === undefined) {
        throw new LintelError("LINTEL_E_USAGE", "--drop needs the id of a person", {
          hint: "lintel people adapted lists them",
        });
      }
      const name = options.drop === true ? "people/adapted/drop" : "people/adapted";
      const answer = await withClient(deps, options, (client) => client.request(name, id === undefined ? {} : { id }));
      if (options.drop === true) {
        const done = parse(dropped, answer);
        print(options, done, () => `${done.id}: ${done.dropped} templates dropped`);
      } else {
        const { people } = parse(answerOf, answer);
        print(options, { people }, () => adaptedText(people));
      }
    });
}

export function adaptedText(people: z.output<typeof answerOf>["people"]): string {
  const rows = people.flatMap(({ person, templates, candidates }) => [
    ...templates.map(({ template, since, adaptedOn }) => [person, String(template), since, `since ${adaptedOn}`]),
    ...candidates.map(({ template, since, confirmed, needed }) => [
      ...[person, String(template), since, `waits: ${confirmed} of ${needed} days`],
    ]),
  ]);
  if (rows.length === 0) return "Nothing was adapted.";
  return table([["person", "template", "seen on", "counts"], ...rows]);
}
