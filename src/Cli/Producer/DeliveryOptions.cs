using System.Text.Json.Nodes;

namespace Grid.Cli.Producer;

/// <summary>What to deliver, and how the pyramid is to be.</summary>
public sealed record DeliveryOptions
{
    /// <summary>Folder of the lot; its files keep their paths below it.</summary>
    public required string Folder { get; init; }

    /// <summary>The pyramid to deliver in place of rasters to make one of; null for rasters.</summary>
    public PyramidFolder? Pyramid { get; init; }

    /// <summary>True for LiDAR tiles (LAS, LAZ), of which COPC files are made; false for rasters.</summary>
    public bool IsLidar { get; init; }

    /// <summary>COPC files to make of LiDAR tiles: BLOCK, TILES or BOTH.</summary>
    public string CopcFiles { get; init; } = "BOTH";

    /// <summary>Name of the upload, of the stored data and of the configuration.</summary>
    public required string Name { get; init; }

    /// <summary>Name of the layer; null makes one of <see cref="Name"/>.</summary>
    public string? LayerName { get; init; }

    /// <summary>Title of the layer; null takes <see cref="Name"/>.</summary>
    public string? Title { get; init; }

    /// <summary>Names of the styles of the layer, the default one first; none shows the pixels as they are.</summary>
    public IReadOnlyList<string> Styles { get; init; } = [];

    /// <summary>Id or technical name of the datastore; null takes the first one with the rights to deliver and publish.</summary>
    public string? Datastore { get; init; }

    /// <summary>CRS of the lot (<c>EPSG:2154</c>); null reads it in the first GeoTIFF.</summary>
    public string? Srs { get; init; }

    /// <summary>Tile matrix set of the pyramid.</summary>
    public string TileMatrixSet { get; init; } = "PM";

    /// <summary>Finest level; null lets the server take the one nearest to the lot's resolution.</summary>
    public string? BottomLevel { get; init; }

    /// <summary>Coarsest level; null is the set's first.</summary>
    public string? TopLevel { get; init; }

    /// <summary>raw, jpg, jpg90, png or zip.</summary>
    public string Compression { get; init; } = "jpg90";

    /// <summary>nn, linear, bicubic or lanczos.</summary>
    public string Interpolation { get; init; } = "bicubic";

    /// <summary>Any other parameters of the processing; they go before those above.</summary>
    public JsonObject Parameters { get; init; } = [];

    /// <summary>Name or id of the pyramid that the lot updates; null makes a new one. What the pyramid is then stays as it is, whatever is said above.</summary>
    public string? Update { get; init; }

    /// <summary>Area that an update replaces: WKT, longitude and latitude in degrees. Null: the lot covers what was there wherever it has data.</summary>
    public string? Area { get; init; }

    /// <summary>Pause between two questions about a running check or build.</summary>
    public TimeSpan PollInterval { get; init; } = TimeSpan.FromMilliseconds(500);
}

/// <summary>What a delivery ended with.</summary>
/// <param name="Datastore">Id of the datastore.</param>
/// <param name="Upload">Id of the upload.</param>
/// <param name="StoredData">Id of the pyramid.</param>
/// <param name="Offering">Id of the offering.</param>
/// <param name="LayerName">Name of the layer in the services.</param>
/// <param name="Wmts">Base URL of the WMTS.</param>
/// <param name="Wms">Base URL of the WMS; null where the datastore publishes none.</param>
/// <param name="Build">The build's figures; null when the pyramid was there already.</param>
public sealed record DeliveryResult(
    string Datastore, string Upload, string StoredData, string Offering, string LayerName, Uri Wmts, Uri? Wms, BuildFigures? Build);

/// <summary>A finished build in figures.</summary>
/// <param name="InputPixels">Pixels of the lot, nodata included.</param>
/// <param name="Slabs">Slabs of all levels, empty ones included.</param>
/// <param name="Tiles">Tiles written.</param>
/// <param name="Seconds">From launch to end, as the server dates them.</param>
/// <param name="MegapixelsPerSecond">Input pixels over those seconds, in millions.</param>
public sealed record BuildFigures(long InputPixels, long Slabs, long Tiles, double Seconds, double MegapixelsPerSecond);
