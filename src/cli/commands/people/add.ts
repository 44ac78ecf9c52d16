import { basename } from "node:path";
import type { Command } from "commander";
import { exitCode } from "../../../core/errors.ts";
import { photoProblem } from "../../../vision/protocol.ts";
import { print } from "../../output.ts";
import { type AddAnswer, readPhotoFile, sendPhotos } from "../../people-photos.ts";
import { type ClientDeps, type ClientOptions, subcommand, withClient } from "../with-client.ts";

/** `lintel people add ID --name N PHOTO…`: one person, from the files named. */
export function addCommand(deps: ClientDeps): Command {
  return subcommand("add", "Enrol a person from photographs, or add photographs to one. Pictures are not kept.")
    .argument("<id>", "short name of the person: a-z, 0-9, dot, underscore, hyphen")
    .argument("<photo...>", "pictures with one face each; several, from the door's own camera, are best")
    .requiredOption("--name <name>", "the name to greet")
    .option("--consent <reference>", "number of the signed consent")
    .addHelpText("after", "\nExample:\n  lintel people add dana --name 'Dana Novak' dana-1.jpg dana-2.jpg")
    .action(async (id: string, files: string[], options: ClientOptions & { name: string; consent?: string }) => {
      const photos = files.map(readPhotoFile);
      const fields = { id, name: options.name, ...(options.consent === undefined ? {} : { consent: options.consent }) };
      const result = await withClient(deps, options, (client) => sendPhotos(client, fields, photos));
      print(options, result, () => addText(result));
      process.exitCode = addExit(result, photos.length);
    });
}

// --- internal ---

/** Something was taken: ok. Nothing, and no file could even be read as a picture: unreadable. Else: a clean no. */
function addExit(result: AddAnswer, sent: number): number {
  if (result.refused.length < sent) return exitCode.ok;
  const isUnreadable = result.refused.every(({ reason }) => photoProblem.safeParse(reason).success);
  return isUnreadable ? exitCode.usage : exitCode.no;
}

function addText({ id, templates, refused }: AddAnswer): string {
  const head = templates === 0 ? `${id} was not enrolled` : `${id}: ${templates} templates`;
  return [head, ...refused.map(({ file, reason, detail }) => `  ${basename(file)}: ${reason}. ${detail}`)].join("\n");
}
