namespace Grid.Imaging.Gdal;

/// <summary>A system of heights above sea level, and the grids in which PROJ may have its distance from the ellipsoid, the best first.</summary>
/// <param name="Code">EPSG code of the vertical CRS.</param>
/// <param name="Grids">Names of files of PROJ's data package.</param>
internal sealed record HeightSystem(int Code, string Name, params string[] Grids)
{
    /// <summary>A grid of the whole earth, within about a metre of any system of heights; PROJ itself comes with it.</summary>
    internal const string WholeEarth = "egm96_15.gtx";

    private static readonly HeightSystem Mainland =
        new(5720, "NGF-IGN69", "fr_ign_RAF20.tif", "fr_ign_RAF18b.tif", "fr_ign_RAF18.tif", "fr_ign_RAF09.tif");

    private static readonly HeightSystem Corsica = new(5721, "NGF-IGN78", "fr_ign_RAC23.tif", "fr_ign_RAC09.tif");
    private static readonly HeightSystem Guyane = new(5755, "NGG77", "fr_ign_ggguy15.tif");
    private static readonly HeightSystem Martinique = new(5756, "IGN 1987 (Martinique)", "fr_ign_RAMART2016.tif");
    private static readonly HeightSystem Guadeloupe = new(5757, "IGN 1988 (Guadeloupe)", "fr_ign_RAGTBT2016.tif");
    private static readonly HeightSystem Reunion = new(5758, "IGN 1989 (La Réunion)", "fr_ign_RAR07_bl.tif");
    private static readonly HeightSystem Mayotte = new(5793, "SHOM 1953 (Mayotte)", "fr_ign_ggm04v1.tif");

    private static readonly HeightSystem[] All = [Mainland, Corsica, Guyane, Martinique, Guadeloupe, Reunion, Mayotte];

    /// <summary>Null when the code is none of a system with grids known here.</summary>
    internal static HeightSystem? Find(string? code) => All.FirstOrDefault(system => $"{system.Code}" == code);

    /// <summary>The system that is meant where French data names none: the legal one of the place. Null elsewhere.</summary>
    /// <param name="longitude">In degrees, as the latitude.</param>
    internal static HeightSystem? At(double longitude, double latitude) => (longitude, latitude) switch
    {
        ( > 8.4 and < 9.7, > 41.2 and < 43.1) => Corsica,
        ( > -5.3 and < 8.4, > 42.2 and < 51.2) => Mainland,
        ( > -54.7 and < -51.5, > 2 and < 6) => Guyane,
        ( > -61.3 and < -60.7, > 14.3 and < 15) => Martinique,
        ( > -61.9 and < -60.9, > 15.7 and < 16.6) => Guadeloupe,
        ( > 55.1 and < 55.9, > -21.5 and < -20.8) => Reunion,
        ( > 44.9 and < 45.4, > -13.1 and < -12.5) => Mayotte,
        _ => null,
    };
}
