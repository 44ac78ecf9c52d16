import { errorText, LintelError } from "../../core/errors.ts";
import { SystemCallError } from "../linux.ts";

/**
 * What a failed call on a GPIO line means and what to do about it, as `LINTEL_E_GPIO`. `what` names the line or the device as
 * the operator knows it.
 */
export function kernelProblem(what: string, cause: unknown): LintelError {
  if (cause instanceof LintelError) return cause;
  const known = problems.find(({ number, code }) => matches(cause, number, code));
  if (!known) return new LintelError("LINTEL_E_GPIO", `${what}: ${errorText(cause)}`, { cause });
  return new LintelError("LINTEL_E_GPIO", `${what} ${known.says}`, { hint: known.hint, cause });
}

// --- internal ---

/** By number (<errno.h>) as the kernel gives it, and by name as Node does for calls of its own. */
const problems = [
  {
    number: 16,
    code: "EBUSY",
    says: "is owned by somebody else",
    hint: "gpioinfo names the owner; a line exported through /sys/class/gpio counts too, and so does a Lintel that runs",
  },
  {
    number: 13,
    code: "EACCES",
    says: "may not be opened by this user",
    hint: "add the user to the group gpio, and let systemd/60-lintel.rules (udev) give the group /dev/gpiochip*",
  },
  {
    number: 1,
    code: "EPERM",
    says: "may not be opened by this service",
    hint: "the unit needs DeviceAllow=char-gpiochip rw, as systemd/lintel.service has it",
  },
  {
    number: 19,
    code: "ENODEV",
    says: "is gone: its chip was unplugged or its driver unloaded",
    hint: "look into dmesg; the line is taken again when the chip is back",
  },
  {
    number: 6,
    code: "ENXIO",
    says: "cannot report edges: it has no interrupt",
    hint: "wire the input to a line with an interrupt; gpioinfo lists the lines",
  },
  {
    number: 22,
    code: "EINVAL",
    says: "is refused by the kernel as it is configured",
    hint: "the offset may lie beyond the chip, or the chip has no such bias: try bias: as-is",
  },
  {
    number: 25,
    code: "ENOTTY",
    says: "does not speak the GPIO interface version 2",
    hint: "it needs Linux 5.10 or later; driver onoff serves older kernels",
  },
] as const;

function matches(cause: unknown, number: number, code: string): boolean {
  if (cause instanceof SystemCallError) return cause.errno === number;
  return cause instanceof Error && "code" in cause && cause.code === code;
}
