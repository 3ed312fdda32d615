// The API names processings and describes parameters in French, as its clients expect. The pages say the same in their own language; what is not
// listed here is shown as the API has it.

export const rasterPyramid = '2ae50661-986c-4f47-a3f0-e380417b522c';
export const harvest = '6a54dc92-fc93-4c8e-9f02-046bf889550e';
export const merge = '7cdca031-9e86-4804-8764-9b1d783b087d';

export const processings: Record<string, string> = {
  'Calcul de pyramide raster': 'Raster pyramid',
  'Recopie d\'une pyramide raster livrée': 'Take over the delivered pyramid',
  'Pyramide raster : suppression d\'une emprise': 'Remove an area',
  'Fusion de pyramides raster': 'Merge with other pyramids',
  'Pyramide raster : copie': 'Copy',
  'Pyramide raster : reconstruction des niveaux supérieurs': 'Make the upper levels anew',
  'Calcul ou mise à jour de pyramide raster par moissonnage WMS': 'Harvest a WMS',
  'Calcul de modèle numérique': 'Terrain model',
  'Calcul de pyramide 3D COPC': 'COPC files and 3D Tiles',
};

/** Label and hint. */
export const parameters: Record<string, [string, string]> = {
  tms: ['Tile matrix set', ''],
  compression: ['Format of the tiles', 'jpg, webp: colours; png: 8 bits; zip, raw: heights and other floats too; jpgpng: JPEG, and transparent PNG where pixels have no data'],
  interpolation: ['Resampling', ''],
  mask: ['Masks', 'Keep mask slabs beside those of data'],
  bottom: ['Finest level', 'By default the one nearest to the resolution of the input'],
  top: ['Coarsest level', ''],
  width: ['Tiles in a slab, across', ''],
  height: ['Tiles in a slab, down', ''],
  nodata: ['Value of nodata', 'One number a channel, separated by commas'],
  tolerance: ['Tolerance of nodata', 'Difference up to which a value counts as nodata'],
  gamma: ['Gamma of upper levels', 'Below 1 darker, above 1 brighter'],
  sampleformat: ['Sample format', 'By default that of the input'],
  samplesperpixel: ['Channels', 'By default those of the input'],
  area: ['Area', 'WKT POLYGON or MULTIPOLYGON, longitude and latitude in degrees'],
  bbox: ['Bounding box', 'West, south, east, north in degrees'],
  merge_method: ['Overlay', 'TOP: the first with data; ALPHATOP: by transparency; MULTIPLY; REPLACE: whole slabs'],
  slab_limit: ['Smallest slab copied', 'Bytes'],
  reference_level: ['Level to start from', ''],
  harvest_url: ['Address of the WMS', 'One that the operator allows'],
  harvest_layers: ['Layers', 'Separated by commas'],
  harvest_levels: ['Levels to harvest', 'Separated by commas'],
  harvest_area: ['Area', 'WKT POLYGON or MULTIPOLYGON, longitude and latitude in degrees'],
  harvest_format: ['Format of the images', ''],
  harvest_extras: ['Rest of the request', 'For example transparent=true'],
  harvest_dimensions: ['Largest image', 'Width, height in pixels'],
  harvest_threshold: ['Largest empty image', 'Bytes'],
  model: ['Model', 'MNT: ground; MNS: surface; MNH: heights above ground'],
  step: ['Size of a pixel', 'Metres'],
  longest_edge: ['Longest edge interpolated', 'Metres; 0: no limit'],
  files: ['Files', 'One of the whole block, one a tile, or both'],
  tileset: ['3D Tiles', 'Make a tileset as well'],
};

/** Parameters that a form does not ask for: without effect here, or only for several sources at once. */
export const unasked = ['parallelization', 'bottoms'];

/** Parameters of a first look; the others wait behind a fold. */
export const first = ['tms', 'compression', 'interpolation', 'bottom', 'model', 'step', 'files', 'tileset', 'merge_method'];
