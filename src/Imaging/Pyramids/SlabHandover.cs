using Grid.Imaging.Slabs;

namespace Grid.Imaging.Pyramids;

/// <summary>
/// What a region's root slab leaves for the tier above beside its stored tiles, which have lost some of their pixels to compression and do not tell
/// what is data. It is kept until the build ends and is no part of the pyramid.
/// </summary>
/// <param name="Halves">
/// The slab's tiles at half their resolution (<see cref="SlabFormat.ForHalves"/>), which the tier above puts into its own; null when that tier is no
/// 2×2 mean of this one and is resampled from the stored tiles.
/// </param>
/// <param name="Mask">The mask slab of <paramref name="Halves"/>, or else of the slab itself.</param>
public sealed record SlabHandover(PooledBytes? Halves, PooledBytes Mask) : IDisposable
{
    public void Dispose()
    {
        Halves?.Dispose();
        Mask.Dispose();
    }
}
