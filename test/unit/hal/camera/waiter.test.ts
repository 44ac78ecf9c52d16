import { describe, expect, it } from "vitest";
import { Waiter } from "../../../../src/hal/camera/waiter.ts";

const never = new AbortController().signal;

describe("waiting for the next picture", () => {
  it("ends with a wake-up", async () => {
    const waiter = new Waiter();
    const waiting = waiter.wait(never);
    waiter.wake();
    await expect(waiting).resolves.toBeUndefined();
  });

  it("ends with the reason of an abort, before or while waiting", async () => {
    const waiter = new Waiter();
    await expect(waiter.wait(AbortSignal.abort(new Error("before")))).rejects.toThrow("before");
    const abort = new AbortController();
    const waiting = waiter.wait(abort.signal);
    abort.abort(new Error("while"));
    await expect(waiting).rejects.toThrow("while");
  });

  it("can wait again after each ending", async () => {
    const waiter = new Waiter();
    await waiter.wait(AbortSignal.abort(new Error("x"))).catch(() => {});
    const waiting = waiter.wait(never);
    waiter.wake();
    await waiting;
    const again = waiter.wait(never);
    waiter.wake();
    await expect(again).resolves.toBeUndefined();
  });

  it("refuses a second reader at the same time", () => {
    const waiter = new Waiter();
    void waiter.wait(never);
    expect(() => waiter.wait(never)).toThrow(/only one reader/);
  });

  it("forgets a wake-up while nobody waits", async () => {
    const waiter = new Waiter();
    waiter.wake();
    const abort = new AbortController();
    const waiting = waiter.wait(abort.signal);
    abort.abort(new Error("still waiting"));
    await expect(waiting).rejects.toThrow("still waiting");
  });
});
