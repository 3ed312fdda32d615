using System.Text.Json.Serialization;
using Grid.Cli.Producer;

namespace Grid.Cli.Demo;

/// <summary>The last line of a demonstration that ends by itself.</summary>
public sealed record DemoSummary
{
    /// <summary>Pixels of the lot, nodata included.</summary>
    [JsonPropertyName("input_pixels")] public required long InputPixels { get; init; }

    /// <summary>Tiles of the pyramid.</summary>
    [JsonPropertyName("tiles")] public required long Tiles { get; init; }

    /// <summary>Slabs of the pyramid.</summary>
    [JsonPropertyName("slabs")] public required long Slabs { get; init; }

    /// <summary>Duration of the build.</summary>
    [JsonPropertyName("seconds")] public required double Seconds { get; init; }

    /// <summary>Input pixels per second of the build, in millions.</summary>
    [JsonPropertyName("mpix_per_s")] public required double MegapixelsPerSecond { get; init; }

    /// <summary>Highest resident memory of the server and its PostgreSQL together, sampled ten times a second from when it is ready on.</summary>
    [JsonPropertyName("peak_rss_mib")] public required double PeakResidentMebibytes { get; init; }

    /// <summary>Base URL of the WMTS.</summary>
    [JsonPropertyName("wmts")] public required string Wmts { get; init; }

    /// <summary>The figures of a build with the peak of memory.</summary>
    public static DemoSummary Of(BuildFigures build, double peakMebibytes, Uri wmts) => new()
    {
        InputPixels = build.InputPixels,
        Tiles = build.Tiles,
        Slabs = build.Slabs,
        Seconds = Math.Round(build.Seconds, 3),
        MegapixelsPerSecond = Math.Round(build.MegapixelsPerSecond, 2),
        PeakResidentMebibytes = Math.Round(peakMebibytes, 1),
        Wmts = wmts.AbsoluteUri,
    };
}
