import { describe, expect, it } from "vitest";
import type { AccessVerdict } from "../../../../src/daemon/access/rules.ts";
import { mayEnter, personRefusal } from "../../../../src/daemon/admission/may-enter.ts";
import type { DoorMode, Person } from "../../../../src/daemon/api.ts";
import { personOf } from "../../../support/access-kit.ts";

const alice = personOf("alice");
const at = new Date("2026-06-01T12:00:00Z");

describe("what speaks against a person, whatever the rules say", () => {
  const table: [string, Partial<Person>, DoorMode, string | null][] = [
    ["lets an enabled person in", {}, "normal", null],
    ["lets an enabled person in during passage", {}, "passage", null],
    ["refuses a disabled person", { enabled: false }, "normal", "disabled"],
    ["refuses everybody in lockdown", {}, "lockdown", "lockdown"],
    ["refuses before the first day", { validFrom: "2026-06-02T00:00:00Z" }, "normal", "expired"],
    ["refuses from the last moment on", { validUntil: "2026-06-01T12:00:00Z" }, "normal", "expired"],
    ["lets in until the last moment", { validUntil: "2026-06-01T12:00:00.001Z" }, "normal", null],
    ["lets in on the first moment", { validFrom: "2026-06-01T12:00:00Z" }, "normal", null],
    ["refuses a first day that is no date", { validFrom: "soon" }, "normal", "expired"],
    ["refuses a last day that is no date", { validUntil: "never" }, "normal", "expired"],
  ];
  it.each(table)("%s", (_name, changes, mode, expected) => {
    expect(personRefusal({ ...alice, ...changes }, { mode, at, isClockTrusted: true })).toBe(expected);
  });

  const unset: [string, Partial<Person>, string | null][] = [
    ["lets in whose permission has no dates", {}, null],
    ["refuses whose permission begins some day", { validFrom: "2020-01-01T00:00:00Z" }, "clock-unset"],
    ["refuses whose permission ends some day", { validUntil: "2099-01-01T00:00:00Z" }, "clock-unset"],
    ["says first that a person is disabled", { enabled: false, validUntil: "2099-01-01T00:00:00Z" }, "disabled"],
  ];
  it.each(unset)("while the clock is not set, %s", (_name, changes, expected) => {
    const question = { mode: "normal", at, isClockTrusted: false } as const;
    expect(personRefusal({ ...alice, ...changes }, question)).toBe(expected);
  });

  it("refuses somebody who was removed between recognition and rule", () => {
    expect(personRefusal(undefined, { mode: "normal", at, isClockTrusted: true })).toBe("unknown");
  });
});

describe("mayEnter", () => {
  const permits: AccessVerdict = { ok: true, rule: "r", secondFactor: "badge", isPassedBack: false };
  const accessOf = (verdict: AccessVerdict, isClockTrusted = true) => ({
    isClockTrusted: () => isClockTrusted,
    judge: () => verdict,
    entered: () => {},
  });
  const question = { mode: "normal", at, faceSinceMs: 0, hasCompanion: false } as const;

  it("lets in when neither the person nor the rules speak against it, and says by which rule", () => {
    expect(mayEnter(alice, { ...question, access: accessOf(permits) })).toEqual({ ...permits, person: alice });
  });

  it("refuses as the rules do", () => {
    const verdict = { ok: false, reason: "outside-hours", needs: null } as const;
    expect(mayEnter(alice, { ...question, access: accessOf(verdict) })).toEqual(verdict);
  });

  it("refuses a disabled person whatever the rules say", () => {
    const entry = mayEnter({ ...alice, enabled: false }, { ...question, access: accessOf(permits) });
    expect(entry).toEqual({ ok: false, reason: "disabled", needs: null });
  });

  it("never asks a person for a badge whom it would refuse anyway", () => {
    const verdict = { ok: false, reason: "second-factor-missing", needs: "badge" } as const;
    const entry = mayEnter(alice, { ...question, mode: "lockdown", access: accessOf(verdict) });
    expect(entry).toEqual({ ok: false, reason: "lockdown", needs: null });
  });

  it("refuses a timed permission while the clock is not set", () => {
    const timed = { ...alice, validUntil: "2099-01-01T00:00:00Z" };
    expect(mayEnter(timed, { ...question, access: accessOf(permits, false) })).toMatchObject({ reason: "clock-unset" });
  });
});
