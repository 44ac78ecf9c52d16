import { basename } from "node:path";
import { Command } from "commander";
import { errorText, exitCode, LintelError } from "../../../core/errors.ts";
import { loadConfig } from "../../../daemon/config/load.ts";
import { InstalledModels, readModelFile } from "../../../models/installed.ts";
import {
  type AcceptedFile,
  antiSpoofNames,
  isOptionalName,
  type OptionalNetworkName,
  optionalNetworkNames,
} from "../../../models/optional.ts";
import { fetchModel } from "../../../models/pull.ts";
import { vgg19 } from "../../../models/vgg19.ts";
import { looksLikeVgg19 } from "../../../models/vgg19-files.ts";
import { userModelCache } from "../../defaults.ts";
import { print } from "../../output.ts";
import { addVgg19, pullVgg19, vgg19StoreOf } from "./vgg19.ts";

export type AddedRow = AcceptedFile & { readonly name: OptionalNetworkName | "vgg19" };
export type PulledRow = AddedRow & { readonly outcome: "fetched" | "present" };

export interface StoreOptions {
  json?: boolean;
  config?: string;
}

/** One of `lintel models` that looks into the store: its common options. */
export function storeCommand(name: string, shape: string): Command {
  return new Command(name)
    .option("--config <file>", "use the store of the daemon with this configuration, not your own")
    .option("--json", `print ${shape}`);
}

export function storeOf(options: StoreOptions): InstalledModels {
  return new InstalledModels({ cacheDirectory: cacheDirectoryOf(options) });
}

export function cacheDirectoryOf({ config }: StoreOptions): string {
  const configured = config === undefined ? undefined : loadConfig(config, process.env).models.cacheDirectory;
  return configured ?? userModelCache(process.env);
}

export function addCommand(): Command {
  return storeCommand("add", "{models:[{name, sha256, what}]}")
    .description(
      "Install networks from files. Each is recognised by its SHA-256 (torchvision's VGG-19 by its format); any other file is refused.",
    )
    .argument(
      "<files...>",
      "ONNX files; for VGG-19 Keras' .h5, torchvision's .safetensors, or the folder of a TensorFlow.js layers model",
    )
    .addHelpText(
      "after",
      "\nFor a daemon, run this as its user with its --config, then start it anew.\n\nExample:\n  lintel models add MiniFASNetV2.onnx MiniFASNetV1SE.onnx",
    )
    .action(async (files: string[], options: StoreOptions) => {
      const store = storeOf(options);
      const models: AddedRow[] = [];
      for (const file of files) {
        if (await looksLikeVgg19(file)) models.push(await addVgg19(vgg19StoreOf(options), file));
        else {
          const { name, file: found } = await addFile(store, file);
          models.push({ name, ...found });
        }
      }
      print(options, { models }, () => models.map(({ name, what }) => `${name} installed (${what})`).join("\n"));
    });
}

export function pullCommand(): Command {
  return storeCommand("pull", "{models:[{name, sha256, what, outcome: fetched|present}]}")
    .description("Fetch optional networks from their public homes, or from LINTEL_MODEL_MIRROR (a folder or a URL).")
    .argument(
      "[name]",
      "one network; without it, those against spoofing that are not installed (embedders and vgg19 only by their names)",
    )
    .addHelpText(
      "after",
      "\nWhat comes is kept only when its SHA-256 is pinned. Nothing is ever fetched without this command.\n\nExample:\n  LINTEL_MODEL_MIRROR=/media/stick lintel models pull",
    )
    .action(async (name: string | undefined, options: StoreOptions) => {
      const store = storeOf(options);
      const models: PulledRow[] = [];
      const wanted = name === undefined ? antiSpoofNames : [installableName(name)];
      for (const each of wanted) {
        models.push(each === vgg19.name ? await pullVgg19(vgg19StoreOf(options)) : await pull(store, each));
      }
      print(options, { models }, () => models.map((row) => `${row.name} ${row.outcome} (${row.what})`).join("\n"));
    });
}

export function retireCommand(): Command {
  return storeCommand("retire", "{retired:[name]}")
    .description("Remove installed networks. Exit code 1 when one is not installed.")
    .argument("<names...>", `of ${[...optionalNetworkNames, vgg19.name].join(", ")}`)
    .addHelpText("after", "\nExample:\n  lintel models retire minifasnet-v2 minifasnet-v1se")
    .action(async (names: string[], options: StoreOptions) => {
      const store = storeOf(options);
      const wanted = names.map(installableName);
      const retired: string[] = [];
      for (const name of wanted) {
        const wasThere = name === vgg19.name ? await vgg19StoreOf(options).remove() : await store.remove(name);
        if (wasThere) retired.push(name);
      }
      const absent = wanted.filter((name) => !retired.includes(name));
      print(options, { retired }, () =>
        [...retired.map((name) => `${name} removed`), ...absent.map((name) => `${name} was not installed`)].join("\n"),
      );
      if (absent.length > 0) process.exitCode = exitCode.no;
    });
}

// --- internal ---

async function addFile(store: InstalledModels, file: string): ReturnType<InstalledModels["add"]> {
  const maxBytes = Math.max(...optionalNetworkNames.map((name) => store.network(name).maxBytes));
  let bytes: Uint8Array;
  try {
    bytes = await readModelFile(file, maxBytes);
  } catch (error) {
    if (error instanceof LintelError) throw error;
    throw new LintelError("LINTEL_E_UNREADABLE", `${file} cannot be read: ${errorText(error)}`, { cause: error });
  }
  try {
    return await store.add(bytes);
  } catch (error) {
    if (!(error instanceof LintelError)) throw error;
    const options = { ...(error.hint === undefined ? {} : { hint: error.hint }), cause: error };
    throw new LintelError(error.code, `${basename(file)}: ${error.message}`, options);
  }
}

async function pull(store: InstalledModels, name: OptionalNetworkName): Promise<PulledRow> {
  const state = await store.state(name);
  if (state.kind === "installed") return { name, ...state.file, outcome: "present" };
  const bytes = await fetchModel(store.network(name), { mirror: process.env.LINTEL_MODEL_MIRROR });
  const { file } = await store.add(bytes, name);
  return { name, ...file, outcome: "fetched" };
}

function installableName(name: string): OptionalNetworkName | "vgg19" {
  if (name === vgg19.name || isOptionalName(name)) return name;
  throw new LintelError("LINTEL_E_USAGE", `${name} is no optional network`, {
    hint: `There are ${optionalNetworkNames.join(", ")} and ${vgg19.name}; all others come with the packages.`,
  });
}
