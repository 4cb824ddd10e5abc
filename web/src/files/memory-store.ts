/** A store in memory, for the unit tests. */
import type { BuildFile } from "./build.ts";
import type { Bytes } from "./digest.ts";
import { keptHeaders, type Store } from "./store.ts";

export class MemoryStore implements Store {
  readonly files = new Map<string, { bytes: Bytes; headers: Headers }>();
  readonly partsOf = new Map<string, Bytes[]>();

  async match({ sha256 }: BuildFile): Promise<Response | undefined> {
    const kept = this.files.get(sha256);
    return kept && new Response(kept.bytes, { headers: kept.headers });
  }

  async has({ sha256 }: BuildFile): Promise<boolean> {
    return this.files.has(sha256);
  }

  async put({ sha256 }: BuildFile, bytes: Bytes, headers: Headers): Promise<void> {
    this.files.set(sha256, { bytes, headers: keptHeaders(headers, bytes.byteLength) });
  }

  async forget({ sha256 }: BuildFile): Promise<void> {
    this.files.delete(sha256);
  }

  async parts({ sha256 }: BuildFile): Promise<Bytes[]> {
    return this.partsOf.get(sha256) ?? [];
  }

  async putPart({ sha256 }: BuildFile, index: number, bytes: Bytes): Promise<void> {
    const parts = this.partsOf.get(sha256) ?? [];
    parts[index] = bytes;
    this.partsOf.set(sha256, parts);
  }

  async dropParts({ sha256 }: BuildFile): Promise<void> {
    this.partsOf.delete(sha256);
  }

  async prune(keep: ReadonlySet<string>): Promise<void> {
    for (const digest of this.files.keys()) if (!keep.has(digest)) this.files.delete(digest);
  }
}
