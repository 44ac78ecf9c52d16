import { createHash } from "node:crypto";
import {
  chmodSync,
  existsSync,
  lstatSync,
  lutimesSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmdirSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { dirname, join, relative } from "node:path";
import { fileOfPackage, isUsed } from "./prune.mjs";

/** Every file and link below a folder, sorted; paths are relative to it. */
export function filesBelow(folder) {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => !entry.isDirectory())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)))
    .sort();
}

/** Writes a file and the folders above it. */
export function put(path, content, mode = 0o644) {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, content);
  chmodSync(path, mode);
}

/** Takes out of `node_modules` what a board of this architecture has no use for; gives the bytes that are gone. */
export function prune(app, arch) {
  let bytes = 0;
  for (const path of filesBelow(app)) {
    const isBook = path.startsWith("node_modules/.bin/") || path === "node_modules/.package-lock.json";
    const file = fileOfPackage(path);
    if (!isBook && (!file || isUsed({ ...file, arch }))) continue;
    bytes += lstatSync(join(app, path)).size;
    rmSync(join(app, path));
  }
  removeEmptyFolders(app);
  return bytes;
}

/** Same content, same package: one time for everything, and no trace of the umask of whoever builds. */
export function normalise(folder, epochSeconds) {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) normalise(path, epochSeconds);
    else if (!entry.isSymbolicLink()) chmodSync(path, lstatSync(path).mode & 0o111 ? 0o755 : 0o644);
    lutimesSync(path, epochSeconds, epochSeconds);
  }
  chmodSync(folder, 0o755);
}

/** Checksums as `dpkg --verify` reads them. */
export function md5sums(folder) {
  const lines = filesBelow(folder)
    .filter((path) => lstatSync(join(folder, path)).isFile() && !path.startsWith("DEBIAN/"))
    .map(
      (path) =>
        `${createHash("md5")
          .update(readFileSync(join(folder, path)))
          .digest("hex")}  ${path}\n`,
    );
  return lines.join("");
}

/** Bytes of everything below a folder. */
export function sizeOf(folder) {
  return filesBelow(folder).reduce((sum, path) => sum + lstatSync(join(folder, path)).size, 0);
}

// --- internal ---

function removeEmptyFolders(folder) {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    if (entry.isDirectory()) removeEmptyFolders(join(folder, entry.name));
  }
  if (existsSync(folder) && readdirSync(folder).length === 0) rmdirSync(folder);
}
