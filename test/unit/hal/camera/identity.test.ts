import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Camera } from "../../../../src/hal/api.ts";
import {
  type CameraIdentity,
  cameraIdentityConfig,
  identityProblem,
  identityText,
  PinnedCamera,
  readIdentity,
} from "../../../../src/hal/camera/identity.ts";
import { cameraConfig } from "../../../../src/hal/camera/table.ts";

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "lintel-sysfs-"));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

const write = (path: string, text: string) => {
  mkdirSync(join(root, path, ".."), { recursive: true });
  writeFileSync(join(root, path), `${text}\n`);
};
const link = (from: string, to: string) => {
  mkdirSync(join(root, from, ".."), { recursive: true });
  rmSync(join(root, from), { force: true });
  symlinkSync(join(root, to), join(root, from));
};

/** As the kernel shows a camera: the node hangs below an interface of the USB device, which hangs below a hub. */
function plugIn(node: string, port: string, usb: { vendor: string; product: string; serial?: string; name: string }) {
  const device = `sys/devices/pci0000:00/0000:00:14.0/usb1/1-1/${port}`;
  write(`${device}/idVendor`, usb.vendor);
  write(`${device}/idProduct`, usb.product);
  if (usb.serial) write(`${device}/serial`, usb.serial);
  // The hub is a USB device as well, and not the camera.
  write("sys/devices/pci0000:00/0000:00:14.0/usb1/1-1/idVendor", "05e3");
  const video = `${device}/${port}:1.0/video4linux/${node}`;
  write(`${video}/name`, usb.name);
  link(`sys/class/video4linux/${node}`, video);
  write(`dev/${node}`, "");
}

const device = (node = "video0") => join(root, "dev", node);
const sys = () => join(root, "sys");
const doorCamera = { vendor: "046d", product: "0825", serial: "A1B2", name: "UVC Camera (046d:0825)" };

describe("what stands behind a device", () => {
  it("is read from the USB device above the node, not from the hub above that", async () => {
    plugIn("video0", "1-1.2", doorCamera);
    expect(await readIdentity(device(), sys())).toEqual({ ...doorCamera, port: "1-1.2" });
  });

  it("is found through a link under /dev/v4l/by-id", async () => {
    plugIn("video3", "1-1.4", doorCamera);
    link("dev/v4l/by-id/usb-046d_0825-video-index0", "dev/video3");
    const found = await readIdentity(join(root, "dev/v4l/by-id/usb-046d_0825-video-index0"), sys());
    expect(found).toMatchObject({ serial: "A1B2", port: "1-1.4" });
  });

  it("has no serial number where the camera has none", async () => {
    plugIn("video0", "1-1.2", { vendor: "1e4e", product: "0110", name: "USB2.0 Camera" });
    expect((await readIdentity(device(), sys())).serial).toBeUndefined();
  });

  it("is a name alone for a camera that is not on USB", async () => {
    write("sys/devices/platform/vivid.0/video4linux/video0/name", "vivid-000-vid-cap");
    link("sys/class/video4linux/video0", "sys/devices/platform/vivid.0/video4linux/video0");
    write("dev/video0", "");
    expect(await readIdentity(device(), sys())).toEqual({ name: "vivid-000-vid-cap" });
  });

  it.each(["no such node", "a file that is no camera"])("is a lost camera for %s", async (what) => {
    if (what.startsWith("a file")) write("dev/video0", "");
    await expect(readIdentity(device(), sys())).rejects.toMatchObject({ code: "LINTEL_E_CAMERA_LOST" });
  });
});

