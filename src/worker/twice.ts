// Fetching of code that may fail once: a connection that was cut, a network that changed meanwhile.

/** How long a failed fetch waits before it is tried once more, in milliseconds. */
const PAUSE = 300;

/** What `fetch` gives, tried once more where it fails; then fails in words for the reader. */
export async function twice<T>(fetch: () => PromiseLike<T>): Promise<T> {
  try {
    return await fetch();
  } catch {
    await new Promise((resolve) => setTimeout(resolve, PAUSE));
  }
  try {
    return await fetch();
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new Error(`the lab's code could not be fetched; Reset tries again (${why})`);
  }
}
