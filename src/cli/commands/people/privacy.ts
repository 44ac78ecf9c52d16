import type { Command } from "commander";
import { z } from "zod";
import { exitCode } from "../../../core/errors.ts";
import { print } from "../../output.ts";
import { type ClientDeps, type ClientOptions, parse, subcommand, withClient } from "../with-client.ts";

/** What people have a right to: that they are forgotten, and to see what is kept about them. */

const removal = z.looseObject({
  id: z.string(),
  removedAt: z.string(),
  templates: z.int(),
  digest: z.string(),
  event: z.int(),
  search: z.object({ files: z.int(), bytes: z.int(), remains: z.array(z.string()) }),
});

const exported = z.looseObject({ events: z.array(z.unknown()), nextEvent: z.int().nullable() });

export function removeCommand(deps: ClientDeps): Command {
  return subcommand("remove", "Forget a person with everything that was kept about them; prints the proof.")
    .argument("<id>")
    .action(async (id: string, options: ClientOptions) => {
      const answer = await withClient(deps, options, (client) => client.request("people/remove", { id }));
      const proof = parse(removal, answer);
      const { files, remains } = proof.search;
      print(options, proof, () =>
        [
          `${id} was removed: ${proof.templates} templates, event ${proof.event}, digest ${proof.digest}`,
          remains.length === 0
            ? `nothing of them is left in ${files} files`
            : `STILL in ${remains.join(", ")}: delete these files, or restart lintel and look again`,
        ].join("\n"),
      );
      if (remains.length > 0) process.exitCode = exitCode.no;
    });
}

export function exportCommand(deps: ClientDeps): Command {
  return subcommand("export", "Everything that is held about one person, as JSON.")
    .argument("<id>")
    .option("--vectors", "with the face vectors themselves: biometric data, handle with care")
    .addHelpText("after", "\nExample:\n  lintel people export dana > dana.json")
    .action(async (id: string, options: ClientOptions & { vectors?: boolean }) => {
      const document = await withClient(deps, options, async (client) => {
        const ask = async (eventsFrom: number) =>
          parse(exported, await client.request("people/export", { id, vectors: options.vectors === true, eventsFrom }));
        let part = await ask(0);
        const events = [...part.events];
        while (part.nextEvent !== null) {
          part = await ask(part.nextEvent);
          events.push(...part.events);
        }
        return { ...part, events };
      });
      print(options, document, () => JSON.stringify(document, null, 2));
    });
}
