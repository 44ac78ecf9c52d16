import { parentPort } from "node:worker_threads";
import { type Kernel, openKernel } from "../../../pipeline/matching/coded/kernel.ts";
import type { ScanMessage } from "./scan-message.ts";

/** The body of a `ScanThread`: it knows no names and no faces, only where numbers lie. */
let kernel: Kernel | undefined;
parentPort?.on("message", (message: ScanMessage) => {
  if (message.type === "open") {
    kernel = openKernel(message.module, message.memory);
    return;
  }
  if (!kernel) throw new Error("cannot happen: a memory is opened before it is searched");
  kernel(message.codes, message.rows, message.probe, message.out);
  parentPort?.postMessage(true);
});
