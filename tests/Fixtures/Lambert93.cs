using System.Globalization;
using Grid.PointCloud.Las;

namespace Grid.Fixtures;

/// <summary>EPSG:2154 to longitude and latitude by IGN's formulas (NTG 71, algorithms 1 to 4), over a geoid as flat as a board; and PROJ's word on where that is.</summary>
public static class Lambert93
{
    /// <summary>Metres of the ellipsoid below sea level.</summary>
    public const double Undulation = 44.5;

    private const double Exponent = 0.7256077650;
    private const double Constant = 11754255.426;
    private const double PoleX = 700000;
    private const double PoleY = 12655612.050;
    private const double Eccentricity = 0.08181919104;

    public static void Transform(Span<double> x, Span<double> y, Span<double> z)
    {
        for (var i = 0; i < x.Length; i++)
        {
            var radius = double.Hypot(x[i] - PoleX, y[i] - PoleY);
            var longitude = double.DegreesToRadians(3) + (Math.Atan((x[i] - PoleX) / (PoleY - y[i])) / Exponent);
            var isometric = Math.Exp(-Math.Log(radius / Constant) / Exponent);
            var latitude = (2 * Math.Atan(isometric)) - (Math.PI / 2);
            for (var round = 0; round < 12; round++)
            {
                var sine = Eccentricity * Math.Sin(latitude);
                latitude = (2 * Math.Atan(Math.Pow((1 + sine) / (1 - sine), Eccentricity / 2) * isometric)) - (Math.PI / 2);
            }

            (x[i], y[i], z[i]) = (double.RadiansToDegrees(longitude), double.RadiansToDegrees(latitude), z[i] + Undulation);
        }
    }

    /// <summary>Where PROJ has points of EPSG:2154, with heights above that geoid, in EPSG:4978.</summary>
    public static async Task<Xyz[]> ByProjAsync(IEnumerable<Xyz> points)
    {
        var lines = points.Select(point => string.Create(CultureInfo.InvariantCulture, $"{point.X:F4} {point.Y:F4} {point.Z + Undulation:F4}"));
        var run = await Programs.RunAsync("gdaltransform", ["-s_srs", "EPSG:2154", "-t_srs", "EPSG:4978"], input: string.Join('\n', lines) + "\n");
        return [.. from line in run.Expect().Split('\n', StringSplitOptions.RemoveEmptyEntries)
                   let numbers = line.Split(' ').Select(text => double.Parse(text, CultureInfo.InvariantCulture)).ToArray()
                   select new Xyz(numbers[0], numbers[1], numbers[2])];
    }
}
