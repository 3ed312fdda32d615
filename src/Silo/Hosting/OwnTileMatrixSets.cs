using Grid.Storage;
using Grid.Tiling;
using Microsoft.Extensions.Configuration;

namespace Grid.Silo.Hosting;

/// <summary>The operator's own tile matrix sets, from the folder that <c>Grid:Rok4:TileMatrixSets</c> names.</summary>
public static class OwnTileMatrixSets
{
    private const int MostBytes = 1 << 20;
    private const int MostSets = 1000;

    /// <summary>Reads the folder, and makes its sets known to the process.</summary>
    /// <param name="settings">The section <c>Grid</c>.</param>
    /// <exception cref="ArgumentException">The folder or a file cannot be read, or a set makes no sense; the message names it.</exception>
    public static async Task LoadAsync(IConfiguration settings, IObjectStore store, CancellationToken cancellation)
    {
        var options = settings.GetSection("Rok4").Get<Rok4Options>() ?? new Rok4Options();
        if (string.IsNullOrEmpty(options.TileMatrixSets))
            return;
        try
        {
            var folder = new StoreAddress(settings.GetSection("Storage").Get<StorageOptions>() ?? new StorageOptions()).KeyOf(options.TileMatrixSets);
            var sets = new List<TileMatrixSet>();
            await foreach (var found in store.ListAsync(folder + "/", cancellation))
            {
                if (!found.Key.EndsWith(".json", StringComparison.Ordinal))
                    continue;
                var name = Path.GetFileNameWithoutExtension(found.Key);
                if (found.LengthBytes > MostBytes || sets.Count == MostSets)
                    throw new InvalidTileMatrixSetException($"{found.Key}: {MostBytes} bytes a file and {MostSets} files are allowed.");
                // A copy of ROK4's whole folder has the published sets too.
                if (TileMatrixSets.IsPublished(name))
                    continue;
                var content = new byte[found.LengthBytes];
                await store.ReadAsync(found.Key, 0, content, cancellation);
                sets.Add(TileMatrixSetJson.Read(content, name));
            }

            TileMatrixSets.Use(sets);
        }
        catch (Exception wrong) when (wrong is StorageException or InvalidTileMatrixSetException)
        {
            throw new ArgumentException($"Grid:Rok4:TileMatrixSets is \"{options.TileMatrixSets}\": {wrong.Message}", wrong);
        }
    }
}
