// The WMTS capabilities, read by OpenLayers and reduced to what the pages need.

import WMTSCapabilities from 'ol/format/WMTSCapabilities';

export interface PublishedLayer {
  name: string;
  title: string;
  abstract: string;
  format: string;
  matrixSet: string;
  /** False for values that no style shows: there is no picture of them. */
  drawable: boolean;
  /** Authority and code, for example EPSG:3857 or IGNF:LAMB93. */
  crs: string;
  /** West, south, east, north in degrees; null when the capabilities do not say. */
  bounds: [number, number, number, number] | null;
}

export interface Service {
  /** The parsed document, as OpenLayers wants it. */
  document: Record<string, any>;
  layers: PublishedLayer[];
  provider: { name: string; site: string };
}

/** "urn:ogc:def:crs:EPSG::2154", "http://www.opengis.net/def/crs/EPSG/0/2154" and "EPSG:2154" as the last of them. */
export function crsCode(name: string): string {
  const parts = name.startsWith('http') ? name.split('/').slice(-3) : name.split(':').slice(-3);
  const code = parts.at(-1) ?? name;
  const authority = parts.at(0) === 'crs' ? parts.at(1)! : parts.at(0)!;
  if (!name.includes(':')) return name;
  return name.startsWith('urn') || name.startsWith('http') ? `${authority}:${code}` : name;
}

// Addresses are absolute and may name another host than the one this page came from (a proxy's inner name): the path is what counts.
function onThisHost(address: string): string {
  const url = new URL(address, document.baseURI);
  return location.origin + decodeURI(url.pathname) + url.search;
}

function relocate(contents: Record<string, any>): void {
  for (const operation of Object.values(contents['OperationsMetadata'] ?? {}) as any[])
    for (const way of operation?.DCP?.HTTP?.Get ?? []) way.href = onThisHost(way.href);
  for (const layer of contents['Contents']?.Layer ?? [])
    for (const resource of layer.ResourceURL ?? []) resource.template = onThisHost(resource.template);
}

export async function readCapabilities(): Promise<Service> {
  const response = await fetch('wmts?SERVICE=WMTS&REQUEST=GetCapabilities&VERSION=1.0.0');
  if (!response.ok) throw new Error(`The WMTS capabilities cannot be read: the server answered ${response.status}.`);
  const parsed = new WMTSCapabilities().read(await response.text()) as Record<string, any> | null;
  if (!parsed?.['Contents']) throw new Error('The WMTS capabilities cannot be read: they are no capabilities document.');
  relocate(parsed);
  const sets = new Map<string, any>((parsed['Contents'].TileMatrixSet ?? []).map((set: any) => [set.Identifier, set]));
  const layers = (parsed['Contents'].Layer ?? []).map((layer: any): PublishedLayer => {
    const matrixSet = layer.TileMatrixSetLink?.[0]?.TileMatrixSet ?? '';
    return {
      name: layer.Identifier,
      title: layer.Title || layer.Identifier,
      abstract: layer.Abstract ?? '',
      format: layer.Format?.[0] ?? '',
      matrixSet,
      drawable: (layer.Format ?? []).some((format: string) => /^image\/(png|jpeg|webp)/.test(format)),
      crs: crsCode(sets.get(matrixSet)?.SupportedCRS ?? ''),
      bounds: layer.WGS84BoundingBox ?? null,
    };
  });
  const provider = parsed['ServiceProvider'] ?? {};
  return { document: parsed, layers, provider: { name: provider.ProviderName ?? '', site: provider.ProviderSite ?? '' } };
}
