/** Takes user names and passwords out of every URL in a text (`rtsp://user:secret@host` becomes `rtsp://***@host`). */
export function redactUrls(text: string): string {
  return text.replaceAll(/([a-z][a-z0-9+.-]*:\/\/)[^\s/]*@/gi, "$1***@");
}
