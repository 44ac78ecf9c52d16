import { expect, test } from "vitest";
import type { Frame } from "../../../src/pipeline/types.ts";
import { AimView } from "../../../src/vision/aim-view.ts";
import { type VisionMessage, visionMessage } from "../../../src/vision/protocol.ts";
import { sightingOf } from "../../support/sightings.ts";

const frame = (sequence: number, width = 640, height = 480): Frame => ({
  rgb: new Uint8Array(width * height * 3).fill(90),
  width,
  height,
  capturedAtMs: sequence,
  sequence,
});

function view() {
  const sent: VisionMessage[] = [];
  return { sent, aim: new AimView((message) => void sent.push(message)) };
}

test("nobody asked: no picture leaves the process", async () => {
  const { sent, aim } = view();
  await aim.frameDone(frame(1), 1000);
  expect(sent).toEqual([]);
});

test("a picture is small enough for the line, passes the control plane's check, and has the faces of its own frame", async () => {
  const { sent, aim } = view();
  aim.until(5000);
  aim.note(sightingOf(1, 1000, { sequence: 6 }));
  aim.note(sightingOf(2, 1066, { sequence: 7 }));
  aim.note(sightingOf(3, 1066, { sequence: 7 }));
  await aim.frameDone(frame(7), 1066);
  const [message] = sent;
  expect(visionMessage.safeParse(message).success).toBe(true);
  if (message?.type !== "aim") throw new Error("no picture");
  expect(message.faces).toHaveLength(2);
  expect(JSON.stringify(message)).not.toContain("embedding");
  expect(Buffer.from(message.image, "base64").subarray(0, 2)).toEqual(Buffer.from([0xff, 0xd8]));
});

test("at most four pictures a second are made, and none when time is up", async () => {
  const { sent, aim } = view();
  aim.until(2000);
  for (let ms = 1000; ms < 4000; ms += 50) await aim.frameDone(frame(ms, 64, 48), ms);
  expect(sent).toHaveLength(4);
});
