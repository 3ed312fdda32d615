using System.Collections.Concurrent;
using Grid.Grains.Catalogue;
using Grid.Imaging.Styles;

namespace Grid.Grains.Tiles;

/// <summary>The styles of published layers, by the digest of their file. A file never changes under its digest, so a style is read once.</summary>
public sealed class RasterStyles(StyleDocuments documents) : IRasterStyles
{
    // A style is a few kilobytes; a platform has some hundreds.
    private const int Kept = 4096;

    private readonly ConcurrentDictionary<string, IRasterStyle> _styles = new();

    public ValueTask<IRasterStyle?> FindAsync(string identifier, CancellationToken cancellation) =>
        _styles.TryGetValue(identifier, out var known) ? new ValueTask<IRasterStyle?>(known) : ReadAsync(identifier, cancellation);

    private async ValueTask<IRasterStyle?> ReadAsync(string identifier, CancellationToken cancellation)
    {
        if (await documents.FindAsync(identifier, cancellation) is not { } file)
            return null;
        try
        {
            if (Rok4StyleJson.Read(file, identifier).ToRasterStyle() is not { } style)
                return null;
            if (_styles.Count >= Kept)
                _styles.Clear();
            return _styles.GetOrAdd(identifier, style);
        }
        catch (InvalidStyleException wrong)
        {
            throw new InvalidDataException(wrong.Message, wrong);
        }
    }
}
