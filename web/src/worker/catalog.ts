/** `models/catalog.json`: which voices exist, and which files of the build make up each. */
import { QingshengError } from "../errors.ts";
import { type Build, type BuildFile, fileNamed, inGroup } from "../files/build.ts";
import type { Voice } from "../protocol.ts";
import type { VoiceInfo } from "./python.ts";

export const CATALOG_FILE = "models/catalog.json";
const FORMAT = 1;

interface CatalogVoice {
  readonly id: string;
  readonly name: string;
  readonly language: string;
  readonly speakers: readonly { readonly id: string; readonly name: string }[];
}

export interface Catalog {
  readonly format: number;
  readonly default: string;
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

/** A voice id is `<pack>` or `<pack>/<speaker>`. */
export function packOf(catalog: Catalog, voice: string): string {
  const pack = voice.split("/")[0] ?? voice;
  if (catalog.voices.some(({ id }) => id === pack)) return pack;
  throw new QingshengError(
    "voice.not_found",
    `There is no voice ${JSON.stringify(voice)}; there are ${catalog.voices.map(({ id }) => id).join(", ") || "none"}.`,
    "Take one of the ids that voices() lists.",
    { voice, voices: catalog.voices.map(({ id }) => id) },
  );
}

export function packFiles(build: Build, pack: string): PackFiles {
  const folder = `models/${pack}/`;
  const manifest = fileNamed(build, `${folder}voice.json`);
  return { folder, manifest, models: inGroup(build, `voice:${pack}`).filter(({ path }) => path !== manifest.path) };
}

/** What the engine holds, followed by what could be fetched. */
export function listVoices(catalog: Catalog, loaded: readonly VoiceInfo[]): Voice[] {
  const packs = new Set(loaded.map(({ id }) => id.split("/")[0]));
  const held = loaded.map(({ id, name, language }) => ({ id, name, language, loaded: true }));
  const others = catalog.voices
    .filter(({ id }) => !packs.has(id))
    .map(({ id, name, language }) => ({ id, name, language, loaded: false }));
  return [...held, ...others];
}
