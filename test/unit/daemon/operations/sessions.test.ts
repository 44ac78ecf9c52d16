import { beforeEach, describe, expect, test } from "vitest";
import { Sessions } from "../../../../src/daemon/operations/sessions.ts";
import { FakeTime } from "../../../support/fake-time.ts";

let time: FakeTime;
let sessions: Sessions;

beforeEach(() => {
  time = new FakeTime();
  sessions = new Sessions({ matches: (text) => text === "right" }, time);
});

function open(): string {
  const login = sessions.login("right");
  if (!login.ok) throw new Error(login.reason);
  return login.session;
}

test("the token opens a session, and nothing else is one", () => {
  const session = open();
  expect(sessions.isOpen(session)).toBe(true);
  for (const other of [undefined, "", "right", `${session}x`]) expect(sessions.isOpen(other)).toBe(false);
});

test("a session ends with logout, and after twelve hours", () => {
  const [one, two] = [open(), open()];
  sessions.logout(one);
  expect([sessions.isOpen(one), sessions.isOpen(two)]).toEqual([false, true]);
  time.jump(12 * 3600 * 1000);
  expect(sessions.isOpen(two)).toBe(false);
});

describe("guessing", () => {
  test("ends after ten tries a minute, even with the right token, and harms no open session", async () => {
    const session = open();
    for (let i = 0; i < 10; i++) expect(sessions.login("wrong")).toEqual({ ok: false, reason: "wrong-token" });
    expect(sessions.login("right")).toEqual({ ok: false, reason: "too-many-tries" });
    expect(sessions.isOpen(session)).toBe(true);
    time.jump(60_000);
    expect(sessions.login("right").ok).toBe(true);
  });
});

test("browsers that never log out do not fill the memory: the oldest session makes room", () => {
  const first = open();
  const others = Array.from({ length: 32 }, open);
  expect(sessions.isOpen(first)).toBe(false);
  expect(others.every((session) => sessions.isOpen(session))).toBe(true);
});
