"""Opens a WMS with OWSLib, prints what it says of one layer, and asks for a map and for the values of a pixel of it.

usage: owslib_maps.py URL LAYER CRS XMIN YMIN XMAX YMAX
"""
import json
import sys

from owslib.util import ServiceException
from owslib.wms import WebMapService

url, name, crs = sys.argv[1:4]
box = tuple(map(float, sys.argv[4:8]))
service = WebMapService(url, version="1.3.0")
layer = service[name]
picture = service.getmap(layers=[name], styles=[""], srs=crs, bbox=box, size=(200, 100), format="image/png", transparent=True).read()
values = service.getfeatureinfo(layers=[name], styles=[""], srs=crs, bbox=box, size=(200, 100), format="image/png", query_layers=[name],
                                info_format="application/json", xy=(100, 50)).read()
try:
    service.getmap(layers=["none"], styles=[""], srs=crs, bbox=box, size=(200, 100), format="image/png")
    refused = None
except ServiceException as refusal:
    refused = str(refusal)
print(json.dumps({
    "title": layer.title,
    "crs": sorted(layer.crsOptions),
    "styles": list(layer.styles),
    "keywords": layer.keywords,
    "queryable": layer.queryable,
    "operations": sorted(operation.name for operation in service.operations),
    "formats": service.getOperationByName("GetMap").formatOptions,
    "picture": picture[:8].hex(),
    "values": json.loads(values),
    "refused": refused,
}))
