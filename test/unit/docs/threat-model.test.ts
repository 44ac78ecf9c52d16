import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";

const root = fileURLToPath(new URL("../../../", import.meta.url));
const text = readFileSync(`${root}docs/threat-model.md`, "utf8");
const lines = text.split("\n").filter((line) => line.startsWith("- "));

/** Every `file` "name" of a line. */
function references(line: string): { file: string; name: string }[] {
  const found = line.matchAll(/`(test\/[^`]+\.test\.ts)` "((?:[^"\\]|\\.)+)"/g);
  return [...found].map(([, file = "", name = ""]) => ({ file, name }));
}

describe("the threat model", () => {
  test("speaks of everybody who attacks, and of the known limits", () => {
    for (const who of [
      "walker",
      "network",
      "broker",
      "stolen board",
      "insider",
      "hijacked vision",
      "hostile photograph",
    ]) {
      expect(text).toMatch(new RegExp(`^## .*${who}`, "m"));
    }
    expect(text).toMatch(/^## Known limits/m);
    expect(lines.length).toBeGreaterThan(40);
  });

  test("points at a test with every line", () => {
    expect(lines.filter((line) => references(line).length === 0)).toEqual([]);
  });

  test("says of every attack what stops it", () => {
    const attacks = text.slice(0, text.indexOf("## Known limits")).split("\n");
    expect(attacks.filter((line) => line.startsWith("- ") && !line.includes("Stops:"))).toEqual([]);
  });

  test.each(lines.flatMap(references))("$file has the test: $name", ({ file, name }) => {
    expect(existsSync(root + file), file).toBe(true);
    const source = readFileSync(root + file, "utf8");
    const isThere = ['"', "`"].some((quote) => source.includes(quote + name + quote));
    expect(isThere, `${file} has no test called ${name}`).toBe(true);
  });
});
