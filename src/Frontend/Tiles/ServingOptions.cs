namespace Grid.Frontend.Tiles;

/// <summary>What a frontend keeps and bears when it serves tiles. Bound from the section <c>Grid:Serving</c>.</summary>
public sealed class ServingOptions
{
    /// <summary>
    /// Bytes of tiles that the frontend keeps in front of the grains, 0 for none. Default 256 MiB. More costs memory (in one process the slab
    /// caches hold the same bytes, so less than it seems), less costs calls of grains.
    /// </summary>
    public long HotTileBytes { get; set; } = 256L << 20;

    /// <summary>Tiles fetched at once, 1 to 100,000. Default 256. More helps far stores that answer late and many at once.</summary>
    public int TileReads { get; set; } = 256;

    /// <summary>
    /// Requests that wait for their turn to fetch, 0 to 1,000,000; those beyond are answered 503 at once. Default 4096. Each costs some kilobytes.
    /// </summary>
    public int TileReadsWaiting { get; set; } = 4096;

    /// <summary>
    /// Milliseconds after which a request that waits for its turn is answered 503, 0 to 60,000. Default 1000. More serves a short burst whole, less spares clients
    /// a wait in vain.
    /// </summary>
    public int TileWaitMilliseconds { get; set; } = 1000;

    /// <summary>
    /// Milliseconds that a request may wait for a processor once requests have queued for a quarter of a second, 1 to 10,000; those that would wait for longer are
    /// answered 503. Default 1. More refuses fewer, and the rate falls when thousands of connections take turns in the processor's caches.
    /// </summary>
    public int TileQueueMilliseconds { get; set; } = 1;

    /// <summary>
    /// Seconds after which refused clients are told to try again, 1 to 3600. Default 2. What a connection that was refused for want of processors asks
    /// for before that waits until then, so that refusing costs little.
    /// </summary>
    public int RetryAfterSeconds { get; set; } = 2;

    internal string RetryAfterHeader => RetryAfterSeconds.ToString(System.Globalization.CultureInfo.InvariantCulture);

    /// <summary>Throws <see cref="ArgumentException"/>, which names the setting, unless the options make sense.</summary>
    public void Validate()
    {
        InRange(nameof(HotTileBytes), HotTileBytes, 0, 1L << 40);
        InRange(nameof(TileReads), TileReads, 1, 100_000);
        InRange(nameof(TileReadsWaiting), TileReadsWaiting, 0, 1_000_000);
        InRange(nameof(TileWaitMilliseconds), TileWaitMilliseconds, 0, 60_000);
        InRange(nameof(TileQueueMilliseconds), TileQueueMilliseconds, 1, 10_000);
        InRange(nameof(RetryAfterSeconds), RetryAfterSeconds, 1, 3600);

        static void InRange(string name, long value, long least, long most)
        {
            if (value < least || value > most)
                throw new ArgumentException($"Grid:Serving:{name} is {value}: it goes from {least} to {most}.");
        }
    }
}
