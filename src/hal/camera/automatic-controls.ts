import { type FileHandle, open } from "node:fs/promises";
import { type Ioctl, loadIoctl } from "../linux.ts";

/**
 * What a local camera adjusts by itself: exposure, gain and white balance. Held, each keeps the value that it has at that moment; freed,
 * it is automatic again. A control that the camera lacks, or that is manual by its maker's choice, is left alone. After <linux/videodev2.h>.
 */
export class AutomaticControls {
  readonly #device: FileHandle;
  readonly #ioctl: Ioctl;

  /** Rejects where the device cannot be opened, or the kernel cannot be called. */
  static async open(path: string, ioctl?: Ioctl): Promise<AutomaticControls> {
    const calls = ioctl ?? (await loadIoctl());
    return new AutomaticControls(await open(path, "r+"), calls);
  }

  private constructor(device: FileHandle, ioctl: Ioctl) {
    this.#device = device;
    this.#ioctl = ioctl;
  }

  /** The names of what is held now. */
  async hold(): Promise<string[]> {
    const held: string[] = [];
    for (const { name, id, manual, valueId } of controls) {
      const usual = await this.#default(id);
      if (usual === null || usual === manual || (await this.#get(id)) !== usual) continue;
      // Read before it is taken over: some cameras go back to an older value otherwise.
      const value = await this.#get(valueId);
      if (!(await this.#set(id, manual))) continue;
      if (value !== null) await this.#set(valueId, value);
      held.push(name);
    }
    return held;
  }

  /** Automatic again, whoever has held it. */
  async free(): Promise<void> {
    for (const { id, manual } of controls) {
      const usual = await this.#default(id);
      if (usual !== null && usual !== manual && (await this.#get(id)) === manual) await this.#set(id, usual);
    }
  }

  async close(): Promise<void> {
    await this.#device.close();
  }

  /** As its maker has it; null: there is no such control. */
  async #default(id: number): Promise<number | null> {
    const query = Buffer.alloc(queryBytes);
    query.writeUInt32LE(id, 0);
    if (!(await this.#ioctl(this.#device.fd, calls.query, query))) return null;
    const isUsable = (query.readUInt32LE(queryFlagsAt) & (flagDisabled | flagReadOnly)) === 0;
    return isUsable ? query.readInt32LE(queryDefaultAt) : null;
  }

  async #get(id: number): Promise<number | null> {
    const control = Buffer.alloc(controlBytes);
    control.writeUInt32LE(id, 0);
    return (await this.#ioctl(this.#device.fd, calls.get, control)) ? control.readInt32LE(4) : null;
  }

  #set(id: number, value: number): Promise<boolean> {
    const control = Buffer.alloc(controlBytes);
    control.writeUInt32LE(id, 0);
    control.writeInt32LE(value, 4);
    return this.#ioctl(this.#device.fd, calls.set, control);
  }
}

// --- internal ---

/** What is switched to and from automatic, and the value that is then kept. White balance comes last: exposure moves it. */
const controls = [
  { name: "exposure", id: 0x009a0901, manual: 1, valueId: 0x009a0902 },
  { name: "gain", id: 0x00980912, manual: 0, valueId: 0x00980913 },
  { name: "white balance", id: 0x0098090c, manual: 0, valueId: 0x0098091a },
] as const;

/** VIDIOC_QUERYCTRL, VIDIOC_G_CTRL, VIDIOC_S_CTRL. */
const calls = { query: 0xc0445624, get: 0xc008561b, set: 0xc008561c };
/** struct v4l2_control: the id and the value, four bytes each. */
const controlBytes = 8;
/** struct v4l2_queryctrl: the id, the type, a name of 32 bytes, smallest, largest, step, default, flags, two more. */
const queryBytes = 68;
const queryDefaultAt = 52;
const queryFlagsAt = 56;
const flagDisabled = 0x0001;
const flagReadOnly = 0x0004;
