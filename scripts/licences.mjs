// Which licences a board gets, from the lock file alone: npm run licences writes docs/licences.md and fails when one is neither
// permissive nor has a note here. A test holds the page against the lock file.
import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath, pathToFileURL } from "node:url";

const at = (path) => fileURLToPath(new URL(`../${path}`, import.meta.url));

/** Ask for no more than that their text is kept. */
const permissive = new Set([
  "MIT",
  "ISC",
  "0BSD",
  "BSD-2-Clause",
  "BSD-3-Clause",
  "Apache-2.0",
  "Unlicense",
  "CC0-1.0",
  "BlueOak-1.0.0",
]);

/** What is not, and why it may be carried all the same. */
const notes = [
  {
    name: /^@img\/sharp-libvips-/,
    licence: "LGPL-3.0-or-later",
    note: "libvips and what it links, as a shared library that sharp loads: another build of it may be put in its place, and nothing of ours is linked into it. Its source is that of the package's version (`versions.json` beside it).",
  },
  {
    name: /^h5wasm$/,
    licence: "SEE LICENSE IN LICENSE.txt",
    note: "NIST software (public domain in the United States; use, change and distribution permitted with the notice kept) with HDF5 under its BSD licence. Reads VGG-19 weights for the painter; never near the door.",
  },
];

/** Packages of production that a linux board with glibc gets: `{name, version, licence}`, by name. */
export function productionPackages(lock) {
  const reached = new Set();
  const waiting = [""];
  for (let from = waiting.pop(); from !== undefined; from = waiting.pop()) {
    const { dependencies, optionalDependencies } = lock.packages[from];
    for (const name of Object.keys({ ...dependencies, ...optionalDependencies })) {
      const path = resolve(lock, from, name);
      if (path === undefined || reached.has(path) || !isForBoard(lock.packages[path])) continue;
      reached.add(path);
      waiting.push(path);
    }
  }
  const listed = new Map();
  for (const path of reached) {
    const { version, license } = lock.packages[path];
    const name = path.slice(path.lastIndexOf("node_modules/") + "node_modules/".length);
    listed.set(`${name} ${version}`, { name, version, licence: license ?? "none stated" });
  }
  return [...listed.keys()].sort().map((key) => listed.get(key));
}

/** Whether an SPDX expression asks for no more than its text: each part of an AND, one part of an OR. */
export function isPermissive(expression) {
  const inner = expression.trim().replace(/^\((.*)\)$/, "$1");
  if (/ OR /.test(inner)) return inner.split(/ OR /).some(isPermissive);
  if (/ AND /.test(inner)) return inner.split(/ AND /).every(isPermissive);
  return permissive.has(inner);
}

/** The note that lets a package in although its licence is not permissive. */
export function noteFor({ name, licence }) {
  return notes.find((one) => one.name.test(name) && one.licence === licence)?.note;
}

/** Packages whose licence nobody has judged. */
export function unjudged(packages) {
  return packages.filter((one) => !isPermissive(one.licence) && !noteFor(one));
}

/** docs/licences.md. */
export function licencesPage(lockFile) {
  const packages = productionPackages(JSON.parse(readFileSync(lockFile, "utf8")));
  const licences = [...new Set(packages.map(({ licence }) => licence))].sort();
  const of = (licence) => packages.filter((one) => one.licence === licence);
  const rows = licences.map((licence) => {
    const names = of(licence).map(({ name, version }) => `${name} ${version}`);
    return `| ${licence} | ${names.length} | ${names.join(", ")} |`;
  });
  const noted = packages.flatMap((one) => {
    const note = noteFor(one);
    return note ? [`- **${one.name}** (${one.licence}): ${note}`] : [];
  });
  return `# Licences of what a board gets

Written by \`npm run licences\` from package-lock.json: the ${packages.length} packages of production for linux, x64 and arm64. What is for development only is not on a board. The text of each licence lies in its package. Lintel itself is under the [MIT licence](../LICENSE).

| licence | packages | which |
|---|---|---|
${rows.join("\n")}

## Not merely permissive

${noted.join("\n")}

## Not from npm's list

- **Node** (in the Debian package): MIT, with the notices of what it bundles in \`/opt/lintel/node/LICENSE\`.
- **Weights of the networks**: \`lintel models list\` names the licence of each. Those that come with Lintel are MIT or in the public domain; optional ones are fetched by whoever wants them, under their own.
- **The kernel's, systemd's and ffmpeg's** are the distribution's: ffmpeg runs as a program of its own and is not part of the package.
`;
}

// --- internal ---

/** Where Node finds a package: in the nearest node_modules on the way up; undefined for an optional one that is not locked. */
function resolve(lock, from, name) {
  for (let at = from; ; at = at.slice(0, Math.max(0, at.lastIndexOf("/node_modules/")))) {
    const path = `${at === "" ? "" : `${at}/`}node_modules/${name}`;
    if (path in lock.packages) return path;
    if (at === "") return undefined;
  }
}

function isForBoard({ os, cpu, libc }) {
  const suits = (wanted, mine) => !wanted || wanted.some((one) => mine.includes(one));
  return suits(os, ["linux"]) && suits(cpu, ["x64", "arm64"]) && suits(libc, ["glibc"]);
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) {
  const strangers = unjudged(productionPackages(JSON.parse(readFileSync(at("package-lock.json"), "utf8"))));
  for (const { name, version, licence } of strangers)
    process.stderr.write(`licences: ${name} ${version}: ${licence}\n`);
  writeFileSync(at("docs/licences.md"), licencesPage(at("package-lock.json")));
  if (strangers.length > 0) {
    process.stderr.write("licences: not permissive and without a note in scripts/licences.mjs\n");
    process.exit(1);
  }
}
