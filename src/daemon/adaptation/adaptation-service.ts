import type { Clock } from "../../core/clock.ts";
import { errorText, LintelError } from "../../core/errors.ts";
import type { Logger } from "../../core/logger.ts";
import type { Timers } from "../../core/timers.ts";
import type { Embedding } from "../../pipeline/types.ts";
import { type Sighting, unpackEmbedding } from "../../vision/protocol.ts";
import type { Adaptation, EventLog, PersonAdaptation } from "../api.ts";
import type { PeopleService } from "../people/people-service.ts";
import type { PeopleStore, TemplateQuality } from "../store/people-store.ts";
import type { AdaptationStore, AdaptedTemplate } from "./adaptation-store.ts";
import { type AdaptationStep, adaptationLimits, decideAdaptation, isOverdue, type VisitFacts } from "./decide.ts";
import { type SeenFrame, type SeenTrack, SeenTracks } from "./seen-tracks.ts";

export interface AdaptationParts {
  readonly mode: "off" | "guarded";
  readonly people: Pick<PeopleService, "get" | "identify" | "gallery" | "relearn">;
  readonly templates: Pick<PeopleStore, "addTemplate" | "templatesOf">;
  readonly store: AdaptationStore;
  readonly db: { transaction<T>(work: () => T): T; afterCommit(call: () => void): void };
  readonly events: Pick<EventLog, "append" | "subscribe">;
  readonly clock: Pick<Clock, "date">;
  readonly timers: Timers;
  readonly logger: Logger;
}

/** A frame of a visit as it is compared: with the enrolled templates of the person whom the door opened for. */
interface Look {
  readonly face: readonly Embedding[];
  readonly quality: SeenFrame["face"];
  readonly distance: number;
}

const by = "adaptation";
/** The visit is over: whoever comes next goes first. */
const judgeAfterMs = 2000;

/**
 * Looks on while people enter and, after the visit, may keep what it saw as a further template (decide.ts). It stands beside
 * admission: nothing here opens, refuses or delays anything.
 */
export class AdaptationService implements Adaptation {
  readonly #parts: AdaptationParts;
  readonly #seen = new SeenTracks();
  readonly #waiting = new Set<() => void>();
  #unsubscribe: (() => void) | null = null;
  #isClockTrusted: () => boolean = () => false;

  constructor(parts: AdaptationParts) {
    this.#parts = parts;
  }

