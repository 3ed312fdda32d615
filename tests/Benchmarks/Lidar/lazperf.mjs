// Reads LAZ files with laz-perf, one JSON line a file: how many points, the SHA-256 of all their records, and the seconds of the fastest pass.
// Usage: node lazperf.mjs PASSES FILE...
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";

const { createLazPerf } = createRequire(import.meta.url)("laz-perf");
const [passes, ...files] = process.argv.slice(2);
const lazPerf = await createLazPerf();

for (const file of files) {
  const content = readFileSync(file);
  const data = lazPerf._malloc(content.length);
  lazPerf.HEAPU8.set(content, data);
  let points = 0, seconds = Infinity;
  for (let pass = 0; pass < passes; pass++) {
    const reader = new lazPerf.LASZip();
    const start = process.hrtime.bigint();
    reader.open(data, content.length);
    points = reader.getCount();
    const point = lazPerf._malloc(reader.getPointLength());
    for (let i = 0; i < points; i++) reader.getPoint(point);
    seconds = Math.min(seconds, Number(process.hrtime.bigint() - start) / 1e9);
    lazPerf._free(point);
    reader.delete();
  }

  const reader = new lazPerf.LASZip();
  reader.open(data, content.length);
  points = reader.getCount();
  const length = reader.getPointLength(), point = lazPerf._malloc(length), hash = createHash("sha256");
  for (let i = 0; i < points; i++) {
    reader.getPoint(point);
    hash.update(lazPerf.HEAPU8.subarray(point, point + length));
  }
  lazPerf._free(point);
  reader.delete();
  lazPerf._free(data);
  console.log(JSON.stringify({ file, points, sha256: hash.digest("hex"), seconds: Number.isFinite(seconds) ? seconds : null }));
}
