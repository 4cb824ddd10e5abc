/** From nothing to an engine that has spoken once: named stages, each a private function. */
import type { PyodideInterface } from "pyodide";
import { QingshengError } from "../errors.ts";
import { type Build, type BuildFile, fileNamed, inGroup } from "../files/build.ts";
import type { Bytes } from "../files/digest.ts";
import { Loader, type LoaderEvents } from "../files/loader.ts";
import { ByteTracker } from "../files/progress.ts";
import { type WasmSource, wasmModule, wasmResponse } from "../files/wasm.ts";
import { BOOT_STAGES, type BootOptions, type BootStage, type Progress } from "../protocol.ts";
import { members } from "./archive.ts";
import { CATALOG_FILE, type Catalog, type PackFiles, packFiles, packOf, parseCatalog } from "./catalog.ts";
import { type Extensions, extensionPath, linkExtensions } from "./extensions.ts";
import { type Host, startHost } from "./host.ts";
import { ORT_URLS } from "./ort.ts";
import { PythonEngine } from "./python.ts";
import { type PyodideFiles, startPyodide } from "./runtime.ts";
import { requireWebAssembly, threadCount } from "./support.ts";

export interface Booted {
  readonly engine: PythonEngine;
  readonly host: Host;
  readonly loader: Loader;
  readonly catalog: Catalog;
  readonly version: string;
  readonly threads: number;
  readonly defaultVoice: string;
}

type Report = (progress: Progress) => void;

/** What was asked for, by path. */
interface Fetched {
  readonly bytes: Map<string, Promise<Bytes>>;
  readonly wasm: Map<string, Promise<WasmSource>>;
}

/** Never used for a caller's job: those count from 1. */
const WARM_JOB = 0;
const WARM_TEXT = "你好。";

/** What is to be started, known before anything large is fetched. */
interface Plan {
  readonly loader: Loader;
  readonly catalog: Catalog;
  readonly defaultVoice: string;
  readonly pack: PackFiles;
  readonly threads: number;
}

export async function boot(options: BootOptions, report: Report): Promise<Booted> {
  requireWebAssembly();
  const clock = new StageClock(report);
  clock.begin("runtime");
  const plan = await makePlan(options);
  const { fetched, failure } = fetchAll(plan, report);
  // Whatever file fails, the boot fails at once, and not only when its turn would come.
  return Promise.race([start(plan, fetched, clock), failure]);
}

async function makePlan(options: BootOptions): Promise<Plan> {
  const loader = await Loader.open(options.baseUrl);
  const catalog = parseCatalog(await loader.text(fileNamed(loader.build, CATALOG_FILE)));
  const defaultVoice = options.voice ?? catalog.default ?? "";
  const pack = packFiles(loader.build, catalog, packOf(catalog, defaultVoice));
  return { loader, catalog, defaultVoice, pack, threads: threadCount(options.threads) };
}

async function start(plan: Plan, fetched: Fetched, clock: StageClock): Promise<Booted> {
  const { loader, catalog, defaultVoice, pack, threads } = plan;
  const { host, started } = startHost(take(fetched.wasm, ortWasmFile(loader)), threads);
  const extensions = compileExtensions(loader.build, fetched);
  // Looked at when the voice or NumPy needs them; if Python fails first, nobody looks.
  for (const promise of [started, extensions]) promise.catch(() => undefined);
  const pyodide = await startPyodide(pyodideFiles(loader, fetched));
  clock.begin("packages");
  await installWheels(pyodide, loader.build, fetched, await extensions);
  clock.begin("engine");
  const { engine, version } = startEngine(pyodide, host);
  clock.begin("voice");
  await started;
  const { manifest, files } = await fetchPack(pack, (file) => take(fetched.bytes, file));
  await engine.loadVoice(manifest, files);
  clock.begin("warm");
  await warm(engine, defaultVoice);
  // What nobody took here, such as the audio player: the next visit needs it on this device.
  await Promise.all(fetched.bytes.values());
  clock.end();
  return { engine, host, loader, catalog, version, threads, defaultVoice };
}

/** Everything at once, so that the slowest file decides and not the sum. */
function fetchAll({ loader, pack }: Plan, report: Report): { fetched: Fetched; failure: Promise<never> } {
  const files = [...inGroup(loader.build, "runtime"), pack.manifest, ...pack.models];
  const tracker = new ByteTracker(files, (count) => report({ kind: "bytes", ...count }));
  const events: LoaderEvents = {
    onSize: (file, transfer) => tracker.sized(file, transfer),
    onBytes: (file, bytes) => tracker.advance(file, bytes),
    onKept: (file) => tracker.kept(file),
  };
  tracker.emit();
  const isWasm = ({ path }: BuildFile) => path.endsWith(".wasm");
  const fetched: Fetched = {
    bytes: new Map(files.filter((file) => !isWasm(file)).map((file) => [file.path, loader.bytes(file, events)])),
    wasm: new Map(files.filter(isWasm).map((file) => [file.path, loader.wasm(file, events)])),
  };
  const failure = new Promise<never>((_resolve, reject) => {
    for (const file of [...fetched.bytes.values(), ...fetched.wasm.values()]) file.catch(reject);
  });
  return { fetched, failure };
}

