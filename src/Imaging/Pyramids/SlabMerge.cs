using System.Diagnostics.CodeAnalysis;
using Grid.Imaging.Slabs;
using Grid.Tiling;

namespace Grid.Imaging.Pyramids;

/// <summary>A pyramid that is merged: what its slabs are, and how they are read.</summary>
/// <param name="Format">Format of its slabs: the pixels and sizes of the others', the compression its own.</param>
/// <param name="Mask">Whether it stores masks.</param>
/// <param name="Read">Reads its slabs whole.</param>
public sealed record MergedPyramid(SlabFormat Format, bool Mask, StoredSlabRead Read);

/// <summary>
/// Makes one slab of the slabs that several pyramids have in its place. A tile whose pixels come from one of them, in the compression that is wanted, keeps
/// its stored bytes; others are decoded, laid over one another and encoded. Memory: the slabs and a few tiles.
/// </summary>
/// <param name="format">What is made.</param>
/// <param name="place">Which slab.</param>
/// <param name="pyramids">The one on top first.</param>
/// <param name="degreeOfParallelism">Threads that make the tiles.</param>
public sealed class SlabMerge(
    PyramidBuildFormat format, SlabIndex place, IReadOnlyList<MergedPyramid> pyramids, MergeMethod method, int degreeOfParallelism = 1) : IRegionWork
{
    private readonly TileEncoders _encoders = new(format);
    private bool _isDone;

    /// <inheritdoc/>
    public int DegreeOfParallelism { get; set; } = degreeOfParallelism;

    public bool TryBuildNext(CancellationToken cancellation, [NotNullWhen(true)] out BuiltSlab? slab)
    {
        slab = _isDone ? null : Build(cancellation);
        _isDone = true;
        return slab is not null;
    }

    public void Dispose() => _encoders.Dispose();

    private BuiltSlab Build(CancellationToken cancellation)
    {
        using var data = new SlabWriter(format.Slab);
        using var masks = format.Mask ? new SlabWriter(format.Slab.ForMask()) : null;
        UnreadableRasterException? failure = null;
        try
        {
            var layers = Open();
            var options = new ParallelOptions { MaxDegreeOfParallelism = DegreeOfParallelism, CancellationToken = cancellation };
            Parallel.For(0, format.Slab.Size.Tiles, options, number => Merge(layers, number, data, masks));
        }
        catch (AggregateException e) when (e.InnerExceptions.OfType<UnreadableRasterException>().FirstOrDefault() is { } inner)
        {
            failure = inner;
        }
        catch (UnreadableRasterException e)
        {
            failure = e;
        }

        var tiles = failure is null ? data.Count : 0;
        return new BuiltSlab
        {
            Slab = place,
            Tiles = tiles,
            Data = tiles == 0 ? PooledBytes.Empty() : data.Finish(),
            Mask = tiles == 0 ? null : masks?.Finish(),
            Failure = failure,
        };
    }

    private List<Layer> Open()
    {
        var layers = new List<Layer>();
        foreach (var pyramid in pyramids)
        {
            var slabs = new StoredSlabs(
                pyramid.Format, (slab, part) => part == StoredPart.Mask && !pyramid.Mask ? null : pyramid.Read(slab, part), StoredPart.Data, StoredPart.Mask);
            if (slabs.Find(place) is { } found)
                layers.Add(new Layer(pyramid, slabs, found.Data, found.Mask));
            if (layers.Count > 0 && method == MergeMethod.Replace)
                break;
        }

        return layers;
    }

    private void Merge(List<Layer> layers, int number, SlabWriter data, SlabWriter? masks)
    {
        List<Layer> here = [.. layers.Where(layer => layer.Data.Index[number].Length > 0)];
        if (here.Count == 0 || (here.Count == 1 && TryCopy(here[0], number, data, masks)))
            return;
        using var tile = NewTile();
        if (method is MergeMethod.Top or MergeMethod.Replace)
        {
            // From the top down, as far as something shows through.
            for (var i = 0; i < here.Count && !tile.IsFull; i++)
            {
                if (i == 0)
                {
                    if (!here[0].TryDecode(place, number, tile))
                        Clear(tile);
                    else if (tile.IsFull && TryCopy(here[0], number, data, masks))
                        return;
                    continue;
                }

                using var under = NewTile();
                if (!here[i].TryDecode(place, number, under))
                    continue;
                PixelMerge.Put(tile, under, method);
                under.Pixels.CopyTo(tile.Pixels);
                under.Mask.CopyTo(tile.Mask);
                tile.IsFull = under.IsFull;
            }
        }
        else
        {
            using var over = NewTile();
            foreach (var layer in Enumerable.Reverse(here))
            {
                if (layer.TryDecode(place, number, over))
                    PixelMerge.Put(over, tile, method);
            }
        }

        if (tile.IsFull || tile.Mask.ContainsAnyExcept((byte)0))
            _encoders.Add(tile, number, data, masks);
    }

    /// <summary>Takes a tile's bytes as they are stored; false when they are in another compression, or without the mask that is wanted.</summary>
    private bool TryCopy(Layer layer, int number, SlabWriter data, SlabWriter? masks)
    {
        var mask = layer.Mask is { } stored ? stored.TileBytes(number) : default;
        if (layer.Pyramid.Format.Compression != format.Slab.Compression || (masks is not null && mask.IsEmpty))
            return false;
        data.Add(number, layer.Data.TileBytes(number).Span);
        masks?.Add(number, mask.Span);
        return true;
    }

    private Raster NewTile()
    {
        var tile = Raster.Rent(format.Slab.TileWidth, format.Slab.TileHeight, format.Slab.Pixels);
        Clear(tile);
        return tile;
    }

    private static void Clear(Raster tile)
    {
        tile.Mask.Clear();
        tile.IsFull = false;
    }

    private sealed record Layer(MergedPyramid Pyramid, StoredSlabs Slabs, SlabReader Data, SlabReader? Mask)
    {
        public bool TryDecode(SlabIndex slab, int number, Raster tile) => Slabs.TryDecode(slab, (Data, Mask), number, tile);
    }
}
