import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { privacyConfig } from "../../../src/daemon/people/config.ts";
import { migrations } from "../../../src/daemon/store/migrations.ts";

const text = readFileSync(new URL("../../../docs/privacy.md", import.meta.url), "utf8");
const stored = text.slice(text.indexOf("## What is kept"), text.indexOf("## Removing a person"));
const tables = migrations.flatMap(({ sql }) => [...sql.matchAll(/CREATE TABLE (\w+)/g)].map((match) => match[1] ?? ""));

describe("the page on privacy", () => {
  test("says of every table of the database what is in it and how it goes", () => {
    expect(tables.length).toBeGreaterThan(5);
    expect(tables.filter((table) => !stored.includes(`\`${table}\``))).toEqual([]);
  });

  test("has five filled columns in each row of what is kept", () => {
    const rows = stored.split("\n").filter((line) => line.startsWith("| "));
    const filled = rows.map((row) => row.split("|").slice(1, 5));
    expect(filled.filter((cells) => cells.length !== 4 || cells.some((cell) => cell.trim() === ""))).toEqual([]);
  });

  test("names every setting that is about privacy", () => {
    const keys = Object.keys(privacyConfig.unwrap().shape);
    expect(keys.filter((key) => !text.includes(`privacy.${key}`))).toEqual([]);
  });

  test("keeps movements no longer than the three months of the model regulation, unless told otherwise", () => {
    expect(privacyConfig.parse({}).eventRetentionDays).toBeLessThanOrEqual(90);
    expect(privacyConfig.parse({}).removeExpiredAfterDays).toBeUndefined();
  });
});

/** Data about a person must leave with the person: by name of the column, or not be there at all. */
test("no table but the log speaks of a person in a column that removal does not know", () => {
  const columns = migrations.flatMap(({ sql }) =>
    [...sql.matchAll(/CREATE TABLE (\w+) \(([\s\S]*?)\n\s*\) STRICT/g)].flatMap(([, table = "", body = ""]) =>
      [...body.matchAll(/^\s*(\w*person\w*) /gm)].map(([, column = ""]) => `${table}.${column}`),
    ),
  );
  expect(columns).toContain("templates.person_id");
  expect(columns.filter((column) => !column.endsWith(".person_id"))).toEqual([]);
});
