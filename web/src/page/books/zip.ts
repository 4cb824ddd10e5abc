/** Files out of a ZIP archive (PKWARE APPNOTE 6.3.10, sections 4.3 and 4.5), inflated by the browser itself. */
import { BookError } from "./book.ts";

const END = 0x06054b50;
const ENTRY = 0x02014b50;
const LOCAL = 0x04034b50;
const END_BYTES = 22;
const ENTRY_BYTES = 46;
const LOCAL_BYTES = 30;
const LONGEST_COMMENT = 0xffff;
const STORED = 0;
const DEFLATED = 8;
/** Of one file, unpacked: a small archive must not fill the memory. */
const MOST_BYTES = 32 << 20;
const MOST_FILES = 20_000;

interface Entry {
  readonly method: number;
  readonly packed: number;
  readonly offset: number;
}

export class ZipFile {
  private constructor(
    private readonly file: Blob,
    private readonly entries: ReadonlyMap<string, Entry>,
  ) {}

  /** Reads the directory at the archive's end, and nothing else. Throws BookError. */
  static async open(file: Blob): Promise<ZipFile> {
    const tailStart = Math.max(0, file.size - END_BYTES - LONGEST_COMMENT);
    const tail = await view(file, tailStart, file.size);
    let at = tail.byteLength - END_BYTES;
    while (at >= 0 && tail.getUint32(at, true) !== END) at -= 1;
    if (at < 0) throw new BookError("broken", "The file is no ZIP archive, or it is cut off.");
    const count = tail.getUint16(at + 10, true);
    const size = tail.getUint32(at + 12, true);
    const start = tail.getUint32(at + 16, true);
    if (count > MOST_FILES || start + size > file.size) {
      throw new BookError("broken", `The archive's directory is out of bounds: ${count} files at ${start}.`);
    }
    return new ZipFile(file, directory(await view(file, start, start + size), count));
  }

  async text(name: string): Promise<string> {
    return new TextDecoder().decode(await this.bytes(name));
  }

  async bytes(name: string): Promise<Uint8Array<ArrayBuffer>> {
    const entry = this.entries.get(name);
    if (!entry) throw new BookError("broken", `The archive has no ${name}.`);
    const local = await view(this.file, entry.offset, entry.offset + LOCAL_BYTES);
    if (local.byteLength < LOCAL_BYTES || local.getUint32(0, true) !== LOCAL) {
      throw new BookError("broken", `The archive's ${name} is not where its directory says.`);
    }
    // The name and the extra field here may be of other lengths than in the directory.
    const start = entry.offset + LOCAL_BYTES + local.getUint16(26, true) + local.getUint16(28, true);
    const packed = this.file.slice(start, start + entry.packed);
    if (entry.method === STORED) return limited(packed.stream(), name);
    if (entry.method !== DEFLATED) throw new BookError("broken", `${name} is packed by method ${entry.method}.`);
    return limited(packed.stream().pipeThrough(new DecompressionStream("deflate-raw")), name);
  }
}

async function view(file: Blob, start: number, stop: number): Promise<DataView> {
  return new DataView(await file.slice(start, stop).arrayBuffer());
}

function directory(data: DataView, count: number): Map<string, Entry> {
  const entries = new Map<string, Entry>();
  let at = 0;
  for (let left = count; left > 0 && at + ENTRY_BYTES <= data.byteLength; left--) {
    if (data.getUint32(at, true) !== ENTRY) throw new BookError("broken", "The archive's directory is damaged.");
    const [name, extra, comment] = [28, 30, 32].map((field) => data.getUint16(at + field, true)) as [
      number,
      number,
      number,
    ];
    if (at + ENTRY_BYTES + name > data.byteLength) break;
    const path = new TextDecoder().decode(new Uint8Array(data.buffer, data.byteOffset + at + ENTRY_BYTES, name));
    entries.set(path, {
      method: data.getUint16(at + 10, true),
      packed: data.getUint32(at + 20, true),
      offset: data.getUint32(at + 42, true),
    });
    at += ENTRY_BYTES + name + extra + comment;
  }
  return entries;
}

async function limited(
  stream: ReadableStream<Uint8Array<ArrayBuffer>>,
  name: string,
): Promise<Uint8Array<ArrayBuffer>> {
  const reader = stream.getReader();
  const pieces: Uint8Array<ArrayBuffer>[] = [];
  let length = 0;
  try {
    for (let step = await reader.read(); !step.done; step = await reader.read()) {
      length += step.value.length;
      if (length > MOST_BYTES) throw new BookError("large", `${name} unpacks into more than ${MOST_BYTES} bytes.`);
      pieces.push(step.value);
    }
  } catch (error) {
    await reader.cancel().catch(() => undefined);
    if (error instanceof BookError) throw error;
    throw new BookError("broken", `${name} cannot be unpacked: ${error}`);
  }
  return new Uint8Array(await new Blob(pieces).arrayBuffer());
}
