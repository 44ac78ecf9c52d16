import type { SiteTemplates } from "../../pipeline/calibration/site-distances.ts";
import type { Scanner } from "../../pipeline/matching/coded/coded-rows.ts";
import { distanceWithin } from "../../pipeline/matching/distance-within.ts";
import { type FaceComparer, fusedComparer } from "../../pipeline/matching/face-comparer.ts";
import { type FaceVectors, maxFusionGain } from "../../pipeline/matching/fusion.ts";
import { type Identification, identify } from "../../pipeline/matching/identify.ts";
import { type Match, TemplateMatrix, type Top2 } from "../../pipeline/matching/matrix.ts";
import { type ThresholdReference, thresholdFor } from "../../pipeline/matching/threshold.ts";
import type { TrainedModel } from "../../pipeline/matching/trained.ts";
import type { Embedding } from "../../pipeline/types.ts";
import type { Template } from "../api.ts";

/** The embedder without whose vector nobody is recognised; a second one refines it. Vectors of two embedders are never compared. */
export const firstEmbedder = "dlib";
const dimension = 128;

export interface GallerySettings {
  /** Accepted probability that a stranger's walk-up is taken for somebody. */
  readonly targetFpir: number;
  /** Ceiling of the threshold. */
  readonly maxDistance: number;
  /** What the last calibration found; absent before the first. */
  readonly calibrated?: GalleryCalibration | undefined;
  /** How faces are compared; absent: by both embedders. */
  readonly comparer?: FaceComparer | undefined;
}

export interface GalleryCalibration {
  readonly reference: ThresholdReference;
  /** Stricter thresholds of people who have a look-alike. */
  readonly own: ReadonlyMap<string, number>;
}

/**
 * From here on comparing a face is worth a thread of its own: the codes of as many templates take about half a millisecond, while telling
 * the thread and hearing of it takes a tenth.
 */
const threadFromTemplates = 50_000;

/** A template as it is compared. */
export interface KeptTemplate {
  readonly id: number;
  readonly personId: string;
  /** Taken from visits, not enrolled by anybody. */
  readonly isAdapted: boolean;
  readonly vectors: FaceVectors;
}

/** Everybody's templates, how two are compared, and the trained model by which they are, if there is one. */
export interface GallerySite extends SiteTemplates<KeptTemplate> {
  readonly model: TrainedModel | null;
}

/** The templates of everybody in memory, and who a face is among them. */
export class Gallery {
  readonly #settings: GallerySettings;
  readonly #comparer: FaceComparer;
  readonly #matrix = new TemplateMatrix(dimension);
  readonly #kept = new Map<number, KeptTemplate>();
  /** People of whom a template was adapted. */
  readonly #adapted = new Set<string>();
  #calibrated: GalleryCalibration | undefined;

  constructor(settings: GallerySettings) {
    this.#settings = settings;
    this.#comparer = settings.comparer ?? fusedComparer;
    this.#calibrated = settings.calibrated;
  }

  get people(): number {
    return this.#matrix.people;
  }

  get templates(): number {
    return this.#matrix.templates;
  }

