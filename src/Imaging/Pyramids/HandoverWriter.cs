using Grid.Imaging.Codecs;
using Grid.Imaging.Resampling;
using Grid.Imaging.Slabs;

namespace Grid.Imaging.Pyramids;

/// <summary>
/// Takes the tiles of a region's root slab for the tier above: halved when that tier is their 2×2 mean, so that it is the mean of uncompressed
/// pixels as it would be within one region; otherwise the masks, when neither a mask slab nor lossless pixels keep them. An update hands over what it
/// has changed alone, tiles that it emptied included. Tiles may come from several threads.
/// </summary>
internal sealed class HandoverWriter : IDisposable
{
    private readonly SlabFormat _slab;
    private readonly GammaTable _gamma;
    private readonly TileEncoders _encoders;
    private readonly SlabWriter? _halves;
    private readonly SlabWriter _masks;
    private readonly bool _isUpdate;

    private HandoverWriter(PyramidBuildFormat format, bool halves, bool isUpdate)
    {
        _isUpdate = isUpdate;
        _gamma = format.Gamma;
        _slab = halves ? format.Slab.ForHalves() : format.Slab;
        _encoders = new TileEncoders(format with { Slab = _slab });
        _halves = halves ? new SlabWriter(_slab) : null;
        _masks = new SlabWriter(_slab.ForMask());
    }

    /// <summary>Whether base slabs of a tier are made from handovers, and not from stored slabs alone.</summary>
    public static bool IsNeededBy(PyramidTier tier, PyramidBuildFormat format) =>
        tier.IsHalfOfSource || (tier.SourceLevel is not null && !format.Mask && !TileCompressions.IsLossless(format.Slab.Compression));

    /// <summary>The writer for one root slab of a tier; null when no tier above needs one.</summary>
    public static HandoverWriter? For(PyramidPlan plan, PyramidTier tier, PyramidBuildFormat format, bool isUpdate) =>
        plan.Tiers.FirstOrDefault(above => above.SourceLevel == tier.RootLevel && IsNeededBy(above, format)) is { } above
            ? new HandoverWriter(format, above.IsHalfOfSource, isUpdate)
            : null;

    /// <summary>A tile of the slab, which the caller keeps.</summary>
    public void Add(int number, Raster tile)
    {
        if (_halves is null)
        {
            _encoders.AddMask(tile, number, _masks);
            return;
        }

        using var half = Raster.Rent(_slab.TileWidth, _slab.TileHeight, _slab.Pixels);
        half.IsFull = Decimation.Halve(tile, half, 0, 0);
        _gamma.Apply(half, 0, 0, half.Width, half.Height);
        _encoders.Add(half, number, _halves, _masks);
    }

    /// <summary>A tile that has no data, and had some before as far as is known.</summary>
    public void AddEmpty(int number)
    {
        if (!_isUpdate)
            return;
        using var empty = Raster.Rent(_slab.TileWidth, _slab.TileHeight, _slab.Pixels);
        empty.Mask.Clear();
        empty.IsFull = false;
        if (_halves is null)
            _encoders.AddMask(empty, number, _masks);
        else
            _encoders.Add(empty, number, _halves, _masks);
    }

    /// <summary>What was taken; null when no tile was. Ends the writer.</summary>
    public SlabHandover? Finish() => _masks.Count == 0 ? null : new SlabHandover(_halves?.Finish(), _masks.Finish());

    public void Dispose()
    {
        _encoders.Dispose();
        _halves?.Dispose();
        _masks.Dispose();
    }
}
