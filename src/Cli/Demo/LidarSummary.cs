using System.Text.Json.Serialization;
using Grid.Cli.Producer;

namespace Grid.Cli.Demo;

/// <summary>The last line of a demonstration of LiDAR that ends by itself.</summary>
public sealed record LidarSummary
{
    /// <summary>Points delivered.</summary>
    [JsonPropertyName("points")] public required long Points { get; init; }

    /// <summary>Duration of the build.</summary>
    [JsonPropertyName("seconds")] public required double Seconds { get; init; }

    /// <summary>Points delivered per second of the build, in millions.</summary>
    [JsonPropertyName("mpoints_per_s")] public required double MegapointsPerSecond { get; init; }

    /// <summary>As in <see cref="DemoSummary.PeakResidentMebibytes"/>.</summary>
    [JsonPropertyName("peak_rss_mib")] public required double PeakResidentMebibytes { get; init; }

    /// <summary>Address of the download feed.</summary>
    [JsonPropertyName("resource")] public required string Resource { get; init; }

    /// <summary>The figures of a delivery with the peak of memory.</summary>
    public static LidarSummary Of(LidarDeliveryResult delivery, double seconds, double peakMebibytes) => new()
    {
        Points = delivery.Points,
        Seconds = Math.Round(seconds, 3),
        MegapointsPerSecond = Math.Round(delivery.Points / Math.Max(seconds, 0.001) / 1e6, 3),
        PeakResidentMebibytes = Math.Round(peakMebibytes, 1),
        Resource = delivery.Feed.AbsoluteUri,
    };
}
