import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";

const root = fileURLToPath(new URL("../../..", import.meta.url));
const read = (path: string) => readFileSync(join(root, path), "utf8");
const manifest = JSON.parse(read("package.json"));
const lock: { packages: Record<string, { integrity?: string; hasInstallScript?: boolean; version: string }> } =
  JSON.parse(read("package-lock.json"));
const page = read("docs/decisions/dependencies.md");

/** Names in code quotes of the first cell of each row of the table. */
const justified = [...page.matchAll(/^\| (`.+?) \|/gm)].flatMap(([, cell = ""]) => namesIn(cell));

function namesIn(text: string): string[] {
  return [...text.matchAll(/`([@a-z0-9/._-]+)`/g)].map(([, name = ""]) => name);
}

/** Names in the paragraph that begins with a word. */
function paragraph(beginning: string): string[] {
  return namesIn(page.split("\n").find((line) => line.startsWith(beginning)) ?? "");
}

describe("dependencies", () => {
  it("of production each have one line that says why, and no line is left of one that is gone", () => {
    expect([...justified].sort()).toEqual(Object.keys(manifest.dependencies).sort());
  });

  it("for development are each named, types apart", () => {
    const wanted = Object.keys(manifest.devDependencies).filter((name) => !name.startsWith("@types/"));
    expect(paragraph("Development only:").sort()).toEqual(wanted.sort());
  });

  it("that are optional for who installs, and overrides, are each named", () => {
    expect(paragraph("Optional:")).toEqual(expect.arrayContaining(Object.keys(manifest.peerDependencies)));
    expect(paragraph("Overrides:")).toEqual(Object.keys(manifest.overrides));
  });

  it("are exact versions, and locked with their checksums", () => {
    const wanted: Record<string, string> = { ...manifest.dependencies, ...manifest.devDependencies };
    for (const [name, version] of Object.entries(wanted)) {
      expect([name, version]).toEqual([name, lock.packages[`node_modules/${name}`]?.version]);
    }
    const unchecked = Object.entries(lock.packages).filter(([path, entry]) => path !== "" && !entry.integrity);
    expect(unchecked.map(([path]) => path)).toEqual([]);
  });

  it("run no install script: npm is told so, and those that have one are known to do without", () => {
    expect(read(".npmrc")).toMatch(/^ignore-scripts=true$/m);
    const scripted = Object.entries(lock.packages).filter(([, entry]) => entry.hasInstallScript);
    const names = scripted.map(([path]) => path.slice(path.lastIndexOf("node_modules/") + "node_modules/".length));
    expect(paragraph("With an install script").sort()).toEqual(names.sort());
  });
});
