"""Compares tiles of a WMTS layer with GDAL's own warp and averaging of the rasters that the layer was built from.

usage: compare_tiles.py BASE_URL LAYER LOT_FOLDER TILES_PER_LEVEL SEED

The lot is warped (cubic, exact transformer) to the finest level's grid, then averaged two by two for each level above, pixels without
data left out. Prints a JSON object: for each level the tiles compared and the largest mean difference of one tile, in grey levels:
worst         over the pixels that have data
worst_inside  the same, of the tiles that have data everywhere
worst_tile    over the whole tile, white where there is no data
worst_to_jpeg over the pixels that have data, against the expected tile as GDAL's JPEG driver writes it (quality 90); JPEG layers only
"""
import glob
import json
import random
import sys
import urllib.request
import xml.etree.ElementTree as ET

import numpy as np
from osgeo import gdal, gdal_array

gdal.UseExceptions()
base, name, folder, wanted, seed = sys.argv[1], sys.argv[2], sys.argv[3], int(sys.argv[4]), int(sys.argv[5])
NS = {"w": "http://www.opengis.net/wmts/1.0", "o": "http://www.opengis.net/ows/1.1"}
capabilities = ET.fromstring(urllib.request.urlopen(f"{base}/wmts?SERVICE=WMTS&REQUEST=GetCapabilities").read())
layer = next(l for l in capabilities.iterfind(".//w:Layer", NS) if l.findtext("o:Identifier", None, NS) == name)
link = layer.find("w:TileMatrixSetLink", NS)
set_name = link.findtext("w:TileMatrixSet", None, NS)
style = layer.find("w:Style", NS).findtext("o:Identifier", None, NS)
image_format = layer.findtext("w:Format", None, NS)
matrices = {}
for found in capabilities.iterfind(".//w:Contents/w:TileMatrixSet", NS):
    if found.findtext("o:Identifier", None, NS) == set_name:
        crs = found.findtext("o:SupportedCRS", None, NS).rsplit(":", 1)[1]
        for m in found.iterfind("w:TileMatrix", NS):
            x, y = map(float, m.findtext("w:TopLeftCorner", None, NS).split())
            matrices[m.findtext("o:Identifier", None, NS)] = (
                float(m.findtext("w:ScaleDenominator", None, NS)) * 0.00028, x, y,
                int(m.findtext("w:MatrixWidth", None, NS)), int(m.findtext("w:MatrixHeight", None, NS)))
limits = {l.findtext("w:TileMatrix", None, NS): [int(l.findtext(f"w:{k}", None, NS)) for k in ("MinTileCol", "MaxTileCol", "MinTileRow", "MaxTileRow")]
          for l in link.iterfind(".//w:TileMatrixLimits", NS)}
# The schema of WMTS 1.0.0 has no way to say row or column 0: levels there come without limits.
for level, (_, _, _, width, height) in matrices.items():
    limits.setdefault(level, [0, width - 1, 0, height - 1])
levels = sorted(limits, key=lambda l: matrices[l][0])  # finest first
finest = levels[0]
size, x0, y0 = matrices[finest][:3]
min_col, max_col, min_row, max_row = limits[finest]
# An even number of tiles on even indices, so that the first level above has whole tiles too; the others are padded below.
min_col, min_row = min_col // 2 * 2, min_row // 2 * 2
max_col, max_row = max_col // 2 * 2 + 1, max_row // 2 * 2 + 1
extent = (x0 + min_col * 256 * size, y0 - (max_row + 1) * 256 * size, x0 + (max_col + 1) * 256 * size, y0 - min_row * 256 * size)
mosaic = gdal.BuildVRT("/vsimem/lot.vrt", sorted(glob.glob(f"{folder}/*.tif")))
warped = gdal.Warp("/vsimem/warped.tif", mosaic, format="GTiff", dstSRS=f"EPSG:{crs}", outputBounds=extent,
                   width=(max_col - min_col + 1) * 256, height=(max_row - min_row + 1) * 256, resampleAlg="cubic", errorThreshold=0,
                   dstAlpha=True, multithread=True)
bands = warped.ReadAsArray()
colours, mask = bands[:-1].astype(np.float32), bands[-1] > 0
chooser = random.Random(seed)
result = {}
for position, level in enumerate(levels):
    if position > 0:
        if matrices[level][0] < 1.99 * matrices[levels[position - 1]][0]:
            raise SystemExit("the levels do not halve")
        # Grow to even tile indices, then average the pixels that have data.
        west, north = (min_col % 2) * 256, (min_row % 2) * 256
        east, south = ((max_col + 1) % 2) * 256, ((max_row + 1) % 2) * 256
        colours = np.pad(colours, ((0, 0), (north, south), (west, east)))
        mask = np.pad(mask, ((north, south), (west, east)))
        h, w = mask.shape
        weights = mask.reshape(h // 2, 2, w // 2, 2).astype(np.float32)
        sums = (colours.reshape(-1, h // 2, 2, w // 2, 2) * weights).sum((2, 4))
        counts = weights.sum((1, 3))
        mask = counts > 0
        colours = sums / np.maximum(counts, 1)
        min_col, max_col, min_row, max_row = min_col // 2, max_col // 2, min_row // 2, max_row // 2
    tiles = [(c, r) for c in range(min_col, max_col + 1) for r in range(min_row, max_row + 1)
             if mask[(r - min_row) * 256:(r - min_row + 1) * 256, (c - min_col) * 256:(c - min_col + 1) * 256].any()]
    chosen = chooser.sample(tiles, min(wanted, len(tiles)))
    worst = dict.fromkeys(["worst", "worst_inside", "worst_tile"] + (["worst_to_jpeg"] if image_format == "image/jpeg" else []), 0.0)

    def note(name, difference):
        worst[name] = max(worst[name], round(float(np.abs(difference).mean()), 3))

    for c, r in chosen:
        url = (f"{base}/wmts?SERVICE=WMTS&REQUEST=GetTile&VERSION=1.0.0&LAYER={name}&STYLE={style}&FORMAT={image_format}"
               f"&TILEMATRIXSET={set_name}&TILEMATRIX={level}&TILEROW={r}&TILECOL={c}")
        gdal.FileFromMemBuffer("/vsimem/tile", urllib.request.urlopen(url).read())
        tile = gdal.Open("/vsimem/tile").ReadAsArray().astype(np.float32)
        window = np.s_[(r - min_row) * 256:(r - min_row + 1) * 256, (c - min_col) * 256:(c - min_col + 1) * 256]
        data = mask[window]
        expected = np.where(data, colours[(slice(None),) + window], 255)
        note("worst", (tile - expected)[:, data])
        note("worst_tile", tile - expected)
        if data.all():
            note("worst_inside", tile - expected)
        if image_format == "image/jpeg":
            picture = gdal_array.OpenArray(np.rint(expected).astype(np.uint8))
            gdal.GetDriverByName("JPEG").CreateCopy("/vsimem/expected.jpg", picture, options=["QUALITY=90"])
            note("worst_to_jpeg", (tile - gdal.Open("/vsimem/expected.jpg").ReadAsArray().astype(np.float32))[:, data])
    result[level] = {"tiles": len(chosen), **worst}
print(json.dumps(result))
