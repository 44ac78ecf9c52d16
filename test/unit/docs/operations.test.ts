import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { commands } from "../../../src/cli/table.ts";
import { eventTypes } from "../../../src/daemon/api/events.ts";
import { alarmNames } from "../../../src/daemon/door/machine.ts";

const page = readFileSync(fileURLToPath(new URL("../../../docs/operations.md", import.meta.url)), "utf8");

/** Names in code quotes of the first column of the table under a heading cell. */
function namesOf(heading: string): string[] {
  const table = new RegExp(`^\\| ${heading} \\|.*\\n\\|[-|]+\\n((?:\\|.*\\n)+)`, "m").exec(page)?.[1] ?? "";
  return table
    .split("\n")
    .flatMap((row) => [...(row.split("|")[1] ?? "").matchAll(/`([^`]+)`/g)].map(([, name = ""]) => name));
}

/** Lines of the page that somebody would type. */
const typed = page
  .split("\n")
  .filter((line) => /^ {4,}\S/.test(line))
  .map((line) => line.trim());

describe("the operations manual", () => {
  it("says of every alarm what it means, and of none that does not exist", () => {
    expect(namesOf("alarm").sort()).toEqual([...alarmNames].sort());
  });

  it("says of every event what it means, and of none that does not exist", () => {
    expect(namesOf("event").sort()).toEqual([...eventTypes].sort());
  });

  it.each(typed.filter((line) => /^(sudo )?lintel /.test(line)))("has a command that exists: %s", async (line) => {
    const [name = "", ...rest] = line
      .replace(/^sudo /, "")
      .split(" ")
      .slice(1);
    const command = await commands.get(name)?.();
    expect([name, command?.name()]).toEqual([name, name]);
    const sub = command?.commands.find((one) => one.name() === rest[0]) ?? command;
    const known = sub?.options.map(({ long }) => long) ?? [];
    for (const option of rest.filter((word) => word.startsWith("--"))) {
      expect([option, known.includes(option)]).toEqual([option, true]);
    }
  });

  it("names files that the packages put there", () => {
    const systemd = fileURLToPath(new URL("../../../systemd", import.meta.url));
    expect(readFileSync(join(systemd, "lintel.service"), "utf8")).toContain("/opt/lintel/share/doc/operations.md");
    expect(page).toContain("/opt/lintel/share/lintel.yaml");
  });
});
