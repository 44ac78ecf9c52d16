import { paintSettings } from "../../src/art/settings.ts";
import type { Art, ArtJobView, ArtPictureView, ArtRequest, ArtState } from "../../src/daemon/api.ts";
import type { ArtBrief } from "../../src/daemon/art/brief.ts";
import type { ArtJob } from "../../src/daemon/art/job-store.ts";

export function brief(content = "lake.jpg", style = "whirls.jpg", version = "1"): ArtBrief {
  return {
    content: { file: content, version },
    styles: [{ file: style, version, weight: 1 }],
    settings: paintSettings.parse({ steps: 100 }),
    title: `${content} after ${style}`,
  };
}

/** A job of the plan that waits. */
export function artJob(changes: Partial<ArtJob> = {}): ArtJob {
  return {
    ...{ id: 1, state: "waiting", brief: brief(), askedBy: "schedule", atOnce: false, deadline: null },
    ...{ createdAt: "2030-01-01T00:00:00.000Z", endedAt: null, step: 0, reason: null, picture: null },
    ...changes,
  };
}

/** Takes every order and paints nothing; one picture hangs on the wall. */
export class MemoryArt implements Art {
  readonly picture: ArtPictureView = {
    ...{ id: 1, key: "1-0123abcd", title: "Lake", width: 16, height: 9 },
    paintedAt: "2030-01-01T00:00:00.000Z",
  };
  readonly jobs: ArtJobView[] = [];
  shown: ArtPictureView | null = null;

  get state(): ArtState {
    return {
      ...{ isOn: true, window: { isOpen: false, changesAt: null }, waiting: this.jobs.length },
      ...{ painting: null, pictures: 1, shown: this.shown, lastFailure: null },
    };
  }

  render({ content = "", atOnce, deadline }: ArtRequest, by: string): ArtJobView {
    const job: ArtJobView = {
      ...{ id: this.jobs.length + 1, state: "waiting", title: content, askedBy: by, step: 0, steps: 300, atOnce },
      ...{ deadline, createdAt: "2030-01-01T00:00:00.000Z", reason: null },
    };
    this.jobs.push(job);
    return job;
  }

  list(): ReturnType<Art["list"]> {
    return { jobs: this.jobs, pictures: [this.picture] };
  }

  show(id: number | null): ArtPictureView | null {
    this.shown = id === null ? null : this.picture;
    return this.shown;
  }
}
