// What the page says to the daemon. Every answer that is no is an Error with the daemon's own words.

export async function post(path, body) {
  const response = await fetch(path, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body ?? {}),
  });
  if (response.ok) return response;
  const text = (await response.text()).trim();
  throw Object.assign(new Error(text || `HTTP ${response.status}`), { status: response.status });
}

/** One JSON document after the other, as they come in. */
export async function* lines(response) {
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  try {
    for (let part = await reader.read(); !part.done; part = await reader.read()) {
      const texts = (rest + part.value).split("\n");
      rest = texts.pop() ?? "";
      for (const text of texts) if (text !== "") yield JSON.parse(text);
    }
  } finally {
    await reader.cancel().catch(() => {});
  }
}

/** Asks the daemon for something by the name of the request; `onProgress` hears what happens before the answer. */
export async function request(name, data = {}, onProgress = () => {}) {
  for await (const answer of lines(await post("/api/request", { name, data }))) {
    if (answer.progress) onProgress(answer.data);
    else if (answer.status === "ok") return answer.data;
    else throw new Error(answer.error ?? "refused");
  }
  throw new Error("the daemon did not answer");
}
