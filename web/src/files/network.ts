/** `fetch` may be answered by us for a while, for the sake of code that calls it by itself; our own downloads go past that. */

/** Undefined for addresses that are none of its business. */
export type Answer = (url: string) => Promise<Response> | undefined;

const answers = new Set<Answer>();
let real: typeof fetch | undefined;

/** The network's `fetch`, whatever stands in its place. */
export const network: typeof fetch = (input, init) => (real ?? globalThis.fetch)(input, init);

const standIn: typeof fetch = async (input, init) => {
  const url = new URL(input instanceof Request ? input.url : input, globalThis.location?.href).href;
  for (const answer of answers) {
    const response = answer(url);
    if (response) return response;
  }
  return network(input, init);
};

/** `answer` is asked before the network as long as `work` goes on; several may be at work at once. */
export async function answering<T>(answer: Answer, work: () => Promise<T>): Promise<T> {
  if (!real) {
    real = globalThis.fetch;
    globalThis.fetch = standIn;
  }
  answers.add(answer);
  try {
    return await work();
  } finally {
    answers.delete(answer);
    if (answers.size === 0) {
      globalThis.fetch = real;
      real = undefined;
    }
  }
}
