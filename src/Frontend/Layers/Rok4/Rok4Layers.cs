using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Grid.Grains.Catalogue;
using Grid.Imaging.Styles;
using Grid.Silo.Hosting;
using Grid.Storage;

namespace Grid.Frontend.Layers.Rok4;

/// <summary>A layer of a ROK4 server's configuration: its document, and a number that changes whenever that does.</summary>
public sealed record Rok4Layer(string Name, long Version, string Document, bool IsOfTiles, bool IsOfMaps);

/// <summary>The layers of a ROK4 server's configuration, as they were when it was read last.</summary>
/// <param name="Sequence">The moment of the last change of a file, in seconds since 1970: the same for every frontend that read the same files.</param>
public sealed record Rok4Configuration(IReadOnlyList<Rok4Layer> Layers, long Sequence)
{
    public static Rok4Configuration None { get; } = new([], 0);
}

/// <summary>Reads the layers of a ROK4 server's configuration from the stores that it lies in.</summary>
public sealed class Rok4Layers(IConfiguration configuration, IObjectStore store, StoreAddress stores, StyleDocuments styles, ILogger<Rok4Layers> log)
{
    private const int MostListBytes = 16 << 20, MostFileBytes = 4 << 20, MostLayers = 100_000, ReadsAtOnce = 8;

    /// <summary>What the last reading found.</summary>
    public Rok4Configuration Current { get; private set; } = Rok4Configuration.None;

    /// <summary>Reads all files again. A layer that cannot be read is told to the log and takes no other with it; without the list all stays as it was.</summary>
    /// <exception cref="StorageException">The list cannot be read.</exception>
    public async Task ReadAsync(CancellationToken cancellation)
    {
        var options = configuration.GetSection("Grid:Rok4").Get<Rok4Options>() ?? new Rok4Options();
        if (string.IsNullOrEmpty(options.Layers))
        {
            Current = Rok4Configuration.None;
            return;
        }

        var reading = new Reading(store);
        var list = Encoding.UTF8.GetString(await reading.FileAsync(stores.KeyOf(options.Layers), MostListBytes, cancellation));
        var addresses = list.Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).Where(line => line[0] != '#').Distinct().Take(MostLayers).ToList();
        var layers = new Rok4Layer?[addresses.Count];
        await Parallel.ForEachAsync(Enumerable.Range(0, addresses.Count), new ParallelOptions { MaxDegreeOfParallelism = ReadsAtOnce, CancellationToken = cancellation }, async (i, stop) =>
        {
            try
            {
                layers[i] = await ReadAsync(addresses[i], options.Styles, reading, stop);
            }
            catch (Exception wrong) when (wrong is StorageException or FormatException or JsonException or InvalidStyleException or InvalidOperationException or ArgumentException)
            {
                log.LogError("The layer {Layer} of Grid:Rok4 cannot be read and is not served: {Reason}", addresses[i], wrong.Message);
            }
        });
        Current = new Rok4Configuration([.. layers.OfType<Rok4Layer>().DistinctBy(layer => layer.Name)], reading.LastChange);
    }

    private async Task<Rok4Layer> ReadAsync(string address, string? styleFolder, Reading reading, CancellationToken cancellation)
    {
        var key = stores.KeyOf(address);
        var name = Path.GetFileNameWithoutExtension(key);
        var file = JsonNode.Parse(await reading.FileAsync(key, MostFileBytes, cancellation)) as JsonObject ?? throw new FormatException("a layer is a JSON object.");
        var layer = new Rok4LayerFile(name, file, stores, (descriptor, stop) => reading.FileAsync(descriptor, MostFileBytes, stop));
        var document = await layer.DescribeAsync(cancellation);
        var shown = new JsonArray();
        foreach (var style in layer.Styles)
            shown.Add(await StyleAsync(style, styleFolder, reading, cancellation));
        if (shown.Count == 0)
            shown.Add(UsedStyles.ShowNormal());
        document["styles"] = shown;
        var text = document.ToJsonString();
        return new Rok4Layer(name, BinaryPrimitives.ReadInt64LittleEndian(SHA256.HashData(Encoding.UTF8.GetBytes(text))) & long.MaxValue, text, layer.IsOfTiles, layer.IsOfMaps);
    }

    private async Task<JsonNode> StyleAsync(string style, string? folder, Reading reading, CancellationToken cancellation)
    {
        if (string.IsNullOrEmpty(folder))
            return style == UsedStyles.Normal ? UsedStyles.ShowNormal() : throw new FormatException($"its style {style} has no file: Grid:Rok4:Styles names no folder.");
        var bytes = await reading.FileAsync($"{stores.KeyOf(folder)}/{style}.json", Rok4StyleJson.MaxBytes, cancellation);
        var read = Rok4StyleJson.Read(bytes, style + ".json");
        return UsedStyles.Show(read.IsIdentity ? StyleDocuments.DigestOf(bytes) : await styles.KeepAsync(bytes), read);
    }

    private sealed class Reading(IObjectStore store)
    {
        private long _lastChange;

        public long LastChange => Interlocked.Read(ref _lastChange);

        public async Task<byte[]> FileAsync(string key, int mostBytes, CancellationToken cancellation)
        {
            var found = await store.FindAsync(key, cancellation) ?? throw new ObjectNotFoundException(key);
            if (found.LengthBytes > mostBytes)
                throw new FormatException($"{key} has {found.LengthBytes} bytes: {mostBytes} are allowed.");
            var content = new byte[found.LengthBytes];
            await store.ReadAsync(key, 0, content, cancellation);
            for (var known = LastChange; found.LastModified.ToUnixTimeSeconds() > known; known = LastChange)
                Interlocked.CompareExchange(ref _lastChange, found.LastModified.ToUnixTimeSeconds(), known);
            return content;
        }
    }
}
