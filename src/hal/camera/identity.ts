import { readFile, realpath } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { z } from "zod";
import { LintelError } from "../../core/errors.ts";
import type { Frame } from "../../pipeline/types.ts";
import type { Camera } from "../api.ts";

const fact = z.string().min(1).max(200);
const usbNumber = z
  .string()
  .regex(/^[0-9a-f]{4}$/, "four hexadecimal digits in quotation marks, such as '046d'")
  .optional();

/** Which device a local camera must be. Everything that is named must be so. */
export const cameraIdentityConfig = z
  .strictObject({
    name: fact.optional().describe("Name of the device, as in /sys/class/video4linux/video0/name."),
    vendor: usbNumber.describe("USB vendor, four hexadecimal digits in quotation marks."),
    product: usbNumber.describe("USB product, four hexadecimal digits in quotation marks."),
    serial: fact.optional().describe("USB serial number; cheap cameras have none, or all the same."),
    port: fact.optional().describe("Where it is plugged in, such as 1-1.2; the same camera elsewhere is refused."),
  })
  .refine((identity) => Object.keys(identity).length > 0, "name at least one of name, vendor, product, serial, port");
export type CameraIdentity = z.infer<typeof cameraIdentityConfig>;

/** What the kernel knows of a camera. Absent: it does not say, as of a serial number that a camera has not. */
export type FoundIdentity = { readonly [Fact in keyof CameraIdentity]?: string | undefined };

/**
 * Reads from sysfs what stands behind a device or a link to one (/dev/v4l/by-id/…). Rejects with `LINTEL_E_CAMERA_LOST` when no camera
 * does.
 */
export async function readIdentity(device: string, sysFolder = "/sys"): Promise<FoundIdentity> {
  let folder: string;
  try {
    folder = await realpath(join(sysFolder, "class/video4linux", basename(await realpath(device))));
  } catch (cause) {
    throw new LintelError("LINTEL_E_CAMERA_LOST", `Camera lost: ${device} is no camera that is there`, {
      hint: "Check that the camera is plugged in.",
      cause,
    });
  }
  const name = await readFact(join(folder, "name"));
  const usb = await usbFolder(folder);
  if (usb === undefined) return { name };
  return {
    name,
    vendor: await readFact(join(usb, "idVendor")),
    product: await readFact(join(usb, "idProduct")),
    serial: await readFact(join(usb, "serial")),
    port: basename(usb),
  };
}

/** What is not as it must be, in words; null: it is the one. */
export function identityProblem(wanted: CameraIdentity, found: FoundIdentity): string | null {
  const wrong = facts.filter((key) => wanted[key] !== undefined && wanted[key] !== found[key]);
  if (wrong.length === 0) return null;
  return wrong.map((key) => `${key} is ${found[key] ?? "not known"}, not ${wanted[key]}`).join("; ");
}

/** As it stands in the configuration. */
export function identityText(found: FoundIdentity): string {
  const known = facts.filter((key) => found[key] !== undefined);
  return `{ ${known.map((key) => `${key}: ${JSON.stringify(found[key])}`).join(", ")} }`;
}

/**
 * A camera that starts only as the device it must be; looked at before it is opened and once it runs, so that none is exchanged in
 * between. Another one is refused with `LINTEL_E_CAMERA_REFUSED`.
 */
export class PinnedCamera implements Camera {
  readonly #camera: Camera;
  readonly #look: () => Promise<void>;

  constructor(camera: Camera, pin: { device: string; identity: CameraIdentity; sysFolder?: string }) {
    this.#camera = camera;
    this.#look = () => requireIdentity(pin);
  }

  async start(signal: AbortSignal): Promise<void> {
    await this.#look();
    await this.#camera.start(signal);
    await this.#look();
  }

  next(signal: AbortSignal): Promise<Frame> {
    return this.#camera.next(signal);
  }

  relax(isIdle: boolean): void {
    this.#camera.relax?.(isIdle);
  }

  stop(): Promise<void> {
    return this.#camera.stop();
  }
}

// --- internal ---

const facts = ["name", "vendor", "product", "serial", "port"] as const;

async function requireIdentity(pin: { device: string; identity: CameraIdentity; sysFolder?: string }): Promise<void> {
  const found = await readIdentity(pin.device, pin.sysFolder);
  const problem = identityProblem(pin.identity, found);
  if (problem === null) return;
  throw new LintelError("LINTEL_E_CAMERA_REFUSED", `Camera refused: ${pin.device} is another device: ${problem}`, {
    hint: `Plug the right camera in; if this is the right one, set camera.identity: ${identityText(found)}`,
  });
}

/** The USB device above a video node: the nearest folder with a vendor. */
async function usbFolder(folder: string): Promise<string | undefined> {
  for (let at = folder; at !== dirname(at); at = dirname(at)) {
    if ((await readFact(join(at, "idVendor"))) !== undefined) return at;
  }
  return undefined;
}

async function readFact(file: string): Promise<string | undefined> {
  try {
    return (await readFile(file, "utf8")).trim() || undefined;
  } catch {
    return undefined;
  }
}
