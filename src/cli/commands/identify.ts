import { Command } from "commander";
import { z } from "zod";
import { exitCode } from "../../core/errors.ts";
import { defaultConfigFile } from "../defaults.ts";
import { print } from "../output.ts";
import { readPhotoFile } from "../photo-files.ts";
import type { ClientDeps } from "./with-client.ts";

const answer = z.object({
  faces: z.array(
    z.object({
      box: z.tuple([z.number(), z.number(), z.number(), z.number()]),
      person: z.string().nullable(),
      distance: z.number().nullable(),
      runnerUp: z.object({ person: z.string(), distance: z.number() }).nullable(),
      reason: z.string().nullable(),
    }),
  ),
});
type Identified = z.infer<typeof answer>;

export function identifyCommand(deps: ClientDeps): Command {
  return new Command("identify")
    .description("Who is on this photograph, among the people the door knows. Opens nothing.")
    .argument("<photo>", "a JPEG, PNG or WebP picture")
    .option("--config <file>", "configuration of the daemon", defaultConfigFile)
    .option("--json", "print {faces:[{box, person, distance, runnerUp, reason}]}")
    .addHelpText(
      "after",
      "\nExit code 0: somebody is known, 1: nobody is (or there is no face), 2: unreadable.\n\nExample:\n  lintel identify visitor.jpg",
    )
    .action(async (file: string, options: { config: string; json?: boolean }) => {
      const photo = Buffer.from(readPhotoFile(file)).toString("base64");
      const client = await deps.connect(options.config);
      try {
        const found = answer.parse(await client.request("people/identify", { photo }));
        print(options, found, () => facesText(found));
        process.exitCode = found.faces.some(({ person }) => person !== null) ? exitCode.ok : exitCode.no;
      } finally {
        await client.close();
      }
    });
}

// --- internal ---

function facesText({ faces }: Identified): string {
  if (faces.length === 0) return "no face";
  return faces
    .map(({ box, person, distance, runnerUp, reason }) => {
      const where = `face at ${Math.round(box[0])}, ${Math.round(box[1])}`;
      const who = person === null ? `nobody known (${reason ?? "unknown"})` : person;
      const near = distance === null ? "" : `, distance ${distance.toFixed(3)}`;
      const next = runnerUp === null ? "" : `, next ${runnerUp.person} at ${runnerUp.distance.toFixed(3)}`;
      return `${where}: ${who}${near}${next}`;
    })
    .join("\n");
}
