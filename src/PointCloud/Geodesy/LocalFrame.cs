using Grid.PointCloud.Las;

namespace Grid.PointCloud.Geodesy;

/// <summary>
/// A rectangular frame at a place of a cloud: x along the grid's east there, y along its north, z up the ellipsoid's normal, in metres. Octants of a cloud in a
/// projected CRS are nearly parallel to it, whatever the meridian convergence, so boxes in it are tight.
/// </summary>
public sealed class LocalFrame
{
    private LocalFrame(Xyz origin, Xyz east, Xyz north, Xyz up, double metresPerUnit, double height) =>
        (Origin, East, North, Up, MetresPerUnit, Height) = (origin, east, north, up, metresPerUnit, height);

    /// <summary>In EPSG:4978, as are the axes, which are unit vectors.</summary>
    public Xyz Origin { get; }

    public Xyz East { get; }

    public Xyz North { get; }

    public Xyz Up { get; }

    /// <summary>Length of the CRS's unit on the ellipsoid, eastwards.</summary>
    public double MetresPerUnit { get; }

    /// <summary>The origin's height above the ellipsoid, in metres.</summary>
    public double Height { get; }

    /// <summary>The matrix from the frame to EPSG:4978, column after column, as 3D Tiles and glTF write it.</summary>
    public double[] Matrix =>
    [
        East.X, East.Y, East.Z, 0,
        North.X, North.Y, North.Z, 0,
        Up.X, Up.Y, Up.Z, 0,
        Origin.X, Origin.Y, Origin.Z, 1,
    ];

    /// <summary>The frame at a place of the cloud's CRS.</summary>
    /// <exception cref="UnplacedPointException">The place has no image on the globe.</exception>
    public static LocalFrame At(GeodeticTransform transform, Xyz place)
    {
        // Half a step to either side along the CRS's x axis: short against the earth, long against rounding.
        const double Step = 10;
        Span<double> x = [place.X, place.X - Step, place.X + Step];
        Span<double> y = [place.Y, place.Y, place.Y];
        Span<double> z = [place.Z, place.Z, place.Z];
        transform(x, y, z);
        for (var i = 0; i < 3; i++)
        {
            if (!double.IsFinite(x[i] + y[i] + z[i]))
                throw new UnplacedPointException(place);
        }

        var (west, east) = (Geocentric.Of(x[1], y[1], z[1]), Geocentric.Of(x[2], y[2], z[2]));
        var up = Geocentric.Up(x[0], y[0]);
        var along = new Xyz(east.X - west.X, east.Y - west.Y, east.Z - west.Z);
        var north = Unit(Cross(up, along));
        return new LocalFrame(Geocentric.Of(x[0], y[0], z[0]), Cross(north, up), north, up, Math.Sqrt(Dot(along, along)) / (2 * Step), z[0]);
    }

    /// <summary>A place of EPSG:4978 in the frame.</summary>
    public Xyz FromGeocentric(Xyz place)
    {
        var offset = new Xyz(place.X - Origin.X, place.Y - Origin.Y, place.Z - Origin.Z);
        return new Xyz(Dot(offset, East), Dot(offset, North), Dot(offset, Up));
    }

    /// <summary>A place of the frame in EPSG:4978.</summary>
    public Xyz ToGeocentric(Xyz place) => new(
        Origin.X + (place.X * East.X) + (place.Y * North.X) + (place.Z * Up.X),
        Origin.Y + (place.X * East.Y) + (place.Y * North.Y) + (place.Z * Up.Y),
        Origin.Z + (place.X * East.Z) + (place.Y * North.Z) + (place.Z * Up.Z));

    private static double Dot(Xyz a, Xyz b) => (a.X * b.X) + (a.Y * b.Y) + (a.Z * b.Z);

    private static Xyz Cross(Xyz a, Xyz b) => new((a.Y * b.Z) - (a.Z * b.Y), (a.Z * b.X) - (a.X * b.Z), (a.X * b.Y) - (a.Y * b.X));

    private static Xyz Unit(Xyz a)
    {
        var length = Math.Sqrt(Dot(a, a));
        return new Xyz(a.X / length, a.Y / length, a.Z / length);
    }
}

/// <summary>A point of a cloud that its CRS has no place on the globe for: the CRS is the wrong one, or a grid does not reach so far.</summary>
public sealed class UnplacedPointException(Xyz place)
    : Exception(FormattableString.Invariant($"the point {place.X}, {place.Y}, {place.Z} has no place on the globe in the CRS of the cloud"))
{
    /// <summary>In the cloud's CRS.</summary>
    public Xyz Place { get; } = place;
}
