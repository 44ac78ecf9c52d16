import type { PictureSource } from "./brief.ts";
import type { ArtJob } from "./job-store.ts";

/** What to paint next when nobody has asked for anything. */
export interface Pair<Source extends PictureSource = PictureSource> {
  readonly content: Source;
  readonly style: Source;
}

/**
 * The pair of photograph and painting that was not tried yet, of the photograph and then the painting that were used least
 * so far. A file that was replaced counts as new. Null when everything has been painted with everything.
 */
export function nextPair<Source extends PictureSource>(
  contents: readonly Source[],
  styles: readonly Source[],
  jobs: readonly Pick<ArtJob, "brief">[],
): Pair<Source> | null {
  const tried = new Set<string>();
  const uses = new Map<string, number>();
  const use = (key: string) => void uses.set(key, (uses.get(key) ?? 0) + 1);
  for (const { brief } of jobs) {
    if (brief.content) use(`content ${keyOf(brief.content)}`);
    for (const style of brief.styles) {
      use(`style ${keyOf(style)}`);
      if (brief.content) tried.add(pairKey(brief.content, style));
    }
  }
  const byUse = (kind: string, sources: readonly Source[]) =>
    [...sources].sort((p, q) => (uses.get(`${kind} ${keyOf(p)}`) ?? 0) - (uses.get(`${kind} ${keyOf(q)}`) ?? 0));
  const leastUsedStyles = byUse("style", styles);
  for (const content of byUse("content", contents)) {
    const style = leastUsedStyles.find((candidate) => !tried.has(pairKey(content, candidate)));
    if (style) return { content, style };
  }
  return null;
}

// --- internal ---

const keyOf = ({ file, version }: PictureSource) => `${file}/${version}`;
const pairKey = (content: PictureSource, style: PictureSource) => `${keyOf(content)}|${keyOf(style)}`;
