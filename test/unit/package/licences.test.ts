import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";

const root = fileURLToPath(new URL("../../..", import.meta.url));

interface Package {
  readonly name: string;
  readonly version: string;
  readonly licence: string;
}
interface Licences {
  productionPackages(lock: { packages: Record<string, object> }): Package[];
  isPermissive(expression: string): boolean;
  unjudged(packages: readonly Package[]): Package[];
  licencesPage(lockFile: string): string;
}
const licences: Licences = await import(join(root, "scripts/licences.mjs"));
const lockFile = join(root, "package-lock.json");
const lock = JSON.parse(readFileSync(lockFile, "utf8"));

describe("licences", () => {
  it("of production are all permissive, or have a note that says why they may be carried", () => {
    expect(licences.unjudged(licences.productionPackages(lock))).toEqual([]);
  });

  it("are listed as they are (npm run licences)", () => {
    expect(readFileSync(join(root, "docs/licences.md"), "utf8")).toBe(licences.licencesPage(lockFile));
  });

  it.each([
    ["MIT", true],
    ["(MIT OR GPL-3.0-only)", true],
    ["GPL-3.0-only OR AGPL-3.0-only", false],
    ["MIT AND LGPL-3.0-or-later", false],
    ["Apache-2.0 AND MIT", true],
    ["GPL-2.0-only", false],
    ["MPL-2.0", false],
    ["SEE LICENSE IN LICENSE", false],
    ["UNLICENSED", false],
    ["none stated", false],
    ["", false],
  ])("%s: asks for no more than its text: %s", (expression, expected) => {
    expect(licences.isPermissive(expression)).toBe(expected);
  });

  it("that nobody has judged are found, also where the name was judged under another licence", () => {
    const judged = { name: "h5wasm", version: "1.0.0", licence: "SEE LICENSE IN LICENSE.txt" };
    const changed = { name: "h5wasm", version: "2.0.0", licence: "GPL-3.0-only" };
    const unknown = { name: "new-friend", version: "1.0.0", licence: "none stated" };
    expect(licences.unjudged([judged, changed, unknown])).toEqual([changed, unknown]);
  });

  it("follow what is really reached: dependencies of dependencies, the nearest copy, and this kind of machine", () => {
    const of = (license: string, more: object = {}) => ({ version: "1.0.0", license, ...more });
    const packages = {
      "": { dependencies: { a: "1" }, devDependencies: { tool: "1" } },
      "node_modules/a": of("MIT", {
        dependencies: { b: "1" },
        optionalDependencies: { native: "1", mac: "1", gone: "1" },
      }),
      "node_modules/a/node_modules/b": of("ISC", { dependencies: { c: "1" } }),
      "node_modules/b": of("GPL-3.0-only", { dev: true }),
      "node_modules/c": of("0BSD"),
      "node_modules/native": of("MIT", { os: ["linux"], cpu: ["arm64"] }),
      "node_modules/mac": of("LGPL-3.0-only", { os: ["darwin"] }),
      "node_modules/tool": of("GPL-3.0-only", { dev: true }),
    };
    expect(licences.productionPackages({ packages }).map(({ name, licence }) => `${name} ${licence}`)).toEqual([
      "a MIT",
      "b ISC",
      "c 0BSD",
      "native MIT",
    ]);
  });
});
