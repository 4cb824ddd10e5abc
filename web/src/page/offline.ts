/** The service worker: registration, the badge that says whether the next visit needs a network, updates. */
import { BUILD_FILE, parseBuild } from "../files/build.ts";
import type { Busy } from "./busy.ts";
import { button, element } from "./dom.ts";
import { onLanguage, t } from "./language.ts";

type OfflineState = "checking" | "saving" | "ready" | "offline" | "unavailable";

/** A tab that is left open asks again when it is looked at, at most so often. */
const ASK_AGAIN_MS = 3_600_000;

export class OfflineKeeper {
  private readonly badge = element("offline", HTMLElement);
  private readonly panel = element("update", HTMLElement);
  private waiting: ServiceWorker | undefined;
  private filesKept: boolean | undefined;
  private page: "unknown" | "kept" | "refused" = "unknown";
  private asked = 0;

  constructor(private readonly busy: Busy) {
    button("apply-update", () => void this.apply());
    window.addEventListener("online", () => this.show());
    window.addEventListener("offline", () => this.show());
    onLanguage(() => this.show());
    this.show();
  }

  /** complete: whether every file that the engine fetched is on this device. */
  kept(complete: boolean): void {
    this.filesKept = complete;
    this.show();
  }

  /** Not essential: without a service worker the page works, online, and says so. */
  async register(): Promise<void> {
    try {
      this.page = (await this.install()) ? "kept" : "refused";
    } catch {
      // Browsers refuse it where they keep nothing: private windows, blocked cookies.
      this.page = "refused";
    }
    this.show();
  }

  /** Whether the page's own files are on this device. */
  private async install(): Promise<boolean> {
    if (!("serviceWorker" in navigator)) return false;
    let controlled = navigator.serviceWorker.controller !== null;
    navigator.serviceWorker.addEventListener("controllerchange", () => {
      // The first worker takes over a page that is current; a later one brings new files.
      if (controlled) void this.busy.hush().then(() => window.location.reload());
      controlled = true;
    });
    document.addEventListener("visibilitychange", () => {
      if (document.visibilityState === "visible" && Date.now() - this.asked > ASK_AGAIN_MS)
        this.latest().catch(() => undefined);
    });
    const registration = await this.latest();
    if (!registration) return false;
    this.watch(registration);
    return Promise.race([navigator.serviceWorker.ready.then(() => true), refused(registration)]);
  }

  /** A version that is new to this device begins to install. */
  private async latest(): Promise<ServiceWorkerRegistration | undefined> {
    this.asked = Date.now();
    const version = await latestVersion();
    if (!version) return navigator.serviceWorker.getRegistration();
    return navigator.serviceWorker.register(`./sw.js?v=${version}`, { updateViaCache: "none" });
  }

  /** Not while any tab speaks: it would lose its place, and what it still fetches would be of another version. */
  private async apply(): Promise<void> {
    element("apply-update", HTMLButtonElement).disabled = true;
    element("update-text", HTMLElement).textContent = t("update.waits");
    await this.busy.whenSilent(async () => {
      this.waiting?.postMessage("activate");
      await new Promise((resolve) => navigator.serviceWorker.addEventListener("controllerchange", resolve));
    });
  }

  private watch(registration: ServiceWorkerRegistration): void {
    const offer = () => {
      const waiting = newerOf(registration);
      if (!waiting || !navigator.serviceWorker.controller) return;
      this.waiting = waiting;
      this.panel.hidden = false;
    };
    offer();
    registration.addEventListener("updatefound", () => {
      if (registration.active) registration.installing?.addEventListener("statechange", offer);
    });
  }

  private show(): void {
    const state = this.state();
    this.badge.dataset.state = state;
    this.badge.textContent = t(`offline.${state}`);
  }

  private state(): OfflineState {
    if (this.page === "refused" || this.filesKept === false) return "unavailable";
    if (!navigator.onLine) return "offline";
    if (this.filesKept === undefined) return "checking";
    return this.page === "kept" ? "ready" : "saving";
  }
}

/**
 * The worker that waits for another to go. On a first visit WebKitGTK 2.50, busy with the engine, may show the first worker as
 * waiting when it has the page already: that is no new version.
 */
export function newerOf({ waiting, active }: Pick<ServiceWorkerRegistration, "waiting" | "active">) {
  return waiting?.state === "installed" && active && active !== waiting ? waiting : undefined;
}

/** Resolves where the first worker gives up: nothing else would be heard of it. */
function refused({ installing }: ServiceWorkerRegistration): Promise<false> {
  return new Promise((resolve) => {
    installing?.addEventListener("statechange", () => {
      if (installing.state === "redundant") resolve(false);
    });
  });
}

/** What the server has now, past the service worker; undefined when it cannot be reached. */
async function latestVersion(): Promise<string | undefined> {
  try {
    const response = await fetch(`./${BUILD_FILE}`, { cache: "no-store" });
    return response.ok ? parseBuild(await response.text(), response.url).version : undefined;
  } catch {
    return undefined;
  }
}
