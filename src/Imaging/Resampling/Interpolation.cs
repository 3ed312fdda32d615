namespace Grid.Imaging.Resampling;

/// <summary>How a pixel's value is taken from the source pixels around its place (ROK4's four names).</summary>
public enum Interpolation
{
    /// <summary>The source pixel that holds the place.</summary>
    Nearest,

    /// <summary>Triangle of radius 1.</summary>
    Linear,

    /// <summary>Catmull-Rom: the cubic of Mitchell and Netravali (1988) with B = 0, C = ½; radius 2.</summary>
    Bicubic,

    /// <summary>Sinc windowed by a sinc of three lobes; radius 3.</summary>
    Lanczos,

    /// <summary>The same of two lobes; radius 2. Maps only: descriptors do not tell it from the others.</summary>
    Lanczos2,

    /// <summary>The same of four lobes; radius 4. Maps only.</summary>
    Lanczos4,
}

/// <summary>Names, radii and formulas of the interpolations.</summary>
public static class Interpolations
{
    /// <summary>nn, linear, bicubic or lanczos; null for another name.</summary>
    public static Interpolation? Find(string name) => name.ToLowerInvariant() switch
    {
        "nn" => Interpolation.Nearest,
        "linear" => Interpolation.Linear,
        "bicubic" => Interpolation.Bicubic,
        "lanczos" => Interpolation.Lanczos,
        _ => null,
    };

    /// <summary>As <see cref="Find"/>, and lanczos2 and lanczos4.</summary>
    public static Interpolation? FindForMaps(string name) => name.ToLowerInvariant() switch
    {
        "lanczos2" => Interpolation.Lanczos2,
        "lanczos4" => Interpolation.Lanczos4,
        _ => Find(name),
    };

    /// <summary>The name in descriptors.</summary>
    public static string NameOf(Interpolation interpolation) => interpolation switch
    {
        Interpolation.Nearest => "nn",
        Interpolation.Linear => "linear",
        Interpolation.Bicubic => "bicubic",
        _ => "lanczos",
    };

    /// <summary>Distance, in source pixels at ratio 1, beyond which the weight is 0.</summary>
    internal static double RadiusOf(Interpolation interpolation) => interpolation switch
    {
        Interpolation.Nearest => 0.5,
        Interpolation.Linear => 1,
        Interpolation.Bicubic or Interpolation.Lanczos2 => 2,
        Interpolation.Lanczos4 => 4,
        _ => 3,
    };

    internal static double Weight(Interpolation interpolation, double distance)
    {
        double x = Math.Abs(distance), radius = RadiusOf(interpolation);
        return x >= radius ? 0 : interpolation switch
        {
            Interpolation.Nearest => 1,
            Interpolation.Linear => 1 - x,
            Interpolation.Bicubic when x < 1 => ((1.5 * x) - 2.5) * x * x + 1,
            Interpolation.Bicubic => ((((-0.5 * x) + 2.5) * x) - 4) * x + 2,
            _ => x < 1e-9 ? 1 : radius * Math.Sin(Math.PI * x) * Math.Sin(Math.PI * x / radius) / (Math.PI * Math.PI * x * x),
        };
    }
}
