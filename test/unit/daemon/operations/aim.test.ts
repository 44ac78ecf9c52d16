import { beforeEach, expect, test } from "vitest";
import { Aim, maxAimMs } from "../../../../src/daemon/operations/aim.ts";
import type { AimPicture } from "../../../../src/daemon/vision-link.ts";
import type { VisionCommand } from "../../../../src/vision/protocol.ts";
import { FakeTime } from "../../../support/fake-time.ts";

const picture: AimPicture = { type: "aim", atMs: 1, image: "", frame: { width: 4, height: 3 }, faces: [] };
let time: FakeTime;
let commands: VisionCommand[];
let recorded: Readonly<Record<string, unknown>>[];
let aim: Aim;

beforeEach(() => {
  time = new FakeTime();
  [commands, recorded] = [[], []];
  aim = new Aim({
    events: {
      append: (type, fields = {}) => {
        recorded.push(fields);
        return { seq: 1, time: "", type };
      },
    },
    clock: time,
    timers: time,
    command: (command) => void commands.push(command),
  });
});

function look() {
  const seen: AimPicture[] = [];
  let isOver = false;
  const end = aim.look("installer", {
    onPicture: (one) => void seen.push(one),
    onEnd: () => {
      isOver = true;
    },
  });
  return { seen, end, isOver: () => isOver };
}

test("vision is asked for pictures only while somebody looks, and each look is on record with who it was", async () => {
  aim.show(picture);
  const { seen, end } = look();
  await time.advance(3000);
  expect(commands.length).toBeGreaterThanOrEqual(3);
  aim.show(picture);
  end();
  commands.length = 0;
  await time.advance(10_000);
  aim.show(picture);
  expect(commands).toEqual([]);
  expect(seen).toHaveLength(1);
  expect(recorded).toEqual([{ changed: ["aim"], seconds: 600, by: "installer" }]);
});

test("vision stops by itself within seconds when we do not ask any more", async () => {
  look();
  const [command] = commands;
  expect(command).toMatchObject({ type: "aim" });
  if (command?.type !== "aim") return;
  expect(command.untilMs - time.nowMs()).toBeLessThanOrEqual(3000);
});

test("nobody looks for longer than ten minutes at a time", async () => {
  const { seen, isOver } = look();
  await time.advance(maxAimMs);
  expect(isOver()).toBe(true);
  aim.show(picture);
  expect(seen).toEqual([]);
  expect(time.waiting).toBe(0);
});

test("one who ends does not take the picture from another", async () => {
  const [one, other] = [look(), look()];
  one.end();
  one.end();
  aim.show(picture);
  await time.advance(2000);
  expect([one.seen.length, other.seen.length]).toEqual([0, 1]);
  expect(commands.length).toBeGreaterThan(1);
  other.end();
  expect(time.waiting).toBe(0);
});
