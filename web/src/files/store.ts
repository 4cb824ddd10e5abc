/**
 * Files kept on this device, addressed by digest in one Cache Storage cache that the loader fills and the
 * service worker answers from: a file is downloaded once, whoever asks first, and a new version of the site
 * reuses whatever did not change. Only verified bytes enter.
 *
 * A download that was cut off leaves its parts behind, so that the next attempt goes on where it stopped.
 */
import type { BuildFile } from "./build.ts";
import type { Bytes } from "./digest.ts";

export const PART_BYTES = 1 << 20;
const CACHE = "qingsheng-files-1";
/** Addresses that no server answers: they only serve as keys. */
const KEYS = "https://qingsheng.invalid/";

/** Headers that describe the transfer rather than the content. */
const TRANSFER_HEADERS = ["content-encoding", "content-length", "content-range", "transfer-encoding", "vary"];

export interface Store {
  match(file: BuildFile): Promise<Response | undefined>;
  has(file: BuildFile): Promise<boolean>;
  put(file: BuildFile, bytes: Bytes, headers: Headers): Promise<void>;
  forget(file: BuildFile): Promise<void>;
  parts(file: BuildFile): Promise<Bytes[]>;
  putPart(file: BuildFile, index: number, bytes: Bytes): Promise<void>;
  dropParts(file: BuildFile): Promise<void>;
  /** Deletes whatever is not among these digests. */
  prune(keep: ReadonlySet<string>): Promise<void>;
}

/** Of the caches that hold the page's own files, one for each version, which the service worker fills. */
export const pageCachePrefix = (baseUrl: string) => `qingsheng-page ${baseUrl} `;

const fileKey = (sha256: string) => `${KEYS}file/${sha256}`;
const partKey = (sha256: string, index: number) => `${KEYS}part/${sha256}/${index}`;
const digestOf = (key: string) => new URL(key).pathname.split("/")[2] ?? "";

export function keptHeaders(headers: Headers, bytes: number): Headers {
  const kept = new Headers(headers);
  for (const name of TRANSFER_HEADERS) kept.delete(name);
  kept.set("content-length", String(bytes));
  return kept;
}

/**
 * baseUrl: of the site, since several may share one origin.
 * Undefined where the browser offers no Cache Storage (insecure address, some private modes).
 */
export async function openStore(baseUrl: string): Promise<Store | undefined> {
  if (typeof caches === "undefined") return undefined;
  try {
    return new CacheStore(await caches.open(`${CACHE} ${baseUrl}`));
  } catch {
    return undefined;
  }
}

/** Whether the site's service worker looks after the store: it knows when no page needs an old file any more. */
export async function lookedAfter(baseUrl: string): Promise<boolean> {
  return (await caches.keys()).some((name) => name.startsWith(pageCachePrefix(baseUrl)));
}

class CacheStore implements Store {
  constructor(private readonly cache: Cache) {}

  match(file: BuildFile): Promise<Response | undefined> {
    return this.cache.match(fileKey(file.sha256));
  }

  async has(file: BuildFile): Promise<boolean> {
    return (await this.match(file)) !== undefined;
  }

  async put(file: BuildFile, bytes: Bytes, headers: Headers): Promise<void> {
    await this.cache.put(
      fileKey(file.sha256),
      new Response(bytes, { headers: keptHeaders(headers, bytes.byteLength) }),
    );
  }

  async forget(file: BuildFile): Promise<void> {
    await this.cache.delete(fileKey(file.sha256));
  }

  async parts(file: BuildFile): Promise<Bytes[]> {
    const parts: Bytes[] = [];
    for (;;) {
      const response = await this.cache.match(partKey(file.sha256, parts.length));
      if (!response) return parts;
      parts.push(new Uint8Array(await response.arrayBuffer()));
    }
  }

  async putPart(file: BuildFile, index: number, bytes: Bytes): Promise<void> {
    await this.cache.put(partKey(file.sha256, index), new Response(bytes));
  }

  async dropParts(file: BuildFile): Promise<void> {
    // All there may be: another tab at the same file may have left a gap.
    const count = Math.ceil(file.bytes / PART_BYTES);
    await Promise.all(Array.from({ length: count }, (_, index) => this.cache.delete(partKey(file.sha256, index))));
  }

  async prune(keep: ReadonlySet<string>): Promise<void> {
    const keys = await this.cache.keys();
    await Promise.all(keys.filter(({ url }) => !keep.has(digestOf(url))).map((key) => this.cache.delete(key)));
  }
}
