"""Opens a WMTS with OWSLib and prints what it says of one layer, and the size of one tile.

usage: owslib_layer.py CAPABILITIES_URL LAYER LEVEL ROW COL
"""
import json
import sys

from owslib.wmts import WebMapTileService

url, name, level, row, col = sys.argv[1:6]
service = WebMapTileService(url)
layer = service[name]
matrix_set = list(layer.tilematrixsetlinks)[0]
tile = service.gettile(layer=name, style=list(layer.styles)[0], format=layer.formats[0],
                       tilematrixset=matrix_set, tilematrix=level, row=int(row), column=int(col))
print(json.dumps({
    "title": layer.title,
    "bounds": layer.boundingBoxWGS84,
    "formats": layer.formats,
    "set": matrix_set,
    "operations": sorted(operation.name for operation in service.operations),
    "tile_bytes": len(tile.read()),
}))
