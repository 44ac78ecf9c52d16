import { describe, expect, it } from "vitest";
import { judge, statusLine, type Vitals } from "../../../../src/daemon/service/verdict.ts";

const nowMs = 1_000_000;
const well: Vitals = {
  guard: { isUp: true, readBackMs: nowMs - 900, sinceMs: 0 },
  vision: {
    isUp: true,
    isReady: true,
    heardMs: nowMs - 400,
    sinceMs: 0,
    camera: "ok",
    frameMs: nowMs - 100,
    isIdle: false,
  },
};
const withGuard = (guard: Partial<Vitals["guard"]>): Vitals => ({ ...well, guard: { ...well.guard, ...guard } });
const withVision = (vision: Partial<Vitals["vision"]>): Vitals => ({ ...well, vision: { ...well.vision, ...vision } });

describe("the verdict for the watchdog", () => {
  it.each<[string, Vitals]>([
    ["everything works", well],
    [
      "the scene has been still, and frames are not looked at, for a minute",
      withVision({ frameMs: nowMs - 60_000, isIdle: true }),
    ],
    ["the camera is known to be lost", withVision({ camera: "lost", frameMs: null })],
    ["vision is down and its supervisor knows", withVision({ isUp: false, isReady: false, heardMs: null })],
    [
      "vision has been compiling networks for a minute",
      withVision({ isReady: false, heardMs: null, sinceMs: nowMs - 60_000 }),
    ],
    ["the guard is down and its supervisor knows", withGuard({ isUp: false, readBackMs: nowMs - 60_000 })],
    ["the guard has just been started", withGuard({ readBackMs: null, sinceMs: nowMs - 11_000 })],
  ])("is good while %s", (_name, vitals) => {
    expect(judge(vitals, nowMs)).toEqual({ ok: true });
  });

  it.each<[string, Vitals, string]>([
    ["the relay was not read back for seven seconds", withGuard({ readBackMs: nowMs - 7000 }), "relay"],
    ["the relay was never read back", withGuard({ readBackMs: null, sinceMs: nowMs - 13_000 }), "relay"],
    ["vision has been silent for nine seconds", withVision({ heardMs: nowMs - 9000 }), "vision"],
    [
      "vision never said that it is ready",
      withVision({ isReady: false, heardMs: null, sinceMs: nowMs - 66_000 }),
      "vision",
    ],
    ["frames have stopped though the camera is said to be well", withVision({ frameMs: nowMs - 6000 }), "frame"],
  ])("is bad when %s", (_name, vitals, reason) => {
    expect(judge(vitals, nowMs)).toEqual({ ok: false, reason: expect.stringContaining(reason) });
  });
});

describe("the status line", () => {
  it.each<[Vitals, string]>([
    [well, "door locked, camera ok"],
    [withVision({ isReady: false }), "door locked, vision is starting"],
    [withVision({ isUp: false }), "door locked, vision is down"],
    [withGuard({ isUp: false }), "no relay guard, camera ok"],
  ])("says what an operator looks for (%#)", (vitals, line) => {
    expect(statusLine(vitals, "locked")).toBe(line);
  });
});
