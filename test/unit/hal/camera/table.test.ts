import { describe, expect, it } from "vitest";
import { z } from "zod";
import { cameraConfig } from "../../../../src/hal/camera/table.ts";

describe("the configuration of a camera", () => {
  it.each([
    [{ driver: "ffmpeg" }, { source: "/dev/video0", width: 640, height: 480, fps: 15 }],
    [{ driver: "node-webcam" }, { device: "/dev/video0", width: 640, height: 480 }],
    [
      { driver: "replay", path: "/srv/clip" },
      { pace: "real", loop: false },
    ],
    [
      { driver: "simulated", socket: "/tmp/a.sock" },
      { socket: "/tmp/a.sock", silenceMs: 2000 },
    ],
  ])("fills in the defaults of %j", (given, expected) => {
    expect(cameraConfig.parse(given)).toMatchObject(expected);
  });

  it.each([
    ["no driver", {}],
    ["an unknown driver", { driver: "telepathy" }],
    ["a pipeline that is none", { driver: "gstreamer" }],
    ["an unknown key", { driver: "ffmpeg", colour: "grey" }],
    ["a key of another driver", { driver: "ffmpeg", device: "/dev/video0" }],
    ["an odd width", { driver: "ffmpeg", width: 641 }],
    ["a huge picture", { driver: "ffmpeg", width: 1e6 }],
    ["no frames", { driver: "ffmpeg", fps: 0 }],
    ["a slanted picture", { driver: "ffmpeg", rotateDeg: 45 }],
    ["an option in the format", { driver: "ffmpeg", inputFormat: "mjpeg -i" }],
    ["a password in the address", { driver: "ffmpeg", source: "rtsp://a:b@c/d" }],
    ["a relative credentials file", { driver: "ffmpeg", credentialsFile: "secret" }],
    ["a relative recording", { driver: "replay", path: "clip.mp4" }],
    ["no recording", { driver: "replay" }],
    ["a recording with a control character", { driver: "replay", path: "/a\u0000b" }],
    ["an unknown pace", { driver: "replay", path: "/a", pace: "slow" }],
    ["a socket name that is too long", { driver: "simulated", socket: `/${"a".repeat(107)}` }],
    ["a watchdog that never barks", { driver: "simulated", socket: "/a", silenceMs: 1e9 }],
  ])("refuses %s", (_name, given) => {
    expect(cameraConfig.safeParse(given).success).toBe(false);
  });

  it.each([
    "TEST:; touch /tmp/x ;",
    "TEST: ",
    "TEST:\n",
    "/dev/video0 && reboot",
    "/dev/video0\ntouch x",
    "/dev/../etc/passwd",
    "/dev/video",
    "video0",
    "FILE:relative.jpg",
    "FILE:/a b.jpg",
    "FILE:/a$(touch x).jpg",
    "FILE:/a`x`.jpg",
    "FILE:/../etc/passwd",
    "FILE:/a/../b.jpg",
    "FILE:/a'.jpg",
    'FILE:/a".jpg',
    "FILE:/a\\.jpg",
    "FILE:/a>b.jpg",
    "FILE:/a|b.jpg",
    "FILE:/a*.jpg",
    "FILE:/~.jpg",
    "RAW:/a",
    "-d /dev/video0",
    "",
  ])("lets no shell see the device %j", (device) => {
    expect(cameraConfig.safeParse({ driver: "node-webcam", device }).success).toBe(false);
  });

  it.each(["/dev/video0", "/dev/video31", "TEST:", "FILE:/dev/shm/shot-1.jpg", "FILE:/srv/@a/b_c.png"])(
    "takes the device %s",
    (device) => {
      expect(cameraConfig.safeParse({ driver: "node-webcam", device }).success).toBe(true);
    },
  );

  it("describes every key, so that the documentation has a sentence for each", () => {
    const schema = z.toJSONSchema(cameraConfig, { io: "input" });
    const keys = (schema.oneOf ?? schema.anyOf ?? []).flatMap((driver) => Object.entries(driver.properties ?? {}));
    expect(keys.length).toBeGreaterThan(20);
    for (const [key, value] of keys) {
      expect(value, key).toMatchObject({ description: expect.stringMatching(/.{10}/) });
    }
  });
});
