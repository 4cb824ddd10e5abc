/** `build.json`: what the site consists of, with the size and digest of every file. */
import { QingshengError } from "../errors.ts";

/** What else there is concerns no page: a newer build may have more groups, and has to be seen as the newer one. */
export type Group = "page" | "runtime" | "models" | `voice:${string}` | (string & {});

export interface BuildFile {
  /** Relative to the folder of `build.json`. */
  readonly path: string;
  readonly bytes: number;
  /** Lower-case hexadecimal. */
  readonly sha256: string;
  readonly group: Group;
  /** Bytes of the compressed copies, by encoding. */
  readonly encodings?: Readonly<Record<string, number>>;
}

/** Bytes that a host transfers that sends the smallest copy, as most do. */
export function transferred(file: BuildFile): number {
  return Math.min(file.bytes, ...Object.values(file.encodings ?? {}));
}

export interface Build {
  readonly version: string;
  readonly files: readonly BuildFile[];
}

export const BUILD_FILE = "build.json";

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}

function isBuildFile(value: unknown): value is BuildFile {
  return (
    isRecord(value) &&
    typeof value.path === "string" &&
    typeof value.bytes === "number" &&
    typeof value.sha256 === "string" &&
    /^[0-9a-f]{64}$/.test(value.sha256) &&
    typeof value.group === "string" &&
    isSizes(value.encodings ?? {})
  );
}

function isSizes(value: unknown): boolean {
  return isRecord(value) && Object.values(value).every((size) => typeof size === "number" && size > 0);
}

/** Refuses anything that is not a manifest, such as the HTML page that some hosts send for a missing file. */
export function parseBuild(text: string, url: string): Build {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    value = undefined;
  }
  if (isRecord(value) && typeof value.version === "string" && Array.isArray(value.files)) {
    const bad = value.files.find((file) => !isBuildFile(file));
    if (bad === undefined) return { version: value.version, files: value.files as BuildFile[] };
  }
  throw new QingshengError(
    "file.corrupt",
    `${url} is not a build manifest: it begins with ${JSON.stringify(text.slice(0, 40))}.`,
    "Serve the whole built folder, build.json included, and let no bundler take qingsheng.js in.",
    { url },
  );
}

export function fileNamed(build: Build, path: string): BuildFile {
  const file = build.files.find((candidate) => candidate.path === path);
  if (file) return file;
  throw new QingshengError(
    "file.missing",
    `build.json of version ${build.version} does not list ${path}.`,
    "Build the site again and serve one complete build.",
    { path },
  );
}

export function inGroup(build: Build, group: Group): BuildFile[] {
  return build.files.filter((file) => file.group === group);
}
