import { QingshengError } from "../errors.ts";
import { SAMPLE_RATE } from "./messages.ts";

export interface Sound {
  readonly samples: Float32Array;
  readonly sampleRate: number;
}

const HEADER_BYTES = 44;
const SAMPLE_BYTES = 2;
const PCM = 1;

/** The chunks one after another as a WAV file: mono, 16-bit PCM (Microsoft RIFF specification, WAVE_FORMAT_PCM). */
export function encodeWav(chunks: readonly Sound[]): Uint8Array<ArrayBuffer> {
  const sampleRate = chunks[0]?.sampleRate ?? SAMPLE_RATE;
  const other = chunks.find((chunk) => chunk.sampleRate !== sampleRate);
  if (other) {
    throw new QingshengError(
      "option.invalid",
      `The chunks have different sample rates: ${sampleRate} and ${other.sampleRate} Hz.`,
      "Encode the chunks of one voice only.",
    );
  }
  const count = chunks.reduce((sum, { samples }) => sum + samples.length, 0);
  const bytes = new Uint8Array(HEADER_BYTES + count * SAMPLE_BYTES);
  const view = new DataView(bytes.buffer);
  writeHeader(view, sampleRate, count * SAMPLE_BYTES);
  let offset = HEADER_BYTES;
  for (const { samples } of chunks) {
    for (const sample of samples) {
      view.setInt16(offset, toInt16(sample), true);
      offset += SAMPLE_BYTES;
    }
  }
  return bytes;
}

function toInt16(sample: number): number {
  return Math.round(Math.max(-1, Math.min(1, sample)) * 32_767);
}

function writeHeader(view: DataView, sampleRate: number, dataBytes: number): void {
  const ascii = (offset: number, text: string) => {
    for (let i = 0; i < text.length; i++) view.setUint8(offset + i, text.charCodeAt(i));
  };
  ascii(0, "RIFF");
  view.setUint32(4, HEADER_BYTES - 8 + dataBytes, true);
  ascii(8, "WAVE");
  ascii(12, "fmt ");
  view.setUint32(16, 16, true);
  view.setUint16(20, PCM, true);
  view.setUint16(22, 1, true);
  view.setUint32(24, sampleRate, true);
  view.setUint32(28, sampleRate * SAMPLE_BYTES, true);
  view.setUint16(32, SAMPLE_BYTES, true);
  view.setUint16(34, SAMPLE_BYTES * 8, true);
  ascii(36, "data");
  view.setUint32(40, dataBytes, true);
}
