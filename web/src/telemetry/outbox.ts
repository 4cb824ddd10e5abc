/** Events on their way: kept on the device until the server has taken them. */
import { openDatabase, settled } from "../database.ts";
import type { TelemetryEvent } from "./events.ts";

export interface Entry {
  readonly key: number;
  readonly event: TelemetryEvent;
}

export interface Outbox {
  /** Gives the event's key. Where too many wait, the oldest goes. */
  add(event: TelemetryEvent): Promise<number>;
  /** The oldest, in order. */
  peek(count: number): Promise<readonly Entry[]>;
  remove(keys: readonly number[]): Promise<void>;
  clear(): Promise<void>;
}

/** Of a week offline; some 150 bytes each. */
export const MOST_EVENTS = 500;

export class MemoryOutbox implements Outbox {
  private entries: Entry[] = [];
  private last = 0;

  constructor(private readonly most = MOST_EVENTS) {}

  async add(event: TelemetryEvent): Promise<number> {
    this.last += 1;
    this.entries = [...this.entries, { key: this.last, event }].slice(-this.most);
    return this.last;
  }

  async peek(count: number): Promise<readonly Entry[]> {
    return this.entries.slice(0, count);
  }

  async remove(keys: readonly number[]): Promise<void> {
    this.entries = this.entries.filter(({ key }) => !keys.includes(key));
  }

  async clear(): Promise<void> {
    this.entries = [];
  }
}

const STORE = "events";

class DatabaseOutbox implements Outbox {
  constructor(
    private readonly database: IDBDatabase,
    private readonly most: number,
  ) {}

  async add(event: TelemetryEvent): Promise<number> {
    const store = this.store("readwrite");
    const key = Number(await settled(store.add(event)));
    const surplus = (await settled(store.count())) - this.most;
    if (surplus > 0) for (const old of await settled(store.getAllKeys(null, surplus))) store.delete(old);
    return key;
  }

  async peek(count: number): Promise<readonly Entry[]> {
    const store = this.store("readonly");
    const [keys, events] = await Promise.all([
      settled(store.getAllKeys(null, count)),
      settled(store.getAll(null, count)),
    ]);
    return keys.map((key, at) => ({ key: Number(key), event: events[at] }));
  }

  async remove(keys: readonly number[]): Promise<void> {
    const store = this.store("readwrite");
    await Promise.all(keys.map((key) => settled(store.delete(key))));
  }

  async clear(): Promise<void> {
    await settled(this.store("readwrite").clear());
  }

  private store(mode: IDBTransactionMode): IDBObjectStore {
    return this.database.transaction(STORE, mode).objectStore(STORE);
  }
}

/** In IndexedDB; where storage is denied, in memory. */
export async function openOutbox(name: string, most = MOST_EVENTS): Promise<Outbox> {
  try {
    return new DatabaseOutbox(await openDatabase(name, STORE, { autoIncrement: true }), most);
  } catch {
    return new MemoryOutbox(most);
  }
}
