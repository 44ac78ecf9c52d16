import { existsSync, readFileSync, renameSync, rmSync } from "node:fs";
import { errorText, LintelError } from "../../../core/errors.ts";
import { type SiteFile, siteFile } from "../../../daemon/fleet/owner.ts";
import { writeSecretFile } from "../../../daemon/store/private-files.ts";

/** The owner's file on the disk: private, and never half written. */

export function createOwnerFile(file: string, content: SiteFile): void {
  if (existsSync(file)) {
    throw new LintelError("LINTEL_E_USAGE", `${file} is there already`, {
      hint: "choose another file: a site whose owner's file is lost cannot be changed any more",
    });
  }
  writeSecretFile(file, textOf(content));
}

export function readOwnerFile(file: string): SiteFile {
  try {
    return siteFile.parse(JSON.parse(readFileSync(file, "utf8")));
  } catch (error) {
    const why = error instanceof Error && "code" in error ? errorText(error) : "it holds no site";
    throw new LintelError("LINTEL_E_UNREADABLE", `cannot use ${file}: ${why}`, {
      hint: "name the file that lintel fleet init made",
    });
  }
}

/** In place of the old one, whole or not at all. */
export function replaceOwnerFile(file: string, content: SiteFile): void {
  const part = `${file}.part`;
  rmSync(part, { force: true });
  writeSecretFile(part, textOf(content));
  renameSync(part, file);
}

// --- internal ---

function textOf(content: SiteFile): Buffer {
  return Buffer.from(`${JSON.stringify(content, null, 2)}\n`, "utf8");
}
