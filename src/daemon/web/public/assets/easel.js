// Tonight's work: what is being painted, how far it is, and how it looks by now.

export function createEasel(element) {
  const image = element.querySelector("img");
  const words = element.querySelector("#easel-words");
  const title = element.querySelector("#easel-title");
  const progress = element.querySelector("#easel-progress");
  let preview = null;

  image.addEventListener("load", () => {
    image.hidden = false;
  });
  image.addEventListener("error", () => {
    image.hidden = true;
  });

  return (painting) => {
    element.classList.toggle("busy", painting !== null);
    if (painting === null) return;
    words.textContent = painting.isHeld ? "Paused for a visitor" : "Being painted";
    title.textContent = painting.title;
    progress.value = painting.progress;
    if (painting.preview === preview) return;
    preview = painting.preview;
    if (preview === null) image.hidden = true;
    else image.src = `/art/preview.jpg?${preview}`;
  };
}
