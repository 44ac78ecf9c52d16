import { type Identification, identify } from "../../pipeline/matching/identify.ts";
import { type Match, TemplateMatrix } from "../../pipeline/matching/matrix.ts";
import { type ThresholdReference, thresholdFor } from "../../pipeline/matching/threshold.ts";
import type { Embedding } from "../../pipeline/types.ts";
import type { Template } from "../api.ts";

/** The embedder people are recognised by; vectors of another are never compared with its. */
export const firstEmbedder = "dlib";
const dimension = 128;

export interface GallerySettings {
  /** Accepted probability that a stranger's walk-up is taken for somebody. */
  readonly targetFpir: number;
  /** Ceiling of the threshold. */
  readonly maxDistance: number;
  /** What the last calibration found; absent before the first. */
  readonly reference?: ThresholdReference | undefined;
}

/** The templates of everybody in memory, and who a face is among them. */
export class Gallery {
  readonly #settings: GallerySettings;
  readonly #matrix = new TemplateMatrix(dimension);

  constructor(settings: GallerySettings) {
    this.#settings = settings;
  }

  get people(): number {
    return this.#matrix.people;
  }

  get templates(): number {
    return this.#matrix.templates;
  }

  /** The threshold for as many people and templates as there are now. */
  get threshold(): number {
    return thresholdFor({ ...this.#settings, target: this.#settings.targetFpir, ...this.#size() });
  }

  get maxDistance(): number {
    return this.#settings.maxDistance;
  }

  /** A template without a usable vector of the first embedder is left out: false. */
  add(template: Template): boolean {
    const vector = template.embeddings.find(({ embedder }) => embedder === firstEmbedder)?.vector;
    if (!vector || !isUsable(vector)) return false;
    this.#matrix.add({ personId: template.personId, templateId: template.id, vector });
    return true;
  }

  remove(personId: string): void {
    this.#matrix.removePerson(personId);
  }

  /** Who this is. A probe that cannot be compared is unknown: it comes from outside and must not stop the door. */
  identify(probe: Embedding): Identification {
    const isComparable = probe.embedder === firstEmbedder && isUsable(probe.vector);
    return identify(isComparable ? this.#matrix.top2(probe.vector) : null, { threshold: this.threshold });
  }

  /** The best template of one person, or null without one. */
  nearestOf(personId: string, vector: Float32Array): Match | null {
    return this.#matrix.nearestOf(personId, vector);
  }

  /** The best template of anybody but this person, or null. */
  nearestOther(personId: string, vector: Float32Array): Match | null {
    const top2 = this.#matrix.top2(vector);
    return top2?.first.personId === personId ? top2.second : (top2?.first ?? null);
  }

  // --- internal ---

  #size(): { people: number; templates: number } {
    return { people: this.people, templates: this.templates };
  }
}

// --- internal ---

function isUsable(vector: Float32Array): boolean {
  return vector.length === dimension && vector.every(Number.isFinite);
}
