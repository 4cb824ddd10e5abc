/** Workers, also from another origin than the page's. */

/**
 * Browsers start a worker from the page's own origin only. A small script of the page's own may import the rest from elsewhere, where
 * that origin allows it (CORS) and the page's policy has `worker-src blob:`.
 */
export function workerFrom(url: URL, name: string): Worker {
  const options = { type: "module", name } as const;
  if (url.origin === globalThis.location.origin) return new Worker(url, options);
  const script = new Blob([`import ${JSON.stringify(url.href)};`], { type: "text/javascript" });
  const address = URL.createObjectURL(script);
  const worker = new Worker(address, options);
  // Its first message, or its failure, says that the script has been read.
  const release = () => URL.revokeObjectURL(address);
  worker.addEventListener("message", release, { once: true });
  worker.addEventListener("error", release, { once: true });
  return worker;
}
