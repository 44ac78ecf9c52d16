import type { EventLog, Person, Template } from "../api.ts";
import type { NewTemplate, PeopleStore, TemplateDescription } from "../store/people-store.ts";
import { changedFields } from "./fields.ts";

/** A person as another door of the fleet wrote them, checked as one from a request would be. */
export interface KnownElsewhere {
  readonly person: Omit<Person, "templates" | "createdAt">;
  readonly templates: readonly Omit<NewTemplate, "personId">[];
}

/** What a replacement is carried out on. */
export interface ReplacementParts {
  readonly store: Pick<PeopleStore, "put" | "addTemplate" | "removeTemplates" | "describeTemplates">;
  readonly db: { transaction<T>(work: () => T): T; afterCommit(call: () => void): void };
  readonly events: Pick<EventLog, "append">;
  readonly before: Person | undefined;
  /** Takes it into memory, after the commit; `templates` null: they are as they were. */
  learn(person: Person, templates: readonly Template[] | null): void;
}

/**
 * Puts a person in place of what is known of them here, all or nothing, with their events and with `alongside`. Who removes
 * a template elsewhere has removed it here: the old vectors go.
 */
export function replacePerson(
  { store, db, events, before, learn }: ReplacementParts,
  known: KnownElsewhere,
  { by, alongside }: { by: string; alongside: () => void },
): void {
  const { id } = known.person;
  const areSame =
    before !== undefined && haveSameTemplates(enrolledOf(store.describeTemplates(id, true)), known.templates);
  const createdAt = before?.createdAt ?? known.person.updatedAt;
  const person: Person = { ...known.person, createdAt, templates: known.templates.length };
  db.transaction(() => {
    store.put(person);
    if (before && !areSame) store.removeTemplates(id);
    const templates = areSame ? null : known.templates.map((each) => store.addTemplate({ ...each, personId: id }));
    alongside();
    // Before the events: whoever hears of the change must find it made.
    db.afterCommit(() => learn(person, templates));
    const changed = before ? changedFields(before, person) : [];
    if (changed.length > 0) events.append("updated", { person: id, changed, by });
    if (templates !== null) events.append("enrolled", { person: id, templates: person.templates, by });
  });
}

// --- internal ---

/** What a door adapted is its own camera's. */
function enrolledOf(templates: readonly TemplateDescription[]): readonly TemplateDescription[] {
  return templates.filter(({ kind }) => kind === "enrolled");
}

function haveSameTemplates(
  here: readonly TemplateDescription[],
  there: readonly Omit<NewTemplate, "personId">[],
): boolean {
  if (here.length !== there.length) return false;
  return here.every(({ createdAt, vectors }, i) => {
    const other = there[i];
    if (other === undefined || other.createdAt !== createdAt || other.embeddings.length !== vectors.length)
      return false;
    return vectors.every(({ embedder, values }) => {
      const vector = other.embeddings.find((embedding) => embedding.embedder === embedder)?.vector;
      return vector?.length === values?.length && values?.every((value, at) => value === vector?.[at]) === true;
    });
  });
}
