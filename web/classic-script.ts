/** For Vite: scripts of one file without imports, which no module system has to load. */
import { build } from "vite";

/** entry: path of the source. */
export async function classicScript(entry: string): Promise<string> {
  const built = await build({
    configFile: false,
    publicDir: false,
    logLevel: "warn",
    build: { write: false, target: "es2022", lib: { entry, formats: ["iife"], name: "script" } },
  });
  const [{ output } = { output: undefined }] = Array.isArray(built) ? built : [];
  const [chunk] = output ?? [];
  if (chunk?.type !== "chunk") throw new Error(`${entry} did not become a script.`);
  return chunk.code;
}
