/** Speech as Opus in WebM, through WebCodecs where the browser has it. */
import { resample } from "../../audio/resample.ts";
import { type Packet, webm } from "./webm.ts";

/** Speech up to 10 kHz is transparent at this rate (RFC 6716, 2.1.1: 16 to 20 kbit/s up to 8 kHz, 28 to 40 up to 20). */
const BITRATE = 32_000;
/** The rates that Opus codes (RFC 6716, 2.1.3). */
const RATES = [8000, 12_000, 16_000, 24_000, 48_000];
/** libopus' delay, in samples of 48 kHz. */
const PRE_SKIP = 312;

export async function canEncodeOpus(): Promise<boolean> {
  if (typeof AudioEncoder === "undefined") return false;
  try {
    const { supported } = await AudioEncoder.isConfigSupported(config(24_000));
    return supported === true;
  } catch {
    return false;
  }
}

function config(sampleRate: number): AudioEncoderConfig {
  return { codec: "opus", sampleRate, numberOfChannels: 1, bitrate: BITRATE };
}

export class OpusFile {
  private readonly rate: number;
  private readonly encoder: AudioEncoder;
  private readonly packets: Packet[] = [];
  private head: Uint8Array | undefined;
  private samples = 0;
  /** Seconds in the packets so far. */
  private coded = 0;
  private failure: DOMException | undefined;

  constructor(private readonly sourceRate: number) {
    this.rate = RATES.includes(sourceRate) ? sourceRate : 48_000;
    this.encoder = new AudioEncoder({
      output: (chunk, metadata) => this.take(chunk, metadata),
      error: (error) => {
        this.failure = error;
      },
    });
    this.encoder.configure(config(this.rate));
  }

  add(samples: Float32Array<ArrayBuffer>): void {
    if (this.failure) throw this.failure;
    this.encode(resample(samples, this.sourceRate, this.rate));
  }

  private encode(data: Float32Array<ArrayBuffer>): void {
    if (data.length === 0) return;
    const sound = new AudioData({
      format: "f32-planar",
      sampleRate: this.rate,
      numberOfFrames: data.length,
      numberOfChannels: 1,
      timestamp: Math.round((this.samples / this.rate) * 1e6),
      data,
    });
    this.samples += data.length;
    this.encoder.encode(sound);
    sound.close();
  }

  /** credit: whose voice it is; empty for none. */
  async finish(credit: string): Promise<Blob> {
    const duration = this.samples / this.rate;
    this.encode(new Float32Array(silenceBehind(this.samples, this.rate)));
    await this.encoder.flush();
    this.encoder.close();
    if (this.failure) throw this.failure;
    const track = {
      sampleRate: this.rate,
      head: this.head ?? opusHead(this.rate),
      duration,
      copyright: credit,
    };
    return new Blob([webm(track, this.packets)], { type: "audio/webm" });
  }

  private take(chunk: EncodedAudioChunk, metadata: EncodedAudioChunkMetadata | undefined): void {
    const description = metadata?.decoderConfig?.description;
    if (description) this.head = bytesOf(description);
    const bytes = new Uint8Array(chunk.byteLength);
    chunk.copyTo(bytes);
    // Each lies where the one before ends: WebKitGTK 2.50 gives all packets of one piece of sound the time at which that begins.
    this.packets.push({ at: this.coded, bytes });
    this.coded += packetSeconds(bytes);
  }
}

/** How long a packet sounds, by its first bytes (RFC 6716, 3.1 and 3.2). */
export function packetSeconds(packet: Uint8Array): number {
  const [head = 0, second = 0] = packet;
  const config = head >> 3;
  const lengths = config < 12 ? [10, 20, 40, 60] : config < 16 ? [10, 20] : [2.5, 5, 10, 20];
  const frame = lengths[config % lengths.length] ?? 0;
  const frames = [1, 2, 2, second & 0x3f][head & 3] ?? 0;
  return (frame * frames) / 1000;
}

/**
 * Samples of silence that fill the last packet of 20 ms, with what the encoder holds back: WebKitGTK 2.50 throws a packet away that
 * is not full, and the sound's end with it.
 */
export function silenceBehind(samples: number, rate: number): number {
  const packet = rate / 50;
  const delay = Math.ceil((PRE_SKIP / 48_000) * rate);
  return Math.ceil((samples + delay) / packet) * packet - samples;
}

function bytesOf(source: AllowSharedBufferSource): Uint8Array {
  return ArrayBuffer.isView(source)
    ? new Uint8Array(source.buffer, source.byteOffset, source.byteLength).slice()
    : new Uint8Array(source).slice();
}

/** RFC 7845, 5.1: version 1, one channel, 312 samples of pre-skip (libopus' delay), no gain, mapping family 0. */
function opusHead(rate: number): Uint8Array {
  const head = new Uint8Array(19);
  const view = new DataView(head.buffer);
  head.set(new TextEncoder().encode("OpusHead"));
  head.set([1, 1], 8);
  view.setUint16(10, PRE_SKIP, true);
  view.setUint32(12, rate, true);
  return head;
}
