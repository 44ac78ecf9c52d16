import type { Ioctl } from "../../src/hal/linux.ts";

interface Control {
  value: number;
  readonly usual: number;
  readonly flags?: number;
}

/**
 * The controls of a camera as the kernel has them: answers ioctl on the bytes of <linux/videodev2.h>. It reads the structures by itself,
 * with nothing of the driver's. While a control is automatic the camera moves the value that belongs to it.
 */
export class ControlDevice {
  readonly controls: Map<number, Control>;
  /** Every value that was set, in order: the control and what it became. */
  readonly history: [number, number][] = [];
  readonly ioctl: Ioctl = async (_fd, request, argument) => this.#answer(request, argument);

  constructor(controls: Readonly<Record<number, Control>>) {
    this.controls = new Map(Object.entries(controls).map(([id, control]) => [Number(id), { ...control }]));
  }

  value(id: number): number | undefined {
    return this.controls.get(id)?.value;
  }

  #answer(request: number, argument: Buffer): boolean {
    const id = argument.readUInt32LE(0);
    const control = this.controls.get(id);
    if (!control) return false;
    if (request === 0xc0445624 && argument.length === 68) {
      argument.writeInt32LE(control.usual, 52);
      argument.writeUInt32LE(control.flags ?? 0, 56);
    } else if (request === 0xc008561b && argument.length === 8) argument.writeInt32LE(control.value, 4);
    else if (request === 0xc008561c && argument.length === 8) {
      control.value = argument.readInt32LE(4);
      this.history.push([id, control.value]);
    } else return false;
    return true;
  }
}
