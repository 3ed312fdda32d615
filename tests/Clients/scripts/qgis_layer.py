"""Opens a layer of a WMTS, or of a WMS when SET is "-", in QGIS, renders it over its extent, and prints the mean colour of what was drawn.

usage: qgis_layer.py CAPABILITIES_URL LAYER STYLE SET FORMAT XMIN YMIN XMAX YMAX CRS
"""
import json
import os
import sys
from urllib.parse import quote

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
from qgis.core import (QgsApplication, QgsCoordinateReferenceSystem, QgsMapRendererSequentialJob, QgsMapSettings,
                       QgsRasterLayer, QgsRectangle)
from qgis.PyQt.QtCore import QSize
from qgis.PyQt.QtGui import QColor, QImage

url, name, style, matrix_set, image_format = sys.argv[1:6]
extent = QgsRectangle(*map(float, sys.argv[6:10]))
crs = QgsCoordinateReferenceSystem(sys.argv[10])
application = QgsApplication([], False)
application.initQgis()
source = f"crs={sys.argv[10]}&format={image_format}&layers={name}&styles={style}&url={quote(url, safe='')}"
if matrix_set != "-":
    source += f"&tileMatrixSet={matrix_set}"
layer = QgsRasterLayer(source, name, "wms")
if not layer.isValid():
    print(json.dumps({"valid": False, "error": layer.error().message()}))
    sys.exit(1)
settings = QgsMapSettings()
settings.setLayers([layer])
settings.setDestinationCrs(crs)
settings.setExtent(extent)
settings.setOutputSize(QSize(512, 512))
settings.setBackgroundColor(QColor(255, 0, 255))
job = QgsMapRendererSequentialJob(settings)
job.start()
job.waitForFinished()
image = job.renderedImage().convertToFormat(QImage.Format_RGB888)
pixels = [image.pixelColor(x, y) for y in range(8, 512, 16) for x in range(8, 512, 16)]
drawn = [p for p in pixels if (p.red(), p.green(), p.blue()) != (255, 0, 255)]
print(json.dumps({
    "valid": True,
    "drawn": len(drawn) / len(pixels),
    "mean": [sum(p.red() for p in drawn) / len(drawn), sum(p.green() for p in drawn) / len(drawn), sum(p.blue() for p in drawn) / len(drawn)] if drawn else None,
}))
application.exitQgis()
