/** Who a picture shows, by the name of its folder or, where it lies in none, of its file. */
export interface NamedPerson {
  readonly id: string;
  readonly name: string;
}

const pictureName = /\.(jpe?g|png|webp|avif|tiff?)$/i;

/** By its ending; whether it really is a picture is found out by whoever opens it. */
export function isPictureName(path: string): boolean {
  return pictureName.test(path);
}

/**
 * `Dana Novak/anything/1.jpg` and `Dana Novak.jpg` are of Dana Novak, id `dana-novak`. The id is the name without accents, in
 * small letters, with hyphens for all else; null where nothing is left of it (a name in a script without Latin letters needs
 * a folder named like the id).
 *
 * @param path relative, with `/` between its parts
 */
export function personOf(path: string): NamedPerson | null {
  const [first = "", ...rest] = path.split("/");
  const name = (rest.length === 0 ? first.replace(pictureName, "") : first).normalize("NFC").trim();
  const id = name
    .normalize("NFKD")
    .replace(/\p{M}/gu, "")
    .toLowerCase()
    .replace(/[^a-z0-9._]+/g, "-")
    .replace(/^[-._]+|-+$/g, "")
    .slice(0, 64);
  return id === "" ? null : { id, name };
}
