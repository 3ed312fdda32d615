using System.Globalization;

namespace Grid.Grains.Catalogue;

/// <summary>
/// The log of one check or processing execution, in the Entrepôt's form <c>date level||logger||line||text</c>. Lines gather in memory until
/// <see cref="FlushAsync"/> appends them. Adding is safe from any thread, and calls that interleave may both flush.
/// </summary>
/// <param name="logger">The program's name in the lines, for example <c>grid-raster-checker</c>.</param>
public sealed class ExecutionLog(CatalogueStore store, Guid execution, string logger)
{
    private readonly List<string> _pending = [];
    private readonly SemaphoreSlim _flushing = new(1, 1);
    private int _line;

    public void Info(string text) => Add("INFO", text);

    public void Warning(string text) => Add("WARNING", text);

    public void Error(string text) => Add("ERROR", text);

    /// <summary>Appends what has gathered; on failure it stays for the next call.</summary>
    public async Task FlushAsync(CancellationToken cancellation = default)
    {
        await _flushing.WaitAsync(cancellation);
        try
        {
            string[] lines;
            lock (_pending)
                lines = [.. _pending];
            await store.AppendLogAsync(execution, lines, cancellation);
            lock (_pending)
                _pending.RemoveRange(0, lines.Length);
        }
        finally
        {
            _flushing.Release();
        }
    }

    private void Add(string level, string text)
    {
        var date = store.Now.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss,fff", CultureInfo.InvariantCulture);
        lock (_pending)
            _pending.Add($"{date}{level}||{logger}||{++_line}||{text.ReplaceLineEndings(" ")}");
    }
}
