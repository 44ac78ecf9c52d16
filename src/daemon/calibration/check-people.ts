import type { Clock } from "../../core/clock.ts";
import { LintelError } from "../../core/errors.ts";
import type { NearestOther } from "../../pipeline/calibration/site-distances.ts";
import type { Person, PersonCheck } from "../api.ts";
import type { Gallery, GallerySite, KeptTemplate } from "../people/gallery.ts";
import type { PeopleStore } from "../store/people-store.ts";
import type { VisitBook } from "../visits/visit-book.ts";
import { inSlices } from "./in-slices.ts";
import { checkPerson, type PersonFacts, type TemplateFacts } from "./person-check.ts";

export interface CheckParts {
  readonly people: {
    readonly gallery: Pick<Gallery, "thresholdOf" | "site">;
    list(): readonly Person[];
    get(id: string): Person | undefined;
  };
  readonly templates: Pick<PeopleStore, "describeTemplates">;
  readonly visits: Pick<VisitBook, "catchUp" | "of">;
  readonly clock: Clock;
}

/** How surely one person, or everybody, is recognised. */
export async function checkPeople(parts: CheckParts, id: string | undefined): Promise<readonly PersonCheck[]> {
  const { people, visits, clock } = parts;
  if (id !== undefined && people.get(id) === undefined) {
    throw new LintelError("LINTEL_E_NOT_FOUND", `nobody is enrolled as ${id}`, {
      hint: "lintel people list shows everybody",
    });
  }
  await visits.catchUp();
  const site = people.gallery.site();
  const checks: PersonCheck[] = [];
  for (const person of id === undefined ? people.list().map((one) => one.id) : [id]) {
    const facts = await inSlices(factsOf(person, site, parts), clock);
    checks.push(checkPerson({ ...facts, months: visits.of(person) }, clock.date()));
  }
  return checks;
}

// --- internal ---

function* factsOf(
  person: string,
  site: GallerySite,
  { people, templates }: CheckParts,
): Generator<undefined, Omit<PersonFacts, "months">> {
  const described = new Map(templates.describeTemplates(person, false).map((one) => [one.id, one]));
  const own = (site.people.get(person) ?? []).filter(({ isAdapted }) => !isAdapted);
  const found: TemplateFacts[] = [];
  let nearest: NearestOther | null = null;
  for (const template of own) {
    const other: NearestOther | null = yield* nearestOther(template, site);
    if (other !== null && other.distance < (nearest?.distance ?? Number.POSITIVE_INFINITY)) nearest = other;
    const distances = own
      .filter((one) => one !== template)
      .map((one) => site.distance(template, one, Number.POSITIVE_INFINITY));
    const { createdAt = "", quality = {} } = described.get(template.id) ?? {};
    const ownDistance = distances.length === 0 ? null : Math.min(...distances);
    found.push({ id: template.id, createdAt, quality, ownDistance, otherDistance: other?.distance ?? null });
  }
  return { person, threshold: people.gallery.thresholdOf(person), templates: found, nearest };
}

function* nearestOther(template: KeptTemplate, site: GallerySite): Generator<undefined, NearestOther | null> {
  let nearest: NearestOther | null = null;
  for (const [person, theirs] of site.people) {
    if (person === template.personId) continue;
    for (const one of theirs) {
      const least = nearest?.distance ?? Number.POSITIVE_INFINITY;
      const distance = site.distance(template, one, least);
      if (distance < least) nearest = { person, distance };
    }
    yield;
  }
  return nearest;
}