  /** The threshold for as many people and templates as there are now. */
  get threshold(): number {
    const { targetFpir: target, maxDistance } = this.#settings;
    return thresholdFor({ target, maxDistance, reference: this.#calibrated?.reference, ...this.#size() });
  }

  /** The threshold for one person: never looser than that for everybody. */
  thresholdOf(personId: string): number {
    return Math.min(this.threshold, this.#calibrated?.own.get(personId) ?? Number.POSITIVE_INFINITY);
  }

  /** From now on what this calibration found holds. */
  calibrate(found: GalleryCalibration): void {
    this.#calibrated = found;
  }

  /** Everybody's templates as they are now, to be compared with each other. */
  site(): GallerySite {
    const people = new Map<string, KeptTemplate[]>();
    for (const kept of this.#kept.values()) {
      const own = people.get(kept.personId);
      if (own) own.push(kept);
      else people.set(kept.personId, [kept]);
    }
    return {
      people,
      distance: (a, b, limit) => distanceWithin(this.#comparer, [a.vectors, b.vectors], limit),
      model: this.#comparer.model ?? null,
    };
  }

  get maxDistance(): number {
    return this.#settings.maxDistance;
  }

  /** A template without a usable vector of the first embedder is left out: false. */
  add(template: Template): boolean {
    const vectors = this.#comparer.vectorsOf(template.embeddings);
    if (!vectors) return false;
    const { dlib: vector, faceres: second } = vectors;
    this.#matrix.add({ personId: template.personId, templateId: template.id, vector, second });
    const { id, personId, kind } = template;
    if (kind === "adapted") this.#adapted.add(personId);
    this.#kept.set(id, { id, personId, isAdapted: kind === "adapted", vectors });
    return true;
  }

  remove(personId: string): void {
    this.#matrix.removePerson(personId);
    this.#adapted.delete(personId);
    for (const [id, kept] of this.#kept) {
      if (kept.personId !== personId) continue;
      kept.vectors.dlib.fill(0);
      kept.vectors.faceres?.fill(0);
      this.#kept.delete(id);
    }
  }

  /** Who this is. A face that cannot be compared is unknown: it comes from outside and must not stop the door. */
  identify(face: readonly Embedding[]): Identification {
    const top2 = this.#nearestTwo(face);
    const found = identify(top2, { threshold: top2 ? this.thresholdOf(top2.first.personId) : this.threshold });
    if (found.person === null || !this.#adapted.has(found.person)) return found;
    const enrolled = this.distanceTo(found.person, face, "enrolled");
    return enrolled === null || enrolled === found.distance ? found : { ...found, enrolledDistance: enrolled };
  }

  /**
   * Has the scanner look at a large gallery before `identify` is called with this face, which then has little left to do. Null when the
   * gallery is not large or the face cannot be compared.
   */
  lookAhead(face: readonly Embedding[], scanner: Scanner): Promise<void> | null {
    if (this.templates < threadFromTemplates) return null;
    const probe = this.#comparer.vectorsOf(face);
    return probe && this.#matrix.lookAhead(probe.dlib, scanner);
  }

  /** How near this face is to the best template of one person, or null when they cannot be compared. */
  distanceTo(personId: string, face: readonly Embedding[], among: "all" | "enrolled" = "all"): number | null {
    const probe = this.#comparer.vectorsOf(face);
    if (!probe) return null;
    let nearest: number | null = null;
    for (const kept of this.#kept.values()) {
      if (kept.personId !== personId || (among === "enrolled" && kept.isAdapted)) continue;
      const distance = this.#comparer.distance(probe, kept.vectors);
      if (nearest === null || distance < nearest) nearest = distance;
    }
    return nearest;
  }

  /** How near this face is to the best template of anybody but this person; null: there is nobody, or it cannot be compared. */
  distanceToOthers(personId: string, face: readonly Embedding[]): number | null {
    const top2 = this.#nearestTwo(face);
    const other = top2?.first.personId === personId ? top2.second : top2?.first;
    return other?.distance ?? null;
  }

  /** How far two faces are apart; null when they cannot be compared. */
  between(one: readonly Embedding[], other: readonly Embedding[]): number | null {
    const a = this.#comparer.vectorsOf(one);
    const b = this.#comparer.vectorsOf(other);
    return a && b && this.#comparer.distance(a, b);
  }

  /** The best template of anybody but this person by the first embedder alone, or null. */
  nearestOther(personId: string, vector: Float32Array): Match | null {
    const top2 = this.#matrix.top2(vector);
    return top2?.first.personId === personId ? top2.second : (top2?.first ?? null);
  }

  // --- internal ---

  #nearestTwo(face: readonly Embedding[]): Top2 | null {
    const probe = this.#comparer.vectorsOf(face);
    return (
      probe &&
      this.#matrix.refinedTop2(probe.dlib, {
        maxGain: maxFusionGain,
        distanceTo: (templateId) => this.#distance(templateId, probe),
        second: probe.faceres,
        leastDistance: (dlib, faceres) => this.#comparer.leastDistance(dlib, faceres),
      })
    );
  }

  #distance(templateId: number, probe: FaceVectors): number {
    const kept = this.#kept.get(templateId);
    if (!kept) throw new Error("a template without its vectors");
    return this.#comparer.distance(probe, kept.vectors);
  }

  #size(): { people: number; templates: number } {
    return { people: this.people, templates: this.templates };
  }
}
