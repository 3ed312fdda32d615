namespace Grid.Tiling;

/// <summary>A tile matrix set: a CRS and its matrices, coarsest first (OGC 17-083r4; ROK4's TMS files).</summary>
public sealed class TileMatrixSet
{
    private readonly Dictionary<string, int> _positions;

    /// <param name="id">The set's name, for example <c>PM</c> or <c>LAMB93_10cm</c>.</param>
    /// <param name="crs">Authority and code, for example <c>EPSG:3857</c> or <c>IGNF:LAMB93</c>.</param>
    /// <param name="matrices">At least one matrix, coarsest first.</param>
    /// <param name="title">A sentence for people; null when there is none.</param>
    public TileMatrixSet(string id, string crs, IReadOnlyList<TileMatrix> matrices, string? title = null)
    {
        if (matrices.Count == 0)
            throw new ArgumentException($"Tile matrix set {id} has no matrix: a set has at least one.", nameof(matrices));
        Id = id;
        Title = title;
        Crs = crs;
        Matrices = matrices;
        _positions = matrices.Select((matrix, position) => (matrix.Id, position)).ToDictionary(p => p.Id, p => p.position);
        IsQuadTree = Enumerable.Range(1, matrices.Count - 1).All(IsHalfOfParent);
    }

    public string Id { get; }

    public string? Title { get; }

    public string Crs { get; }

    public IReadOnlyList<TileMatrix> Matrices { get; }

    /// <summary>True when each level halves the one above it on the same origin with the same tile size.</summary>
    public bool IsQuadTree { get; }

    /// <summary>The position of a level in <see cref="Matrices"/>, or -1.</summary>
    public int PositionOf(string level) => _positions.GetValueOrDefault(level, -1);

    /// <summary>The matrix of a level, or null when the set has no such level.</summary>
    public TileMatrix? Find(string level) => _positions.TryGetValue(level, out var position) ? Matrices[position] : null;

    /// <summary>
    /// True when four tiles of the level at <paramref name="position"/> make one tile of the level above it exactly, so that the level above
    /// is the 2×2 mean of this one. Tolerance: 1e-4 of the resolution, as ROK4's programs have it.
    /// </summary>
    public bool IsHalfOfParent(int position)
    {
        if (position <= 0 || position >= Matrices.Count)
            return false;
        TileMatrix parent = Matrices[position - 1], child = Matrices[position];
        var tolerance = child.CellSize * 1e-4;
        return Math.Abs(parent.CellSize - (2 * child.CellSize)) <= tolerance
            && Math.Abs(parent.OriginX - child.OriginX) <= tolerance
            && Math.Abs(parent.OriginY - child.OriginY) <= tolerance
            && parent.TileWidth == child.TileWidth && parent.TileHeight == child.TileHeight;
    }

    /// <summary>
    /// The position of the coarsest level that is at least as fine as <paramref name="resolution"/> (CRS units per pixel, to a ten-thousandth),
    /// or of the finest level when even that one is coarser.
    /// </summary>
    public int PositionForResolution(double resolution)
    {
        for (var position = 0; position < Matrices.Count; position++)
        {
            if (Matrices[position].CellSize <= resolution * (1 + 1e-4))
                return position;
        }

        return Matrices.Count - 1;
    }

    /// <summary>The coarsest level at least as fine as <paramref name="resolution"/>; see <see cref="PositionForResolution"/>.</summary>
    public TileMatrix ForResolution(double resolution) => Matrices[PositionForResolution(resolution)];

    /// <summary>The scale denominator of a level for pixels of 0.28 mm (OGC 17-083r4 § 6.2.2).</summary>
    public double ScaleDenominatorOf(TileMatrix matrix) => matrix.CellSize * Tiling.Crs.Parse(Crs).MetersPerUnit / 0.00028;

    public override string ToString() => Id;
}
