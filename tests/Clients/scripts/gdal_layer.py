"""Compares a dataset that GDAL opens, a served layer, with GDAL's own warp of the rasters that the layer was built from.

usage: gdal_layer.py DATASET LOT_FOLDER [KERNEL]

Reads a window in the middle of the lot at full resolution, and the same ground at a quarter of it (from an overview, so from level two above).
Prints the mean absolute differences over the pixels that have data.
"""
import glob
import json
import sys

import numpy as np
from osgeo import gdal

gdal.UseExceptions()
gdal.SetConfigOption("GDAL_ENABLE_WMS_CACHE", "NO")
name, folder = sys.argv[1:3]
kernel = sys.argv[3] if len(sys.argv) > 3 else "cubic"
served = gdal.Open(name)
x0, size, _, y0, _, _ = served.GetGeoTransform()
mosaic = gdal.BuildVRT("/vsimem/lot.vrt", sorted(glob.glob(f"{folder}/*.tif")))
there = gdal.Warp("", mosaic, format="VRT", dstSRS=served.GetProjection())
tx, tsize, _, ty, _, tdown = there.GetGeoTransform()
centre = tx + there.RasterXSize * tsize / 2, ty + there.RasterYSize * tdown / 2
# A window of whole blocks of four pixels, so that it is a window of the overview too.
wanted = 512
left = (int((centre[0] - x0) / size) - wanted // 2) // 4 * 4
top = (int((y0 - centre[1]) / size) - wanted // 2) // 4 * 4
bands = mosaic.RasterCount - (1 if mosaic.GetRasterBand(mosaic.RasterCount).GetColorInterpretation() == gdal.GCI_AlphaBand else 0)
bounds = (x0 + left * size, y0 - (top + wanted) * size, x0 + (left + wanted) * size, y0 - top * size)
warped = gdal.Warp("/vsimem/warped.tif", mosaic, format="GTiff", dstSRS=served.GetProjection(), outputBounds=bounds, width=wanted, height=wanted,
                   resampleAlg=kernel, errorThreshold=0, dstAlpha=True).ReadAsArray().astype(np.float64)
expected, mask = warped[:bands], warped[bands] > 0


def read(count):
    return np.stack([served.GetRasterBand(b + 1).ReadAsArray(left, top, wanted, wanted, count, count).astype(np.float64) for b in range(bands)])


def mean_quarters(values):
    return values.reshape(values.shape[:-2] + (wanted // 4, 4, wanted // 4, 4)).mean((-3, -1))


difference = np.abs(read(wanted) - expected)[:, mask]
whole = mean_quarters(mask.astype(np.float64)) == 1
overview = np.abs(read(wanted // 4) - mean_quarters(expected))[:, whole]
print(json.dumps({"pixels": int(mask.sum()), "difference": float(difference.mean()), "worst": float(difference.max()),
                  "overview_difference": float(overview.mean())}))
