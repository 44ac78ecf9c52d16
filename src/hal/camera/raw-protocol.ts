import type { TripleBufferMemory } from "./triple-buffer.ts";

/**
 * Where raw frames come from: a program (an argument vector, never a shell) or a unix socket. A program that says other things on its
 * standard output writes its frames to descriptor 3.
 */
export type RawSource =
  | {
      readonly kind: "command";
      readonly command: string;
      readonly args: readonly string[];
      readonly frameDescriptor: 1 | 3;
      /** What the program reads on its standard input; it may hold a password. */
      readonly input?: string | undefined;
    }
  | { readonly kind: "socket"; readonly path: string };

/** What the reading thread is started with. */
export interface RawReaderJob {
  readonly source: RawSource;
  readonly memory: TripleBufferMemory;
  /** No frame for so long after the first one: the source is lost. */
  readonly silenceMs: number;
  /** No first frame for so long: the source is lost. */
  readonly startTimeoutMs: number;
}

/** From the reading thread: a wake-up (the picture itself lies in the shared memory), or the end with its reason. */
export type RawReaderMessage =
  | { readonly type: "frame" }
  | { readonly type: "lost"; readonly reason: string; readonly detail: string };

/** To the reading thread, once: end the source and then the thread. */
export type RawReaderCommand = "stop";
