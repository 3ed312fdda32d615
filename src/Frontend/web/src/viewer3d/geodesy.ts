// Places on the ellipsoid of WGS 84: EPSG:4979 (degrees, metres) and EPSG:4978 (metres from the earth's centre).

export type Place = [number, number, number];

const a = 6378137;
const f = 1 / 298.257223563;
const e2 = f * (2 - f);
const degrees = 180 / Math.PI;

export function geocentric([longitude, latitude, height]: Place): Place {
  const [l, p] = [longitude / degrees, latitude / degrees];
  const n = a / Math.sqrt(1 - e2 * Math.sin(p) ** 2);
  return [(n + height) * Math.cos(p) * Math.cos(l), (n + height) * Math.cos(p) * Math.sin(l), (n * (1 - e2) + height) * Math.sin(p)];
}

/** Longitude, latitude, height above the ellipsoid. Three rounds of the usual iteration leave less than a micrometre near the ground. */
export function geodetic([x, y, z]: Place): Place {
  const r = Math.hypot(x, y);
  let p = Math.atan2(z, r * (1 - e2));
  let height = 0;
  for (let round = 0; round < 5; round++) {
    const n = a / Math.sqrt(1 - e2 * Math.sin(p) ** 2);
    height = r * Math.cos(p) + z * Math.sin(p) - (a * a) / n;
    p = Math.atan2(z, r * (1 - (e2 * n) / (n + height)));
  }
  return [Math.atan2(y, x) * degrees, p * degrees, height];
}
