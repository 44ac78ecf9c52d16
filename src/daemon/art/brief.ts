import { z } from "zod";
import { paintSettings } from "../../art/settings.ts";

/** A file in one of the two folders: its name alone, so that no request can name anything else on this machine. */
export const pictureFileName = z
  .string()
  .max(200)
  .regex(/^(?!\.)[^/\\\p{Cc}]+\.(jpe?g|png|webp|tiff?|avif)$/iu, "must be the name of a picture file in that folder");

const source = z.object({
  file: pictureFileName,
  /** Changes when the file does. */
  version: z.string(),
});
export type PictureSource = z.infer<typeof source>;

/** What one job paints, as kept in the database. */
export const artBrief = z.object({
  /** Absent for texture: the styles alone. */
  content: source.optional(),
  styles: z.array(source.extend({ weight: z.number() })),
  settings: paintSettings,
  title: z.string(),
});
export type ArtBrief = z.infer<typeof artBrief>;

/** The words under a picture on the wall, from the names of its files. */
export function titleOf(content: string | undefined, styles: readonly string[]): string {
  const manner = [...new Set(styles.map(words))].join(" and ");
  if (content === undefined) return manner;
  return manner === "" ? words(content) : `${words(content)}, after ${manner}`;
}

// --- internal ---

/** `IMG_harbour-at-dusk.jpg` reads "IMG harbour at dusk". */
function words(file: string): string {
  const name = file
    .replace(/\.[^.]+$/, "")
    .replace(/[-_.\s]+/g, " ")
    .trim();
  return name === "" ? "Untitled" : name.charAt(0).toUpperCase() + name.slice(1, 80);
}
