import { describe, expect, it } from "vitest";
import { fileNamed, parseBuild } from "./build.ts";

const FILE = { path: "a.js", bytes: 3, sha256: "ab".repeat(32), group: "page" };

describe("parseBuild", () => {
  it("reads a manifest and finds its files", () => {
    const build = parseBuild(JSON.stringify({ version: "1", files: [FILE] }), "build.json");
    expect(fileNamed(build, "a.js")).toEqual(FILE);
    expect(() => fileNamed(build, "b.js")).toThrowError(/does not list b\.js/);
  });

  it("takes a newer build, which may have groups that nobody knew here", () => {
    const files = [FILE, { ...FILE, path: "b.x", group: "other" }];
    expect(parseBuild(JSON.stringify({ version: "2", files }), "build.json").version).toBe("2");
  });

  it.each([
    ["an HTML page", "<!doctype html>"],
    ["another JSON", "[1]"],
    ["no version", JSON.stringify({ files: [] })],
    ["a bad digest", JSON.stringify({ version: "1", files: [{ ...FILE, sha256: "x" }] })],
    ["no group", JSON.stringify({ version: "1", files: [{ ...FILE, group: undefined }] })],
  ])("refuses %s", (_name, text) => {
    expect(() => parseBuild(text, "https://x.test/build.json")).toThrowError(/not a build manifest/);
  });
});
