import { describe, expect, it } from "vitest";
import {
  buildFfmpegArgs,
  buildFfmpegPlaylist,
  classifySource,
  type FfmpegInput,
  parseCredentials,
} from "../../../../src/hal/camera/ffmpeg-args.ts";
import { parseFfmpegVersion } from "../../../../src/hal/camera/ffmpeg-version.ts";

const input: FfmpegInput = {
  source: "/dev/video0",
  width: 640,
  height: 480,
  fps: 15,
  rotateDeg: 0,
  loop: false,
  silenceMs: 2000,
};
const debian12 = { version: { major: 5, minor: 1 }, credentials: null };
const jetpack6 = { version: { major: 4, minor: 4 }, credentials: null };

function args(changes: Partial<FfmpegInput> = {}, environment: Parameters<typeof buildFfmpegArgs>[1] = debian12) {
  return buildFfmpegArgs({ ...input, ...changes }, environment);
}

function optionValue(list: readonly string[], option: string): string | undefined {
  const at = list.indexOf(option);
  return at === -1 ? undefined : list[at + 1];
}

describe("the arguments of ffmpeg", () => {
  it("limits threads behind the input, where it removes a frame of delay", () => {
    for (const source of ["/dev/video0", "rtsp://cam/a", "/srv/a.mp4", "TEST:"]) {
      const list = args({ source });
      expect(list.lastIndexOf("-threads")).toBeGreaterThan(list.indexOf("-i"));
      expect(list.slice(-1)).toEqual(["pipe:1"]);
      expect(optionValue(list, "-pix_fmt")).toBe("rgb24");
      expect(list).toContain("-nostdin");
    }
  });

  it("asks a local camera for size, rate and format", () => {
    const list = args({ inputFormat: "mjpeg" });
    expect(optionValue(list, "-video_size")).toBe("640x480");
    expect(optionValue(list, "-framerate")).toBe("15");
    expect(optionValue(list, "-input_format")).toBe("mjpeg");
    expect(optionValue(list, "-i")).toBe("/dev/video0");
    expect(args()).not.toContain("-input_format");
  });

  it("always forces the configured size, because a driver may choose another one", () => {
    expect(optionValue(args({ width: 800, height: 600 }), "-vf")).toContain(
      "scale=800:600:force_original_aspect_ratio=decrease,pad=800:600",
    );
  });

  it.each([
    [90, "transpose=clock,scale"],
    [180, "hflip,vflip,scale"],
    [270, "transpose=cclock,scale"],
    [0, "scale"],
  ] as const)("turns the picture by %i degrees before it fits it in", (rotateDeg, begin) => {
    expect(optionValue(args({ rotateDeg }), "-vf")?.startsWith(begin)).toBe(true);
  });

  it("never waits for a silent network camera without end, in the words of each version", () => {
    const source = "rtsp://10.0.0.9:554/main";
    expect(optionValue(args({ source }), "-rtsp_transport")).toBe("tcp");
    expect(optionValue(args({ source }), "-timeout")).toBe("2000000");
    const old = args({ source }, jetpack6);
    expect(optionValue(old, "-stimeout")).toBe("2000000");
    expect(old).not.toContain("-timeout");
  });

  it("passes frames through in the words of each version", () => {
    expect(optionValue(args(), "-fps_mode")).toBe("passthrough");
    expect(optionValue(args({}, jetpack6), "-vsync")).toBe("passthrough");
  });

  describe("for a camera with a password", () => {
    const credentials = { user: "door", password: "p@ss/w:r'd" };
    const playlist = (source: string, environment: Parameters<typeof buildFfmpegArgs>[1] = debian12) =>
      buildFfmpegPlaylist({ ...input, source }, { ...environment, credentials });

    it("puts nothing of it into the arguments, which every user of the machine can read", () => {
      const list = args({ source: "rtsp://cam/a" }, { ...debian12, credentials });
      expect(optionValue(list, "-i")).toBe("pipe:0");
      expect(list.join(" ")).not.toMatch(/p@ss|p%40ss|door|cam/);
    });

    it("reads the address from a pipe, encoded and quoted, with its transport and its time limit", () => {
      expect(playlist("rtsp://cam/a")?.split("\n")).toEqual([
        "ffconcat version 1.0",
        String.raw`file 'rtsp://door:p%40ss%2Fw%3Ar'\''d@cam/a'`,
        "option rtsp_transport tcp",
        "option timeout 2000000",
        "",
      ]);
    });

    it("asks for TCP in the address where entries take no options", () => {
      expect(playlist("rtsp://cam/a", jetpack6)).toMatch(/@cam\/a\?tcp'\n$/);
      expect(playlist("rtsp://cam/a?b=c", jetpack6)).toMatch(/@cam\/a\?b=c&tcp'\n$/);
    });

    it("has no playlist where there is nothing to hide", () => {
      expect(playlist("/dev/video0")).toBeUndefined();
      expect(buildFfmpegPlaylist({ ...input, source: "rtsp://cam/a" }, debian12)).toBeUndefined();
    });
  });

  it("plays files in real time, endlessly only when told, and takes odd names for names", () => {
    const list = args({ source: "/srv/a: -b;$(x).mp4", loop: true });
    expect(optionValue(list, "-i")).toBe("file:/srv/a: -b;$(x).mp4");
    expect(list).toContain("-re");
    expect(optionValue(list, "-stream_loop")).toBe("-1");
    expect(args({ source: "/srv/a.mp4" })).not.toContain("-stream_loop");
  });
});

describe("what a source is", () => {
  it.each([
    ["/dev/video0", "device"],
    ["/dev/video12", "device"],
    ["/dev/v4l/by-id/usb-046d_HD_Pro_Webcam_C920-video-index0", "device"],
    ["/dev/v4l/by-path/pci-0000:00:14.0-usb-0:5:1.0-video-index0", "device"],
    ["rtsp://camera.local/stream1", "rtsp"],
    ["rtsps://[fe80::1]:322/a?b=c", "rtsp"],
    ["/srv/clips/door.mp4", "file"],
    ["TEST:", "test"],
  ])("%s is a %s", (source, kind) => {
    expect(classifySource(source).kind).toBe(kind);
  });

  it.each([
    "",
    "video0",
    "-version",
    "-i",
    "/dev/sda",
    "/dev/video0; rm -rf /",
    "/dev/video0\n-f",
    "/dev/v4l/by-id/../../sda",
    "http://camera/mjpeg",
    "file:///etc/passwd",
    "concat:/etc/passwd|/etc/shadow",
    "tcp://10.0.0.1:80",
    "rtsp://user:secret@camera/a",
    "rtsp://user@camera/a",
    "rtsp://camera/a\r\nX: y",
    "rtsp:///nohost",
    "TEST:;x",
    "./clip.mp4",
  ])("refuses %j", (source) => {
    expect(classifySource(source).kind).toBe("invalid");
  });
});

describe("the credentials file", () => {
  it.each([
    ["door:secret", { user: "door", password: "secret" }],
    ["door:secret\n", { user: "door", password: "secret" }],
    ["door:a:b:c\r\n", { user: "door", password: "a:b:c" }],
  ])("reads %j", (text, expected) => {
    expect(parseCredentials(text)).toEqual(expected);
  });

  it.each(["", "door", "door:", ":secret", "a:b\nc:d", "a:b\u0000"])("refuses %j", (text) => {
    expect(parseCredentials(text)).toBeNull();
  });
});

describe("the version of ffmpeg", () => {
  it.each([
    ["ffmpeg version 5.1.9-0+deb12u1 Copyright (c) 2000-2025", { major: 5, minor: 1 }],
    ["ffmpeg version 4.2.7-0ubuntu0.1 Copyright", { major: 4, minor: 2 }],
    ["ffmpeg version n7.0 Copyright", { major: 7, minor: 0 }],
    ["ffmpeg version N-109542-g1bf1e7a Copyright", { major: 99, minor: 0 }],
  ])("reads %j", (banner, expected) => {
    expect(parseFfmpegVersion(banner)).toEqual(expected);
  });
});
