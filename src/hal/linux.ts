import { LintelError } from "../core/errors.ts";

/** What the drivers need of the kernel and Node does not have. */
export interface Linux {
  /** ioctl(2) with a pointer to `argument`, which the kernel may change. Throws `SystemCallError`. */
  ioctl(fd: number, request: number, argument: Buffer): void;
  /**
   * Calls back, from the event loop, whenever there is something to read or the device has failed; reading then tells
   * which. Sets the descriptor to non-blocking. Ends with the returned function.
   */
  watch(fd: number, onReady: () => void): () => void;
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

/** The C library through koffi. Rejects with `LINTEL_E_HARDWARE`. */
export async function loadLinux(): Promise<Linux> {
  const { koffi, libc } = await loadLibc();
  const ioctl = libc.func("int ioctl(int fd, unsigned long request, _Inout_ uint8_t *argument)");
  return {
    ioctl: (fd, request, argument) => {
      if (ioctl(fd, request, argument) < 0) throw new SystemCallError("ioctl", koffi.errno());
    },
    watch: (fd, onReady) => {
      const handle = koffi.node.poll(fd, { readable: true, disconnect: true }, onReady);
      return () => handle.close();
    },
  };
}

/**
 * ioctl(2) with a pointer to `argument`, away from the event loop: a device on USB may take its time. False where the kernel
 * refuses; why is not known, `errno` belongs to the thread that called.
 */
export type Ioctl = (fd: number, request: number, argument: Buffer) => Promise<boolean>;

/** The C library through koffi. Rejects with `LINTEL_E_HARDWARE`. */
export async function loadIoctl(): Promise<Ioctl> {
  const { libc } = await loadLibc();
  const ioctl = libc.func("int ioctl(int fd, unsigned long request, _Inout_ uint8_t *argument)");
  return (fd, request, argument) =>
    new Promise((resolve, reject) => {
      ioctl.async(fd, request, argument, (error: unknown, result: number) => {
        if (error) reject(error);
        else resolve(result >= 0);
      });
    });
}

// --- internal ---

async function loadLibc() {
  try {
    const { default: koffi } = await import("koffi");
    return { koffi, libc: koffi.load("libc.so.6") };
  } catch (cause) {
    throw new LintelError("LINTEL_E_HARDWARE", "the package koffi, which calls the kernel, cannot be loaded", {
      hint: "install Lintel again for this machine (npm ci); it comes built for Linux on x64 and arm64",
      cause,
    });
  }
}
