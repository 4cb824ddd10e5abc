/** Reads the zip archives of the build, whose members are stored as they are (APPNOTE.TXT 6.3, sections 4.3.6 to 4.3.16). */
import { QingshengError } from "../errors.ts";
import type { Bytes } from "../files/digest.ts";

export interface Member {
  readonly path: string;
  /** A part of the archive's own memory. */
  readonly bytes: Uint8Array<ArrayBuffer>;
}

const END_BYTES = 22;
const END_SIGNATURE = 0x06054b50;
const ENTRY_SIGNATURE = 0x02014b50;
const ENTRY_BYTES = 46;
const LOCAL_BYTES = 30;
const STORED = 0;

export function* members(archive: Bytes): Generator<Member> {
  const view = new DataView(archive.buffer, archive.byteOffset, archive.byteLength);
  const end = archive.byteLength - END_BYTES;
  // The build writes no comment behind it.
  if (end < 0 || view.getUint32(end, true) !== END_SIGNATURE) throw unreadable("it has no end record");
  const decoder = new TextDecoder();
  let at = view.getUint32(end + 16, true);
  for (let left = view.getUint16(end + 10, true); left > 0; left--) {
    if (view.getUint32(at, true) !== ENTRY_SIGNATURE) throw unreadable("its directory is damaged");
    const [nameBytes, extra, comment] = [28, 30, 32].map((offset) => view.getUint16(at + offset, true));
    const path = decoder.decode(archive.subarray(at + ENTRY_BYTES, at + ENTRY_BYTES + (nameBytes ?? 0)));
    if (view.getUint16(at + 10, true) !== STORED) throw unreadable(`${path} is compressed`);
    const local = view.getUint32(at + 42, true);
    const begin = local + LOCAL_BYTES + view.getUint16(local + 26, true) + view.getUint16(local + 28, true);
    const bytes = archive.subarray(begin, begin + view.getUint32(at + 24, true));
    if (!path.endsWith("/")) yield { path, bytes };
    at += ENTRY_BYTES + (nameBytes ?? 0) + (extra ?? 0) + (comment ?? 0);
  }
}

function unreadable(why: string): QingshengError {
  return new QingshengError(
    "file.corrupt",
    `An archive of the build cannot be read: ${why}.`,
    "Build the site again: its archives are stored, not compressed.",
  );
}
