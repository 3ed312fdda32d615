using Orleans;

namespace Grid.Interfaces.Pyramids;

/// <summary>GeoTIFFs that are kept beside a pyramid, to be downloaded.</summary>
/// <param name="Crs">Of all of them, authority and code.</param>
/// <param name="Files">By name.</param>
[GenerateSerializer, Alias("grid.raster-tiles"), Immutable]
public sealed record RasterTiles([property: Id(0)] string Crs, [property: Id(1)] IReadOnlyList<RasterTile> Files);

/// <summary>One of them.</summary>
/// <param name="Name">File name, with extension.</param>
/// <param name="Key">Object key in the store of pyramids.</param>
/// <param name="Bounds">West, south, east, north of its pixels' outer edges, in its CRS, easting first.</param>
[GenerateSerializer, Alias("grid.raster-tile"), Immutable]
public sealed record RasterTile(
    [property: Id(0)] string Name, [property: Id(1)] string Key, [property: Id(2)] long SizeBytes, [property: Id(3)] IReadOnlyList<double> Bounds);
