// Serves raw rgb24 frames on a unix socket as the simulated world does; the first 8 bytes of a frame hold the monotonic
// milliseconds at which it was made. Arguments: socket, width, height, frames a second, frames before it acts, and how it
// acts then: `freeze` (silent, still connected), `close`, or nothing. A frame is dropped while the reader is behind.
import { createServer } from "node:net";

const [path, width, height, fps, count, end] = process.argv.slice(2);
const frame = Buffer.alloc(Number(width) * Number(height) * 3, 100);

const server = createServer((socket) => {
  let sent = 0;
  let isBusy = false;
  const timer = setInterval(() => {
    if (sent >= Number(count)) {
      clearInterval(timer);
      if (end === "close") socket.end();
      return;
    }
    if (isBusy) return;
    frame.writeDoubleLE(Number(process.hrtime.bigint()) / 1e6, 0);
    sent++;
    isBusy = true;
    socket.write(Buffer.from(frame), () => {
      isBusy = false;
    });
  }, 1000 / Number(fps));
  socket.on("error", () => {});
  socket.on("close", () => clearInterval(timer));
});
server.listen(path, () => process.stdout.write("listening\n"));
