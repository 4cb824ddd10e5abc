/** `fetch` may be replaced for a while, for the sake of code that calls it by itself; our own downloads go past that. */

let real: typeof fetch | undefined;

/** The network's `fetch`, whatever stands in its place. */
export const network: typeof fetch = (input, init) => (real ?? globalThis.fetch)(input, init);

/** `standIn` is the worker's `fetch` as long as `work` goes on. */
export async function withFetch<T>(standIn: typeof fetch, work: () => Promise<T>): Promise<T> {
  const before = globalThis.fetch;
  real ??= before;
  globalThis.fetch = standIn;
  try {
    return await work();
  } finally {
    globalThis.fetch = before;
    real = undefined;
  }
}
