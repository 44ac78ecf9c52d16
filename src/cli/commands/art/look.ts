import { readdir } from "node:fs/promises";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { Command, Option } from "commander";
import { look } from "../../../art/look/look.ts";
import { createFeatureNetworks } from "../../../art/networks/networks.ts";
import { encodePicture } from "../../../art/picture.ts";
import { type FeatureNetworkName, featureNetworkNames } from "../../../art/settings.ts";
import { errorText, LintelError } from "../../../core/errors.ts";
import { createOnnxGraphs } from "../../../hal/compute/onnx-graphs.ts";
import { writePicture } from "../../art-files.ts";
import { userModelCache } from "../../defaults.ts";
import { wholeNumber } from "../../number-options.ts";
import { print } from "../../output.ts";
import { progressBar } from "../../progress.ts";

interface Options {
  readonly network: FeatureNetworkName;
  readonly layer: string;
  readonly unit: number;
  readonly pictures: string;
  readonly steps: number;
  readonly seed: number;
  readonly out: string;
  readonly json?: boolean;
}

export function artLookCommand(): Command {
  return new Command("look")
    .description("What a network sees: a picture made to excite one of its units, and the patches that excite it most.")
    .addOption(new Option("--network <name>", "the network").choices(featureNetworkNames).default("mobilenet"))
    .requiredOption("--layer <name>", "a layer, for example pw5 or conv3_1")
    .requiredOption("--unit <n>", "a channel of the layer, from 0", wholeNumber({ to: 0xffffffff }))
    .requiredOption("--pictures <dir>", "a folder of pictures to search")
    .requiredOption("--out <file>", "where the contact sheet goes: .jpg, .png or .webp")
    .option("--steps <n>", "steps for the made picture", wholeNumber({ to: 0xffffffff }), 160)
    .option("--seed <n>", "the same seed gives the same picture", wholeNumber({ to: 0xffffffff }), 1)
    .option("--json", "print {network, layer, unit, receptiveFieldPx, patches:[{file, activation, box}], out}")
    .addHelpText(
      "after",
      "\nmobilenet is also the second face descriptor of the door; looking into it shows what that goes by.\n\nExample:\n  lintel art look --layer pw5 --unit 17 --pictures ./photos --out unit.jpg",
    )
    .action(async (options: Options) => {
      const { layer, unit, out } = options;
      await encodePicture({ rgb: new Uint8Array(3), width: 1, height: 1 }, out);
      const files = await filesOf(options.pictures);
      const network = await createFeatureNetworks({ cacheDirectory: userModelCache(process.env) }).load(
        options.network,
      );
      const bar = process.stderr.isTTY ? progressBar(files.length + options.steps, "steps") : undefined;
      const parts = { graphs: createOnnxGraphs({ threads: Math.min(4, availableParallelism()) }), network };
      try {
        const onProgress = () => bar?.add(1);
        const found = await look(parts, { ...options, unit: { layer, unit }, files, onProgress });
        await writePicture(out, found.sheet);
        const { patches, receptiveFieldPx } = found;
        const document = { network: network.name, layer, unit, receptiveFieldPx, patches, out };
        print(
          options,
          document,
          () => `${out}: ${patches.length} patches of ${receptiveFieldPx} pixels, ${files.length} files searched`,
        );
      } finally {
        bar?.stop();
      }
    });
}

// --- internal ---

async function filesOf(folder: string): Promise<string[]> {
  try {
    const entries = await readdir(folder, { withFileTypes: true, recursive: true });
    return entries
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name))
      .sort();
  } catch (cause) {
    throw new LintelError("LINTEL_E_UNREADABLE", `${folder} cannot be read: ${errorText(cause)}`, {
      hint: "name a folder of pictures",
      cause,
    });
  }
}
