// Projections of French tile matrix sets that OpenLayers does not know by itself. Parameters: the EPSG registry (v11) and IGN's IGNF registry.

import { get as getProjection, transformExtent } from 'ol/proj';
import { register } from 'ol/proj/proj4';
import proj4 from 'proj4';

const grs80 = '+ellps=GRS80 +towgs84=0,0,0,0,0,0,0 +units=m +no_defs';
const utmZones: Record<string, string> = {
  2970: '+proj=utm +zone=20 +ellps=intl +towgs84=-472.29,-5.63,-304.12,0.4362,-0.8374,0.2563,1.8984 +units=m +no_defs',
  2972: `+proj=utm +zone=22 ${grs80}`,
  2975: `+proj=utm +zone=40 +south ${grs80}`,
  4467: `+proj=utm +zone=21 ${grs80}`,
  4471: `+proj=utm +zone=38 +south ${grs80}`,
  5490: `+proj=utm +zone=20 ${grs80}`,
};
const others: Record<string, string> = {
  2154: `+proj=lcc +lat_0=46.5 +lon_0=3 +lat_1=49 +lat_2=44 +x_0=700000 +y_0=6600000 ${grs80}`,
  3035: `+proj=laea +lat_0=52 +lon_0=10 +x_0=4321000 +y_0=3210000 ${grs80}`,
  3395: '+proj=merc +lon_0=0 +k=1 +x_0=0 +y_0=0 +datum=WGS84 +units=m +no_defs',
};
const longLat = ['4171', '4258', '4624', '4627', '4558', '4470', '4463', '5489'];
const ignf: Record<string, string> = {
  LAMB93: 'EPSG:2154', RGF93G: 'EPSG:4171', WGS84G: 'EPSG:4326', UTM22RGFG95: 'EPSG:2972', RGFG95UTM22: 'EPSG:2972', RGR92UTM40S: 'EPSG:2975',
  RGM04UTM38S: 'EPSG:4471', RGSPM06U21: 'EPSG:4467', RGAF09UTM20: 'EPSG:5490', ETRS89LAEA: 'EPSG:3035', WGS84PM: 'EPSG:3857',
};

function definition(code: string): string | undefined {
  const [authority, number] = code.split(':') as [string, string];
  if (authority === 'IGNF') {
    const twin = ignf[number];
    return twin && (twin === 'EPSG:4326' ? '+proj=longlat +datum=WGS84 +no_defs' : twin === 'EPSG:3857' ? proj3857 : definition(twin));
  }
  if (authority !== 'EPSG') return undefined;
  const known = others[number] ?? utmZones[number];
  if (known) return known;
  if (longLat.includes(number)) return '+proj=longlat +ellps=GRS80 +no_defs';
  const value = Number(number);
  if (value >= 3942 && value <= 3950) {
    const latitude = value - 3900;
    return `+proj=lcc +lat_0=${latitude} +lon_0=3 +lat_1=${latitude - 0.75} +lat_2=${latitude + 0.75} +x_0=1700000 +y_0=${(latitude - 41) * 1e6 + 200000} ${grs80}`;
  }
  if (value > 32600 && value <= 32660) return `+proj=utm +zone=${value - 32600} +datum=WGS84 +units=m +no_defs`;
  if (value > 32700 && value <= 32760) return `+proj=utm +zone=${value - 32700} +south +datum=WGS84 +units=m +no_defs`;
  if (value > 25827 && value <= 25838) return `+proj=utm +zone=${value - 25800} ${grs80}`;
  return undefined;
}

const proj3857 = '+proj=merc +a=6378137 +b=6378137 +lat_ts=0 +lon_0=0 +x_0=0 +y_0=0 +k=1 +units=m +nadgrids=@null +no_defs';

const zoneOf = /\+zone=(\d+)( \+south)?/;

// The area where a projection is meant to be used, in degrees: maps and graticules need its bounds.
function areaOf(text: string): [number, number, number, number] {
  const zone = zoneOf.exec(text);
  if (zone) {
    const middle = Number(zone[1]) * 6 - 183;
    return zone[2] ? [middle - 6, -80, middle + 6, 0] : [middle - 6, 0, middle + 6, 84];
  }
  if (text.includes('+proj=longlat') || text.includes('+proj=merc')) return [-180, -85, 180, 85];
  if (text.includes('+proj=laea')) return [-35, 25, 45, 72];
  return [-10, 40, 12, 53];
}

/** Makes a CRS known to OpenLayers; false when this page has no definition of it. */
export function knowsProjection(code: string): boolean {
  if (getProjection(code)) return true;
  const text = definition(code);
  if (!text) return false;
  proj4.defs(code, text);
  const [authority, number] = code.split(':') as [string, string];
  // The capabilities name a CRS by URN, which OpenLayers looks up as it is written.
  proj4.defs(`urn:ogc:def:crs:${authority}::${number}`, text);
  register(proj4);
  const area = areaOf(text);
  for (const name of [code, `urn:ogc:def:crs:${authority}::${number}`]) {
    const projection = getProjection(name);
    projection?.setWorldExtent(area);
    projection?.setExtent(transformExtent(area, 'EPSG:4326', name, 16));
  }
  return getProjection(code) !== null;
}
