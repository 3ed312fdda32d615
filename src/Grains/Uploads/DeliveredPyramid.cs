using System.Globalization;
using Grid.Grains.Tiles;
using Grid.Interfaces.Uploads;
using Grid.Storage;
using Grid.Tiling;

namespace Grid.Grains.Uploads;

/// <summary>A slab of a delivered pyramid.</summary>
/// <param name="Path">Its path in the upload.</param>
public sealed record DeliveredSlab(PyramidLevel Level, SlabKind Kind, long Col, long Row, string Path, long SizeBytes);

/// <summary>
/// A ROK4 pyramid as it was delivered: one descriptor, and the slabs where it says they are, in folders relative to it or under the names of objects.
/// </summary>
public sealed class DeliveredPyramid
{
    private const int MaxDescriptorBytes = 16 << 20;

    // ROK4's links are shorter than a slab's header by far.
    private const int MaxLinkBytes = 2048;

    private DeliveredPyramid(string path, PyramidDescriptor descriptor, TileMatrixSet set, IReadOnlyList<DeliveredSlab> slabs, IReadOnlyList<string> others, IReadOnlyList<string> faults) =>
        (Path, Descriptor, Set, Slabs, Others, Faults) = (path, descriptor, set, slabs, others, faults);

    /// <summary>The descriptor's path in the upload.</summary>
    public string Path { get; }

    public PyramidDescriptor Descriptor { get; }

    public TileMatrixSet Set { get; }

    /// <summary>In ordinal order of paths.</summary>
    public IReadOnlyList<DeliveredSlab> Slabs { get; }

    /// <summary>Files that are neither descriptor nor slab: lists, notes.</summary>
    public IReadOnlyList<string> Others { get; }

    /// <summary>What is wrong with descriptor and names; a sentence each.</summary>
    public IReadOnlyList<string> Faults { get; }

    /// <summary>Reads the descriptor and sorts the files.</summary>
    /// <param name="upload">The upload.</param>
    /// <param name="files">Its data files, in ordinal order of paths.</param>
    /// <param name="store">The store of uploads.</param>
    /// <exception cref="InvalidPyramidException">There is not one descriptor, or it cannot be served.</exception>
    public static async Task<DeliveredPyramid> ReadAsync(Guid upload, IReadOnlyList<UploadFile> files, IObjectStore store, CancellationToken cancellation)
    {
        var candidates = files.Where(file => file.Path.EndsWith(".json", StringComparison.OrdinalIgnoreCase)).ToList();
        if (candidates.Count != 1)
            throw new InvalidPyramidException($"The upload has {candidates.Count} files ending in .json: a pyramid has one, its descriptor.");
        var file = candidates[0];
        if (file.SizeBytes > MaxDescriptorBytes)
            throw new InvalidPyramidException($"{file.Path} has {file.SizeBytes} bytes: descriptors have {MaxDescriptorBytes} at most.");
        var json = new byte[file.SizeBytes];
        if (await store.ReadAsync(UploadPath.DataKey(upload, file.Path), 0, json, cancellation) != json.Length)
            throw new StorageException($"{file.Path} cannot be read whole.");
        PyramidDescriptor descriptor;
        try
        {
            descriptor = PyramidDescriptorJson.Read(json);
        }
        catch (InvalidPyramidException wrong)
        {
            throw new InvalidPyramidException($"{file.Path}: {wrong.Message}", wrong);
        }

        if (descriptor.Raster is null)
            throw new InvalidPyramidException($"{file.Path}: format {descriptor.Format} holds vector tiles; raster pyramids are imported.");
        var set = TileMatrixSets.Find(descriptor.TileMatrixSet)
            ?? throw new InvalidPyramidException($"{file.Path}: tile_matrix_set {descriptor.TileMatrixSet} is not known here.");
        var faults = descriptor.Levels.Where(level => set.Find(level.Id) is null)
            .Select(level => $"{file.Path}: level {level.Id} is none of {set.Id}, whose levels are {set.Matrices[0].Id} to {set.Matrices[^1].Id}.").ToList();
        var folder = file.Path[..(file.Path.LastIndexOf('/') + 1)];
        var slabs = new List<DeliveredSlab>();
        var others = new List<string>();
        foreach (var one in files.Where(one => one != file))
        {
            if (!one.Path.StartsWith(folder, StringComparison.Ordinal) || SlabOf(descriptor, one, one.Path[folder.Length..]) is not { } slab)
                others.Add(one.Path);
            else if (!Touches(slab))
                faults.Add(string.Create(CultureInfo.InvariantCulture, $"{one.Path}: slab {slab.Col},{slab.Row} of level {slab.Level.Id} lies outside the level's tile_limits."));
            else
                slabs.Add(slab);
        }

        foreach (var level in descriptor.Levels.Where(level => !slabs.Exists(slab => slab.Level == level && slab.Kind == SlabKind.Data)))
            faults.Add($"{file.Path}: level {level.Id} has no slab in the upload; deliver {level.Storage.SlabKey(SlabKind.Data, level.Limits.MinCol / level.Slabs.TilesPerWidth, level.Limits.MinRow / level.Slabs.TilesPerHeight)} and the others.");
        return new DeliveredPyramid(file.Path, descriptor, set, slabs, others, faults);
    }

