import { errorText, LintelError } from "../core/errors.ts";

/** systemd, as a service sees it: sd_notify(3). */
export interface ServiceManager {
  /** An unanswered watchdog ends the service after this long; null: there is none. */
  readonly watchdogMs: number | null;
  /** Sends a state such as `READY=1`, in the order of the calls; never waits and never throws. */
  tell(state: string): void;
}

/** The part of libsystemd that is used; negative: an error. Runs on a thread of its own. */
export type SdNotify = (state: string) => Promise<number>;

/**
 * The service manager that started this process; undefined when none did. `SdNotify` is libsystemd through koffi unless another
 * one is given. Rejects with `LINTEL_E_HARDWARE` when libsystemd cannot be loaded: the service would never count as started.
 */
export async function openServiceManager(
  environment: Readonly<Record<string, string | undefined>>,
  onFault: (reason: string) => void,
  load: () => Promise<SdNotify> = loadSdNotify,
): Promise<ServiceManager | undefined> {
  if (!environment.NOTIFY_SOCKET) return undefined;
  const notify = await load();
  let last: Promise<unknown> = Promise.resolve();
  const send = async (state: string) => {
    const result = await notify(state);
    if (result < 0) onFault(`sd_notify: errno ${-result}`);
  };
  return {
    watchdogMs: watchdogOf(environment),
    tell: (state) => {
      last = last.then(() => send(state)).catch((error: unknown) => onFault(errorText(error)));
    },
  };
}

// --- internal ---

/** Only where the watchdog is meant for this process, and not for the one that started it. */
function watchdogOf({ WATCHDOG_USEC, WATCHDOG_PID }: Readonly<Record<string, string | undefined>>): number | null {
  const watchdogMs = Number(WATCHDOG_USEC) / 1000;
  if (!(watchdogMs > 0) || (WATCHDOG_PID !== undefined && Number(WATCHDOG_PID) !== process.pid)) return null;
  return watchdogMs;
}

async function loadSdNotify(): Promise<SdNotify> {
  try {
    const { default: koffi } = await import("koffi");
    const notify = koffi.load("libsystemd.so.0").func("int sd_notify(int unsetEnvironment, const char *state)");
    // On a thread: a service manager that stands still must not hold up the door.
    return (state) =>
      new Promise((resolve, reject) => {
        notify.async(0, state, (error: unknown, result: number) => (error ? reject(error) : resolve(result)));
      });
  } catch (cause) {
    throw new LintelError("LINTEL_E_HARDWARE", `the service manager cannot be told anything: ${errorText(cause)}`, {
      hint: "install libsystemd0, or run the service with Type=exec and without WatchdogSec",
      cause,
    });
  }
}
