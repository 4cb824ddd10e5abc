import { fileURLToPath } from "node:url";

export const ROOT = fileURLToPath(new URL("../..", import.meta.url));
export const PYTHON = `${ROOT}.venv/bin/python`;
export const DIST = `${ROOT}static/dist`;
export const SITE = `${ROOT}.cache/browser/site`;
export const NEWER_SITE = `${ROOT}.cache/browser/newer`;