describe("another device", () => {
  const wanted = cameraIdentityConfig.parse({ vendor: "046d", product: "0825", serial: "A1B2", port: "1-1.2" });

  it("is told from the right one by whatever is named, and by nothing else", () => {
    expect(identityProblem({ vendor: "046d" }, { ...doorCamera, port: "1-9" })).toBeNull();
    expect(identityProblem(wanted, { ...doorCamera, port: "1-1.2" })).toBeNull();
    expect(identityProblem(wanted, { ...doorCamera, serial: "A1B3", port: "1-1.2" })).toBe("serial is A1B3, not A1B2");
  });

  it("that keeps a fact to itself is not the right one", () => {
    const { serial: _, ...silent } = doorCamera;
    expect(identityProblem({ serial: "A1B2" }, silent)).toBe("serial is not known, not A1B2");
  });

  it.each([
    ["of another maker", { ...doorCamera, vendor: "1e4e" }, "1-1.2", "vendor is 1e4e, not 046d"],
    ["of the same kind", { ...doorCamera, serial: "Z9" }, "1-1.2", "serial is Z9, not A1B2"],
    ["in another socket", doorCamera, "1-1.3", "port is 1-1.3, not 1-1.2"],
  ])("%s cannot take the camera's place", async (_name, usb, port, reason) => {
    plugIn("video0", port, usb);
    const { camera, done } = pinned(wanted);
    await expect(camera.start(new AbortController().signal)).rejects.toMatchObject({
      code: "LINTEL_E_CAMERA_REFUSED",
      message: expect.stringContaining(reason),
      hint: expect.stringContaining(`serial: "${usb.serial}"`),
    });
    expect(done).toEqual([]);
  });

  it("that is put in while the camera is being opened is refused too", async () => {
    plugIn("video0", "1-1.2", doorCamera);
    const { camera, done } = pinned(wanted, () => plugIn("video0", "1-1.2", { ...doorCamera, serial: "Z9" }));
    await expect(camera.start(new AbortController().signal)).rejects.toMatchObject({ code: "LINTEL_E_CAMERA_REFUSED" });
    expect(done).toEqual(["started"]);
  });

  it("the right one hears that nobody is there: it may rest as one without an identity does", () => {
    plugIn("video0", "1-1.2", doorCamera);
    const { camera, done } = pinned(wanted);
    camera.relax(true);
    expect(done).toEqual(["idle"]);
  });

  it("the right one starts", async () => {
    plugIn("video0", "1-1.2", doorCamera);
    const { camera, done } = pinned(wanted);
    await camera.start(new AbortController().signal);
    await camera.stop();
    expect(done).toEqual(["started", "stopped"]);
  });
});

function pinned(identity: CameraIdentity, onStart = () => {}) {
  const done: string[] = [];
  const inner: Camera = {
    start: async () => {
      done.push("started");
      onStart();
    },
    next: () => Promise.reject(new Error("not asked for")),
    relax: (isIdle) => void done.push(isIdle ? "idle" : "awake"),
    stop: async () => void done.push("stopped"),
  };
  return { camera: new PinnedCamera(inner, { device: device(), identity, sysFolder: sys() }), done };
}

describe("the configuration", () => {
  it("is printed as it can be written", () => {
    expect(identityText({ vendor: "046d", port: "1-1.2" })).toBe('{ vendor: "046d", port: "1-1.2" }');
  });

  it.each([
    ["nothing", {}],
    ["a number that YAML has read as one", { vendor: 1133 }],
    ["capital letters", { vendor: "046D" }],
    ["an unknown fact", { colour: "black" }],
  ])("refuses an identity of %s", (_name, identity) => {
    expect(cameraConfig.safeParse({ driver: "ffmpeg", identity }).success).toBe(false);
  });

  it.each([
    { driver: "ffmpeg", source: "rtsp://camera/door" },
    { driver: "ffmpeg", source: "TEST:" },
    { driver: "node-webcam", device: "TEST:" },
  ])("has an identity only for a camera of this machine: not %j", (camera) => {
    expect(cameraConfig.safeParse({ ...camera, identity: { vendor: "046d" } }).success).toBe(false);
    expect(cameraConfig.safeParse(camera).success).toBe(true);
  });
});
