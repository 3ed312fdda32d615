using System.Buffers;
using System.Runtime.InteropServices;

namespace Grid.Imaging.Gdal;

/// <summary>
/// PROJ's way from a projected CRS, with heights, to longitude and latitude in degrees and metres above the ellipsoid (EPSG:4979, longitude first). Heights
/// go through a geoid grid where PROJ has one, and <see cref="Heights"/> says which; nothing is fetched from the network. One thread at a time may use an
/// instance.
/// </summary>
public sealed class GeodeticTransform : IDisposable
{
    private const string VerticalNode = "VERT_CS";

    private readonly TransformHandle _horizontal;
    private readonly TransformHandle? _geoid;
    private readonly double _metresPerUnit = 1;

    /// <summary>Finds the way.</summary>
    /// <param name="crs">Projected or compound: <c>AUTHORITY:CODE</c>, <c>EPSG:2154+5720</c> or WKT.</param>
    /// <param name="x">A place of the data, easting: where the CRS has no heights, those of the country are meant.</param>
    /// <param name="y">Its northing.</param>
    /// <param name="geoidGrid">A grid to take instead of the one for the CRS: a file's path, or a name in PROJ's data folder. It has undulations in metres.</param>
    /// <exception cref="UnknownCrsException">The CRS cannot be understood, or is not projected.</exception>
    /// <exception cref="GdalException">PROJ knows no way, or cannot read <paramref name="geoidGrid"/>.</exception>
    public GeodeticTransform(string crs, double x, double y, string? geoidGrid = null)
    {
        using var source = SpatialReference.ParseCompound(crs);
        var vertical = Marshal.PtrToStringUTF8(GdalNative.OSRGetAuthorityCode(source, VerticalNode));
        if (GdalNative.OSRIsCompound(source) != 0)
        {
            var unit = GdalNative.OSRGetTargetLinearUnits(source, VerticalNode, out _);
            _metresPerUnit = unit > 0 ? unit : 1;
            _ = GdalNative.OSRStripVertical(source);
        }

        if (GdalNative.OSRIsProjected(source) == 0)
            throw new UnknownCrsException(crs, "not a projected CRS, whose units are as long in all directions.");
        using var target = SpatialReference.Parse("EPSG:4326");
        GdalErrors.Reset();
        _horizontal = GdalNative.OCTNewCoordinateTransformation(source, target);
        if (_horizontal.IsInvalid)
            throw GdalErrors.Failure("OCTNewCoordinateTransformation", $"{crs} to EPSG:4326");
        try
        {
            (_geoid, Heights) = OpenGeoid(vertical, x, y, geoidGrid);
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>A sentence: which heights were taken for which, through which grid, and what that costs when it is not the right one.</summary>
    public string Heights { get; }

    /// <summary>True when heights go through the grid that is made for them, or the one asked for.</summary>
    public bool HasExactHeights { get; private set; }

    /// <summary>Transforms in place; a point that has no image becomes NaN.</summary>
    public void Transform(Span<double> x, Span<double> y, Span<double> z)
    {
        if (x.Length != y.Length || x.Length != z.Length)
            throw new ArgumentException($"{x.Length} eastings, {y.Length} northings and {z.Length} heights.", nameof(z));
        for (var i = 0; i < z.Length; i++)
            z[i] *= _metresPerUnit;
        var flat = ArrayPool<double>.Shared.Rent(x.Length);
        try
        {
            flat.AsSpan(0, x.Length).Clear();
            Apply(_horizontal, x, y, flat.AsSpan(0, x.Length));
            if (_geoid is not null)
                Apply(_geoid, x, y, z);
        }
        finally
        {
            ArrayPool<double>.Shared.Return(flat);
        }
    }

    public void Dispose()
    {
        _horizontal.Dispose();
        _geoid?.Dispose();
    }

    private (TransformHandle? Geoid, string Heights) OpenGeoid(string? vertical, double x, double y, string? wanted)
    {
        double[] at = [x, y, 0];
        Apply(_horizontal, at.AsSpan(0, 1), at.AsSpan(1, 1), at.AsSpan(2, 1));
        var stated = HeightSystem.Find(vertical);
        var system = stated ?? (vertical is null ? HeightSystem.At(at[0], at[1]) : null);
        var name = system?.Name ?? (vertical is null ? "heights above sea level" : $"EPSG:{vertical} heights");
        if (stated is null && system is not null)
            name += ", which the CRS does not state but the place suggests,";
        if (wanted is not null)
        {
            HasExactHeights = true;
            return (Open(wanted) ?? throw GdalErrors.Failure("OCTNewCoordinateTransformationEx", $"geoid grid {wanted}"),
                $"{name} made ellipsoidal by the grid {Path.GetFileName(wanted)}");
        }

        foreach (var grid in system?.Grids ?? [])
        {
            if (Open(grid) is { } geoid)
            {
                HasExactHeights = true;
                return (geoid, $"{name} made ellipsoidal by the grid {grid}");
            }
        }

        var missing = system is null ? "" : $": PROJ has not {system.Grids[0]}";
        return Open(HeightSystem.WholeEarth) is { } earth
            ? (earth, $"{name} made ellipsoidal by {HeightSystem.WholeEarth}, to about a metre{missing}")
            : (null, $"{name} taken for ellipsoidal ones, off by up to 50 metres in France: PROJ has no geoid grid");
    }

    /// <summary>Null when PROJ does not have the grid.</summary>
    private static TransformHandle? Open(string grid)
    {
        if (grid.Contains('"'))
            throw new ArgumentException($"a geoid grid's name has no quotation marks: {grid}", nameof(grid));
        using var options = GdalNative.OCTNewCoordinateTransformationOptions();
        GdalErrors.Reset();
        var operation = "+proj=pipeline +step +proj=unitconvert +xy_in=deg +xy_out=rad "
            + $"+step +proj=vgridshift +grids=\"{grid}\" +multiplier=1 +step +proj=unitconvert +xy_in=rad +xy_out=deg";
        if (GdalNative.OCTCoordinateTransformationOptionsSetOperation(options, operation, 0) == 0)
            return null;
        var transform = GdalNative.OCTNewCoordinateTransformationEx(0, 0, options);
        if (!transform.IsInvalid)
            return transform;
        transform.Dispose();
        return null;
    }

    private static unsafe void Apply(TransformHandle transform, Span<double> x, Span<double> y, Span<double> z)
    {
        const int Batch = 1024;
        ObjectDisposedException.ThrowIf(transform.IsClosed, transform);
        var succeeded = stackalloc int[Batch];
        fixed (double* xs = x, ys = y, zs = z)
        {
            for (var start = 0; start < x.Length; start += Batch)
            {
                var count = Math.Min(Batch, x.Length - start);

                // The result says whether all points succeeded; each point's own flag says more.
                _ = GdalNative.OCTTransformEx(transform, count, xs + start, ys + start, zs + start, succeeded);
                for (var i = start; i < start + count; i++)
                {
                    if (succeeded[i - start] == 0 || !double.IsFinite(xs[i] + ys[i] + zs[i]))
                        xs[i] = ys[i] = zs[i] = double.NaN;
                }
            }
        }
    }
}
