namespace Grid.Imaging.Inspection;

public static partial class LotInspector
{
    /// <summary>Null when the raster has a north-up grid, else the sentence that says why it cannot be placed and what to do.</summary>
    internal static string? Unplaced(RasterInfo info) => info.Orientation switch
    {
        Orientation.Unplaced => "it is not georeferenced; write its origin and cell size into it, or deliver a world file (.tfw, .jgw, .pgw) beside it.",
        Orientation.Rotated => "it is rotated, sheared or mirrored; resample it to a north-up grid first, for example with gdalwarp.",
        _ => null,
    };
}
