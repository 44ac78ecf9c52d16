import type { Command } from "commander";
import { z } from "zod";
import { exitCode } from "../../../core/errors.ts";
import { wholeNumber } from "../../number-options.ts";
import { print } from "../../output.ts";
import { type ClientDeps, type ClientOptions, parse, subcommand, withClient } from "../with-client.ts";

const result = z.looseObject({
  id: z.string(),
  templates: z.int(),
  refused: z.array(z.object({ file: z.string(), reason: z.string(), detail: z.string() })),
  recognised: z.boolean().nullable(),
});

const progress = z.looseObject({ stage: z.string() });

const sentences: Readonly<Record<string, (data: z.output<typeof progress>) => string>> = {
  started: ({ id, seconds }) => `The door waits ${seconds} s for ${id}: they may come to the camera now.`,
  seen: () => "Somebody new is there and is being asked to look.",
  view: ({ view, taken, of }) => `${taken} of ${of}: ${view}`,
  challenge: () => "The display asks for what only a living person can do.",
  lost: () => "They went away: it starts again.",
  "not-alone": () => "More than one face is in view: only the person meant may stand there.",
  known: ({ person }) => `The person there is known already, as ${person}.`,
};

/** `lintel people enroll ID`: the person who stands at the door. */
export function enrollCommand(deps: ClientDeps): Command {
  return subcommand("enroll", "Enrol the person who comes to the door's camera, led by the display.")
    .argument("<id>", "short name of the person: a-z, 0-9, dot, underscore, hyphen")
    .requiredOption("--name <name>", "the name to greet")
    .option("--consent <reference>", "number of the signed consent")
    .option("--seconds <n>", "how long the door waits for them, 10 to 600", wholeNumber({ from: 10, to: 600 }), 60)
    .addHelpText(
      "after",
      "\nExample, beside the running daemon:\n  lintel people enroll dana --name 'Dana Novak' --seconds 120",
    )
    .action(async (id: string, options: ClientOptions & { name: string; consent?: string; seconds: number }) => {
      const { name, consent, seconds } = options;
      const data = { id, name, seconds, ...(consent === undefined ? {} : { consent }) };
      const answer = await withClient(deps, options, (client) => client.request("people/enroll", data, tell));
      const enrolled = parse(result, answer);
      print(options, enrolled, () => enrolledText(enrolled));
      if (enrolled.recognised === false) process.exitCode = exitCode.no;
    });
}

// --- internal ---

/** For whoever waits; on standard error, so that `--json` stays one document. */
function tell(data: unknown): void {
  const parsed = progress.safeParse(data);
  const sentence = parsed.success ? sentences[parsed.data.stage]?.(parsed.data) : undefined;
  if (sentence !== undefined) process.stderr.write(`${sentence}\n`);
}

function enrolledText({ id, templates, recognised }: z.output<typeof result>): string {
  const check = {
    true: "and the door knew them at the next look",
    false: "but the door did NOT know them at the next look: enrol them again, in better light",
    null: "they left before the door could look once more",
  }[`${recognised}`];
  return `${id}: ${templates} templates, ${check}`;
}
