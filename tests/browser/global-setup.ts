/** Makes the sites that the tests serve: the built one with the test voice, and a newer version of it. */
import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { DIST, NEWER_SITE, PYTHON, ROOT, SITE } from "./places.ts";

export default function globalSetup(): void {
  if (!existsSync(`${DIST}/build.json`)) throw new Error("There is no built site: run `make build` first.");
  const make = (site: string, ...options: string[]) =>
    execFileSync(PYTHON, ["-m", "tests.browser.make_site", site, ...options], { cwd: ROOT, stdio: "inherit" });
  make(SITE);
  make(NEWER_SITE, "--mark", "newer");
}
