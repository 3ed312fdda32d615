"""Compares maps of a WMS with GDAL's warp of the same pyramid, which GDAL reads by the WMTS driver, in several CRS.

usage: wms_pixels.py ROOT LAYER LOT_FOLDER CRS...

Each map is 300 by 300 pixels in the middle of the lot, about 35 cm a pixel on the ground, linear. Prints, for each CRS, the mean absolute difference and
the number of pixels with data.
"""
import glob
import json
import sys
import urllib.request

import numpy as np
from osgeo import gdal, osr

gdal.UseExceptions()
gdal.SetConfigOption("GDAL_ENABLE_WMS_CACHE", "NO")
root, layer, folder, *names = sys.argv[1:]
pyramid = gdal.Open(f"WMTS:{root}/wmts?SERVICE=WMTS&REQUEST=GetCapabilities,layer={layer}")
# The level that is fine enough for 35 cm on the ground at 49 degrees is the bottom one: GDAL must not take an overview.
lot = gdal.BuildVRT("/vsimem/lot.vrt", sorted(glob.glob(f"{folder}/*.tif")))
x0, size, _, y0, _, down = lot.GetGeoTransform()
middle = x0 + lot.RasterXSize * size / 2, y0 + lot.RasterYSize * down / 2
degrees = osr.SpatialReference()
degrees.SetFromUserInput("OGC:CRS84")
degrees.SetAxisMappingStrategy(osr.OAMS_TRADITIONAL_GIS_ORDER)
found = {}
for name in names:
    crs = osr.SpatialReference()
    crs.SetFromUserInput("OGC:CRS84" if name == "CRS:84" else name)
    swapped = bool(name.startswith("EPSG") and (crs.EPSGTreatsAsLatLong() or crs.EPSGTreatsAsNorthingEasting()))
    crs.SetAxisMappingStrategy(osr.OAMS_TRADITIONAL_GIS_ORDER)
    transform = osr.CoordinateTransformation(lot.GetSpatialRef(), crs)
    cx, cy, _ = transform.TransformPoint(*middle)
    half = 52.5 / 111319.49 if crs.IsGeographic() else 52.5 * (1.5 if name == "EPSG:3857" else 1)
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
    found[name] = {"difference": float(np.abs(pixels[:3] - theirs[:3])[:, opaque].mean()) if opaque.any() else 0, "pixels": int(opaque.sum())}
print(json.dumps(found))
