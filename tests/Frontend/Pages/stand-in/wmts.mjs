// A WMTS of made-up layers: capabilities, and tiles that show where they are.

import { blockJpeg } from './jpeg.mjs';

const pm = {
  id: 'PM', crs: 'EPSG:3857', perUnit: 1, matrices: Array.from({ length: 20 }, (_, z) => ({
    id: String(z), cell: 156543.03392804097 / 2 ** z, x: -20037508.342789244, y: 20037508.342789244, width: 2 ** z, height: 2 ** z })),
};
const lambert = {
  id: 'LAMB93_10cm', crs: 'IGNF:LAMB93', perUnit: 1, matrices: Array.from({ length: 22 }, (_, z) => ({
    id: String(z), cell: 209715.2 / 2 ** z, x: 0, y: 12000000, width: Math.max(1, Math.ceil(2 ** z * 1)), height: Math.max(1, Math.ceil(2 ** z)) })),
};

/** Tiles of an extent [minX, minY, maxX, maxY] at each level: [id, minCol, maxCol, minRow, maxRow]. */
function limits(set, extent, bottom) {
  return set.matrices.slice(0, bottom + 1).map(m => {
    const span = 256 * m.cell;
    const at = (v, origin, sign) => Math.floor((sign * (v - origin)) / span);
    return [m.id, at(extent[0], m.x, 1), at(extent[2] - 0.01, m.x, 1), at(extent[3] - 0.01, m.y, -1), at(extent[1], m.y, -1)];
  });
}

export const layers = [
  { name: 'ortho-vexin', title: 'Ortho-photo of the Vexin', set: pm, bounds: [1.9, 49.0, 2.1, 49.12], tiles: limits(pm, [211507, 6274861, 233771, 6295258], 17) },
  { name: 'ortho-lambert', title: 'Ortho-photo in Lambert-93', set: lambert, bounds: [1.9, 49.0, 2.1, 49.12], tiles: limits(lambert, [619500, 6878300, 634300, 6891800], 19) },
];

export function addLayer(name, title) {
  if (!layers.some(layer => layer.name === name)) layers.push({ ...layers[0], name, title });
}

const matrixXml = m =>
  `<TileMatrix><ows:Identifier>${m.id}</ows:Identifier><ScaleDenominator>${m.cell / 0.00028}</ScaleDenominator><TopLeftCorner>${m.x} ${m.y}</TopLeftCorner>` +
  `<TileWidth>256</TileWidth><TileHeight>256</TileHeight><MatrixWidth>${m.width}</MatrixWidth><MatrixHeight>${m.height}</MatrixHeight></TileMatrix>`;

const limitXml = ([id, minCol, maxCol, minRow, maxRow]) =>
  `<TileMatrixLimits><TileMatrix>${id}</TileMatrix><MinTileRow>${minRow}</MinTileRow><MaxTileRow>${maxRow}</MaxTileRow><MinTileCol>${minCol}</MinTileCol><MaxTileCol>${maxCol}</MaxTileCol></TileMatrixLimits>`;

const layerXml = layer =>
  `<Layer><ows:Title>${layer.title}</ows:Title><ows:Abstract>Made up for tests</ows:Abstract><ows:WGS84BoundingBox><ows:LowerCorner>${layer.bounds[0]} ${layer.bounds[1]}</ows:LowerCorner>` +
  `<ows:UpperCorner>${layer.bounds[2]} ${layer.bounds[3]}</ows:UpperCorner></ows:WGS84BoundingBox><ows:Identifier>${layer.name}</ows:Identifier>` +
  `<Style isDefault="true"><ows:Identifier>normal</ows:Identifier></Style><Format>image/jpeg</Format><TileMatrixSetLink><TileMatrixSet>${layer.set.id}</TileMatrixSet>` +
  `<TileMatrixSetLimits>${layer.tiles.map(limitXml).join('')}</TileMatrixSetLimits></TileMatrixSetLink></Layer>`;

// The addresses name an inner host on purpose: pages behind a proxy must not follow it.
export const capabilities = host => `<?xml version="1.0" encoding="UTF-8"?>
<Capabilities xmlns="http://www.opengis.net/wmts/1.0" xmlns:ows="http://www.opengis.net/ows/1.1" xmlns:xlink="http://www.w3.org/1999/xlink" version="1.0.0">
<ows:ServiceIdentification><ows:Title>Stand-in</ows:Title><ows:ServiceType>OGC WMTS</ows:ServiceType><ows:ServiceTypeVersion>1.0.0</ows:ServiceTypeVersion></ows:ServiceIdentification>
<ows:ServiceProvider><ows:ProviderName>Stand-in provider</ows:ProviderName><ows:ProviderSite xlink:href="http://provider.invalid/"/><ows:ServiceContact/></ows:ServiceProvider>
<ows:OperationsMetadata><ows:Operation name="GetTile"><ows:DCP><ows:HTTP><ows:Get xlink:href="http://${host}/wmts?"><ows:Constraint name="GetEncoding"><ows:AllowedValues><ows:Value>KVP</ows:Value></ows:AllowedValues></ows:Constraint></ows:Get></ows:HTTP></ows:DCP></ows:Operation></ows:OperationsMetadata>
<Contents>${layers.map(layerXml).join('')}
${[pm, lambert].map(s => `<TileMatrixSet><ows:Identifier>${s.id}</ows:Identifier><ows:SupportedCRS>${s.crs}</ows:SupportedCRS>${s.matrices.map(matrixXml).join('')}</TileMatrixSet>`).join('')}
</Contents></Capabilities>`;

/** The tile of a KVP request, or null outside the layer. */
export function tile(query) {
  const layer = layers.find(l => l.name === query.get('layer'));
  const level = layer?.tiles.find(([id]) => id === query.get('tilematrix'));
  const col = Number(query.get('tilecol'));
  const row = Number(query.get('tilerow'));
  if (!level || col < level[1] || col > level[2] || row < level[3] || row > level[4]) return null;
  return blockJpeg((x, y) => {
    const field = Math.sin((col * 32 + x) / 9) * Math.cos((row * 32 + y) / 13);
    return x === 0 || y === 0 ? [60, 70, 55] : [110 + 50 * field, 140 + 40 * field, 80 + 20 * Math.sin((col + row) * 2)];
  });
}
