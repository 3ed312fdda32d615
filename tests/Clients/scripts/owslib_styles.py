"""Opens a WMS with OWSLib, prints the styles of a layer with their legends, each fetched where the capabilities say, and asks for a map in one of them.

usage: owslib_styles.py URL LAYER STYLE CRS XMIN YMIN XMAX YMAX
"""
import json
import struct
import sys

from owslib.util import openURL
from owslib.wms import WebMapService

url, name, style, crs = sys.argv[1:5]
service = WebMapService(url, version="1.3.0")
layer = service[name]
legends = {}
for known, description in layer.styles.items():
    if "legend" in description:
        picture = openURL(description["legend"]).read()
        legends[known] = {"said": [int(description["legend_width"]), int(description["legend_height"])], "is": list(struct.unpack(">II", picture[16:24]))}
picture = service.getmap(layers=[name], styles=[style], srs=crs, bbox=tuple(map(float, sys.argv[5:9])), size=(200, 100), format="image/png").read()
print(json.dumps({"styles": list(layer.styles), "titles": [description["title"] for description in layer.styles.values()], "legends": legends, "picture": picture[:8].hex()}))
