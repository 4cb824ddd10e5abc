/**
 * The service worker: answers from this device, so that a second visit needs no server.
 *
 * It is registered as `sw.js?v=<version of build.json>`, so a new build is a new worker that installs beside the
 * old one. The page's own files go into a cache of that version; the large files (runtime, voices) are addressed
 * by digest and shared with the loader (`files/store.ts`), which fills them on the first visit: nothing is fetched
 * twice, and an update fetches only what changed. When the new worker takes over, the old version's files go.
 */
import { QingshengError } from "./errors.ts";
import { BUILD_FILE, type Build, type BuildFile, fileNamed, inGroup, parseBuild } from "./files/build.ts";
import { download, fetchChecked } from "./files/download.ts";
import { keptHeaders, openStore, pageCachePrefix, type Store } from "./files/store.ts";

const scope = globalThis as unknown as ServiceWorkerGlobalScope;
const VERSION = new URL(scope.location.href).searchParams.get("v") ?? "";
const INDEX_FILE = "index.html";

const baseUrl = () => scope.registration.scope;
/** Several sites may share one origin. */
const PAGE_CACHE_PREFIX = pageCachePrefix(baseUrl());
const PAGE_CACHE = PAGE_CACHE_PREFIX + VERSION;
/** What the server last said of its styles, for visits without it; they come and go apart from the build. */
const STYLE_CACHE = `qingsheng-styles ${baseUrl()}`;
const STYLE_LISTS = ["api/styles", "styles/index.json"];
const STYLE = /^styles\/[a-z][a-z0-9_-]{0,39}\.py$/;
const address = (path: string) => new URL(path, baseUrl()).href;

async function install(): Promise<void> {
  const url = address(BUILD_FILE);
  const response = await fetchChecked(url, { cache: "no-store" });
  const text = await response.clone().text();
  const build = parseBuild(text, url);
  if (build.version !== VERSION) {
    throw new QingshengError("file.corrupt", `build.json has version ${build.version}, expected ${VERSION}.`);
  }
  const store = await openStore(baseUrl());
  const previous = await previousBuild();
  const page = await caches.open(PAGE_CACHE);
  await Promise.all(inGroup(build, "page").map((file) => keepPageFile(page, file)));
  if (previous && store) await bringUpToDate(previous, build, store);
  const bytes = new TextEncoder().encode(text);
  // Last: a cache that holds the manifest is complete.
  await page.put(url, new Response(bytes, { headers: keptHeaders(response.headers, bytes.byteLength) }));
}

async function keepPageFile(cache: Cache, file: BuildFile): Promise<void> {
  const { bytes, headers } = await download(file, { baseUrl: baseUrl(), store: undefined });
  await cache.put(address(file.path), new Response(bytes, { headers: keptHeaders(headers, bytes.byteLength) }));
}

/** The manifest of the version in use, if there is one. */
async function previousBuild(): Promise<Build | undefined> {
  for (const name of await caches.keys()) {
    if (!name.startsWith(PAGE_CACHE_PREFIX) || name === PAGE_CACHE) continue;
    const response = await (await caches.open(name)).match(address(BUILD_FILE));
    if (response) return parseBuild(await response.text(), BUILD_FILE);
  }
  return undefined;
}

/** Of what the device holds of the old version, the new version's counterpart; equal digests cost nothing. */
async function bringUpToDate(previous: Build, build: Build, store: Store): Promise<void> {
  const held = new Set<string>();
  for (const file of previous.files) {
    if (file.group !== "page" && (await store.has(file))) held.add(file.group);
  }
  for (const file of build.files) {
    if (!held.has(file.group) || (await store.has(file))) continue;
    const { bytes, headers } = await download(file, { baseUrl: baseUrl(), store });
    await store.put(file, bytes, headers);
  }
}

async function activate(): Promise<void> {
  const old = (await caches.keys()).filter((name) => name.startsWith(PAGE_CACHE_PREFIX) && name !== PAGE_CACHE);
  await Promise.all(old.map((name) => caches.delete(name)));
  const build = await currentBuild();
  const store = await openStore(baseUrl());
  if (build && store) await store.prune(new Set(build.files.map(({ sha256 }) => sha256)));
  await scope.clients.claim();
}

let manifest: Promise<Build | undefined> | undefined;

