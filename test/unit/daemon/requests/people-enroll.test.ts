import { expect, test } from "vitest";
import { silentLogger } from "../../../../src/core/logger.ts";
import type { EnrolmentRequest, LiveEnrolment } from "../../../../src/daemon/api.ts";
import { Dispatcher, type RequestAnswer } from "../../../../src/daemon/requests/dispatch.ts";
import { RefusalLog } from "../../../../src/daemon/requests/refusal-log.ts";
import { findRequest } from "../../../../src/daemon/requests/table.ts";
import { FakeTime } from "../../../support/fake-time.ts";
import { memoryHouse } from "../../../support/memory-house.ts";

/** A door at which somebody is enrolled when the test says so. */
class WaitingDoor implements LiveEnrolment {
  request: EnrolmentRequest | undefined;
  finish: () => void = () => {};
  isCancelled = false;

  enrol(request: EnrolmentRequest, onProgress: Parameters<LiveEnrolment["enrol"]>[1]) {
    this.request = request;
    onProgress({ stage: "started", id: request.id, seconds: request.seconds });
    return new Promise<Awaited<ReturnType<LiveEnrolment["enrol"]>>>((resolve) => {
      this.finish = () => resolve({ stage: "enrolled", id: request.id, templates: 3, refused: [], recognised: true });
    });
  }

  cancel(): boolean {
    this.isCancelled = true;
    return true;
  }
}

function rig(enrolment?: LiveEnrolment) {
  const house = memoryHouse();
  const clock = new FakeTime();
  const context = { ...house.context, enrolment };
  const refusals = new RefusalLog({ events: house.events, clock, logger: silentLogger });
  const dispatcher = new Dispatcher({ context, refusals, clock, logger: silentLogger });
  const progress: RequestAnswer[] = [];
  const ask = (name: string, data: object, transaction = "t") =>
    dispatcher.dispatch({
      name,
      body: { data, transaction },
      origin: { transport: "mqtt", name: "mqtt" },
      isTrusted: true,
      onProgress: (one) => void progress.push(one),
    });
  return { ask, progress };
}

test("progress carries the transaction and says that it is not the answer yet", async () => {
  const door = new WaitingDoor();
  const { ask, progress } = rig(door);
  const answer = ask("people/enroll", { id: "dana", name: "Dana" });
  expect(progress).toEqual([
    { data: { stage: "started", id: "dana", seconds: 60 }, status: "ok", progress: true, transaction: "t" },
  ]);
  door.finish();
  expect(await answer).toMatchObject({ data: { stage: "enrolled", templates: 3 }, status: "ok", transaction: "t" });
  expect(await answer).not.toHaveProperty("progress");
});

test("other changes to people do not wait for somebody to come to the door, nor does the cancellation", async () => {
  const door = new WaitingDoor();
  const { ask } = rig(door);
  void ask("people/enroll", { id: "dana", name: "Dana" });
  expect(await ask("people/remove", { id: "nobody" })).toMatchObject({ status: "error" });
  expect(await ask("people/enroll/cancel", {})).toMatchObject({ status: "ok", data: { cancelled: true } });
  expect(door.isCancelled).toBe(true);
});

test("without a daemon the requester reads that nobody watches the door, and what to do instead", async () => {
  const { ask } = rig();
  const answer = await ask("people/enroll", { id: "dana", name: "Dana" });
  expect(answer).toMatchObject({ status: "error", error: expect.stringContaining("people/add") });
});

test.each([
  ["no name", { id: "dana" }],
  ["no id", { name: "Dana" }],
  ["an id that is none", { id: "Dana N", name: "Dana" }],
  ["nine seconds", { id: "dana", name: "Dana", seconds: 9 }],
  ["eleven minutes", { id: "dana", name: "Dana", seconds: 660 }],
  ["half a second more", { id: "dana", name: "Dana", seconds: 60.5 }],
  ["groups, which decide who may pass", { id: "dana", name: "Dana", groups: ["staff"] }],
])("%s is refused before the door waits for anybody", async (_, data) => {
  const door = new WaitingDoor();
  expect(await rig(door).ask("people/enroll", data)).toMatchObject({ status: "error" });
  expect(door.request).toBeUndefined();
});

test("an enrolment is a change: an unsigned or retained one is treated as such", () => {
  expect(findRequest("people/enroll")?.handler).toMatchObject({ effect: "changes", takesMinutes: true });
});
