import { join } from "node:path";
import koffi from "koffi";
import { temporaryFolder } from "./processes.ts";

const afUnix = 1;
const sockDatagram = 2;
const withoutWaiting = 0x40;

/** The socket on which a service manager listens (Node knows no datagram sockets of this kind). */
export function openNotifySocket(): { readonly path: string; received(): string[]; close(): void } {
  const folder = temporaryFolder();
  const path = join(folder.path, "notify");
  const libc = koffi.load("libc.so.6");
  const socket = libc.func("int socket(int domain, int type, int protocol)")(afUnix, sockDatagram, 0);
  const address = Buffer.alloc(110);
  address.writeUInt16LE(afUnix, 0);
  address.write(path, 2);
  const bound = libc.func("int bind(int fd, const uint8_t *address, unsigned int length)")(
    socket,
    address,
    address.length,
  );
  if (bound !== 0) throw new Error(`bind: errno ${koffi.errno()}`);
  const receive = libc.func("long recv(int fd, _Out_ uint8_t *buffer, unsigned long length, int flags)");
  return {
    path,
    received: () => {
      const all: string[] = [];
      const buffer = Buffer.alloc(4096);
      for (;;) {
        const length = Number(receive(socket, buffer, buffer.length, withoutWaiting));
        if (length < 0) return all;
        all.push(buffer.toString("utf8", 0, length));
      }
    },
    close: () => {
      libc.func("int close(int fd)")(socket);
      folder.remove();
    },
  };
}