/** Read once per life of this worker; absent where the cache was thrown away or went bad. */
function currentBuild(): Promise<Build | undefined> {
  manifest ??= readBuild().then((build) => {
    if (!build) manifest = undefined;
    return build;
  });
  return manifest;
}

async function readBuild(): Promise<Build | undefined> {
  const response = await (await caches.open(PAGE_CACHE)).match(address(BUILD_FILE));
  try {
    return response && parseBuild(await response.text(), BUILD_FILE);
  } catch {
    return undefined;
  }
}

let repairing = false;

/** Fetches the page's files again, for the next visit without a server; this one is answered by the network. */
function repaired(): void {
  if (repairing) return;
  repairing = true;
  const over = () => {
    repairing = false;
  };
  install().then(over, over);
}

function pathOf(request: Request): string {
  const url = new URL(request.url);
  const path = url.origin + url.pathname;
  return path.slice(baseUrl().length) + (path.endsWith("/") ? INDEX_FILE : "");
}

async function answer(request: Request): Promise<Response> {
  const path = pathOf(request);
  const kept = await keptAnswer(request, path);
  if (kept) return kept;
  return STYLE.test(path) || STYLE_LISTS.includes(path) ? freshStyle(request, path) : fetch(request);
}

/** Undefined where this device has none. Its storage may fail altogether: that must not take the page from those who are online. */
async function keptAnswer(request: Request, path: string): Promise<Response | undefined> {
  try {
    // Who asks for the list begins a visit with it: it has to be readable now.
    if (path === BUILD_FILE) manifest = undefined;
    if (!(await currentBuild())) {
      repaired();
      return undefined;
    }
    if (request.cache === "reload") await renewPageFile(path);
    return await fromDevice(path);
  } catch {
    manifest = undefined;
    return undefined;
  }
}

/** From the server where it answers, else as it answered last. */
async function freshStyle(request: Request, path: string): Promise<Response> {
  const cache = await caches.open(STYLE_CACHE).catch(() => undefined);
  let response: Response;
  try {
    response = await fetch(request);
  } catch (error) {
    const kept = await cache?.match(address(path));
    if (kept) return kept;
    throw error;
  }
  // A full device must not take a style from the visit that has it.
  if (cache && response.ok) await keepStyle(cache, path, response.clone()).catch(() => undefined);
  return response;
}

async function keepStyle(cache: Cache, path: string, response: Response): Promise<void> {
  if (STYLE_LISTS.includes(path)) await forgetStyles(cache, await response.clone().text());
  await cache.put(address(path), response);
}

/** A style that the list no longer names is not spoken in any more. */
async function forgetStyles(cache: Cache, list: string): Promise<void> {
  const gone = (await cache.keys()).filter(({ url }) => {
    const path = url.slice(baseUrl().length);
    return STYLE.test(path) && !list.includes(`"${path}"`);
  });
  await Promise.all(gone.map((request) => cache.delete(request)));
}

async function fromDevice(path: string): Promise<Response | undefined> {
  const page = await caches.open(PAGE_CACHE);
  if (path === BUILD_FILE) return page.match(address(BUILD_FILE));
  const build = await currentBuild();
  if (!build?.files.some((file) => file.path === path)) return undefined;
  const file = fileNamed(build, path);
  if (file.group === "page") return page.match(address(path));
  return (await openStore(baseUrl()))?.match(file);
}

/** `reload` is how the loader asks for a file again that has gone bad here; where the network has none either, it stays as it is. */
async function renewPageFile(path: string): Promise<void> {
  const file = (await currentBuild())?.files.find((one) => one.path === path && one.group === "page");
  if (file) await keepPageFile(await caches.open(PAGE_CACHE), file).catch(() => undefined);
}

/** `no-store` is how the page asks what the server has now; ranges continue a download. */
function isOurs(request: Request): boolean {
  return (
    request.method === "GET" &&
    request.url.startsWith(baseUrl()) &&
    request.cache !== "no-store" &&
    !request.headers.has("range")
  );
}

scope.addEventListener("install", (event) => event.waitUntil(install()));
scope.addEventListener("activate", (event) => event.waitUntil(activate()));
scope.addEventListener("fetch", (event) => {
  if (isOurs(event.request)) event.respondWith(answer(event.request));
});
/** The page's user agreed to take the new version now. */
scope.addEventListener("message", ({ data }) => {
  if (data === "activate") void scope.skipWaiting();
});
