import { expect, test } from "vitest";
import { silentLogger } from "../../../../src/core/logger.ts";
import { RefusalLog } from "../../../../src/daemon/requests/refusal-log.ts";
import { memoryHouse } from "../../../support/memory-house.ts";

test("the log of refusals is not filled by a flood: ten a minute, and the next one says how many were left out", () => {
  const house = memoryHouse();
  let nowMs = 0;
  const refusals = new RefusalLog({
    ...{ events: house.events, logger: silentLogger },
    clock: { nowMs: () => nowMs, date: () => new Date(0) },
  });
  const origin = { transport: "mqtt", name: "mqtt" } as const;
  for (let i = 0; i < 1000; i++) refusals.add({ request: "door/x", reason: "no\nsuch", origin });
  expect(house.events.ofType("request-refused")).toHaveLength(10);
  nowMs = 60_000;
  refusals.add({ request: `door/${"y".repeat(5000)}`, reason: "z".repeat(5000), origin });
  const last = house.events.ofType("request-refused").at(-1);
  expect(last).toMatchObject({ suppressed: 990 });
  expect(JSON.stringify(last).length).toBeLessThan(500);
  expect(house.events.ofType("request-refused")[0]).toMatchObject({ reason: "no such" });
});
