import sharp from "sharp";
import { renderScene, type Scene } from "./scene.ts";

/** Renders a scene as a camera that compresses delivers it: to JPEG of the quality (1 to 100) and back. */
export async function captureJpeg(scene: Scene, tMs: number, quality: number): Promise<Uint8Array> {
  const { width, height } = scene.optics;
  const rgb = new Uint8Array(width * height * 3);
  renderScene(scene, tMs, rgb);
  const jpeg = await sharp(rgb, { raw: { width, height, channels: 3 } })
    .jpeg({ quality })
    .toBuffer();
  return new Uint8Array(await sharp(jpeg).raw().toBuffer());
}
