using Grid.Imaging.Inspection;

namespace Grid.Imaging.Sources;

/// <summary>How the pixels of a raster are stored and which of them hold data. Shared by the rasters of a lot that have it in common.</summary>
internal sealed class PixelDescription
{
    /// <param name="tolerance">How far from nodata a value without data may be, for JPEG and scans whose borders are not even.</param>
    /// <param name="atEdges">Whether only those have no data that the border can be reached from.</param>
    internal PixelDescription(RasterInfo info, IReadOnlyList<double>? undeclaredNodata, double tolerance, bool atEdges)
    {
        Sample = info.Sample;
        Bits = info.BitsPerSample;
        Colour = info.Colour;
        Bands = info.Bands;
        AlphaBand = info.AlphaBand;
        Mask = info.Mask;
        if (Mask == MaskKind.Nodata && info.Nodata.All(value => value is not null))
            Nodata = [.. info.Nodata.Select(value => value!.Value)];
        else if (Mask == MaskKind.Nodata)
            Mask = MaskKind.Band;
        else if (Mask == MaskKind.None && undeclaredNodata is not null)
            Nodata = Spread(undeclaredNodata, info.Bands);
        Tolerance = Nodata is null ? 0 : tolerance;
        IsAtEdgesOnly = Nodata is not null && atEdges;
        if (Nodata is not null)
            Mask = MaskKind.Nodata;
    }

    internal StoredSample Sample { get; }

    internal int Bits { get; }

    internal ColourModel Colour { get; }

    internal int Bands { get; }

    internal int AlphaBand { get; }

    internal MaskKind Mask { get; }

    /// <summary>One value a band: a pixel that holds all of them, to within <see cref="Tolerance"/>, has no data.</summary>
    internal double[]? Nodata { get; }

    internal double Tolerance { get; }

    /// <summary>Whether such a pixel has data all the same when others that have lie all around it and its like.</summary>
    internal bool IsAtEdgesOnly { get; }

    /// <summary>True when some pixels may have no data, float samples being possibly NaN.</summary>
    internal bool MayHaveHoles => Mask != MaskKind.None || Sample is StoredSample.Float32 or StoredSample.Float64;

    internal bool Equals(PixelDescription? other) =>
        other is not null && (Sample, Bits, Colour, Bands, AlphaBand, Mask) == (other.Sample, other.Bits, other.Colour, other.Bands, other.AlphaBand, other.Mask)
        && (Nodata ?? []).AsSpan().SequenceEqual(other.Nodata ?? []);

    private static double[]? Spread(IReadOnlyList<double> values, int bands) =>
        values.Count >= bands ? [.. values.Take(bands)]
        : values.Count == 1 ? [.. Enumerable.Repeat(values[0], bands)]
        : null;
}
