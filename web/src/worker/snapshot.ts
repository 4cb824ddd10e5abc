/**
 * Python's memory as it is once Pyodide has started. The first visit keeps it on this device, and later visits begin with it
 * in place of starting Python, which is most of a boot. It is Pyodide's own format (`makeMemorySnapshot`), taken before NumPy
 * and the engine are there: the libraries of NumPy live in tables of the browser as well, which are no part of the memory.
 *
 * It belongs to one Pyodide, one standard library and one browser, whose features Python looks at when it starts. Whatever is
 * wrong with it, the boot goes on without.
 */
import type { PyodideInterface } from "pyodide";
import type { PyProxy } from "pyodide/ffi";
import { type Build, inGroup } from "../files/build.ts";
import { type Bytes, sha256 } from "../files/digest.ts";
import { type KeptSnapshot, openSnapshots, type Snapshots } from "../files/store.ts";

/** Of the standard library, what NumPy and the engine import and Pyodide does not: imported before the memory is kept. */
export const LIBRARY = [
  "array",
  "ctypes",
  "datetime",
  "hashlib",
  "numbers",
  "pickle",
  "platform",
  "sysconfig",
  "unicodedata",
] as const;

/** What Pyodide makes a snapshot with; it offers that only to an instance whose view of the browser is recorded. */
interface SnapshotMaker {
  readonly _api?: {
    readonly config: { _makeSnapshot?: boolean; _loadSnapshot?: Bytes | undefined };
    makeSnapshot?: (serializer: () => never) => Bytes;
  };
}

/** Without the zeros at its end, and the bytes of the whole. */
type Snapshot = Pick<KeptSnapshot, "bytes" | "length">;

/** Python's memory on this device: what the visit before left, and what this one leaves. */
export class KeptMemory {
  private constructor(
    private readonly snapshots: Snapshots,
    private readonly name: string,
    private kept: Promise<Bytes | undefined> | undefined,
    private taken: Snapshot | undefined,
  ) {}

  /** Begins to read. Undefined where the browser keeps nothing. */
  static async open(baseUrl: string, build: Build, agent: string): Promise<KeptMemory | undefined> {
    const snapshots = await openSnapshots(baseUrl);
    if (!snapshots) return undefined;
    const name = await snapshotName(build, agent);
    const kept = readSnapshot(snapshots, name).catch(() => undefined);
    return new KeptMemory(snapshots, name, kept, undefined);
  }

  /** Hands it over, and lets go of it: the heap is small. */
  async take(): Promise<Bytes | undefined> {
    const { kept } = this;
    this.kept = undefined;
    return kept;
  }

  async forget(): Promise<void> {
    await this.snapshots.clear().catch(() => undefined);
  }

  /** Notes down the memory of a Python that was just started. */
  note(pyodide: PyodideInterface): void {
    const whole = takeSnapshot(pyodide);
    this.taken = whole && { bytes: withoutZeros(whole), length: whole.byteLength };
  }

  /** Forgets what was noted down. */
  drop(): void {
    this.taken = undefined;
  }

  /** Writes what was noted down, if anything was. A full disk costs the next visit its speed, nothing else. */
  async keep(): Promise<void> {
    const { taken } = this;
    this.taken = undefined;
    if (taken) await keepSnapshot(this.snapshots, this.name, taken).catch(() => undefined);
  }
}

/** What a snapshot depends on: a boot of the same parts in the same browser finds it, no other. */
export async function snapshotName(build: Build, agent: string): Promise<string> {
  const parts = inGroup(build, "runtime").filter(({ path }) => path.startsWith("pyodide/"));
  const told = [...parts.map(({ sha256 }) => sha256), ...LIBRARY, agent].join("\n");
  return sha256(new TextEncoder().encode(told));
}

/** Whole again; undefined where there is none, or where its digest is another. */
export async function readSnapshot(snapshots: Snapshots, name: string): Promise<Bytes | undefined> {
  const kept = await snapshots.read(name);
  if (!kept) return undefined;
  if ((await sha256(kept.bytes)) === kept.sha256 && kept.length >= kept.bytes.byteLength) {
    const whole = new Uint8Array(kept.length);
    whole.set(kept.bytes);
    return whole;
  }
  await snapshots.clear();
  return undefined;
}

/** In place of every other: there is one Python. */
async function keepSnapshot(snapshots: Snapshots, name: string, { bytes, length }: Snapshot): Promise<void> {
  const digest = await sha256(bytes);
  await snapshots.clear();
  await snapshots.write(name, { bytes, sha256: digest, length });
}

/** Undefined where this Pyodide gives none: it has references to objects of the browser, or another interface. */
export function takeSnapshot(pyodide: PyodideInterface): Bytes | undefined {
  const api = (pyodide as SnapshotMaker)._api;
  if (!api?.makeSnapshot) return undefined;
  try {
    for (const name of LIBRARY) (pyodide.pyimport(name) as PyProxy).destroy();
    api.config._makeSnapshot = true;
    return api.makeSnapshot(refuse);
  } catch {
    return undefined;
  } finally {
    api.config._makeSnapshot = false;
  }
}

function refuse(): never {
  throw new Error("a reference to an object of the browser");
}

/** Pyodide goes on holding what it began with: as much again as Python's memory. */
export function letGo(pyodide: PyodideInterface): void {
  const api = (pyodide as SnapshotMaker)._api;
  if (api) api.config._loadSnapshot = undefined;
}

/** The heap is larger than what Python uses of it. A copy, so that the rest is let go. */
export function withoutZeros(bytes: Bytes): Bytes {
  let end = bytes.byteLength;
  while (end > 0 && bytes[end - 1] === 0) end -= 1;
  return bytes.slice(0, end);
}
