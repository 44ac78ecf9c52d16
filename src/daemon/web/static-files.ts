import { createHash } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import { extname } from "node:path";
import { fileURLToPath } from "node:url";
import { LintelError } from "../../core/errors.ts";

export interface StaticFile {
  readonly body: Buffer;
  readonly type: string;
  readonly etag: string;
}

const types: Readonly<Record<string, string>> = {
  ".html": "text/html; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".svg": "image/svg+xml",
};

const publicFolder = new URL("./public/", import.meta.url);

/**
 * Reads the pages into memory, keyed by their URL path. What is served is decided here, once: no path of a request ever
 * reaches the file system. Rejects with `LINTEL_E_UNAVAILABLE` when the pages are missing.
 */
export async function loadStaticFiles(folder: URL = publicFolder): Promise<ReadonlyMap<string, StaticFile>> {
  const files = new Map<string, StaticFile>();
  try {
    for (const [directory, prefix] of [
      [folder, "/"],
      [new URL("./assets/", folder), "/assets/"],
    ] as const) {
      for (const entry of await readdir(directory, { withFileTypes: true })) {
        const type = types[extname(entry.name)];
        if (!entry.isFile() || type === undefined) continue;
        const body = await readFile(new URL(entry.name, directory));
        files.set(`${prefix}${entry.name}`, { body, type, etag: `"${digest(body)}"` });
      }
    }
  } catch (error) {
    throw new LintelError("LINTEL_E_UNAVAILABLE", `The pages are missing: ${fileURLToPath(folder)}`, {
      hint: "Run node scripts/build.mjs.",
      cause: error,
    });
  }
  return files;
}

function digest(body: Buffer): string {
  return createHash("sha256").update(body).digest("base64url").slice(0, 22);
}
