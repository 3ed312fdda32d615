"""Prints the mean colour of a lot of rasters within bounds, by GDAL's warp.

usage: mean_colour.py LOT_FOLDER CRS XMIN YMIN XMAX YMAX
"""
import glob
import json
import sys

from osgeo import gdal

gdal.UseExceptions()
folder, crs = sys.argv[1:3]
mosaic = gdal.BuildVRT("/vsimem/lot.vrt", sorted(glob.glob(f"{folder}/*.tif")))
warped = gdal.Warp("/vsimem/warped.tif", mosaic, format="GTiff", dstSRS=crs, outputBounds=tuple(map(float, sys.argv[3:7])), width=400, height=400)
print(json.dumps({"mean": [float(warped.GetRasterBand(band + 1).ReadAsArray().mean()) for band in range(warped.RasterCount)]}))
