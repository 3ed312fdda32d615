"""Compares maps of a WMS with GDAL's warp of the same pyramid, which GDAL reads by the WMTS driver, in several CRS at several places.

usage: wms_pixels.py ROOT LAYER CELL CRS@LONGITUDE,LATITUDE...

Each map is 300 by 300 pixels around its place, half as large again on the ground as those of the bottom level, whose cells are CELL metres of web
mercator, so that the bottom level is what is drawn; linear. Prints, for each, the mean absolute difference and the number of pixels with data.
"""
import json
import math
import sys
import urllib.request

import numpy as np
from osgeo import gdal, osr

gdal.UseExceptions()
gdal.SetConfigOption("GDAL_ENABLE_WMS_CACHE", "NO")
root, layer, cell, *asked = sys.argv[1:]
pyramid = gdal.Open(f"WMTS:{root}/wmts?SERVICE=WMTS&REQUEST=GetCapabilities,layer={layer}")
degrees = osr.SpatialReference()
degrees.SetFromUserInput("OGC:CRS84")
degrees.SetAxisMappingStrategy(osr.OAMS_TRADITIONAL_GIS_ORDER)
found = {}
for one in asked:
    name, place = one.split("@")
    longitude, latitude = map(float, place.split(","))
    crs = osr.SpatialReference()
    crs.SetFromUserInput("OGC:CRS84" if name == "CRS:84" else name)
    swapped = bool(name.startswith("EPSG") and (crs.EPSGTreatsAsLatLong() or crs.EPSGTreatsAsNorthingEasting()))
    crs.SetAxisMappingStrategy(osr.OAMS_TRADITIONAL_GIS_ORDER)
    cx, cy, _ = osr.CoordinateTransformation(degrees, crs).TransformPoint(longitude, latitude)
    metres = 150 * 1.5 * float(cell) * math.cos(math.radians(latitude))
    half = metres / 111319.49 / math.cos(math.radians(latitude)) if crs.IsGeographic() else metres / (math.cos(math.radians(latitude)) if name == "EPSG:3857" else 1)
    box = (cx - half, cy - half, cx + half, cy + half)
    order = (box[1], box[0], box[3], box[2]) if swapped else box
    url = (f"{root}/wms-r?SERVICE=WMS&VERSION=1.3.0&REQUEST=GetMap&LAYERS={layer}&STYLES=&CRS={name}&BBOX={','.join(map(repr, order))}"
           "&WIDTH=300&HEIGHT=300&FORMAT=image/geotiff&TRANSPARENT=TRUE")
    gdal.FileFromMemBuffer("/vsimem/map.tif", urllib.request.urlopen(url).read())
    ours = gdal.Open("/vsimem/map.tif")
    assert ours.GetSpatialRef().IsSame(crs) or name.startswith("IGNF") or name == "CRS:84", name
    assert np.allclose(ours.GetGeoTransform(), (box[0], 2 * half / 300, 0, box[3], 0, -2 * half / 300)), name
    pixels = ours.ReadAsArray().astype(np.float64)
    theirs = gdal.Warp("", pyramid, format="MEM", dstSRS=crs.ExportToWkt(), outputBounds=box, width=300, height=300, resampleAlg="bilinear",
                       errorThreshold=0, overviewLevel="NONE").ReadAsArray().astype(np.float64)
    opaque = pixels[3] == 255 if pixels.shape[0] == 4 else np.ones(pixels.shape[1:], bool)
    opaque &= theirs[3] == 255 if theirs.shape[0] == 4 else True
    found[one] = {"difference": float(np.abs(pixels[:3] - theirs[:3])[:, opaque].mean()) if opaque.any() else 0, "pixels": int(opaque.sum())}
print(json.dumps(found))
