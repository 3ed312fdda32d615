"""Makes a lot of one small sheet at each of several places of the world, in EPSG:4326, about 22 m a pixel, of smooth colours.

usage: world_lot.py FOLDER LONGITUDE,LATITUDE...
"""
import json
import sys

import numpy as np
from osgeo import gdal, osr

gdal.UseExceptions()
folder, *places = sys.argv[1:]
size, cell = 600, 0.0002
degrees = osr.SpatialReference()
degrees.ImportFromEPSG(4326)
rows, cols = np.mgrid[0:size, 0:size]
for number, place in enumerate(places):
    longitude, latitude = map(float, place.split(","))
    sheet = gdal.GetDriverByName("GTiff").Create(f"{folder}/{number}.tif", size, size, 3, gdal.GDT_Byte)
    sheet.SetProjection(degrees.ExportToWkt())
    sheet.SetGeoTransform((longitude - size / 2 * cell, cell, 0, latitude + size / 2 * cell, 0, -cell))
    for band in (1, 2, 3):
        waves = np.sin(cols / (7 + 3 * band)) + np.cos(rows / (17 - 3 * band)) + np.sin((cols + rows) / (40 + number))
        sheet.GetRasterBand(band).WriteArray((128 + 35 * waves).astype(np.uint8))
    sheet = None
print(json.dumps({"sheets": len(places)}))
