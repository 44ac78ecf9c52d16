import { describe, expect, it } from "vitest";
import { mayEnter } from "../../../../src/daemon/admission/may-enter.ts";
import type { DoorMode, Person } from "../../../../src/daemon/api.ts";

const alice: Person = {
  id: "alice",
  name: "Alice",
  enabled: true,
  groups: [],
  consent: null,
  validFrom: null,
  validUntil: null,
  openSeconds: null,
  createdAt: "2026-01-01T00:00:00Z",
  updatedAt: "2026-01-01T00:00:00Z",
  templates: 3,
};
const at = new Date("2026-06-01T12:00:00Z");

describe("mayEnter", () => {
  const table: [string, Partial<Person>, DoorMode, string | null][] = [
    ["lets an enabled person in", {}, "normal", null],
    ["lets an enabled person in during passage", {}, "passage", null],
    ["refuses a disabled person", { enabled: false }, "normal", "disabled"],
    ["refuses everybody in lockdown", {}, "lockdown", "lockdown"],
    ["refuses before the first day", { validFrom: "2026-06-02T00:00:00Z" }, "normal", "expired"],
    ["refuses from the last moment on", { validUntil: "2026-06-01T12:00:00Z" }, "normal", "expired"],
    ["lets in on the first moment", { validFrom: "2026-06-01T12:00:00Z" }, "normal", null],
    ["refuses a first day that is no date", { validFrom: "soon" }, "normal", "expired"],
    ["refuses a last day that is no date", { validUntil: "never" }, "normal", "expired"],
  ];
  it.each(table)("%s", (_name, changes, mode, expected) => {
    expect(mayEnter({ ...alice, ...changes }, { mode, at })).toBe(expected);
  });

  it("refuses somebody who was removed between recognition and rule", () => {
    expect(mayEnter(undefined, { mode: "normal", at })).toBe("unknown");
  });
});
