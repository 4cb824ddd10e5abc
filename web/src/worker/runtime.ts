/** Pyodide from verified files only. */
import type { loadPyodide as LoadPyodide, PyodideInterface } from "pyodide";
import { QingshengError } from "../errors.ts";
import { answering } from "../files/network.ts";

export interface PyodideFiles {
  readonly moduleUrl: string;
  /** What Pyodide fetches by itself, by absolute address; perhaps still on its way. */
  readonly assets: ReadonlyMap<string, Promise<Response>>;
}

/**
 * Pyodide has no option for its own wasm and standard library as bytes, it calls `fetch`. For as long as it
 * starts, `fetch` of this worker answers from the files that were verified and refuses whatever else lies in its folder.
 */
export async function startPyodide({ moduleUrl, assets }: PyodideFiles): Promise<PyodideInterface> {
  const module = (await import(/* @vite-ignore */ moduleUrl)) as { loadPyodide: typeof LoadPyodide };
  const indexURL = new URL(".", moduleUrl).href;
  const answer = (url: string) => (url.startsWith(indexURL) ? (assets.get(url) ?? unlisted(url)) : undefined);
  return answering(answer, () => module.loadPyodide({ indexURL }));
}

async function unlisted(url: string): Promise<never> {
  throw new QingshengError(
    "file.missing",
    `Pyodide asked for ${url}, which build.json does not list.`,
    "Build the site again and serve one complete build.",
    { url },
  );
}