  /** Where it is off, what was adapted before goes. */
  start(isClockTrusted: () => boolean): void {
    const { mode, store, events } = this.#parts;
    if (mode === "off") {
      for (const person of new Set(store.list().map((one) => one.person))) this.#drop(person, "configuration");
      return;
    }
    this.#isClockTrusted = isClockTrusted;
    this.#unsubscribe ??= events.subscribe(({ type, person, track }) => {
      if (type === "granted" && typeof person === "string" && typeof track === "number") {
        this.#seen.granted(track, person);
      }
    });
  }

  /** Safe to call twice. */
  stop(): void {
    this.#unsubscribe?.();
    this.#unsubscribe = null;
    for (const callOff of this.#waiting) callOff();
    this.#waiting.clear();
    this.reset();
  }

  sighted(sighting: Sighting): void {
    if (this.#unsubscribe !== null) this.#seen.note(sighting);
  }

  trackEnded(trackId: number): void {
    const seen = this.#seen.take(trackId);
    const { person } = seen;
    if (person === null) return;
    const callOff = this.#parts.timers.after(judgeAfterMs, () => {
      this.#waiting.delete(callOff);
      try {
        this.#judge(person, seen);
      } catch (error) {
        this.#parts.logger.warn({ person, error: errorText(error) }, "a visit was not looked at again");
      }
    });
    this.#waiting.add(callOff);
  }

  /** Vision was lost: what it said before counts no more. */
  reset(): void {
    this.#seen.clear();
  }

  list(id: string | undefined): readonly PersonAdaptation[] {
    if (id !== undefined) this.#mustKnow(id);
    const found = new Map<string, AdaptedTemplate[]>();
    for (const one of this.#parts.store.list(id)) found.set(one.person, [...(found.get(one.person) ?? []), one]);
    return [...found].map(([person, all]) => ({
      person,
      templates: all.flatMap(({ template, since, adaptedOn }) =>
        adaptedOn === null ? [] : [{ template, since, adaptedOn }],
      ),
      candidates: all.flatMap(({ template, since, confirmed, adaptedOn }) =>
        adaptedOn === null ? [{ template, since, confirmed, needed: adaptationLimits.confirmations }] : [],
      ),
    }));
  }

  drop(id: string, who: string): number {
    this.#mustKnow(id);
    return this.#drop(id, who);
  }

  // --- internal ---

  #judge(person: string, seen: SeenTrack): void {
    const { people, store } = this.#parts;
    if (!this.#isClockTrusted()) return;
    this.#expire();
    if (people.get(person)?.enabled !== true) return;
    const looks = seen.frames.map((frame) => this.#look(person, frame));
    const best = looks.reduce<Look | undefined>((a, b) => (a && a.distance <= b.distance ? a : b), undefined);
    if (best === undefined) return;
    const all = store.list(person);
    const waiting = all.find(({ adaptedOn }) => adaptedOn === null);
    const adapted = all.filter(({ adaptedOn }) => adaptedOn !== null);
    const facts = this.#facts(person, best, { waiting, doubt: this.#doubt(person, seen, { looks, best }) });
    const state = { candidate: waiting ?? null, adaptedOn: adapted.flatMap(({ adaptedOn }) => adaptedOn ?? []) };
    this.#carryOut(decideAdaptation(facts, state), { person, day: facts.day, best, waiting, oldest: adapted[0] });
  }

  #look(person: string, { face: quality, embedding, secondEmbedding }: SeenFrame): Look {
    const face = [embedding, secondEmbedding].flatMap((one) => (one === undefined ? [] : [unpackEmbedding(one)]));
    const distance = this.#parts.people.gallery.distanceTo(person, face, "enrolled");
    return { face, quality, distance: distance ?? Number.POSITIVE_INFINITY };
  }

  #facts(
    person: string,
    { face, distance }: Look,
    { waiting, doubt }: { waiting: AdaptedTemplate | undefined; doubt: string | null },
  ): VisitFacts {
    const { people, templates } = this.#parts;
    const { gallery } = people;
    const kept = waiting && templates.templatesOf(person).find(({ id }) => id === waiting.template)?.embeddings;
    return {
      ...{ day: this.#today(), distance, doubt, threshold: gallery.thresholdOf(person) },
      nearestOwn: gallery.distanceTo(person, face, "all") ?? Number.POSITIVE_INFINITY,
      nearestOther: gallery.distanceToOthers(person, face),
      candidate: kept
        ? {
            toVisit: gallery.between(face, kept) ?? Number.POSITIVE_INFINITY,
            toEnrolled: gallery.distanceTo(person, kept, "enrolled") ?? Number.POSITIVE_INFINITY,
            toOther: gallery.distanceToOthers(person, kept),
          }
        : null,
    };
  }

  /** What speaks against this visit whatever its distances say. */
  #doubt(person: string, seen: SeenTrack, { looks, best }: { looks: readonly Look[]; best: Look }): string | null {
    const { people } = this.#parts;
    if (seen.isSuspect || !seen.isDeep) return "no proof of a living head";
    if (looks.length < 2 || looks.some(({ face }) => people.identify(face).person !== person)) {
      return "not every frame showed the person";
    }
    if (people.gallery.thresholdOf(person) < people.gallery.threshold) return "the person has a look-alike";
    return isGoodPicture(best.quality) ? null : "not a good picture";
  }

  #carryOut(
    step: AdaptationStep,
    visit: {
      readonly person: string;
      readonly day: string;
      readonly best: Look;
      readonly waiting: AdaptedTemplate | undefined;
      readonly oldest: AdaptedTemplate | undefined;
    },
  ): void {
    const { store, db, logger } = this.#parts;
    const { person, day, waiting, oldest } = visit;
    if (step.kind === "nothing") logger.debug({ person, why: step.why }, "nothing adapted");
    else if (step.kind === "propose") this.#propose(visit);
    else if (waiting === undefined) throw new Error("a step of a candidate that is not there");
    else if (step.kind === "confirm") store.confirm(waiting.template, day);
    else if (step.kind === "discard") this.#discard(waiting, step.why);
    else {
      db.transaction(() => {
        store.adopt(waiting.template, day);
        // Before the events: whoever hears of the change must find it made.
        db.afterCommit(() => this.#parts.people.relearn(person));
        this.#note(person, "adopted", { template: waiting.template, by });
        if (step.retires && oldest !== undefined) {
          store.remove(oldest.template);
          this.#note(person, "retired", { template: oldest.template, by });
        }
      });
    }
  }

  #propose({ person, day, best }: { readonly person: string; readonly day: string; readonly best: Look }): void {
    const { templates, store, db, clock } = this.#parts;
    const createdAt = clock.date().toISOString();
    const { face: embeddings, quality } = best;
    db.transaction(() => {
      const { id } = templates.addTemplate({
        ...{ personId: person, createdAt, source: by, quality: measured(quality), embeddings, kind: "candidate" },
      });
      store.propose(id, person, day);
      this.#note(person, "proposed", { template: id, by });
    });
  }

  #discard({ person, template }: AdaptedTemplate, why: string): void {
    const { store, db } = this.#parts;
    db.transaction(() => {
      store.remove(template);
      this.#note(person, "discarded", { template, why, by });
    });
  }

  /** Looks of people who did not come again, too. */
  #expire(): void {
    const day = this.#today();
    for (const one of this.#parts.store.list()) {
      if (one.adaptedOn === null && isOverdue(one.since, day)) this.#discard(one, "not confirmed in time");
    }
  }

  #today(): string {
    return this.#parts.clock.date().toISOString().slice(0, 10);
  }

  #drop(person: string, who: string): number {
    const { store, db, people } = this.#parts;
    const all = store.list(person);
    if (all.length === 0) return 0;
    db.transaction(() => {
      for (const { template } of all) store.remove(template);
      db.afterCommit(() => people.relearn(person));
      this.#note(person, "dropped", { templates: all.length, by: who });
    });
    return all.length;
  }

  #note(person: string, adaptation: string, fields: Readonly<Record<string, unknown>>): void {
    this.#parts.events.append("updated", { person, adaptation, ...fields });
  }

  #mustKnow(id: string): void {
    if (this.#parts.people.get(id) !== undefined) return;
    throw new LintelError("LINTEL_E_NOT_FOUND", `nobody is enrolled as ${id}`, {
      hint: "lintel people list shows everybody",
    });
  }
}

// --- internal ---

/** As good as an enrolment picture should be. */
function isGoodPicture({ reasons, faceWidthPx, sharpness, brightness, pose }: SeenFrame["face"]): boolean {
  const isFrontal = Math.abs(pose.yawDeg) <= 15 && Math.abs(pose.pitchDeg) <= 15;
  const isClear = faceWidthPx >= 100 && sharpness >= 100 && brightness >= 60 && brightness <= 200;
  return reasons.length === 0 && isFrontal && isClear;
}

function measured({ faceWidthPx, sharpness, brightness, pose }: SeenFrame["face"]): TemplateQuality {
  return { faceWidthPx, sharpness, brightness, ...pose };
}
