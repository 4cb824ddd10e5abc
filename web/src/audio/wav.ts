import { QingshengError } from "../errors.ts";
import { joined } from "./bytes.ts";
import { SAMPLE_RATE } from "./messages.ts";

export interface Sound {
  readonly samples: Float32Array;
  readonly sampleRate: number;
}

const HEADER_BYTES = 44;
const SAMPLE_BYTES = 2;
const PCM = 1;
/** Name and size of a chunk. */
const CHUNK_HEAD = 8;

/**
 * The chunks one after another as a WAV file: mono, 16-bit PCM (Microsoft RIFF specification, WAVE_FORMAT_PCM). credit: whose voice it
 * is, see `creditOf`.
 */
export function encodeWav(chunks: readonly Sound[], credit = ""): Uint8Array<ArrayBuffer> {
  const sampleRate = chunks[0]?.sampleRate ?? SAMPLE_RATE;
  const other = chunks.find((chunk) => chunk.sampleRate !== sampleRate);
  if (other) {
    throw new QingshengError(
      "option.invalid",
      `The chunks have different sample rates: ${sampleRate} and ${other.sampleRate} Hz.`,
      "Encode the chunks of one voice only.",
    );
  }
  const pieces = chunks.map(({ samples }) => pcm16(samples));
  const { head, tail } = wavFrame(
    pieces.reduce((sum, piece) => sum + piece.length, 0),
    sampleRate,
    credit,
  );
  return joined([head, ...pieces, tail]);
}

/** What stands before and behind so many bytes of samples. */
export function wavFrame(bytes: number, sampleRate: number, credit: string) {
  const tail = infoList(credit);
  return { head: header(sampleRate, bytes, tail.length), tail };
}

/** Little-endian integers of 16 bits. */
export function pcm16(samples: Float32Array): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(samples.length * SAMPLE_BYTES);
  const view = new DataView(bytes.buffer);
  samples.forEach((sample, index) => {
    view.setInt16(index * SAMPLE_BYTES, toInt16(sample), true);
  });
  return bytes;
}

function toInt16(sample: number): number {
  return Math.round(Math.max(-1, Math.min(1, sample)) * 32_767);
}

function header(sampleRate: number, dataBytes: number, listBytes: number): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(HEADER_BYTES);
  const view = new DataView(bytes.buffer);
  write(bytes, 0, "RIFF");
  view.setUint32(4, HEADER_BYTES - CHUNK_HEAD + dataBytes + listBytes, true);
  write(bytes, 8, "WAVE");
  write(bytes, 12, "fmt ");
  view.setUint32(16, 16, true);
  view.setUint16(20, PCM, true);
  view.setUint16(22, 1, true);
  view.setUint32(24, sampleRate, true);
  view.setUint32(28, sampleRate * SAMPLE_BYTES, true);
  view.setUint16(32, SAMPLE_BYTES, true);
  view.setUint16(34, SAMPLE_BYTES * 8, true);
  write(bytes, 36, "data");
  view.setUint32(40, dataBytes, true);
  return bytes;
}

/** The INFO list with its field ICOP (Multimedia Programming Interface 1.0, 1991), in UTF-8; nothing of nothing. */
function infoList(credit: string): Uint8Array<ArrayBuffer> {
  if (!credit) return new Uint8Array(0);
  const text = new TextEncoder().encode(`${credit}\0`);
  const even = text.length + (text.length % 2);
  const bytes = new Uint8Array(CHUNK_HEAD + 4 + CHUNK_HEAD + even);
  const view = new DataView(bytes.buffer);
  write(bytes, 0, "LIST");
  view.setUint32(4, bytes.length - CHUNK_HEAD, true);
  write(bytes, 8, "INFOICOP");
  view.setUint32(16, text.length, true);
  bytes.set(text, 20);
  return bytes;
}

function write(bytes: Uint8Array, offset: number, text: string): void {
  bytes.set(new TextEncoder().encode(text), offset);
}
