using Grid.Tiling;

namespace Grid.Imaging.Pyramids;

/// <summary>An area bounded by rings, as pixels: a pixel is inside when its centre is, by the even-odd rule, so holes are rings like others.</summary>
public sealed class PixelArea
{
    private readonly (double X, double Y)[][] _rings;
    private readonly Extent[] _extents;

    /// <param name="rings">Closed or not: the last point joins the first.</param>
    /// <exception cref="ArgumentException">There is no ring, or one has fewer than three points.</exception>
    public PixelArea(IEnumerable<IReadOnlyList<(double X, double Y)>> rings)
    {
        _rings = [.. rings.Select(ring => ring.ToArray())];
        if (_rings.Length == 0 || _rings.Any(ring => ring.Length < 3))
            throw new ArgumentException("an area has at least one ring, and a ring at least three points");
        _extents = [.. _rings.Select(ring => new Extent(ring.Min(p => p.X), ring.Min(p => p.Y), ring.Max(p => p.X), ring.Max(p => p.Y)))];
    }

    /// <summary>The rectangle of each ring.</summary>
    public IReadOnlyList<Extent> RingExtents => _extents;

    /// <summary>Whether the area and a rectangle have a point in common, to within a thirty-second of the rectangle's sides.</summary>
    public bool Touches(Extent extent)
    {
        const int Side = 32;
        if (!_extents.Any(one => one.Intersects(extent)))
            return false;
        // A ring that is smaller than the samples has its corners inside.
        return Array.Exists(_rings, ring => Array.Exists(ring, point => point.X >= extent.MinX && point.X <= extent.MaxX && point.Y >= extent.MinY && point.Y <= extent.MaxY))
            || Fill(stackalloc byte[Side * Side], Side, Side, extent) > 0;
    }

    /// <summary>Writes 255 for the pixels inside and 0 for the others, <c>[row, col]</c>; returns how many are inside.</summary>
    public int Fill(Span<byte> inside, int width, int height, Extent tile)
    {
        inside[..(width * height)].Clear();
        if (!_extents.Any(extent => extent.Intersects(tile)))
            return 0;
        var crossings = new List<double>();
        var count = 0;
        double cellX = tile.Width / width, cellY = tile.Height / height;
        for (var row = 0; row < height; row++)
        {
            Crossings(tile.MaxY - ((row + 0.5) * cellY), crossings);
            for (var i = 0; i + 1 < crossings.Count; i += 2)
            {
                var first = (int)Math.Clamp(Math.Ceiling(((crossings[i] - tile.MinX) / cellX) - 0.5), 0, width);
                var end = (int)Math.Clamp(Math.Ceiling(((crossings[i + 1] - tile.MinX) / cellX) - 0.5), 0, width);
                if (end <= first)
                    continue;
                inside.Slice((row * width) + first, end - first).Fill(255);
                count += end - first;
            }
        }

        return count;
    }

    private void Crossings(double y, List<double> crossings)
    {
        crossings.Clear();
        for (var r = 0; r < _rings.Length; r++)
        {
            if (y < _extents[r].MinY || y > _extents[r].MaxY)
                continue;
            var ring = _rings[r];
            for (int i = 0, before = ring.Length - 1; i < ring.Length; before = i++)
            {
                var (a, b) = (ring[before], ring[i]);
                // Half-open in y, so that a corner counts once.
                if (a.Y <= y != b.Y <= y)
                    crossings.Add(a.X + ((y - a.Y) / (b.Y - a.Y) * (b.X - a.X)));
            }
        }

        crossings.Sort();
    }
}
