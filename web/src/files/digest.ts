import { QingshengError } from "../errors.ts";
import type { BuildFile } from "./build.ts";

export type Bytes = Uint8Array<ArrayBuffer>;

export async function sha256(bytes: Bytes): Promise<string> {
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** Throws `file.corrupt`, naming both values, unless the bytes are the ones the manifest promises. */
export async function verify(file: BuildFile, bytes: Bytes, url: string): Promise<void> {
  const remedy = "Load again; if it stays so, the server holds an incomplete or mixed build: deploy it anew.";
  if (bytes.byteLength !== file.bytes) {
    throw new QingshengError("file.corrupt", `${url} has ${bytes.byteLength} bytes, expected ${file.bytes}.`, remedy, {
      url,
      path: file.path,
      bytes: bytes.byteLength,
      expectedBytes: file.bytes,
    });
  }
  const digest = await sha256(bytes);
  if (digest !== file.sha256) {
    throw new QingshengError("file.corrupt", `${url} has SHA-256 ${digest}, expected ${file.sha256}.`, remedy, {
      url,
      path: file.path,
      sha256: digest,
      expectedSha256: file.sha256,
    });
  }
}
