/** Pyodide from verified bytes only. */
import type { loadPyodide as LoadPyodide, PyodideInterface } from "pyodide";
import { QingshengError } from "../errors.ts";
import type { Bytes } from "../files/digest.ts";
import { network, withFetch } from "../files/network.ts";

export interface PyodideFiles {
  readonly moduleUrl: string;
  /** What Pyodide fetches by itself, by absolute address; perhaps still on its way. */
  readonly assets: ReadonlyMap<string, Promise<Bytes>>;
}

/** memory: of a Python that was started before (`snapshot.ts`). */
export async function startPyodide({ moduleUrl, assets }: PyodideFiles, memory?: Bytes): Promise<PyodideInterface> {
  const module = (await import(/* @vite-ignore */ moduleUrl)) as { loadPyodide: typeof LoadPyodide };
  const indexURL = new URL(".", moduleUrl).href;
  const options = { indexURL, ...(memory && { _loadSnapshot: memory }) };
  return answeringFetchFrom(assets, indexURL, () => module.loadPyodide(options));
}

/**
 * Pyodide has no option for its own wasm and standard library as bytes, it calls `fetch`. For as long as it
 * starts, `fetch` of this worker answers from the files that were verified and refuses whatever else lies in its folder.
 * They may still be on their way: their own downloads use `network`, and so do not wait for themselves.
 */
function answeringFetchFrom<T>(
  assets: ReadonlyMap<string, Promise<Bytes>>,
  folder: string,
  work: () => Promise<T>,
): Promise<T> {
  return withFetch(async (input, init) => {
    const url = new URL(input instanceof Request ? input.url : input, globalThis.location.href).href;
    if (!url.startsWith(folder)) return network(input, init);
    const bytes = await assets.get(url);
    if (!bytes) {
      throw new QingshengError(
        "file.missing",
        `Pyodide asked for ${url}, which build.json does not list.`,
        "Build the site again and serve one complete build.",
        { url },
      );
    }
    return new Response(bytes, { headers: { "content-type": contentType(url) } });
  }, work);
}

function contentType(url: string): string {
  if (url.endsWith(".wasm")) return "application/wasm";
  return url.endsWith(".json") ? "application/json" : "application/octet-stream";
}
