import { z } from "zod";
import { prompts } from "../../simulation/motion.ts";

/** What the screen beside the door shows, as the page itself receives it. */
const shown = z.object({
  kind: z.string(),
  title: z.string(),
  detail: z.string(),
  prompt: z.enum(prompts).nullable(),
  challenge: z.object({ id: z.string(), step: z.number(), nonce: z.string(), isRunning: z.boolean() }).optional(),
});
export type Shown = z.infer<typeof shown>;

/**
 * Looks at the door display as a person in front of it would: over the same event stream as the page. Comes back after a
 * break until the signal aborts.
 */
export async function watchDisplay(url: string, signal: AbortSignal, onShown: (state: Shown) => void): Promise<void> {
  while (!signal.aborted) {
    try {
      const response = await fetch(url, { signal });
      if (response.body) await readEvents(response.body, onShown);
    } catch {
      // The pages are not up yet, or not any more.
    }
    await pause(300, signal);
  }
}

// --- internal ---

async function readEvents(body: ReadableStream<Uint8Array>, onShown: (state: Shown) => void): Promise<void> {
  const decoder = new TextDecoder();
  let text = "";
  for await (const chunk of body) {
    text += decoder.decode(chunk, { stream: true });
    const events = text.split("\n\n");
    text = events.pop() ?? "";
    for (const event of events) {
      const data = event
        .split("\n")
        .filter((line) => line.startsWith("data:"))
        .map((line) => line.slice(5).trim())
        .join("\n");
      const state = data === "" ? undefined : shown.safeParse(parse(data));
      if (state?.success) onShown(state.data);
    }
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms);
    signal.addEventListener(
      "abort",
      () => {
        clearTimeout(timer);
        resolve();
      },
      { once: true },
    );
  });
}
