/**
 * WebAssembly that is compiled from its own address. Browsers keep the compiled code of such a response on the device, of
 * bytes without an address they do not: the next visit then starts with code that is optimised already.
 */
import type { Bytes } from "./digest.ts";
import { network } from "./network.ts";

/** A module, as it can be told to another thread. */
export interface WasmFile {
  readonly url: string;
  /** Hexadecimal, of the bytes. */
  readonly sha256: string;
}

export interface WasmSource extends WasmFile {
  /** On this device: then its bytes are read only where the address does not serve. */
  readonly kept: boolean;
  bytes(): Promise<Bytes>;
}

/**
 * From this device, without the network, its digest checked by the browser. Undefined where neither a service worker nor the
 * browser's own cache has it, or where it is not what it should be.
 */
export async function addressed({ url, sha256 }: WasmFile): Promise<Response | undefined> {
  try {
    const response = await network(url, { cache: "only-if-cached", mode: "same-origin", integrity: integrity(sha256) });
    return response.ok ? response : undefined;
  } catch {
    return undefined;
  }
}

export function fromBytes(bytes: Bytes): Response {
  return new Response(bytes, { headers: { "content-type": "application/wasm" } });
}

export async function wasmResponse(source: WasmSource): Promise<Response> {
  const kept = source.kept ? await addressed(source) : undefined;
  return kept ?? fromBytes(await source.bytes());
}

export async function wasmModule(source: WasmSource): Promise<WebAssembly.Module> {
  try {
    return await WebAssembly.compileStreaming(wasmResponse(source));
  } catch {
    // A host may call it something else than application/wasm.
    return WebAssembly.compile(await source.bytes());
  }
}

/** A digest as `fetch` wants it. */
export function integrity(sha256: string): string {
  const bytes = sha256.match(/../g)?.map((pair) => Number.parseInt(pair, 16)) ?? [];
  return `sha256-${btoa(String.fromCharCode(...bytes))}`;
}
