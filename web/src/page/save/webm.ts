/**
 * Opus packets as a WebM file: the smallest that players take (RFC 8794 for EBML, RFC 9559 for Matroska, RFC 7845 for the codec's
 * private data). One track, clusters of a few seconds, sizes all known, no index.
 */
import { joined } from "../../audio/bytes.ts";

export interface Packet {
  /** Seconds. */
  readonly at: number;
  readonly bytes: Uint8Array<ArrayBuffer>;
}

export interface OpusTrack {
  readonly sampleRate: number;
  /** "OpusHead", as the encoder gives it. */
  readonly head: Uint8Array;
  /** Seconds. */
  readonly duration: number;
  /** For the tag of that name; empty for none. */
  readonly copyright: string;
}

type Bytes = Uint8Array<ArrayBuffer>;

/** Matroska's clock here: a tick is a millisecond. */
const TICK_NANOSECONDS = 1_000_000;
const CLUSTER_MS = 5000;
/** RFC 7845, 4.6: what a decoder needs before it is right after a seek. */
const SEEK_PRE_ROLL = 80_000_000;
const OPUS_RATE = 48_000;
const KEY_FRAME = 0x80;

const ID = {
  ebml: 0x1a45dfa3,
  version: 0x4286,
  readVersion: 0x42f7,
  idLength: 0x42f2,
  sizeLength: 0x42f3,
  docType: 0x4282,
  docVersion: 0x4287,
  docReadVersion: 0x4285,
  segment: 0x18538067,
  info: 0x1549a966,
  scale: 0x2ad7b1,
  duration: 0x4489,
  muxer: 0x4d80,
  writer: 0x5741,
  tracks: 0x1654ae6b,
  track: 0xae,
  number: 0xd7,
  uid: 0x73c5,
  type: 0x83,
  codec: 0x86,
  codecPrivate: 0x63a2,
  codecDelay: 0x56aa,
  preRoll: 0x56bb,
  audio: 0xe1,
  rate: 0xb5,
  channels: 0x9f,
  cluster: 0x1f43b675,
  timestamp: 0xe7,
  simpleBlock: 0xa3,
  tags: 0x1254c367,
  tag: 0x7373,
  targets: 0x63c0,
  simpleTag: 0x67c8,
  tagName: 0x45a3,
  tagString: 0x4487,
} as const;

export function webm(track: OpusTrack, packets: readonly Packet[]): Bytes {
  const preSkip = new DataView(track.head.buffer, track.head.byteOffset).getUint16(10, true);
  const header = element(
    ID.ebml,
    number(ID.version, 1),
    number(ID.readVersion, 1),
    number(ID.idLength, 4),
    number(ID.sizeLength, 8),
    text(ID.docType, "webm"),
    number(ID.docVersion, 4),
    number(ID.docReadVersion, 2),
  );
  const info = element(
    ID.info,
    number(ID.scale, TICK_NANOSECONDS),
    float(ID.duration, track.duration * 1000),
    text(ID.muxer, "qingsheng"),
    text(ID.writer, "qingsheng"),
  );
  const audio = element(ID.audio, float(ID.rate, track.sampleRate), number(ID.channels, 1));
  const entry = element(
    ID.track,
    number(ID.number, 1),
    number(ID.uid, 1),
    number(ID.type, 2),
    text(ID.codec, "A_OPUS"),
    raw(ID.codecPrivate, Uint8Array.from(track.head)),
    number(ID.codecDelay, Math.round((preSkip / OPUS_RATE) * 1e9)),
    number(ID.preRoll, SEEK_PRE_ROLL),
    audio,
  );
  const parts = [info, element(ID.tracks, entry), ...tags(track.copyright), ...clusters(packets)];
  return joined([header, element(ID.segment, ...parts)]);
}

/** Of the whole file: its targets are empty. */
function tags(copyright: string): Bytes[] {
  if (!copyright) return [];
  const simple = element(ID.simpleTag, text(ID.tagName, "COPYRIGHT"), text(ID.tagString, copyright));
  return [element(ID.tags, element(ID.tag, element(ID.targets), simple))];
}

function clusters(packets: readonly Packet[]): Bytes[] {
  const made: Bytes[] = [];
  let open: { readonly start: number; readonly blocks: Bytes[] } | undefined;
  for (const { at, bytes } of packets) {
    const time = Math.round(at * 1000);
    if (open && time - open.start >= CLUSTER_MS) {
      made.push(cluster(open.start, open.blocks));
      open = undefined;
    }
    open ??= { start: time, blocks: [] };
    const offset = time - open.start;
    open.blocks.push(raw(ID.simpleBlock, joined([Uint8Array.of(0x81, offset >> 8, offset & 0xff, KEY_FRAME), bytes])));
  }
  if (open) made.push(cluster(open.start, open.blocks));
  return made;
}

function cluster(start: number, blocks: readonly Bytes[]): Bytes {
  return element(ID.cluster, number(ID.timestamp, start), ...blocks);
}

function element(id: number, ...content: Bytes[]): Bytes {
  return raw(id, joined(content));
}

function raw(id: number, content: Bytes): Bytes {
  return joined([bigEndian(id), size(content.length), content]);
}

function number(id: number, value: number): Bytes {
  return raw(id, bigEndian(value));
}

function float(id: number, value: number): Bytes {
  const bytes = new Uint8Array(8);
  new DataView(bytes.buffer).setFloat64(0, value);
  return raw(id, bytes);
}

function text(id: number, value: string): Bytes {
  return raw(id, new TextEncoder().encode(value));
}

/** As few bytes as it takes, at least one. */
function bigEndian(value: number): Bytes {
  const bytes: number[] = [];
  for (let rest = value; rest > 0 || bytes.length === 0; rest = Math.floor(rest / 256)) bytes.unshift(rest % 256);
  return Uint8Array.from(bytes);
}

/** A length of eight bytes: the first bit set in the first byte says so. */
function size(length: number): Bytes {
  const bytes = new Uint8Array(8);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, Math.floor(length / 2 ** 32));
  view.setUint32(4, length % 2 ** 32);
  bytes[0] = 0x01;
  return bytes;
}
