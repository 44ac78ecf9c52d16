import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { commands } from "../../src/cli/table.ts";
import { errorCodes } from "../../src/core/errors.ts";
import { requestHandlers } from "../../src/daemon/requests/table.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));
const pages = [
  ...readdirSync(root).filter((name) => name.endsWith(".md")),
  ...readdirSync(join(root, "docs"), { recursive: true })
    .map((name) => join("docs", String(name)))
    .filter((name) => name.endsWith(".md")),
];

/** Targets of Markdown links and pictures that are files of ours, with the anchor if they have one. */
function linksOf(page: string): string[] {
  const text = readFileSync(join(root, page), "utf8").replaceAll(/```[\s\S]*?```/g, "");
  return [...text.matchAll(/\]\(([^)\s]+)\)/g)].map((match) => match[1] ?? "").filter((to) => !/^[a-z]+:/.test(to));
}

function anchorsOf(file: string): Set<string> {
  const headings = readFileSync(file, "utf8").matchAll(/^#+ (.+)$/gm);
  return new Set([...headings].map(([, text = ""]) => slug(text)));
}

function slug(heading: string): string {
  return heading
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}\s-]/gu, "")
    .trim()
    .replaceAll(/\s/g, "-");
}

describe("the documentation", () => {
  it.each(pages)("%s links to nothing that is not there", (page) => {
    const broken = linksOf(page).filter((link) => {
      const [path = "", anchor] = link.split("#", 2);
      const file = path === "" ? join(root, page) : resolve(root, dirname(page), path);
      if (!existsSync(file)) return true;
      return anchor !== undefined && file.endsWith(".md") && !anchorsOf(file).has(anchor);
    });
    expect(broken).toEqual([]);
  });

  it("names every request of the table in the README, and none that is not served", () => {
    const readme = readFileSync(join(root, "README.md"), "utf8");
    const named = [
      ...readme.matchAll(
        /`((?:door|people|events|config|access|alarms|keys|gallery|art|fleet)\/[a-z/<>-]+|health|restart)`/g,
      ),
    ];
    const inReadme = new Set(named.map((match) => match[1]));
    expect([...inReadme].sort()).toEqual(requestHandlers.map(({ name }) => name).sort());
  });

  it("names every command in the README", () => {
    const readme = readFileSync(join(root, "README.md"), "utf8");
    expect([...commands.keys()].filter((name) => !readme.includes(`\`${name}\``))).toEqual([]);
  });

  it("has only error codes whose exit codes are those of the contract", () => {
    expect(new Set(Object.values(errorCodes).map(({ exit }) => exit))).toEqual(new Set([1, 2, 69, 78]));
  });
});
