import { expect, it } from "vitest";
import { members } from "./archive.ts";

/** A zip archive of stored members, as Python's zipfile writes it. */
function zip(files: Record<string, string>, method = 0): Uint8Array<ArrayBuffer> {
  const encoder = new TextEncoder();
  const parts: Uint8Array[] = [];
  const directory: Uint8Array[] = [];
  let offset = 0;
  const record = (bytes: number, values: [number, number, 2 | 4][], ...tail: Uint8Array[]) => {
    const view = new DataView(new ArrayBuffer(bytes));
    for (const [at, value, size] of values)
      size === 2 ? view.setUint16(at, value, true) : view.setUint32(at, value, true);
    return [new Uint8Array(view.buffer), ...tail];
  };
  for (const [path, content] of Object.entries(files)) {
    const [name, bytes] = [encoder.encode(path), encoder.encode(content)];
    const extra = new Uint8Array(5);
    directory.push(
      ...record(
        46,
        [
          [0, 0x02014b50, 4],
          [10, method, 2],
          [24, bytes.length, 4],
          [28, name.length, 2],
          [42, offset, 4],
        ],
        name,
      ),
    );
    const local = record(
      30,
      [
        [0, 0x04034b50, 4],
        [26, name.length, 2],
        [28, extra.length, 2],
      ],
      name,
      extra,
      bytes,
    );
    parts.push(...local);
    offset += local.reduce((sum, part) => sum + part.length, 0);
  }
  const count = Object.keys(files).length;
  const end = record(22, [
    [0, 0x06054b50, 4],
    [10, count, 2],
    [16, offset, 4],
  ]);
  return Uint8Array.from([...parts, ...directory, ...end].flatMap((part) => [...part]));
}

it("gives every file of an archive, in order, without copying", () => {
  const archive = zip({ "a/b.txt": "hello", "a/": "", "名.py": "" });
  const found = [...members(archive)];
  expect(found.map(({ path, bytes }) => [path, new TextDecoder().decode(bytes)])).toEqual([
    ["a/b.txt", "hello"],
    ["名.py", ""],
  ]);
  expect(found[0]?.bytes.buffer).toBe(archive.buffer);
});

it("refuses what it cannot read, and says why", () => {
  expect(() => [...members(zip({ a: "x" }, 8))]).toThrowError(/a is compressed/);
  expect(() => [...members(new Uint8Array(100))]).toThrowError(/no end record/);
  const damaged = zip({ a: "x" });
  damaged[damaged.length - 22 - 47] = 0;
  expect(() => [...members(damaged)]).toThrowError(/directory is damaged/);
});