/** Hands a file over and lets go of it: the heap is small. */
async function take<Content>(fetched: Map<string, Promise<Content>>, file: BuildFile): Promise<Content> {
  const content = await fetched.get(file.path);
  fetched.delete(file.path);
  if (content) return content;
  throw new QingshengError("file.missing", `${file.path} is not among the files of this boot.`);
}

function ortWasmFile(loader: Loader): BuildFile {
  const path = ORT_URLS.wasm.slice(loader.baseUrl.length);
  return fileNamed(loader.build, path);
}

function pyodideFiles(loader: Loader, fetched: Fetched): PyodideFiles {
  const own = inGroup(loader.build, "runtime").filter(({ path }) => path.startsWith("pyodide/"));
  const module = own.find(({ path }) => path.endsWith("/pyodide.mjs"));
  if (!module) throw new QingshengError("file.missing", "build.json lists no pyodide.mjs.", "Build the site again.");
  const response = async (file: BuildFile) =>
    fetched.wasm.has(file.path)
      ? wasmResponse(await take(fetched.wasm, file))
      : new Response(await take(fetched.bytes, file));
  return { moduleUrl: loader.url(module), assets: new Map(own.map((file) => [loader.url(file), response(file)])) };
}

/** Beside the start of Python, which needs them only when it imports NumPy. */
async function compileExtensions(build: Build, fetched: Fetched): Promise<Extensions> {
  const files = inGroup(build, "runtime").flatMap((file) => {
    const path = extensionPath(file.path);
    return path ? [{ file, path }] : [];
  });
  const compiled = files.map(
    async ({ file, path }) => [path, await wasmModule(await take(fetched.wasm, file))] as const,
  );
  return new Map(await Promise.all(compiled));
}

/** Files go into Python's file system as parts of the downloaded archive, without a copy and without Python's help. */
async function installWheels(
  pyodide: PyodideInterface,
  build: Build,
  fetched: Fetched,
  extensions: Extensions,
): Promise<void> {
  const { FS } = pyodide;
  const folder = pyodide.runPython("import sys; next(path for path in sys.path if path.endswith('site-packages'))");
  const made = new Set<string>();
  for (const file of inGroup(build, "runtime").filter(({ path }) => path.endsWith(".whl"))) {
    for (const { path, bytes } of members(await take(fetched.bytes, file))) {
      const parent = `${folder}/${path.slice(0, path.lastIndexOf("/"))}`;
      if (!made.has(parent)) FS.mkdirTree(parent);
      made.add(parent);
      FS.writeFile(`${folder}/${path}`, bytes, { canOwn: true });
    }
  }
  linkExtensions(FS, folder, extensions);
  // Python may have looked into the folder while it was empty.
  pyodide.runPython("sys.path_importer_cache.clear()");
}

function startEngine(pyodide: PyodideInterface, host: Host): { engine: PythonEngine; version: string } {
  pyodide.registerJsModule("qingsheng_host", host);
  const engine = new PythonEngine(pyodide);
  return { engine, version: engine.boot().engine };
}

/** A pack's manifest, and its files under the paths that it names, which are relative to its folder. */
export interface Pack {
  readonly manifest: string;
  readonly files: Readonly<Record<string, Bytes>>;
}

export async function fetchPack(
  { folder, manifest, models }: PackFiles,
  bytesOf: (file: BuildFile) => Promise<Bytes>,
): Promise<Pack> {
  const text = new TextDecoder().decode(await bytesOf(manifest));
  const entries = models.map(async (file) => [file.path.slice(folder.length), await bytesOf(file)] as const);
  return { manifest: text, files: Object.fromEntries(await Promise.all(entries)) };
}

/** The first run of every model and table is slow; better now than at the first sentence. */
async function warm(engine: PythonEngine, voice: string): Promise<void> {
  engine.start(WARM_JOB, WARM_TEXT, { voice });
  while (await engine.nextChunk(WARM_JOB));
}

class StageClock {
  private readonly start = performance.now();
  private readonly seconds: Partial<Record<BootStage, number>> = {};
  private current: { stage: BootStage; since: number } | undefined;

  constructor(private readonly report: Report) {}

  begin(stage: BootStage): void {
    this.close();
    this.current = { stage, since: performance.now() };
    this.report({ kind: "stage", stage, index: BOOT_STAGES.indexOf(stage), count: BOOT_STAGES.length });
  }

  end(): void {
    this.close();
    this.report({ kind: "ready", seconds: (performance.now() - this.start) / 1000, stageSeconds: this.seconds });
  }

  private close(): void {
    if (this.current) this.seconds[this.current.stage] = (performance.now() - this.current.since) / 1000;
  }
}
