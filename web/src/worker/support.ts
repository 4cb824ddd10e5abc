import { QingshengError } from "../errors.ts";
import { hasSharedMemory } from "../shared-memory.ts";

/** A function with one 128-bit constant: valid only where fixed-width SIMD is known. */
const SIMD_MODULE = new Uint8Array([
  0, 97, 115, 109, 1, 0, 0, 0, 1, 4, 1, 96, 0, 0, 3, 2, 1, 0, 10, 9, 1, 7, 0, 65, 0, 253, 15, 26, 11,
]);

export function requireWebAssembly(): void {
  if (typeof WebAssembly === "object" && typeof BigInt64Array === "function" && WebAssembly.validate(SIMD_MODULE))
    return;
  throw new QingshengError(
    "wasm.unsupported",
    "This browser has no WebAssembly with SIMD and 64-bit integers.",
    "Use Chrome or Edge 119, Firefox 120, Safari 17.4, or a newer version.",
  );
}

/** Threads need shared memory, which a page has only with the isolation headers. */
export function threadCount(wanted: number | undefined): number {
  if (!hasSharedMemory()) return 1;
  const most = Math.min(4, navigator.hardwareConcurrency || 1);
  return Math.max(1, Math.min(most, wanted ?? most));
}
