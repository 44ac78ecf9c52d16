import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { join } from "node:path";
import { LintelError } from "../core/errors.ts";
import type { NetworkContract } from "./contract.ts";

/** The contents of the source files of a network by their path in the package. */
export type SourceFiles = ReadonlyMap<string, Uint8Array>;

/** Finds a file of an installed package. Packages need not export their data files, so the folders are searched by hand. */
export function findPackageFile(packageName: string, path: string): string | undefined {
  const folders = createRequire(import.meta.url).resolve.paths(packageName) ?? [];
  return folders.map((folder) => join(folder, packageName, path)).find((candidate) => existsSync(candidate));
}

/**
 * Reads the source files of a network and checks each against its pinned hash.
 * Throws `LINTEL_E_MODEL` when a file is absent or not the one that was pinned.
 */
export async function readSource(contract: NetworkContract): Promise<SourceFiles> {
  const files = new Map<string, Uint8Array>();
  for (const { path, sha256 } of contract.files) {
    const bytes = await readPackageFile(contract, path);
    const found = createHash("sha256").update(bytes).digest("hex");
    if (found !== sha256) {
      throw new LintelError(
        "LINTEL_E_MODEL",
        `model ${contract.name}: ${contract.package}/${path} has SHA-256 ${found}, expected ${sha256}`,
        { hint: "Reinstall the packages at the locked versions: npm ci" },
      );
    }
    files.set(path, bytes);
  }
  return files;
}

async function readPackageFile(contract: NetworkContract, path: string): Promise<Uint8Array> {
  const found = findPackageFile(contract.package, path);
  const hint = "Install the packages at the locked versions: npm ci";
  if (found === undefined) {
    throw new LintelError("LINTEL_E_MODEL", `model ${contract.name}: ${contract.package}/${path} is not installed`, {
      hint,
    });
  }
  try {
    return await readFile(found);
  } catch (cause) {
    throw new LintelError("LINTEL_E_MODEL", `model ${contract.name}: cannot read ${found}`, { hint, cause });
  }
}
