const NEXT = "next_";

/** Runs that go on where the last one of the same relay stopped: its outputs `next_X` are inputs `X`. */
export class Relays<T> {
  private readonly kept = new Map<number, Readonly<Record<string, T>>>();

  /** work: what makes outputs of inputs. Resolves to those that nothing takes up. */
  async run(
    relay: number,
    inputs: Readonly<Record<string, T>>,
    work: (inputs: Record<string, T>) => Promise<Readonly<Record<string, T>>>,
  ): Promise<Record<string, T>> {
    const before = this.kept.get(relay) ?? {};
    this.kept.set(relay, before);
    const outputs = Object.entries(await work({ ...inputs, ...before }));
    const next = outputs.filter(([name]) => name.startsWith(NEXT));
    // Forgotten meanwhile, it stays so.
    if (this.kept.get(relay) === before)
      this.kept.set(relay, Object.fromEntries(next.map(([name, value]) => [name.slice(NEXT.length), value])));
    return Object.fromEntries(outputs.filter(([name]) => !name.startsWith(NEXT)));
  }

  forget(relay: number): void {
    this.kept.delete(relay);
  }

  get size(): number {
    return this.kept.size;
  }
}
