import { setImmediate as turn } from "node:timers/promises";
import { expect, test } from "vitest";
import { collectGarbage } from "../../../src/vision/collect-garbage.ts";

test("what nobody holds is gone after a collection, and what somebody holds is not", async () => {
  const held = { bytes: new Uint8Array(8) };
  const refs = [new WeakRef({ bytes: new Uint8Array(8) }), new WeakRef(held)] as const;
  // Until the turn in which it was made is over a weak reference holds what it points to.
  await turn();
  collectGarbage();
  expect(refs.map((ref) => ref.deref())).toEqual([undefined, held]);
});
