import { cpSync, mkdirSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { run } from "./run.mjs";

const root = fileURLToPath(new URL("../..", import.meta.url));

export const manifest = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));

/**
 * Puts the npm package into a folder of its own: compiled afresh there, and with the lock, so that `npm ci` in the unpacked
 * package brings what was tested (`npm install` of a tarball heeds the exact versions of package.json and no lock). `npm pack`
 * in the repository packs the same files, of whatever was compiled last, and without the lock.
 */
export function stageNpmPackage(stage) {
  mkdirSync(stage, { recursive: true });
  run(process.execPath, [join(root, "scripts", "build.mjs"), "--out", join(stage, "dist")]);
  const kept = manifest.files.filter(
    (name) => !["dist", "npm-shrinkwrap.json"].includes(name) && !name.startsWith("!"),
  );
  const always = readdirSync(root).filter((name) => /^(package\.json|readme|licen[cs]e)/i.test(name));
  for (const name of [...kept, ...always]) cpSync(join(root, name), join(stage, name), { recursive: true });
  cpSync(join(root, "package-lock.json"), join(stage, "npm-shrinkwrap.json"));
}

/** Packs a staged package; gives the path of the tarball. No script of it runs. */
export function packNpm(stage, folder) {
  mkdirSync(folder, { recursive: true });
  const [packed] = JSON.parse(
    run("npm", ["pack", "--json", "--ignore-scripts", "--pack-destination", folder], { cwd: stage }),
  );
  return join(folder, packed.filename);
}
