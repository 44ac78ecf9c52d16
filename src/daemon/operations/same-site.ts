/**
 * Whether a request to the operations page was meant for it. The page listens on loopback, but any web page the operator has
 * open can make a browser send requests there: by a name of its own that resolves to 127.0.0.1 (DNS rebinding), which the
 * Host header tells, or from its own origin, which the Origin and Sec-Fetch-Site headers tell.
 */
export interface RequestHeaders {
  readonly host?: string | undefined;
  readonly origin?: string | undefined;
  readonly "sec-fetch-site"?: string | string[] | undefined;
}

const loopbackNames = ["localhost", "127.0.0.1", "[::1]"];

/** `Host` is a name of loopback; the port is whatever leads here, through a tunnel perhaps. */
export function isOurHost(host: string | undefined): boolean {
  return host !== undefined && loopbackNames.includes(host.replace(/:\d{1,5}$/, ""));
}

/** Nothing says that another site is behind it; programs, which send no such headers, pass. */
export function isSameSite({ host, origin, ...others }: RequestHeaders): boolean {
  const site = others["sec-fetch-site"];
  if (site !== undefined && site !== "same-origin" && site !== "none") return false;
  return origin === undefined || origin === `http://${host}`;
}
