// Reads COPC files with copc, paths or URLs, one JSON line each: what the info and the header say, and of each octant its points and the SHA-256 of their records.
// Usage: node copc.mjs FILE...
import { createHash } from "node:crypto";
import { createRequire } from "node:module";

const { Copc } = createRequire(import.meta.url)("copc");

for (const file of process.argv.slice(2)) {
  const copc = await Copc.create(file);
  const nodes = {}, pages = [copc.info.rootHierarchyPage];
  let pagesRead = 0;
  while (pages.length > 0) {
    const page = await Copc.loadHierarchyPage(file, pages.shift());
    pagesRead++;
    for (const [key, node] of Object.entries(page.nodes)) {
      if (!node) continue;
      let sha256 = "";
      if (node.pointCount > 0) sha256 = createHash("sha256").update(await Copc.loadPointDataBuffer(file, copc.header, node)).digest("hex");
      nodes[key] = { points: node.pointCount, sha256 };
    }
    pages.push(...Object.values(page.pages).filter(Boolean));
  }

  const { header, info, wkt } = copc;
  console.log(JSON.stringify({
    file, points: header.pointCount, format: header.pointDataRecordFormat, min: header.min, max: header.max,
    cube: info.cube, spacing: info.spacing, times: info.gpsTimeRange, wkt, pages: pagesRead, nodes,
  }));
}
