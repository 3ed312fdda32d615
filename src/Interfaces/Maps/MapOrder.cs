using Orleans;
using Orleans.Concurrency;

namespace Grid.Interfaces.Maps;

/// <summary>Everything that decides a map's bytes.</summary>
[GenerateSerializer, Alias("grid.map-order"), Immutable]
public sealed record MapOrder
{
    /// <summary>Bottom first; none gives the background alone.</summary>
    [Id(0)] public required IReadOnlyList<MapOrderLayer> Layers { get; init; }

    /// <summary>The map's CRS by the name that GDAL knows, for example <c>EPSG:2154</c>.</summary>
    [Id(1)] public required string Crs { get; init; }

    /// <summary>Outer edges of the map: x is easting or longitude, whatever order the CRS's authority gives its axes.</summary>
    [Id(2)] public required double MinX { get; init; }

    [Id(3)] public required double MinY { get; init; }

    [Id(4)] public required double MaxX { get; init; }

    [Id(5)] public required double MaxY { get; init; }

    /// <summary>Pixels across.</summary>
    [Id(6)] public required int Width { get; init; }

    /// <summary>Pixels down.</summary>
    [Id(7)] public required int Height { get; init; }

    /// <summary><c>image/png</c>, <c>image/jpeg</c>, <c>image/webp</c>, <c>image/tiff</c>, <c>image/geotiff</c>, <c>image/x-bil;bits=32</c> or <c>text/asc</c>.</summary>
    [Id(8)] public required string MimeType { get; init; }

    /// <summary>Whether the map is transparent where no layer has data, if its format can be.</summary>
    [Id(9)] public bool IsTransparent { get; init; }

    /// <summary>The colour 0xRRGGBB there otherwise; null is white, or in formats of values the bottom layer's nodata.</summary>
    [Id(10)] public int? Background { get; init; }

    /// <summary>1 to 100, of JPEG and WebP.</summary>
    [Id(11)] public int Quality { get; init; } = 75;

    /// <summary><c>raw</c>, <c>lzw</c>, <c>deflate</c> or <c>packbits</c>, of TIFFs.</summary>
    [Id(12)] public string Compression { get; init; } = "raw";
}

/// <summary>One layer of a map.</summary>
/// <param name="Pyramids">Where it has its levels from; of a level in several the first wins.</param>
/// <param name="Interpolation">nn, linear, bicubic, lanczos, lanczos2 or lanczos4.</param>
/// <param name="Style">Identifier of the style that its values are shown in; null shows them as they are.</param>
[GenerateSerializer, Alias("grid.map-order-layer"), Immutable]
public sealed record MapOrderLayer(
    [property: Id(0)] IReadOnlyList<MapOrderPyramid> Pyramids, [property: Id(1)] string Interpolation, [property: Id(2)] string? Style);

/// <summary>Levels of one published version of a pyramid, which never changes under its prefix.</summary>
/// <param name="StoragePrefix">Key prefix of the descriptor's folder, without a slash at the end.</param>
/// <param name="Descriptor">The descriptor, as JSON.</param>
/// <param name="TopLevel">Coarsest level used; null for the pyramid's.</param>
/// <param name="BottomLevel">Finest level used; null for the pyramid's.</param>
[GenerateSerializer, Alias("grid.map-order-pyramid"), Immutable]
public sealed record MapOrderPyramid(
    [property: Id(0)] string StoragePrefix, [property: Id(1)] string Descriptor, [property: Id(2)] string? TopLevel, [property: Id(3)] string? BottomLevel);
