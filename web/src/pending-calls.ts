interface Waiter {
  resolve(value: unknown): void;
  reject(error: Error): void;
}

/** Requests whose answer has not come yet, by their number. An answer to an unknown number is dropped. */
export class PendingCalls {
  private readonly waiters = new Map<number, Waiter>();

  get size(): number {
    return this.waiters.size;
  }

  add<T>(id: number): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      this.waiters.set(id, { resolve: (value) => resolve(value as T), reject });
    });
  }

  resolve(id: number, value: unknown): void {
    this.take(id)?.resolve(value);
  }

  /** Whether the number was waited for. */
  reject(id: number, error: Error): boolean {
    const waiter = this.take(id);
    waiter?.reject(error);
    return waiter !== undefined;
  }

  failAll(error: Error): void {
    for (const id of [...this.waiters.keys()]) this.reject(id, error);
  }

  private take(id: number): Waiter | undefined {
    const waiter = this.waiters.get(id);
    this.waiters.delete(id);
    return waiter;
  }
}
