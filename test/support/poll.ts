/** Asks again until the answer fits; an answer that fails counts as one that does not. */
export async function poll<T>(
  ask: () => Promise<T>,
  fits: (answer: T) => boolean,
  why: () => string,
  deadlineMs: number,
): Promise<T> {
  const endMs = performance.now() + deadlineMs;
  for (;;) {
    const answer = await ask().catch((error: unknown) => ({ failed: String(error) }));
    if (!isFailure(answer) && fits(answer)) return answer;
    if (performance.now() > endMs) throw new Error(`${why()} (last: ${JSON.stringify(answer)})`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

// --- internal ---

function isFailure(answer: unknown): answer is { failed: string } {
  return typeof answer === "object" && answer !== null && "failed" in answer;
}
