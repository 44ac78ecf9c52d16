import { existsSync } from "node:fs";
import { join } from "node:path";
import type { ArtOrder } from "../../art/process/protocol.ts";
import { paintSettings, takesStyles } from "../../art/settings.ts";
import type { Clock } from "../../core/clock.ts";
import { LintelError } from "../../core/errors.ts";
import type { Random } from "../../core/random.ts";
import type { Art, ArtJobView, ArtPictureView, ArtRequest, ArtState } from "../api/art.ts";
import type { CronWindow } from "../cron-window.ts";
import { type ArtBrief, type PictureSource, titleOf } from "./brief.ts";
import type { ArtConfig } from "./config.ts";
import type { Exhibition } from "./exhibition.ts";
import { type FolderPicture, faceAllowedEnding, readPictureFolder } from "./folders.ts";
import type { ArtJob, ArtJobStore } from "./job-store.ts";
import { nextPair } from "./plan.ts";
import { bySchedule, plannedSince } from "./queue-rules.ts";

/** What people may ask of the studio, and what it asks of itself at night. */
export interface ArtServiceParts {
  readonly config: ArtConfig;
  readonly store: ArtJobStore;
  readonly exhibition: Exhibition;
  readonly window: CronWindow;
  readonly studio: { readonly state: ArtState; consider(): void };
  readonly modelCacheDirectory: string;
  readonly logLevel: ArtOrder["logLevel"];
  readonly clock: Clock;
  readonly random: Random;
}

/** The two folders, where both are configured. */
interface Folders {
  readonly content: string;
  readonly style: string;
}

const maxWaiting = 100;
const listedFailures = 20;
const previewEveryMs = 5000;

export class ArtService implements Art {
  readonly #parts: ArtServiceParts;

  constructor(parts: ArtServiceParts) {
    this.#parts = parts;
  }

  get state(): ArtState {
    return this.#parts.studio.state;
  }

