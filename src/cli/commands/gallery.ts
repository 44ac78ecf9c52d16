import { Command } from "commander";
import { z } from "zod";
import { print } from "../output.ts";
import { type ClientDeps, type ClientOptions, parse, subcommand, withClient } from "./with-client.ts";

const rotation = z.object({ vectors: z.int(), damaged: z.int(), rotatedAt: z.string() });

/** `lintel gallery …`: the key that the face vectors are sealed with. */
export function galleryCommand(deps: ClientDeps): Command {
  return new Command("gallery").description("The sealed gallery of face vectors.").addCommand(rotateKeyCommand(deps));
}

// --- internal ---

function rotateKeyCommand(deps: ClientDeps): Command {
  return subcommand("rotate-key", "Seal every face vector with a new key and destroy the old one.")
    .addHelpText("after", "\nCopies of the key and of the database made elsewhere stay what they are: replace them.")
    .action(async (options: ClientOptions) => {
      const answer = await withClient(deps, options, (client) => client.request("gallery/rotate-key", {}));
      const result = parse(rotation, answer);
      const damaged = result.damaged > 0 ? `; ${result.damaged} could not be opened and stay unreadable` : "";
      print(options, result, () => `${result.vectors} vectors sealed with a new key${damaged}; renew your copy of it`);
    });
}
