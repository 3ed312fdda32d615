"""Opens a collection of an OGC API by GDAL's OGCAPI driver, as maps and as tiles, and compares each with GDAL's warp of the lot.

usage: gdal_api.py ROOT COLLECTION LOT_FOLDER
"""
import glob
import json
import sys

import numpy as np
from osgeo import gdal

gdal.UseExceptions()
gdal.SetConfigOption("GDAL_ENABLE_WMS_CACHE", "NO")
root, collection, folder = sys.argv[1:4]
mosaic = gdal.BuildVRT("/vsimem/lot.vrt", sorted(glob.glob(f"{folder}/*.tif")))
x0, size, _, y0, _, down = mosaic.GetGeoTransform()
middle = x0 + mosaic.RasterXSize * size / 2, y0 + mosaic.RasterYSize * down / 2
box = (middle[0] - 50, middle[1] - 50, middle[0] + 50, middle[1] + 50)
theirs = gdal.Warp("", mosaic, format="MEM", outputBounds=box, width=250, height=250, resampleAlg="bilinear", dstAlpha=True).ReadAsArray().astype(np.float64)
data = theirs[-1] == 255
# GDAL 3.6 takes the collection's degrees for coordinates of the tiles' CRS, so that it finds its way alone only in degrees; elsewhere it must be told.
mercator = gdal.Warp("", mosaic, format="VRT", dstSRS="EPSG:3857")
left, across, _, upper, _, downward = mercator.GetGeoTransform()
window = {"MINX": left, "MAXX": left + mercator.RasterXSize * across, "MINY": upper + mercator.RasterYSize * downward, "MAXY": upper}
found = {}
for name, options in {
    "MAP": ["API=MAP"],
    "TILES": ["API=TILES"],
    "TILES PM": ["API=TILES", "TILEMATRIXSET=/PM_", *(f"{side}={place:.3f}" for side, place in window.items())],
}.items():
    served = gdal.OpenEx(f"OGCAPI:{root}/collections/{collection}", gdal.OF_RASTER, open_options=[*options, "IMAGE_FORMAT=PNG", "CACHE=NO"])
    ours = gdal.Warp("", served, format="MEM", dstSRS="EPSG:2154", outputBounds=box, width=250, height=250, resampleAlg="bilinear").ReadAsArray().astype(np.float64)
    found[name] = {"difference": float(np.abs(ours[:3] - theirs[:3])[:, data].mean()), "pixels": int(data.sum()), "crs": served.GetSpatialRef().GetName()}
print(json.dumps(found))