  render(request: ArtRequest, by: string): ArtJobView {
    const { store, studio, clock } = this.#parts;
    const folders = foldersOf(this.#parts.config);
    if (!folders) {
      throw new LintelError("LINTEL_E_UNAVAILABLE", "nothing is painted here", {
        hint: "set art.contentDirectory and art.styleDirectory",
      });
    }
    if (store.list("waiting").length >= maxWaiting) {
      throw new LintelError("LINTEL_E_UNAVAILABLE", `${maxWaiting} pictures are waiting already`, {
        hint: "wait until some of them are painted",
      });
    }
    const { atOnce, deadline } = request;
    if (deadline !== null && Date.parse(deadline) <= clock.date().getTime()) {
      throw new LintelError("LINTEL_E_REQUEST", "the deadline has passed");
    }
    const job = this.#add(this.#briefOf(request, folders), { askedBy: by, atOnce, deadline });
    studio.consider();
    return jobView(store.get(job.id) ?? job);
  }

  list(): { readonly jobs: readonly ArtJobView[]; readonly pictures: readonly ArtPictureView[] } {
    const { store, exhibition } = this.#parts;
    const jobs = [...store.list("failed").slice(-listedFailures), ...store.list("waiting", "painting")];
    return { jobs: jobs.map((job) => this.#withProgress(jobView(job))), pictures: exhibition.pictures };
  }

  show(id: number | null): ArtPictureView | null {
    return this.#parts.exhibition.choose(id);
  }

  /** The next picture of the night; null when tonight's are planned or everything has been painted with everything. */
  plan(): ArtJob | null {
    const { config, store, window, clock, random } = this.#parts;
    const folders = foldersOf(config);
    const now = clock.date();
    const openedAt = window.openedAt(now);
    if (!folders || openedAt === null) return null;
    const jobs = store.list("waiting", "painting", "done", "failed");
    if (plannedSince(jobs, openedAt) >= config.picturesPerNight) return null;
    const pair = nextPair(readPictureFolder(folders.content, now), readPictureFolder(folders.style, now), jobs);
    if (!pair) return null;
    const brief: ArtBrief = {
      content: sourceOf(pair.content),
      styles: [{ ...sourceOf(pair.style), weight: 1 }],
      settings: paintSettings.parse({ ...configured(config), seed: seedFrom(random) }),
      title: titleOf(pair.content.file, [pair.style.file]),
    };
    return this.#add(brief, { askedBy: bySchedule, atOnce: false, deadline: null });
  }

  /** What the art process is told, apart from its folders. Throws when painting was switched off since. */
  orderOf({ brief }: ArtJob): Omit<ArtOrder, "jobDirectory" | "pictureBase"> {
    const { config, modelCacheDirectory, logLevel } = this.#parts;
    const folders = foldersOf(config);
    if (!folders) throw new LintelError("LINTEL_E_UNAVAILABLE", "the folders of pictures are not configured any more");
    return {
      settings: brief.settings,
      ...(brief.content ? { content: inputAt(folders.content, brief.content) } : {}),
      styles: brief.styles.map((style) => ({ ...inputAt(folders.style, style), weight: style.weight })),
      title: brief.title,
      modelCacheDirectory,
      threads: config.threads,
      checkpointEverySteps: config.checkpointSteps,
      checkpointPauseMs: config.checkpointSeconds * 1000,
      previewEveryMs,
      logLevel,
    };
  }

  // --- internal ---

  #add(brief: ArtBrief, asked: Pick<ArtJob, "askedBy" | "atOnce" | "deadline">): ArtJob {
    const { store, clock } = this.#parts;
    return store.add({ brief, ...asked, createdAt: clock.date().toISOString() });
  }

  #briefOf(request: ArtRequest, folders: Folders): ArtBrief {
    const { config, clock, random } = this.#parts;
    const find = (folder: string, file: string) => sourceOf(pictureNamed(folder, file, clock.date()));
    const settings = paintSettings.parse({ ...configured(config), seed: seedFrom(random), ...request.settings });
    const needsContent = settings.mode !== "texture";
    if (needsContent !== (request.content !== undefined) || takesStyles(settings.mode) !== request.styles.length > 0) {
      throw new LintelError("LINTEL_E_REQUEST", `mode ${settings.mode} does not fit the pictures that are named`, {
        hint: "style takes a content and styles, texture styles only, inversion and dream a content only",
      });
    }
    const styles = request.styles.map(({ file, weight }) => ({ ...find(folders.style, file), weight }));
    return {
      ...(request.content === undefined ? {} : { content: find(folders.content, request.content) }),
      styles,
      settings,
      title:
        request.title ??
        titleOf(
          request.content,
          styles.map(({ file }) => file),
        ),
    };
  }

  #withProgress(job: ArtJobView): ArtJobView {
    const { painting } = this.state;
    return painting?.job === job.id ? { ...job, step: painting.step } : job;
  }
}

/** Where pictures come from; null: painting is off. */
export function foldersOf({ contentDirectory, styleDirectory }: ArtConfig): Folders | null {
  if (contentDirectory === undefined || styleDirectory === undefined) return null;
  return { content: contentDirectory, style: styleDirectory };
}

// --- internal ---

const configured = ({ size, steps, network }: ArtConfig) => ({ size, steps, network });

const seedFrom = (random: Random) => Math.floor(random() * 2 ** 32);

const sourceOf = ({ file, version }: PictureSource): PictureSource => ({ file, version });

function pictureNamed(folder: string, file: string, now: Date): FolderPicture {
  const found = readPictureFolder(folder, now).find((picture) => picture.file === file);
  if (found) return found;
  throw new LintelError("LINTEL_E_NOT_FOUND", `there is no picture ${file} in ${folder}`, {
    hint: "name a file that lies there; one that was just copied counts after three seconds",
  });
}

function inputAt(folder: string, { file }: PictureSource): { path: string; mustLook: boolean } {
  const path = join(folder, file);
  return { path, mustLook: !existsSync(`${path}${faceAllowedEnding}`) };
}

function jobView(job: ArtJob): ArtJobView {
  const { id, state, brief, askedBy, step, atOnce, deadline, createdAt, reason } = job;
  const { title, settings } = brief;
  return { id, state, title, askedBy, step, steps: settings.steps, atOnce, deadline, createdAt, reason };
}
