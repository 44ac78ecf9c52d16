// The automatic gain of /dev/video0 (V4L2_CID_AUTOGAIN), the one control of vivid that is held: `gain.mjs get` prints 1 or 0,
// `gain.mjs set 0` makes it manual.
import { closeSync, openSync } from "node:fs";
import { loadLinux } from "../../dist/hal/linux.js";

const [verb, value = "0"] = process.argv.slice(2);
const request = verb === "set" ? 0xc008561c : 0xc008561b;
const control = Buffer.alloc(8);
control.writeUInt32LE(0x00980912, 0);
control.writeInt32LE(Number(value), 4);
const linux = await loadLinux();
const fd = openSync("/dev/video0", "r+");
linux.ioctl(fd, request, control);
closeSync(fd);
console.log(control.readInt32LE(4));
