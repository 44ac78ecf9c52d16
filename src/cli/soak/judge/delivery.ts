/** Whether the broker got the whole log, in order. */

export interface LoggedEvent {
  readonly seq: number;
  readonly hash: string;
}

export interface DeliveryVerdict {
  readonly problems: readonly string[];
  /** Messages that came once more, as they may after a broken connection. */
  readonly repeated: number;
}

const mostProblems = 20;

/**
 * `delivered`: as the broker took them. Each event at least once, the first time in the order of the log; what is repeated
 * goes on from where it was taken up. `deliveredBefore`: what the broker had before this log began. Pure.
 */
export function judgeDelivery(
  delivered: readonly LoggedEvent[],
  log: readonly LoggedEvent[],
  deliveredBefore: number,
): DeliveryVerdict {
  const hashes = new Map(log.map(({ seq, hash }) => [seq, hash]));
  const problems: string[] = [];
  let highest = deliveredBefore;
  let last = deliveredBefore;
  let repeated = 0;
  for (const { seq, hash } of delivered) {
    if (seq > highest + 1) problems.push(`event ${seq} came after ${highest}: ${seq - highest - 1} are missing`);
    else if (seq <= highest && seq > last + 1) problems.push(`event ${seq} came once more after ${last}`);
    if (hashes.get(seq) !== hash) problems.push(`event ${seq} is not what stands in the log`);
    if (seq <= highest) repeated += 1;
    highest = Math.max(highest, seq);
    last = seq;
  }
  const head = log.at(-1)?.seq ?? 0;
  if (highest < head) problems.push(`events ${highest + 1} to ${head} were never delivered`);
  const more = problems.length - mostProblems;
  return { problems: more > 0 ? [...problems.slice(0, mostProblems), `and ${more} more`] : problems, repeated };
}
