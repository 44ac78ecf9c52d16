import type { PaintSettingsInput } from "../../art/settings.ts";

/** A finished picture. */
export interface ArtPictureView {
  readonly id: number;
  /** Name of its file; the pages load `/art/<key>.jpg`. */
  readonly key: string;
  readonly title: string;
  readonly width: number;
  readonly height: number;
  /** ISO 8601, UTC. */
  readonly paintedAt: string;
}

/** A job that is not a picture yet, or never became one. */
export interface ArtJobView {
  readonly id: number;
  readonly state: "waiting" | "painting" | "done" | "failed";
  readonly title: string;
  readonly askedBy: string;
  readonly step: number;
  readonly steps: number;
  readonly atOnce: boolean;
  readonly deadline: string | null;
  readonly createdAt: string;
  /** Why it failed, or why it did not get on. */
  readonly reason: string | null;
}

/** What is painted now. */
export interface ArtProgress {
  readonly job: number;
  readonly title: string;
  readonly step: number;
  readonly steps: number;
  /** Stopped because somebody is at the door. */
  readonly isHeld: boolean;
  /** Changes with each new preview; null: none yet. The pages load `/art/preview.jpg`. */
  readonly preview: number | null;
}

/** The whole of it, for `health`, the topic `art/state` and the lobby. */
export interface ArtState {
  /** False: no folders are configured. */
  readonly isOn: boolean;
  readonly window: { readonly isOpen: boolean; readonly changesAt: string | null };
  readonly waiting: number;
  readonly painting: ArtProgress | null;
  readonly pictures: number;
  readonly shown: ArtPictureView | null;
  readonly lastFailure: { readonly job: number; readonly reason: string } | null;
}

/** What to paint. Files are names in the two folders. */
export interface ArtRequest {
  readonly content?: string | undefined;
  readonly styles: readonly { readonly file: string; readonly weight: number }[];
  readonly settings: Partial<PaintSettingsInput>;
  readonly title?: string | undefined;
  /** Does not wait for the window; still yields to the door. */
  readonly atOnce: boolean;
  /** ISO 8601, UTC: not wanted any more when it is not finished by then. */
  readonly deadline: string | null;
}

export interface Art {
  readonly state: ArtState;
  /** Throws `LINTEL_E_UNAVAILABLE` (off, or a full queue), `LINTEL_E_NOT_FOUND` (no such file), `LINTEL_E_REQUEST`. */
  render(request: ArtRequest, by: string): ArtJobView;
  list(): { readonly jobs: readonly ArtJobView[]; readonly pictures: readonly ArtPictureView[] };
  /** Shows this picture until told otherwise; null: lets them change again. Throws `LINTEL_E_NOT_FOUND`. */
  show(id: number | null): ArtPictureView | null;
}
