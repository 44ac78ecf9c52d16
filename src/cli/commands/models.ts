import { Command } from "commander";
import { errorText, exitCode } from "../../core/errors.ts";
import { catalogue, networkNames, sourceSha256 } from "../../models/catalogue.ts";
import type { NetworkContract } from "../../models/contract.ts";
import { findPackageFile, readSource } from "../../models/source.ts";
import { print, table } from "../output.ts";

interface JsonOption {
  json?: boolean;
}

interface ModelRow {
  readonly name: string;
  readonly job: string;
  readonly installed: boolean;
  /** Over all source files of the network. */
  readonly sha256: string;
  readonly licence: string;
}

export function modelsCommand(): Command {
  return new Command("models")
    .description("The networks: what each is for, whence it comes, its hash and its licence.")
    .addCommand(listCommand())
    .addCommand(verifyCommand());
}

function listCommand(): Command {
  return new Command("list")
    .description("List the networks.")
    .option("--json", "print {models:[{name, job, installed, sha256, licence}]}")
    .addHelpText("after", "\nExample:\n  lintel models list")
    .action((options: JsonOption) => {
      const models = contracts().map(describe);
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
  return new Command("verify")
    .description("Read every model file and compare its SHA-256 with the pinned one. Exit code 1 when one is wrong.")
    .option("--json", "print {models:[{name, job, installed, sha256, licence, ok, detail}]}")
    .addHelpText("after", "\nExample:\n  lintel models verify")
    .action(async (options: JsonOption) => {
      const models = await Promise.all(contracts().map(verify));
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

async function verify(contract: NetworkContract): Promise<ModelRow & { ok: boolean; detail: string }> {
  const row = describe(contract);
  try {
    await readSource(contract);
    return { ...row, ok: true, detail: `${contract.files.length} files of ${contract.package} are the pinned ones` };
  } catch (error) {
    return { ...row, ok: false, detail: errorText(error) };
  }
}
