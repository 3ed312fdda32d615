// The CRS that a GeoTIFF, LAS or LAZ file names by an EPSG code, read from its head.

import type { LotFile } from './files';

const geoKeys = 34735, projected = 3072, geodetic = 2048, userDefined = 32767, wktRecord = 2112;
const mostBytes = 1 << 20;

async function view(file: File, from: number, bytes: number): Promise<DataView> {
  return new DataView(await file.slice(from, from + bytes).arrayBuffer());
}

/** The code of a GeoKeyDirectory (OGC 19-008r4 § 7.1.2). */
function codeOfKeys(keys: DataView, little: boolean): string {
  const codes = new Map<number, number>();
  for (let at = 8; at + 8 <= keys.byteLength; at += 8)
    if (keys.getUint16(at + 2, little) === 0) codes.set(keys.getUint16(at, little), keys.getUint16(at + 6, little));
  const code = codes.get(projected) || codes.get(geodetic) || 0;
  return code === 0 || code === userDefined ? '' : `EPSG:${code}`;
}

/** The code of a WKT's projected part, which names codes of its parts as well. */
function codeOfWkt(wkt: string): string {
  const start = wkt.search(/PROJ(CS|CRS)\[/i);
  if (start < 0) return '';
  let depth = 0;
  let code = '';
  for (let i = start; i < wkt.length; i++) {
    if (depth === 1) code = /^(?:AUTHORITY|ID)\["EPSG","?(\d+)/i.exec(wkt.slice(i, i + 40))?.[1] ?? code;
    if (wkt[i] === '[') depth++;
    else if (wkt[i] === ']' && --depth === 0) break;
  }
  return code && `EPSG:${code}`;
}

async function ofTiff(file: File): Promise<string> {
  const head = await view(file, 0, 16);
  const little = head.getUint16(0) === 0x4949;
  const big = head.getUint16(2, little) === 43;
  if (!big && head.getUint16(2, little) !== 42) return '';
  const whole = (from: DataView, at: number) => (big ? Number(from.getBigUint64(at, little)) : from.getUint32(at, little));
  const directory = whole(head, big ? 8 : 4);
  const [countBytes, entryBytes] = big ? [8, 20] : [2, 12];
  const first = await view(file, directory, countBytes);
  const count = Math.min(big ? Number(first.getBigUint64(0, little)) : first.getUint16(0, little), 4096);
  const entries = await view(file, directory + countBytes, count * entryBytes);
  for (let at = 0; at + entryBytes <= entries.byteLength; at += entryBytes) {
    if (entries.getUint16(at, little) !== geoKeys) continue;
    return codeOfKeys(await view(file, whole(entries, at + (big ? 12 : 8)), Math.min(whole(entries, at + 4) * 2, mostBytes)), little);
  }
  return '';
}

async function ofLas(file: File): Promise<string> {
  const head = await view(file, 0, mostBytes);
  let code = '';
  let at = head.getUint16(94, true);
  for (let left = head.getUint32(100, true); left > 0 && at + 54 <= head.byteLength; left--) {
    const [id, length] = [head.getUint16(at + 18, true), head.getUint16(at + 20, true)];
    const bytes = Math.min(length, head.byteLength - at - 54);
    const content = new DataView(head.buffer, at + 54, bytes);
    if (new TextDecoder().decode(new Uint8Array(head.buffer, at + 2, 15)) === 'LASF_Projection') {
      if (id === wktRecord) code = codeOfWkt(new TextDecoder().decode(content)) || code;
      else if (id === geoKeys) code ||= codeOfKeys(content, true);
    }
    at += 54 + length;
  }
  return code;
}

/** The CRS of the first file that names one; empty when none of the first hundred does. */
export async function crsOf(files: LotFile[]): Promise<string> {
  for (const { path, file } of files.filter(({ path }) => /\.(tiff?|la[sz])$/i.test(path)).slice(0, 100)) {
    try {
      const code = await (/\.la[sz]$/i.test(path) ? ofLas(file) : ofTiff(file));
      if (code) return code;
    } catch {
      // A file that ends too early says nothing; its check will tell.
    }
  }
  return '';
}
