import { describe, expect, it } from "vitest";
import type { BuildFile } from "./build.ts";
import { type ByteCount, ByteTracker } from "./progress.ts";

const file = (path: string, bytes: number): BuildFile => ({ path, bytes, sha256: "0".repeat(64), group: "runtime" });

function tracked(files: BuildFile[]) {
  const counts: ByteCount[] = [];
  return { tracker: new ByteTracker(files, (count) => counts.push(count)), counts };
}

describe("ByteTracker", () => {
  it("never decreases and ends at the total, whatever is retried", () => {
    const [a, b] = [file("a", 100), file("b", 50)];
    const { tracker, counts } = tracked([a, b]);
    for (const [which, bytes] of [
      [a, 60],
      [b, 20],
      [a, 10],
      [a, 70],
      [b, 50],
      [a, 500],
    ] as const) {
      tracker.advance(which, bytes);
    }
    const loaded = counts.map((count) => count.loaded);
    expect(loaded).toEqual([...loaded].sort((x, y) => x - y));
    expect(counts.at(-1)).toEqual({ loaded: 150, total: 150, kept: 0 });
  });

  it("counts a file listed twice once, and ignores files that it does not know", () => {
    const a = file("a", 100);
    const { tracker, counts } = tracked([a, a]);
    tracker.advance(file("other", 10), 10);
    tracker.emit();
    expect(counts).toEqual([{ loaded: 0, total: 100, kept: 0 }]);
  });

  it("counts what goes over the line: the smallest copy, and more where a host says that it sends more", () => {
    const packed = { ...file("a", 100), encodings: { br: 20, gzip: 30 } };
    const plain = file("b", 60);
    const { tracker, counts } = tracked([packed, plain]);
    tracker.advance(packed, 50);
    expect(counts.at(-1)).toEqual({ loaded: 10, total: 80, kept: 0 });
    tracker.sized(packed, 30);
    tracker.sized(plain, 0);
    tracker.advance(packed, 60);
    expect(counts.at(-1)).toEqual({ loaded: 18, total: 90, kept: 0 });
    // No host sends more than the file; less than was counted is no news.
    tracker.sized(packed, 1000);
    tracker.sized(packed, 5);
    tracker.kept(packed);
    tracker.advance(plain, 60);
    expect(counts.at(-1)).toEqual({ loaded: 160, total: 160, kept: 40 });
  });

  it("tells bytes of this device apart", () => {
    const [a, b] = [file("a", 100), file("b", 50)];
    const { tracker, counts } = tracked([a, b]);
    tracker.kept(a);
    tracker.advance(b, 50);
    expect(counts.at(-1)).toEqual({ loaded: 150, total: 150, kept: 100 });
  });
});
