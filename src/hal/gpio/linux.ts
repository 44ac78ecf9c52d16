import { LintelError } from "../../core/errors.ts";

/** The two system calls that Node lacks. */
export interface Linux {
  /** ioctl(2) with a pointer to `argument`, which the kernel may change. Throws `SystemCallError`. */
  ioctl(fd: number, request: number, argument: Buffer): void;
  /**
   * poll(2) for input, on a thread of its own: which of the descriptors have something to read, or have failed. Empty
   * after `timeoutMs`. **A process that exits waits for a poll that is still running**, so the time must be short.
   */
  poll(fds: readonly number[], timeoutMs: number): Promise<readonly Ready[]>;
}

export interface Ready {
  readonly fd: number;
  /** POLLERR, POLLHUP or POLLNVAL: the device is gone. */
  readonly hasFailed: boolean;
}

/** A system call that failed; `errno` as in <errno.h>. */
export class SystemCallError extends Error {
  readonly errno: number;

  constructor(call: string, errno: number) {
    super(`${call}: errno ${errno}`);
    this.name = "SystemCallError";
    this.errno = errno;
  }
}

export const errno = { EINTR: 4, ENXIO: 6, EACCES: 13, EBUSY: 16, ENODEV: 19, EINVAL: 22, ENOTTY: 25 } as const;

/** struct pollfd. */
const pollfdLength = 8;
const pollIn = 0x001;
const pollFailures = 0x008 | 0x010 | 0x020;

/** The C library through koffi, which is loaded here and nowhere else in the drivers. Rejects with `LINTEL_E_GPIO`. */
export async function loadLinux(): Promise<Linux> {
  const { koffi, libc } = await loadLibc();
  const ioctl = libc.func("int ioctl(int fd, unsigned long request, _Inout_ uint8_t *argument)");
  const poll = libc.func("int poll(_Inout_ uint8_t *fds, unsigned long count, int timeout)");
  const pollOnThread = (fds: Buffer, timeoutMs: number) =>
    new Promise<number>((resolve, reject) => {
      poll.async(fds, fds.length / pollfdLength, timeoutMs, (error: unknown, count: number) => {
        if (error) reject(error);
        else resolve(count);
      });
    });
  return {
    ioctl: (fd, request, argument) => {
      if (ioctl(fd, request, argument) < 0) throw new SystemCallError("ioctl", koffi.errno());
    },
    poll: async (fds, timeoutMs) => {
      const bytes = encodePoll(fds);
      // -1 is an interruption; whatever else is wrong shows in the next round as a failed descriptor.
      return (await pollOnThread(bytes, timeoutMs)) > 0 ? decodePoll(bytes) : [];
    },
  };
}

/** An array of struct pollfd that waits for input. */
export function encodePoll(fds: readonly number[]): Buffer {
  const bytes = Buffer.alloc(fds.length * pollfdLength);
  for (const [index, fd] of fds.entries()) {
    bytes.writeInt32LE(fd, index * pollfdLength);
    bytes.writeInt16LE(pollIn, index * pollfdLength + 4);
  }
  return bytes;
}

export function decodePoll(bytes: Buffer): Ready[] {
  const ready: Ready[] = [];
  for (let start = 0; start < bytes.length; start += pollfdLength) {
    const happened = bytes.readInt16LE(start + 6);
    if (happened !== 0) ready.push({ fd: bytes.readInt32LE(start), hasFailed: (happened & pollFailures) !== 0 });
  }
  return ready;
}

// --- internal ---

async function loadLibc() {
  try {
    const { default: koffi } = await import("koffi");
    return { koffi, libc: koffi.load("libc.so.6") };
  } catch (cause) {
    throw new LintelError("LINTEL_E_GPIO", "the package koffi, which calls the kernel, cannot be loaded", {
      hint: "install Lintel again for this machine (npm ci); it comes built for Linux on x64 and arm64",
      cause,
    });
  }
}
