/** True when the bytes begin and end as a JPEG file does: a torn or empty file is not worth decoding. */
export function isWholeJpeg(bytes: Uint8Array): boolean {
  const n = bytes.length;
  return n > 4 && bytes[0] === 0xff && bytes[1] === 0xd8 && bytes[n - 2] === 0xff && bytes[n - 1] === 0xd9;
}
