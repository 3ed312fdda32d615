using Grid.Imaging.Resampling;
using Grid.Imaging.Slabs;

namespace Grid.Imaging.Pyramids;

/// <summary>What decides a pyramid's pixels and bytes once its sources are known.</summary>
/// <param name="Slab">Format of the data slabs.</param>
/// <param name="Mask">Whether each data slab has a mask slab beside it.</param>
/// <param name="Interpolation">Kernel of the bottom level, and of levels that are no 2×2 mean of the one below.</param>
public sealed record PyramidBuildFormat(SlabFormat Slab, bool Mask, Interpolation Interpolation)
{
    /// <summary>What 2×2 means are darkened (below 1) or brightened by, level upon level; 1 leaves them.</summary>
    public GammaTable Gamma { get; init; } = GammaTable.None;
}
