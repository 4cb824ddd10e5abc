/**
 * Styles of speaking: small Python modules that come and go while the page runs. The list is the server's (`api/styles`, with word of
 * every change), or the site's own file where there is no server, or a file that the user drops in.
 */
import type { Localised, Qingsheng, StyleInfo } from "../index.ts";
import type { SpeechOptions } from "../protocol.ts";
import { element } from "./dom.ts";
import { language, onLanguage, t } from "./language.ts";
import { read, write } from "./storage.ts";
import { type StyleEvent, StyleFeed } from "./style-feed.ts";

const KEY = "style";
/** The server's own bound for a module. */
export const MAX_STYLE_BYTES = 64 << 10;
const ID = /^[a-z][a-z0-9_-]{0,39}$/;
const MOST = 100;

type Name = string | Localised;

export interface ListedStyle {
  readonly id: string;
  readonly name: Name;
  readonly description: Name;
  readonly path: string;
  readonly sha256: string;
}

export function parseStyle(value: unknown): ListedStyle | undefined {
  if (typeof value !== "object" || value === null) return undefined;
  const { id, name, description, path, sha256 } = value as Record<string, unknown>;
  if (typeof id !== "string" || !ID.test(id) || path !== `styles/${id}.py` || typeof sha256 !== "string")
    return undefined;
  return isName(name) && isName(description) ? { id, name, description, path, sha256 } : undefined;
}

export function parseStyles(value: unknown): ListedStyle[] {
  const listed = (value as { styles?: unknown } | null)?.styles;
  if (!Array.isArray(listed)) return [];
  return listed.slice(0, MOST).flatMap((one) => parseStyle(one) ?? []);
}

function isName(value: unknown): value is Name {
  const localised = value as Partial<Record<"zh" | "en", unknown>> | null;
  return typeof value === "string" || (typeof localised === "object" && typeof localised?.zh === "string");
}

export class StyleChooser {
  private readonly select = element("style", HTMLSelectElement);
  private readonly about = element("style-about", HTMLElement);
  private readonly file = element("style-file", HTMLInputElement);
  private tts: Qingsheng | undefined;
  private listed: readonly ListedStyle[] = [];
  private loaded: readonly StyleInfo[] = [];
  private readonly sources = new Map<string, string>();
  /** Counts the choices: what is late for one does not undo the next. */
  private choice = 0;
  private problem = "";

  constructor(private readonly onChange: (options: SpeechOptions) => void) {
    this.select.addEventListener("change", () => void this.choose(this.select.value));
    this.file.addEventListener("change", () => {
      const [file] = this.file.files ?? [];
      if (file) void this.drop(file);
      this.file.value = "";
    });
    onLanguage(() => this.draw());
  }

  options(): SpeechOptions {
    const chosen = this.loaded.find(({ id }) => id === this.select.value);
    return { style: chosen ? chosen.id : null };
  }

  /** The engine is ready: its styles come, and the one that was chosen before. */
  async connect(tts: Qingsheng): Promise<void> {
    this.tts = tts;
    await this.list();
    this.draw();
    const wanted = read(KEY) ?? "";
    if (this.listed.some(({ id }) => id === wanted)) await this.choose(wanted);
  }

  /** The engine says that a style failed: its reason is shown, and speech goes on without it. */
  async check(): Promise<void> {
    if (!this.tts) return;
    // An engine that is gone comes back with its styles, and is asked again with the next one.
    this.loaded = await this.tts.styles().catch(() => this.loaded);
    // The next visit does not begin with what failed in this one.
    if (this.loaded.some(({ id, state }) => id === this.select.value && state === "off")) write(KEY, "");
    this.draw();
  }

  /** A module from the user's own disk. */
  async drop(file: File): Promise<void> {
    if (file.size > MAX_STYLE_BYTES) {
      this.fail(t("style.large", { limit: MAX_STYLE_BYTES >> 10 }));
      return;
    }
    try {
      const loaded = await this.load(undefined, await file.text());
      if (loaded) await this.choose(loaded.id);
    } catch (error) {
      // A folder, or a file that is gone.
      this.fail(String(error));
    }
  }

