import { expect, test } from "vitest";
import { confirmMs, mostConfirmMs } from "../../../../src/daemon/fleet/voice.ts";

test.each([
  [0, confirmMs.most],
  [3, confirmMs.most],
  [25, confirmMs.most],
  [26, 5200],
  [100, 20_000],
  [1000, 200_000],
])("%i doors confirm a change within %i ms: none hears more than five others a second", (doors, mostMs) => {
  expect(mostConfirmMs(doors)).toBe(mostMs);
  expect(doors / ((mostConfirmMs(doors) - confirmMs.least) / 1000)).toBeLessThanOrEqual(6);
});
