export const byId = (id) => document.getElementById(id);

/** An element with text or children; nothing of it is ever read as HTML. */
export function element(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  made.append(...children);
  return made;
}

/** Runs an action with its button off, and says how it went. */
export async function act(button, said, work) {
  button.disabled = true;
  said.className = "said";
  said.textContent = "";
  try {
    said.textContent = (await work()) ?? "";
  } catch (error) {
    said.className = "said problem";
    said.textContent = error.message;
  } finally {
    button.disabled = false;
  }
}
