"""Opens a layer of a WMS by GDAL's driver, as gdalinfo lists it, and compares it with GDAL's warp of the lot.

usage: gdal_maps.py URL LAYER LOT_FOLDER
"""
import glob
import json
import sys

import numpy as np
from osgeo import gdal

gdal.UseExceptions()
gdal.SetConfigOption("GDAL_ENABLE_WMS_CACHE", "NO")
url, layer, folder = sys.argv[1:4]
offered = gdal.Open(f"WMS:{url}").GetMetadata("SUBDATASETS")
# One name a layer, in the layer's own CRS.
name = next(value for key, value in offered.items() if key.endswith("_NAME") and f"LAYERS={layer}&" in value)
name = name.replace("FORMAT=image/jpeg", "FORMAT=image/png")
served = gdal.Open(name)
mosaic = gdal.BuildVRT("/vsimem/lot.vrt", sorted(glob.glob(f"{folder}/*.tif")))
x0, size, _, y0, _, down = mosaic.GetGeoTransform()
middle = x0 + mosaic.RasterXSize * size / 2, y0 + mosaic.RasterYSize * down / 2
box = (middle[0] - 50, middle[1] - 50, middle[0] + 50, middle[1] + 50)
ours = gdal.Warp("", served, format="MEM", dstSRS="EPSG:2154", outputBounds=box, width=250, height=250, resampleAlg="bilinear").ReadAsArray().astype(np.float64)
theirs = gdal.Warp("", mosaic, format="MEM", outputBounds=box, width=250, height=250, resampleAlg="bilinear", dstAlpha=True).ReadAsArray().astype(np.float64)
data = theirs[-1] == 255
print(json.dumps({"name": name, "bands": served.RasterCount, "difference": float(np.abs(ours[:3] - theirs[:3])[:, data].mean()), "pixels": int(data.sum())}))