  private async list(): Promise<void> {
    const served = await fetched("./api/styles");
    this.listed = parseStyles(served ?? (await fetched("./styles/index.json")));
    const { state } = (served ?? {}) as { state?: unknown };
    if (served) {
      const known = typeof state === "string" ? state : undefined;
      new StyleFeed("./api/styles/events", known, (kind, data) => void this.changed(kind, data));
    }
  }

  private async changed(kind: StyleEvent, data: string): Promise<void> {
    const record: unknown = JSON.parse(data);
    const id = (record as { id?: unknown }).id;
    const style = parseStyle(record);
    this.listed = this.listed.filter((one) => one.id !== id);
    if (kind !== "style-removed" && style) this.listed = [...this.listed, style];
    const inUse = this.loaded.some((one) => one.id === id);
    if (inUse && kind === "style-removed") await this.remove(String(id));
    else if (inUse && style) await this.bring(style);
    this.draw();
  }

  private async remove(id: string): Promise<void> {
    this.sources.delete(id);
    await this.tts?.removeStyle(id).catch(() => undefined);
    await this.check();
    if (this.select.value !== id) return;
    this.select.value = "";
    this.onChange({ style: null });
  }

  private async choose(id: string): Promise<void> {
    this.choice += 1;
    const { choice } = this;
    this.problem = "";
    if (!this.loaded.some((one) => one.id === id && one.state === "on")) await this.fetch(id);
    if (choice !== this.choice) return;
    const ready = this.loaded.some((one) => one.id === id);
    this.select.value = ready ? id : "";
    this.draw();
    write(KEY, this.select.value);
    this.onChange({ style: this.select.value || null });
  }

  /** Also one that was switched off: who chooses it again wants to try it again. */
  private async fetch(id: string): Promise<void> {
    const listed = this.listed.find((one) => one.id === id);
    const own = this.sources.get(id);
    if (listed) await this.bring(listed);
    else if (own !== undefined) await this.load(undefined, own);
  }

  private async bring(style: ListedStyle): Promise<void> {
    try {
      const response = await fetch(`./${style.path}`, { cache: "no-cache" });
      if (!response.ok) throw new Error(`${style.path}: ${response.status}`);
      await this.load(style, await response.text());
    } catch (error) {
      this.fail(String(error));
    }
  }

  private async load(style: ListedStyle | undefined, source: string): Promise<StyleInfo | undefined> {
    try {
      const record = style ? { id: style.id, sha256: style.sha256 } : {};
      const loaded = await this.tts?.loadStyle(record, source);
      if (loaded) this.sources.set(loaded.id, source);
      this.problem = "";
      await this.check();
      return loaded;
    } catch (error) {
      this.fail(error instanceof Error ? error.message : String(error));
      return undefined;
    }
  }

  private fail(problem: string): void {
    this.problem = problem;
    this.draw();
  }

  private draw(): void {
    const chosen = this.select.value;
    const own = this.loaded.filter(({ id }) => this.listed.every((one) => one.id !== id));
    const options = [...this.listed, ...own].map(({ id, name }) => new Option(said(name), id, false, id === chosen));
    this.select.replaceChildren(new Option(t("style.none"), "", false, chosen === ""), ...options);
    this.select.disabled = this.tts === undefined;
    const info = this.loaded.find(({ id }) => id === chosen);
    const error = this.problem || (info?.state === "off" ? info.error : "");
    this.about.textContent = error ? t("style.failed", { error }) : said(info?.description ?? "");
    this.about.dataset.failed = String(error !== "");
  }
}

function said(name: Name): string {
  return typeof name === "string" ? name : (name[language()] ?? name.zh);
}

/** Undefined where there is no such list, as on a site without a server. */
async function fetched(url: string): Promise<unknown> {
  try {
    const response = await fetch(url, { headers: { Accept: "application/json" } });
    return response.ok ? await response.json() : undefined;
  } catch {
    return undefined;
  }
}
