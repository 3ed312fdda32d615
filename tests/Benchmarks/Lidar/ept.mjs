// Reads Entwine Point Tiles with copc, a folder or an address: what ept.json says, and of each octant its points and the SHA-256 of their records.
// Usage: node ept.mjs ROOT
import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";

const { Ept, Las } = createRequire(import.meta.url)("copc");

const root = process.argv[2].replace(/\/$/, "");
const read = async path => {
  if (!/^https?:/.test(root)) return new Uint8Array(await readFile(`${root}/${path}`));
  const answer = await fetch(`${root}/${path}`);
  if (!answer.ok) throw new Error(`${path}: ${answer.status}`);
  return new Uint8Array(await answer.arrayBuffer());
};
const json = async path => JSON.parse(new TextDecoder().decode(await read(path)));

const ept = await json("ept.json");
const nodes = {}, pages = ["0-0-0-0"];
let pagesRead = 0;
while (pages.length > 0) {
  const page = Ept.Hierarchy.parse(await json(`ept-hierarchy/${pages.shift()}.json`));
  pagesRead++;
  for (const [key, { pointCount }] of Object.entries(page.nodes)) {
    const file = await read(`ept-data/${key}.laz`);
    const header = Las.Header.parse(file);
    if (header.pointCount !== pointCount) throw new Error(`${key}: ${header.pointCount} points instead of ${pointCount}`);
    nodes[key] = { points: pointCount, sha256: createHash("sha256").update(await Las.PointData.decompressFile(file)).digest("hex") };
  }
  pages.push(...Object.keys(page.pages));
}

console.log(JSON.stringify({ file: process.argv[2], ept, pages: pagesRead, nodes }));
