/** Where a published layer is seen, by the type of its offering. */
export function layerUrl(type: string, layer: string): string {
  const name = encodeURIComponent(layer);
  return type === 'DOWNLOAD' ? `telechargement/resource/${name}` : type === 'WMS-RASTER' ? 'wms-r?SERVICE=WMS&VERSION=1.3.0&REQUEST=GetCapabilities' : `map#layers=${name}`;
}
