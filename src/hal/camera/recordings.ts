import { execFile, spawn } from "node:child_process";
import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { errorText, LintelError } from "../../core/errors.ts";
import type { RgbImage } from "../../pipeline/types.ts";
import { PpmStream } from "./ppm-stream.ts";
import { boundToParent } from "./raw-sources.ts";

/** A recording read from its beginning, picture by picture, none left out. */
export interface Recording {
  readonly framesPerSecond: number;
  /** The next picture, or null at the end. `skip` lets it pass over pictures that nobody will look at. */
  read(skip: number): Promise<RgbImage | null>;
  close(): Promise<void>;
}

const pictureNames = /\.(?:jpe?g|png|webp|ppm|bmp|tiff?)$/i;
const maxPixels = 50_000_000;
const folderFramesPerSecond = 10;

/** Opens a folder of pictures or a video. Rejects with `LINTEL_E_CAMERA_LOST` when it is neither. */
export async function openRecording(path: string, framesPerSecond: number | undefined): Promise<Recording> {
  let isFolder: boolean;
  try {
    isFolder = (await stat(path)).isDirectory();
  } catch (error) {
    throw lost(`the recording ${path} cannot be read: ${errorText(error)}`);
  }
  return isFolder ? openFolder(path, framesPerSecond ?? folderFramesPerSecond) : openVideo(path, framesPerSecond);
}

/** Names in the order a person expects: picture 2 before picture 10. */
export function naturalOrder(names: readonly string[]): string[] {
  const collator = new Intl.Collator("en", { numeric: true });
  return names.filter((name) => pictureNames.test(name)).sort((a, b) => collator.compare(a, b) || (a < b ? -1 : 1));
}

async function openFolder(path: string, framesPerSecond: number): Promise<Recording> {
  const { default: sharp } = await import("sharp");
  const names = naturalOrder(await readdir(path));
  if (names.length === 0) throw lost(`the folder ${path} holds no pictures`);
  let index = 0;
  return {
    framesPerSecond,
    read: async (skip) => {
      index += skip;
      const name = names[index++];
      if (name === undefined) return null;
      const file = join(path, name);
      try {
        const upright = sharp(file, { limitInputPixels: maxPixels }).rotate().flatten().toColourspace("srgb");
        const { data, info } = await upright.raw().toBuffer({ resolveWithObject: true });
        if (info.channels !== 3) throw new Error(`${info.channels} channels`);
        return { rgb: data, width: info.width, height: info.height };
      } catch (error) {
        throw lost(`the picture ${file} cannot be read: ${errorText(error)}`);
      }
    },
    close: async () => {},
  };
}

/** A video at a constant rate (its own unless told), upright, in its own size. */
async function openVideo(path: string, wantedRate: number | undefined): Promise<Recording> {
  const framesPerSecond = wantedRate ?? (await probeRate(path));
  const args = [
    ...["-hide_banner", "-loglevel", "error", "-nostdin", "-i", `file:${path}`, "-map", "0:v:0"],
    ...[
      "-vf",
      `fps=${framesPerSecond}`,
      "-f",
      "image2pipe",
      "-c:v",
      "ppm",
      "-pix_fmt",
      "rgb24",
      "-threads",
      "1",
      "pipe:1",
    ],
  ];
  const bound = boundToParent("ffmpeg", args);
  const child = spawn(bound.command, bound.args, { stdio: ["ignore", "pipe", "pipe"] });
  const ended = new Promise<number | null>((resolve) => {
    child.once("error", () => resolve(null));
    child.once("close", (code) => resolve(code));
  });
  let said = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    said = (said + text).slice(-2000);
  });
  const chunks: AsyncIterator<Uint8Array> = child.stdout[Symbol.asyncIterator]();
  const pictures = new PpmStream();
  let hasRead = false;

  const readOne = async (): Promise<RgbImage | null> => {
    for (;;) {
      const image = pictures.shift();
      if (image !== undefined) {
        hasRead = true;
        return image;
      }
      const chunk = await chunks.next();
      if (chunk.done !== true) {
        pictures.push(chunk.value);
        continue;
      }
      const code = await ended;
      if (code !== 0 || !hasRead) throw lost(`the video ${path} cannot be read: ${said.trim().split("\n").at(-1)}`);
      return null;
    }
  };
  return {
    framesPerSecond,
    read: async (skip) => {
      for (let i = 0; i < skip; i++) if ((await readOne()) === null) return null;
      return readOne();
    },
    close: async () => {
      // unread pictures would keep the pipe, and with it the wait for the end, open
      child.stdout.destroy();
      child.kill("SIGKILL");
      await ended;
    },
  };
}

function probeRate(path: string): Promise<number> {
  const args = ["-v", "error", "-select_streams", "v:0", "-show_entries", "stream=avg_frame_rate,r_frame_rate"];
  return new Promise((resolve, reject) => {
    const options = { timeout: 10_000, encoding: "utf8" as const };
    execFile("ffprobe", [...args, "-of", "json", `file:${path}`], options, (error, stdout, stderr) => {
      if (error === null) {
        const rate = parseProbedRate(stdout);
        if (rate !== null) return resolve(rate);
        return reject(lost(`the video ${path} does not say how many pictures a second it has`));
      }
      if (error.code === "ENOENT") return reject(lost("the programs ffmpeg and ffprobe are not installed"));
      return reject(lost(`the video ${path} cannot be read: ${stderr.trim().split("\n").at(-1) ?? ""}`));
    });
  });
}

/** Frames a second from what ffprobe says in JSON (`30000/1001`), or null. */
export function parseProbedRate(json: string): number | null {
  const fractions = [...json.matchAll(/"(?:avg|r)_frame_rate":\s*"(\d+)\/(\d+)"/g)]
    .sort((a, b) => a[0].localeCompare(b[0]))
    .map((match) => Number(match[1]) / Number(match[2]));
  return fractions.find((rate) => Number.isFinite(rate) && rate > 0 && rate <= 1000) ?? null;
}

function lost(what: string): LintelError {
  return new LintelError("LINTEL_E_CAMERA_LOST", `Camera lost: ${what}`, {
    hint: "A recording is a folder of pictures or a video file; videos need ffmpeg (apt-get install ffmpeg).",
  });
}
