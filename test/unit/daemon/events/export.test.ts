import { describe, expect, test } from "vitest";
import type { EventRecord } from "../../../../src/daemon/api.ts";
import { csvCell, csvColumns, exportHeader, exportLine } from "../../../../src/daemon/events/export.ts";

const event: EventRecord = {
  seq: 7,
  time: "2031-05-01T08:00:00.000Z",
  type: "granted",
  hash: "ab".repeat(32),
  person: "dana",
  distance: 0.31,
  track: 4,
};

describe("a cell of the CSV", () => {
  test.each([
    ["=1+1", '"\'=1+1"'],
    ["+41 44 668 18 00", '"\'+41 44 668 18 00"'],
    ["-2", '"\'-2"'],
    ["@SUM(A1)", '"\'@SUM(A1)"'],
    ["\t=1", '"\'\t=1"'],
    ["\r=1", '"\'\r=1"'],
    ["\n=1", '"\'\n=1"'],
    ["  =cmd|'/c calc'!A0", "\"'  =cmd|'/c calc'!A0\""],
    ["\u00a0=1", '"\'\u00a0=1"'],
    ["\ufeff=1", '"\'\ufeff=1"'],
    ["\uff1d1", '"\'\uff1d1"'],
  ])("%j is a text to a spreadsheet, not a formula", (value, expected) => {
    expect(csvCell(value)).toBe(expected);
  });

  test.each([
    ["dana", "dana"],
    ["", ""],
    ["a,b", '"a,b"'],
    ["a;b", '"a;b"'],
    ['say "hi"', '"say ""hi"""'],
    ["two\nlines", '"two\nlines"'],
    ["a=b", "a=b"],
    ["2031-05-01", "2031-05-01"],
  ])("%j is written as RFC 4180 has it", (value, expected) => {
    expect(csvCell(value)).toBe(expected);
  });
});

describe("an event as a line", () => {
  test("CSV: the columns that most events have, the rest as JSON, the hash last", () => {
    expect(exportHeader("csv")).toBe(`${csvColumns.join(",")}\r\n`);
    expect(exportLine(event, "csv")).toBe(
      `7,2031-05-01T08:00:00.000Z,granted,dana,,,"{""distance"":0.31,""track"":4}",${"ab".repeat(32)}\r\n`,
    );
  });

  test("a name that is a formula comes out as a text, also inside the rest", () => {
    const line = exportLine({ ...event, person: "=HYPERLINK(A1)", note: "=1" }, "csv");
    expect(line).toContain(',"\'=HYPERLINK(A1)",');
    expect(line.split(",").every((cell) => !/^"?[=+\-@]/.test(cell))).toBe(true);
  });

  test("a person that is no text does not break the line", () => {
    const line = exportLine({ ...event, person: { id: 1 }, reason: null, by: ["a"] }, "csv");
    expect(line).toContain(',granted,"{""id"":1}",,"[""a""]",');
  });

  test("JSON Lines: the event as it is published, on one line", () => {
    expect(exportHeader("jsonl")).toBe("");
    const line = exportLine({ ...event, note: "two\nlines" }, "jsonl");
    expect(line.split("\n")).toHaveLength(2);
    expect(JSON.parse(line)).toEqual({ ...event, note: "two\nlines" });
  });
});
