/** `models/catalog.json`: which voices exist, and which files of the build make up each. */
import { SAMPLE_RATE } from "../audio/messages.ts";
import { QingshengError } from "../errors.ts";
import { type Build, type BuildFile, fileNamed } from "../files/build.ts";
import type { Control, Voice } from "../protocol.ts";
import type { VoiceInfo } from "./python.ts";

const MODELS_FOLDER = "models/";
export const CATALOG_FILE = `${MODELS_FOLDER}catalog.json`;
const FORMAT = 1;
/** What a voice that the catalogue says no more of can do. */
const CONTROLS: readonly Control[] = ["speed", "pitch"];

interface CatalogVoice {
  readonly id: string;
  readonly name: string;
  readonly language: string;
  readonly license?: string;
  /** Hz. */
  readonly sample_rate?: number;
  readonly controls?: readonly Control[];
  /** Paths are relative to `models/`. */
  readonly manifest: { readonly path: string };
  readonly files: readonly { readonly path: string }[];
}

export interface Catalog {
  readonly format: number;
  /** Null where the site was built without a voice. */
  readonly default: string | null;
  readonly voices: readonly CatalogVoice[];
}

export interface PackFiles {
  readonly folder: string;
  readonly manifest: BuildFile;
  readonly models: readonly BuildFile[];
}

export function parseCatalog(text: string): Catalog {
  const catalog = JSON.parse(text) as Catalog;
  if (catalog.format === FORMAT) return catalog;
  throw new QingshengError(
    "voice.format",
    `${CATALOG_FILE} has format ${catalog.format}, expected ${FORMAT}.`,
    "Build the site again: its parts are from different versions.",
    { format: catalog.format, expected: FORMAT },
  );
}

function findPack(catalog: Catalog, voice: string): CatalogVoice {
  const pack = voice.split("/")[0];
  const found = catalog.voices.find(({ id }) => id === pack);
  if (found) return found;
  throw new QingshengError(
    "voice.not_found",
    `There is no voice ${JSON.stringify(voice)}; there are ${catalog.voices.map(({ id }) => id).join(", ") || "none"}.`,
    "Take one of the ids that voices() lists.",
    { voice, voices: catalog.voices.map(({ id }) => id) },
  );
}

/** A voice id is `<pack>` or `<pack>/<speaker>`. */
export function packOf(catalog: Catalog, voice: string): string {
  return findPack(catalog, voice).id;
}

export function packFiles(build: Build, catalog: Catalog, pack: string): PackFiles {
  const { manifest, files } = findPack(catalog, pack);
  return {
    // The site names the folder by the pack's digest.
    folder: MODELS_FOLDER + manifest.path.slice(0, manifest.path.lastIndexOf("/") + 1),
    manifest: fileNamed(build, MODELS_FOLDER + manifest.path),
    models: files.map(({ path }) => fileNamed(build, MODELS_FOLDER + path)),
  };
}

/** The packs of these speakers. */
export function packsOf(infos: readonly VoiceInfo[]): Set<string> {
  return new Set(infos.map(({ id }) => id.split("/")[0] ?? id));
}

/** What the engine holds, followed by what could be fetched: speakers it has held before (`known`), and packs. */
export function listVoices(catalog: Catalog, held: readonly VoiceInfo[], known: readonly VoiceInfo[] = []): Voice[] {
  const packs = packsOf(held);
  const released = known.filter(({ id }) => !packs.has(id.split("/")[0] ?? id));
  const seen = packsOf([...held, ...released]);
  const others = catalog.voices
    .filter(({ id }) => !seen.has(id))
    .map(({ id, name, language, license = "", sample_rate: sampleRate = SAMPLE_RATE, controls = CONTROLS }) => {
      return { id, name, speaker: "", language, sampleRate, license, attribution: "", controls, loaded: false };
    });
  return [...held.map((info) => listed(info, true)), ...released.map((info) => listed(info, false)), ...others];
}

function listed(info: VoiceInfo, loaded: boolean): Voice {
  const { id, name, speaker, language, sample_rate: sampleRate, license, attribution, controls } = info;
  return { id, name, speaker, language, sampleRate, license, attribution, controls, loaded };
}
