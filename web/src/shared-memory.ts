/** Isolation gives a page shared memory, but not in every browser: WebKitGTK 2.50 says that a page is isolated, and has none. */
export function hasSharedMemory(): boolean {
  return globalThis.crossOriginIsolated && typeof SharedArrayBuffer === "function";
}
