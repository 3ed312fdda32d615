using Grid.Imaging.Pyramids;
using Grid.Storage;
using Grid.Tiling;

namespace Grid.Grains.Pyramids;

/// <summary>
/// Gives a pyramid the slabs of former ones that it has as they are, line by line of their lists, one list after the other. They are names of the same bytes, not
/// references to the former pyramid (ROK4's symbolic links and <c>SYMLINK#</c> objects): each version is whole by itself, so that a former one can be
/// removed while the next is served. Every step can be repeated.
/// </summary>
internal sealed class TakenOverSlabs(IObjectStore store, OpenLot lot) : IDisposable
{
    /// <summary>Lines of one step.</summary>
    private const int Step = 1000;

    private const int SizesAtOnce = 8;

    private IEnumerator<(int Pyramid, string Key, string Path)>? _slabs;
    private long _line;

    /// <summary>Takes over some slabs from line <paramref name="from"/> on (0 is the first slab's).</summary>
    /// <returns>The line to go on from, -1 when the list is at its end, and the slabs taken over.</returns>
    public async Task<(long Line, int Slabs)> TakeSomeAsync(long from, CancellationToken cancellation)
    {
        if (_slabs is null || _line != from)
            await Task.Run(() => Open(from), cancellation);
        var links = new List<(ObjectLink Link, string Slab)>(Step);
        var lines = 0;
        // The list is read off the grain's scheduler: it may come over the network.
        var isEnd = await Task.Run(
            () =>
            {
                while (lines < Step && _slabs!.MoveNext())
                {
                    lines++;
                    var (pyramid, key, path) = _slabs.Current;
                    if (TryParse(path, out var kind, out var slab) && lot.TakesOver(pyramid, kind, slab))
                        links.Add((new ObjectLink(key, lot.KeyOf(slab, kind == SlabKind.Mask ? StoredPart.Mask : StoredPart.Data)), lot.Order.LeastSlabBytes == 0 ? "" : lot.KeyOfFormer(pyramid, slab)));
                }

                return lines < Step;
            }, cancellation);
        var wanted = await LargeEnoughAsync(links, cancellation);
        await store.LinkAsync(wanted, cancellation);
        _line = from + lines;
        return (isEnd ? -1 : _line, wanted.Count);
    }

    /// <summary>Reads a slab's path under its pyramid's folder, as either kind of store has it.</summary>
    public static bool TryParse(string path, out SlabKind kind, out SlabIndex slab) =>
        SlabNaming.TryParseFileKey(path, out kind, out slab) || SlabNaming.TryParseObjectKey(path, out kind, out slab);

    public void Dispose()
    {
        _slabs?.Dispose();
        _slabs = null;
    }

    // A mask goes with its slab, whatever its own size.
    private async Task<IReadOnlyList<ObjectLink>> LargeEnoughAsync(List<(ObjectLink Link, string Slab)> links, CancellationToken cancellation)
    {
        var least = lot.Order.LeastSlabBytes;
        if (least == 0)
            return [.. links.Select(link => link.Link)];
        var isWanted = new bool[links.Count];
        await Parallel.ForEachAsync(
            Enumerable.Range(0, links.Count), new ParallelOptions { MaxDegreeOfParallelism = SizesAtOnce, CancellationToken = cancellation },
            async (i, stop) => isWanted[i] = await store.FindAsync(links[i].Slab, stop) is { } found && found.LengthBytes >= least);
        return [.. links.Where((_, i) => isWanted[i]).Select(link => link.Link)];
    }

    private void Open(long line)
    {
        Dispose();
        _slabs = Slabs().GetEnumerator();
        for (_line = 0; _line < line && _slabs.MoveNext();)
            _line++;
    }

    // Enumerated on worker threads, so waiting for the store blocks no grain.
    private IEnumerable<(int Pyramid, string Key, string Path)> Slabs()
    {
        for (var pyramid = 0; pyramid < lot.Formers.Count; pyramid++)
        {
            var former = lot.Formers[pyramid];
            using var text = new StreamReader(store.OpenReadAsync($"{former.StoragePrefix}/{former.PyramidName}.list").GetAwaiter().GetResult());
            var (roots, slabs) = PyramidList.Read(text);
            foreach (var entry in slabs)
                yield return (pyramid, $"{roots[entry.Root]}/{entry.Path}", entry.Path);
        }
    }
}
