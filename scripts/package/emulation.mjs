import { existsSync, mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { fail } from "./run.mjs";

const libraries = "/usr/aarch64-linux-gnu/lib";
const emulator = "/usr/bin/qemu-aarch64-static";

/**
 * How an arm64 Node runs on another processor: through qemu's user emulation, with what a program may find out about its machine
 * (`/proc/cpuinfo`) being that of an arm64 board. ONNX Runtime looks there and crashes on what an x64 machine says. Gives the
 * program to start and the environment that its children need to start the same way.
 */
export function emulation(node, work) {
  for (const needed of [emulator, libraries]) {
    if (!existsSync(needed)) fail(`${needed} is missing: apt-get install qemu-user-static libstdc++6-arm64-cross`);
  }
  const root = join(work, "emulated");
  mkdirSync(join(root, "proc"), { recursive: true });
  symlinkSync(libraries, join(root, "lib"));
  writeFileSync(join(root, "proc/cpuinfo"), cpuinfo(2));
  const program = join(work, "emulated-node");
  writeFileSync(program, `#!/bin/sh\nexec ${emulator} -L ${root} ${node} "$@"\n`, { mode: 0o755 });
  const preload = fileURLToPath(new URL("emulated-process.cjs", import.meta.url));
  return { program, env: { LINTEL_EMULATED_NODE: program, NODE_OPTIONS: `--require=${preload}` } };
}

/** As Linux describes a Cortex-A76 with so many cores (Raspberry Pi 5, and much like the cores of a Jetson Orin). */
function cpuinfo(cores) {
  const core = [
    "BogoMIPS\t: 108.00",
    "Features\t: fp asimd evtstrm aes pmull sha1 sha2 crc32 atomics fphp asimdhp cpuid asimdrdm lrcpc dcpop asimddp",
    "CPU implementer\t: 0x41",
    "CPU architecture: 8",
    "CPU variant\t: 0x4",
    "CPU part\t: 0xd0b",
    "CPU revision\t: 1",
  ].join("\n");
  return Array.from({ length: cores }, (_, n) => `processor\t: ${n}\n${core}\n\n`).join("");
}
