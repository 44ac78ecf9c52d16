// Two layers that take turns: the next picture is loaded and decoded out of sight, then faded in over the last.

/** A picture may lose this much of itself at the edges before it is shown whole instead. */
const mayLose = 0.22;
const matSide = 96;

export const pictureUrl = (key) => `/art/${key}.jpg`;

/** `show(key)` resolves to whether the picture is on the wall now; a picture that cannot be loaded changes nothing. */
export function createWall(element) {
  const layers = [...element.querySelectorAll("figure")];
  let front = 0;
  let shown = null;
  let wanted = null;

  const fillOrHang = (layer) => {
    const image = layer.querySelector("img");
    const screen = innerWidth / innerHeight;
    const picture = image.naturalWidth / image.naturalHeight;
    layer.classList.toggle("fills", Math.min(screen, picture) / Math.max(screen, picture) >= 1 - mayLose);
  };
  addEventListener("resize", () => layers.forEach(fillOrHang));

  return {
    get shown() {
      return shown;
    },
    async show(key) {
      wanted = key;
      if (key === shown) return true;
      const back = 1 - front;
      const layer = layers[back];
      const image = layer.querySelector("img");
      try {
        image.src = pictureUrl(key);
        await image.decode();
      } catch {
        return false;
      }
      // another one was wanted meanwhile
      if (wanted !== key) return false;
      paintMat(layer.querySelector("canvas"), image);
      fillOrHang(layer);
      layer.classList.add("front");
      layers[front].classList.remove("front");
      front = back;
      shown = key;
      return true;
    },
    /** Nothing is on the wall any more. */
    clear() {
      wanted = shown = null;
      for (const layer of layers) layer.classList.remove("front");
    },
  };
}

/** Brings the pictures into the browser's keeping, one after the other, so that they are there when the server is not. */
export async function keepPictures(keys) {
  for (const key of keys) {
    try {
      const response = await fetch(pictureUrl(key), { priority: "low" });
      await response.arrayBuffer();
    } catch {
      return;
    }
  }
}

/** A small, soft copy; stretched over the screen it costs nothing. */
function paintMat(canvas, image) {
  const scale = matSide / Math.max(image.naturalWidth, image.naturalHeight);
  canvas.width = Math.max(1, Math.round(image.naturalWidth * scale));
  canvas.height = Math.max(1, Math.round(image.naturalHeight * scale));
  const context = canvas.getContext("2d");
  context.filter = "blur(5px)";
  // a little larger than the canvas, so that the blur brings in no edge
  context.drawImage(image, -8, -8, canvas.width + 16, canvas.height + 16);
}
