import { expect, test } from "vitest";
import { WaitingEvents } from "../../../../src/daemon/events/waiting-events.ts";

const event = (n: number, json = "{}") => ({ time: `t${n}`, type: "granted", json });

test("events come back in their order, and only what was removed is gone", () => {
  const waiting = new WaitingEvents();
  for (let i = 0; i < 5; i++) expect(waiting.add(event(i))).toBe(true);
  expect(waiting.first(2)).toEqual([event(0), event(1)]);
  waiting.remove(2);
  expect(waiting.first(9)).toEqual([event(2), event(3), event(4)]);
  waiting.putBack([event(0), event(1)]);
  expect(waiting.first(9).map(({ time }) => time)).toEqual(["t0", "t1", "t2", "t3", "t4"]);
});

test.each([
  ["their number", { events: 3, bytes: 1e6 }],
  ["their size", { events: 100, bytes: 310 }],
])("memory is bounded by %s; what does not fit is counted", (_name, limits) => {
  const waiting = new WaitingEvents(limits);
  const taken = Array.from({ length: 10 }, (_, i) => waiting.add(event(i)));
  expect(taken.filter(Boolean)).toHaveLength(3);
  expect(waiting.count).toBe(3);
  expect(waiting.lost).toBe(7);
  waiting.remove(1);
  expect(waiting.add(event(99))).toBe(true);
});
