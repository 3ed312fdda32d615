"""Compares maps of heights, as values and in styles, with what GDAL and gdaldem make of the sheet that they come from.

usage: relief_maps.py ROOT LAYER SHEET

Maps of EPSG:2154 have the sheet's own pixels; those in other CRS are compared with GDAL's warp of the sheet. Prints differences by name: the largest
one of a pixel, or, where the name ends in a CRS, the mean.
"""
import io
import json
import math
import sys
import urllib.parse
import urllib.request

import numpy as np
from osgeo import gdal, osr

gdal.UseExceptions()
root, layer, sheet = sys.argv[1:]
source = gdal.Open(sheet)
x0, cell, _, y0, _, _ = source.GetGeoTransform()
col, row, size = 40, 120, 300
box = (x0 + col * cell, y0 - (row + size) * cell, x0 + (col + size) * cell, y0 - row * cell)


def fetch(form, style, crs="EPSG:2154", extent=box, layers=layer, more=""):
    query = {"SERVICE": "WMS", "VERSION": "1.3.0", "REQUEST": "GetMap", "LAYERS": layers, "STYLES": style, "CRS": crs, "BBOX": ",".join(map(repr, extent)),
             "WIDTH": size, "HEIGHT": size, "FORMAT": form}
    return urllib.request.urlopen(f"{root}/wms-r?{urllib.parse.urlencode(query)}{more}").read()


def picture(*arguments, **named):
    gdal.FileFromMemBuffer("/vsimem/map", fetch(*arguments, **named))
    return gdal.Open("/vsimem/map").ReadAsArray().astype(np.float64)


def window(dataset):
    return dataset.ReadAsArray(col, row, size, size).astype(np.float64)


def shade(dataset, **options):
    # gdaldem keeps 0 for no data: its light goes from 1 to 255.
    return (gdal.DEMProcessing("", dataset, "hillshade", format="MEM", **options).ReadAsArray().astype(np.float64) - 1) * 255 / 254


truth = window(source)
found = {}
found["bil"] = float(np.abs(np.frombuffer(fetch("image/x-bil;bits=32", "normal"), "<f4").reshape(size, size) - truth).max())
gdal.FileFromMemBuffer("/vsimem/map.asc", fetch("text/asc", "normal"))
grid = gdal.Open("/vsimem/map.asc")
assert grid.GetDriver().ShortName == "AAIGrid" and np.allclose(grid.GetGeoTransform(), (box[0], cell, 0, box[3], 0, -cell)), grid.GetGeoTransform()
found["asc"] = float(np.abs(grid.ReadAsArray() - truth).max())
gdal.FileFromMemBuffer("/vsimem/map.tif", fetch("image/geotiff", "normal"))
values = gdal.Open("/vsimem/map.tif")
assert values.GetRasterBand(1).DataType == gdal.GDT_Float32 and np.allclose(values.GetGeoTransform(), (box[0], cell, 0, box[3], 0, -cell))
found["geotiff"] = float(np.abs(values.ReadAsArray() - truth).max())

inner = (slice(row, row + size), slice(col, col + size))
found["hillshade"] = float(np.abs(picture("image/png", "hillshade") - shade(source)[inner]).max())
found["default"] = float(np.abs(picture("image/png", "") - picture("image/png", "hillshade")).max())
found["hillshade-multidirectional"] = float(np.abs(picture("image/png", "hillshade-multidirectional") - shade(source, multiDirectional=True)[inner]).max())

slope = window(gdal.DEMProcessing("", source, "slope", format="MEM"))
steps = [(0, 255, 255, 255), (15, 255, 255, 204), (30, 254, 217, 76), (45, 214, 47, 39), (60, 106, 27, 109), (90, 40, 11, 60)]
colours = np.stack([np.interp(slope, [s[0] for s in steps], [s[band] for s in steps]) for band in (1, 2, 3)])
found["slope"] = float(np.abs(picture("image/png", "slope")[:3] - colours).max())

tints = "-6000 8 29 88\n-200 67 124 191\n0 190 222 241\n0.01 86 152 103\n100 148 191 139\n300 214 222 154\n600 235 219 146\n1200 209 165 101\n2000 168 115 73\n3000 160 140 130\n4800 255 255 255\n"
gdal.FileFromMemBuffer("/vsimem/tints.txt", tints.encode())
found["hypsometric"] = float(np.abs(picture("image/png", "hypsometric")[:3] - window(gdal.DEMProcessing("", source, "color-relief", format="MEM", colorFilename="/vsimem/tints.txt"))).max())

red, green, blue = picture("image/png", "terrain-rgb")[:3]
found["terrain-rgb"] = float(np.abs(-10000 + (red * 65536 + green * 256 + blue) * 0.1 - truth).max())

# The plain is transparent in the style of aspects, so that what is under it shows there, and there only.
aspect, under = picture("image/png", "aspect", more="&TRANSPARENT=TRUE"), picture("image/png", "hillshade")
both = picture("image/png", "hillshade,aspect", layers=f"{layer},{layer}")
plain = aspect[3] == 0
assert plain.any() and not plain.all()
found["two layers"] = float(np.where(plain, np.abs(both[:3] - under), np.abs(both[:3] - aspect[:3])).max())

# One style by OGC API - Maps.
api = urllib.request.urlopen(f"{root}/ogcapi/collections/{layer}/styles/slope/map?f=png&transparent=false&width={size}&height={size}"
                             f"&crs=http://www.opengis.net/def/crs/EPSG/0/2154&bbox-crs=http://www.opengis.net/def/crs/EPSG/0/2154&bbox={','.join(map(repr, box))}").read()
gdal.FileFromMemBuffer("/vsimem/api", api)
found["ogcapi slope"] = float(np.abs(gdal.Open("/vsimem/api").ReadAsArray()[:3] - colours).max())

lambert = source.GetSpatialRef()
lambert.SetAxisMappingStrategy(osr.OAMS_TRADITIONAL_GIS_ORDER)
for name in ("EPSG:32631", "EPSG:3857", "EPSG:3035"):
    crs = osr.SpatialReference()
    crs.SetFromUserInput(name)
    swapped = bool(crs.EPSGTreatsAsNorthingEasting())
    crs.SetAxisMappingStrategy(osr.OAMS_TRADITIONAL_GIS_ORDER)
    x, y, _ = osr.CoordinateTransformation(lambert, crs).TransformPoint((box[0] + box[2]) / 2, (box[1] + box[3]) / 2)
    stretch = 1 / math.cos(math.radians(46.5)) if name == "EPSG:3857" else 1
    half = size / 2 * cell * 0.8 * stretch
    extent = (x - half, y - half, x + half, y + half)
    warped = gdal.Warp("", source, format="MEM", dstSRS=name, outputBounds=extent, width=size, height=size, resampleAlg="bilinear", errorThreshold=0)
    ordered = (extent[1], extent[0], extent[3], extent[2]) if swapped else extent
    rim = (slice(1, -1), slice(1, -1))
    heights = np.frombuffer(fetch("image/x-bil;bits=32", "normal", crs=name, extent=ordered), "<f4").reshape(size, size)
    found[f"values {name}"] = float(np.abs(heights - warped.ReadAsArray()).mean())
    light = picture("image/png", "hillshade", crs=name, extent=ordered)
    found[f"hillshade {name}"] = float(np.abs(light - shade(warped, scale=1 / stretch))[rim].mean())
print(json.dumps(found))
