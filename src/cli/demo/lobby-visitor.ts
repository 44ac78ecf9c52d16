import { z } from "zod";

const shown = z.object({
  wall: z.object({
    pictures: z.array(z.object({ key: z.string(), title: z.string() })),
    shown: z.string().nullable(),
  }),
});

/**
 * Looks at the lobby page as its screen does: follows its event stream until a picture is shown and loads that. Resolves to
 * its title.
 */
export async function showsPicture(lobbyPage: string, timeoutMs: number): Promise<string> {
  const signal = AbortSignal.timeout(timeoutMs);
  const response = await fetch(new URL("/lobby/events", lobbyPage), { signal });
  let text = "";
  for await (const chunk of response.body?.pipeThrough(new TextDecoderStream()) ?? []) {
    text += chunk;
    const events = text.split("\n\n");
    text = events.pop() ?? "";
    for (const event of events) {
      const picture = pictureIn(event);
      if (!picture) continue;
      const jpeg = await fetch(new URL(`/art/${picture.key}.jpg`, lobbyPage), { signal });
      if (jpeg.headers.get("content-type") !== "image/jpeg") throw new Error("the lobby's picture cannot be loaded");
      return picture.title;
    }
  }
  throw new Error("the lobby page has no picture");
}

// --- internal ---

function pictureIn(event: string): { readonly key: string; readonly title: string } | undefined {
  const data = event.split("\n").find((line) => line.startsWith("data:"));
  const state = shown.safeParse(data === undefined ? undefined : JSON.parse(data.slice(5)));
  return state.data?.wall.pictures.find(({ key }) => key === state.data.wall.shown);
}
