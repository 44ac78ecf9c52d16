/** The first Ctrl-C is a wish to stop, which the work may answer in its own time; the second ends the process as usual. */
export function interruptible(): { readonly signal: AbortSignal; stop(): void } {
  const controller = new AbortController();
  const onInterrupt = (): void => controller.abort();
  process.once("SIGINT", onInterrupt);
  return { signal: controller.signal, stop: () => process.removeListener("SIGINT", onInterrupt) };
}