    /// <summary>
    /// The path of what a slab's file stands for: itself, or the file that it links to, in the upload and no link itself.
    /// </summary>
    /// <exception cref="InvalidPyramidException">A link that leads nowhere in the upload, or to another link.</exception>
    public async Task<string> TargetOfAsync(DeliveredSlab slab, Guid upload, IReadOnlySet<string> paths, IObjectStore store, CancellationToken cancellation)
    {
        if (await LinkAsync(slab.Path, upload, store, cancellation) is not { } link)
            return slab.Path;
        // The container is that of the store that the pyramid comes from.
        var target = link.Contains('/', StringComparison.Ordinal) ? link[(link.IndexOf('/', StringComparison.Ordinal) + 1)..] : link;
        var folder = Path[..(Path.LastIndexOf('/') + 1)];
        var found = paths.Contains(folder + target) ? folder + target : paths.Contains(target) ? target
            : throw new InvalidPyramidException($"{slab.Path}: it links to {link}, which the upload does not hold; deliver that slab in its place.");
        return await LinkAsync(found, upload, store, cancellation) is null
            ? found
            : throw new InvalidPyramidException($"{slab.Path}: it links to {link}, which is a link itself; links lead to slabs.");
    }

    private static async Task<string?> LinkAsync(string path, Guid upload, IObjectStore store, CancellationToken cancellation)
    {
        var head = new byte[MaxLinkBytes];
        var got = await store.ReadAsync(UploadPath.DataKey(upload, path), 0, head, cancellation);
        return SlabLink.TargetOf(head.AsSpan(0, Math.Max(0, got)));
    }

    private static bool Touches(DeliveredSlab slab)
    {
        var (limits, size) = (slab.Level.Limits, slab.Level.Slabs);
        return slab.Col >= limits.MinCol / size.TilesPerWidth && slab.Col <= limits.MaxCol / size.TilesPerWidth
            && slab.Row >= limits.MinRow / size.TilesPerHeight && slab.Row <= limits.MaxRow / size.TilesPerHeight;
    }

    private static DeliveredSlab? SlabOf(PyramidDescriptor descriptor, UploadFile file, string path)
    {
        foreach (var level in descriptor.Levels)
        {
            foreach (var kind in (ReadOnlySpan<SlabKind>)[SlabKind.Data, SlabKind.Mask])
            {
                if ((kind == SlabKind.Data || level.Storage.HasMasks) && PlaceOf(level, kind, path) is { } place)
                    return new DeliveredSlab(level, kind, place.Col, place.Row, file.Path, file.SizeBytes);
            }
        }

        return null;
    }

    private static (long Col, long Row)? PlaceOf(PyramidLevel level, SlabKind kind, string path)
    {
        long col, row;
        switch (level.Storage)
        {
            case FilePyramidStorage folders:
                var folder = (kind == SlabKind.Data ? folders.ImageDirectory : folders.MaskDirectory) + "/";
                if (!path.StartsWith(folder, StringComparison.Ordinal) || !SlabNaming.TryParseFileKey("DATA/0/" + path[folder.Length..], out _, out var index))
                    return null;
                (col, row) = (index.Col, index.Row);
                break;
            case ObjectPyramidStorage objects:
                var prefix = (kind == SlabKind.Data ? objects.ImagePrefix : objects.MaskPrefix) + "_";
                var numbers = path.StartsWith(prefix, StringComparison.Ordinal) ? path[prefix.Length..].Split('_') : [];
                if (numbers.Length != 2 || !long.TryParse(numbers[0], NumberStyles.None, CultureInfo.InvariantCulture, out col) || !long.TryParse(numbers[1], NumberStyles.None, CultureInfo.InvariantCulture, out row))
                    return null;
                break;
            default:
                return null;
        }

        return level.Storage.SlabKey(kind, col, row) == path ? (col, row) : null;
    }
}
