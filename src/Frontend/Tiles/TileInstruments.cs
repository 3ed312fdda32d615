using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace Grid.Frontend.Tiles;

/// <summary>
/// What a frontend tells of the tiles that it serves: how long each took from its request until its answer was the socket's, by <c>result</c>. The
/// counts of the same histogram are the requests and the hit ratio, so that a tile costs one record.
/// </summary>
internal static class TileInstruments
{
    public const string Name = "Grid.Tiles";

    private static readonly Meter s_meter = new(Name);

    // A hot tile takes some microseconds, a cold one of a far store tenths of seconds.
    private static readonly Histogram<double> s_durations = s_meter.CreateHistogram(
        "grid.tiles.duration", "s", "Time to answer a request of a tile.", null,
        new InstrumentAdvice<double>
        {
            HistogramBucketBoundaries = [0.00001, 0.000025, 0.00005, 0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5],
        });

    private static readonly double s_tick = 1.0 / Stopwatch.Frequency;

    /// <summary>From the frontend's own memory.</summary>
    public static KeyValuePair<string, object?> Hit { get; } = new("result", "hit");

    /// <summary>Fetched from a grain.</summary>
    public static KeyValuePair<string, object?> Read { get; } = new("result", "read");

    /// <summary>The client had it already: 304.</summary>
    public static KeyValuePair<string, object?> Unchanged { get; } = new("result", "unchanged");

    /// <summary>The pyramid has no such tile: 404.</summary>
    public static KeyValuePair<string, object?> None { get; } = new("result", "none");

    /// <summary>Too many were asked for: 503.</summary>
    public static KeyValuePair<string, object?> Refused { get; } = new("result", "refused");

    /// <summary>It could not be read: 503.</summary>
    public static KeyValuePair<string, object?> Failed { get; } = new("result", "failed");

    /// <summary>The result of an answer with a tile, or with the knowledge that there is none.</summary>
    /// <param name="isHot">Whether it was in memory.</param>
    public static KeyValuePair<string, object?> ResultOf(HotTile tile, bool isHot) =>
        tile == HotTile.Refused ? Refused : !tile.Exists ? None : isHot ? Hit : Read;

    /// <summary>A request has been answered that came at <paramref name="begun"/>, a <see cref="Stopwatch"/>'s time stamp.</summary>
    public static void Answered(long begun, in KeyValuePair<string, object?> result) => s_durations.Record((Stopwatch.GetTimestamp() - begun) * s_tick, result);
}
