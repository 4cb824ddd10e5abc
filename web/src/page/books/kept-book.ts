/** The file of the book that was opened last, on this device, so that a reload or the next visit has it again. */
import { openDatabase, settled } from "../../database.ts";
import { forget, readJson, writeJson } from "../storage.ts";

const DATABASE = "qingsheng-book";
const STORE = "files";
const FILE = "last";
const NOTE = "book";
/** One book at a time; most have less than a megabyte, those with many pictures some tens. */
export const MOST_KEPT_BYTES = 64 << 20;

/** What is known of the kept book without opening it. */
export interface Note {
  readonly title: string;
  /** Whether it was open when it was left. */
  readonly open: boolean;
}

interface Bytes {
  readonly name: string;
  readonly bytes: ArrayBuffer;
}

export class KeptBook {
  /** Where storage is denied it stays a promise of nothing. */
  private database: Promise<IDBDatabase> | undefined;
  /** One change after the other: the note must be that of the file. */
  private work: Promise<unknown> = Promise.resolve();

  get note(): Note | undefined {
    const { title, open } = (readJson(NOTE) ?? {}) as Record<string, unknown>;
    return typeof title === "string" && typeof open === "boolean" ? { title, open } : undefined;
  }

  /** Takes the place of the book before. False where it is too large, or the device has no room for it. */
  keep(file: File, title: string): Promise<boolean> {
    return this.inTurn(async () => {
      forget(NOTE);
      if (file.size > MOST_KEPT_BYTES) {
        await this.erase();
        return false;
      }
      try {
        await this.put(file);
        return writeJson(NOTE, { title, open: true });
      } catch {
        await this.erase();
        return false;
      }
    });
  }

  /** Undefined where it is gone: browsers clear the storage of sites that are seldom visited. */
  file(): Promise<File | undefined> {
    return this.inTurn(async () => {
      try {
        const found: unknown = await settled((await this.store("readonly")).get(FILE));
        return found instanceof File ? found : fromBytes(found);
      } catch {
        return undefined;
      }
    });
  }

  /** The book was opened or put away. */
  mark(open: boolean): void {
    const { note } = this;
    if (note) writeJson(NOTE, { ...note, open });
  }

  forget(): Promise<void> {
    forget(NOTE);
    return this.inTurn(() => this.erase());
  }

  /** WebKit's private windows keep no files, but their bytes. */
  private async put(file: File): Promise<void> {
    try {
      await settled((await this.store("readwrite")).put(file, FILE));
    } catch (error) {
      if (error instanceof DOMException && error.name === "QuotaExceededError") throw error;
      const kept: Bytes = { name: file.name, bytes: await file.arrayBuffer() };
      await settled((await this.store("readwrite")).put(kept, FILE));
    }
  }

  private async erase(): Promise<void> {
    forget(NOTE);
    try {
      await settled((await this.store("readwrite")).delete(FILE));
    } catch {
      // Nothing could be kept either.
    }
  }

  private async store(mode: IDBTransactionMode): Promise<IDBObjectStore> {
    this.database ??= openDatabase(DATABASE, STORE);
    return (await this.database).transaction(STORE, mode).objectStore(STORE);
  }

  private inTurn<T>(change: () => Promise<T>): Promise<T> {
    const done = this.work.then(change);
    this.work = done.catch(() => undefined);
    return done;
  }
}

function fromBytes(found: unknown): File | undefined {
  const { name, bytes } = (found ?? {}) as Partial<Bytes>;
  return typeof name === "string" && bytes instanceof ArrayBuffer ? new File([bytes], name) : undefined;
}
