import { Command } from "commander";
import { errorText, exitCode } from "../../core/errors.ts";
import { catalogue, networkNames, sourceSha256 } from "../../models/catalogue.ts";
import type { NetworkContract } from "../../models/contract.ts";
import type { InstalledModels } from "../../models/installed.ts";
import { type OptionalNetworkName, optionalNetworkNames } from "../../models/optional.ts";
import { findPackageFile, readSource } from "../../models/source.ts";
import { print, table } from "../output.ts";
import { addCommand, pullCommand, retireCommand, type StoreOptions, storeCommand, storeOf } from "./models/optional.ts";
import { verifyVgg19, vgg19StoreOf } from "./models/vgg19.ts";

export interface ModelRow {
  readonly name: string;
  readonly job: string;
  readonly installed: boolean;
  /** Over all source files of a packaged network; of an optional one the installed file's, else that of its public home. */
  readonly sha256: string;
  readonly licence: string;
}

export type Verified = ModelRow & { readonly ok: boolean; readonly detail: string };

export function modelsCommand(): Command {
  return new Command("models")
    .description("The networks: what each is for, whence it comes, its hash and its licence.")
    .addCommand(listCommand())
    .addCommand(verifyCommand())
    .addCommand(addCommand())
    .addCommand(pullCommand())
    .addCommand(retireCommand());
}

function listCommand(): Command {
  return storeCommand("list", "{models:[{name, job, installed, sha256, licence}]}")
    .description("List the networks: those of the packages, then the optional ones.")
    .addHelpText("after", "\nExample:\n  lintel models list")
    .action(async (options: StoreOptions) => {
      const optional = await verifyOptional(options);
      const models = [...contracts().map(describe), ...optional.map(({ ok, detail, ...row }) => row)];
      print(options, { models }, () =>
        table([
          ["NAME", "JOB", "INSTALLED", "SHA-256", "LICENCE"],
          ...models.map((model) => [
            model.name,
            model.job,
            model.installed ? "yes" : "no",
            model.sha256.slice(0, 16),
            model.licence,
          ]),
        ]),
      );
    });
}

function verifyCommand(): Command {
  return storeCommand("verify", "{models:[{name, job, installed, sha256, licence, ok, detail}]}")
    .description("Read every model file and compare its SHA-256 with the pinned one. Exit code 1 when one is wrong.")
    .addHelpText("after", "\nExample:\n  lintel models verify")
    .action(async (options: StoreOptions) => {
      const packaged = await Promise.all(contracts().map(verify));
      const models = [...packaged, ...(await verifyOptional(options))];
      print(options, { models }, () =>
        models.map(({ name, ok, detail }) => `${ok ? "ok " : "BAD"} ${name}: ${detail}`).join("\n"),
      );
      if (models.some((model) => !model.ok)) process.exitCode = exitCode.no;
    });
}

function contracts(): NetworkContract[] {
  return networkNames.map((name) => catalogue[name]);
}

function describe(contract: NetworkContract): ModelRow {
  const { name, job, licence, files } = contract;
  const installed = files.every((file) => findPackageFile(contract.package, file.path) !== undefined);
  return { name, job, installed, sha256: sourceSha256(contract), licence };
}

async function verify(contract: NetworkContract): Promise<Verified> {
  const row = describe(contract);
  try {
    await readSource(contract);
    return { ...row, ok: true, detail: `${contract.files.length} files of ${contract.package} are the pinned ones` };
  } catch (error) {
    return { ...row, ok: false, detail: errorText(error) };
  }
}

function verifyOptional(options: StoreOptions): Promise<Verified[]> {
  const store = storeOf(options);
  const all = optionalNetworkNames.map((name) => verifyInstalled(store, name));
  return Promise.all([...all, verifyVgg19(vgg19StoreOf(options))]);
}

/** A network that nobody installed is no fault. */
async function verifyInstalled(store: InstalledModels, name: OptionalNetworkName): Promise<Verified> {
  const { job, licence, accepted, url } = store.network(name);
  const state = await store.state(name);
  const row = { name, job, installed: state.kind !== "absent", sha256: accepted[0].sha256, licence };
  if (state.kind === "installed") return { ...row, sha256: state.file.sha256, ok: true, detail: state.file.what };
  if (state.kind === "absent") return { ...row, ok: true, detail: `optional, not installed (${url})` };
  return { ...row, ok: false, detail: state.reason };
}
