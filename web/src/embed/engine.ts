/** One engine for everything on a page that speaks: loaded when first needed, since it is megabytes. */
import { type LoadOptions, Qingsheng } from "../index.ts";

let engine: Promise<Qingsheng> | undefined;

/** Options count for the call that loads it. A failed load is forgotten, so that the next call tries anew. */
export function sharedEngine(options: LoadOptions = {}): Promise<Qingsheng> {
  if (engine) return engine;
  const loading = Qingsheng.load(options).catch((error: unknown) => {
    if (engine === loading) engine = undefined;
    throw error;
  });
  engine = loading;
  return loading;
}

/** For a page that has loaded one already. */
export function useEngine(tts: Qingsheng): void {
  engine = Promise.resolve(tts);
}
