/** What the worker is told of the options of `load`: an absolute address above all. */
import { QingshengError } from "../errors.ts";
import type { BootOptions } from "../protocol.ts";
import type { LoadOptions } from "./qingsheng.ts";

/** Throws `option.invalid` for what is no address. */
export function bootOptions({ baseUrl = defaultBase(), voice, threads }: LoadOptions): BootOptions {
  return {
    baseUrl: folder(baseUrl),
    ...(voice !== undefined && { voice }),
    ...(threads !== undefined && { threads }),
  };
}

function folder(given: string | URL): string {
  try {
    const { href } = new URL(given, globalThis.location?.href);
    return href.endsWith("/") ? href : `${href}/`;
  } catch {
    throw new QingshengError(
      "option.invalid",
      `baseUrl is ${JSON.stringify(given)}, expected the address of a folder.`,
      "Name the folder that holds build.json, or leave it out.",
      { option: "baseUrl", got: String(given) },
    );
  }
}

/** The bundler may put this module beside `qingsheng.js` or into `assets/` below it. */
function defaultBase(): string {
  const here = new URL(/* @vite-ignore */ ".", import.meta.url).href;
  return here.endsWith("/assets/") ? new URL("..", here).href : here;
}
