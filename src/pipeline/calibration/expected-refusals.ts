import { runnerUpMargin } from "../matching/identify.ts";
import { shippedRefusalRate } from "./shipped-statistics.ts";
import type { SiteDistances } from "./site-distances.ts";

/** The shipped statistics count as so many looks: enrolment photographs are kinder than a door in winter. */
const shippedLooks = 50;

/**
 * Part of single looks at enrolled people that would be refused: each template held against the others of its person, merged
 * with the shipped statistics. A walk-up has several looks, so fewer people are turned away than this.
 */
export function expectedRefusals(
  { people, genuine }: Pick<SiteDistances, "people" | "genuine">,
  thresholdOf: (person: string) => number,
): number {
  let refused = 0;
  let shipped = 0;
  for (const { person, distance, nearestOther } of genuine) {
    const isNear = distance <= thresholdOf(people[person] ?? "");
    if (!isNear || nearestOther - distance < runnerUpMargin) refused++;
  }
  for (const person of people) shipped += shippedRefusalRate(thresholdOf(person));
  const prior = people.length === 0 ? 0 : shipped / people.length;
  return (refused + shippedLooks * prior) / (genuine.length + shippedLooks);
}
