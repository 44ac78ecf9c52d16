import { expect, test } from "vitest";
import { RequestRates, requestRates } from "../../../../src/daemon/keys/request-rates.ts";

const mqtt = { transport: "mqtt", name: "mqtt" } as const;
const key = (name: string) => ({ transport: "mqtt", name: `key:${name}`, roles: ["open"] }) as const;
const unlock = { name: "door/unlock", data: {} };

function passed(
  rates: RequestRates,
  times: number,
  nowMs: number,
  origin: Parameters<RequestRates["passes"]>[0] = mqtt,
) {
  return Array.from({ length: times }, () => rates.passes(origin, unlock, nowMs)).filter(Boolean).length;
}

test("a flood of openings is let through as a burst, then one a second", () => {
  const rates = new RequestRates();
  expect(passed(rates, 1000, 0)).toBe(requestRates.door.burst);
  expect(passed(rates, 1000, 10_000)).toBe(10);
});

test("one key that floods takes nothing from another, nor from this machine", () => {
  const rates = new RequestRates();
  passed(rates, 1000, 0, key("a"));
  expect(passed(rates, 5, 0, key("b"))).toBe(5);
  expect(passed(rates, 1000, 0, { transport: "control-socket", name: "control-socket" })).toBe(1000);
});

test("a flood at the door leaves people's requests alone", () => {
  const rates = new RequestRates();
  passed(rates, 1000, 0);
  expect(rates.passes(mqtt, { name: "people/add", data: {} }, 0)).toBe(true);
});

test.each([
  [{ name: "door/lock", data: {} }, true],
  [{ name: "door/command", data: { action: "lock" } }, true],
  [{ name: "door/mode", data: { mode: "lockdown" } }, true],
  [{ name: "door/command", data: { action: "unlock" } }, false],
  [{ name: "door/mode", data: { mode: "passage" } }, false],
  [{ name: "door/command", data: null }, false],
])("in the middle of a flood %j passes: %s", (request, passes) => {
  const rates = new RequestRates();
  passed(rates, 1000, 0);
  expect(rates.passes(mqtt, request, 0)).toBe(passes);
});
