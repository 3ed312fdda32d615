using Grid.PointCloud.Copc;

namespace Grid.Grains.PointClouds;

/// <summary>Where the units of one file leave what they make, below the file's work prefix. Of each unit the last object written tells that it is done.</summary>
internal static class WorkKeys
{
    public static string Plan(string work) => $"{work}/plan";

    /// <summary>Points of a tile, run by run.</summary>
    public static string Split(string work, int source) => $"{work}/split/{source}";

    /// <summary>The runs; written last.</summary>
    public static string Runs(string work, int source) => $"{work}/split/{source}.runs";

    /// <summary>Parts of all cells, cell by cell.</summary>
    public static string Cells(string work) => $"{work}/cells";

    public static string Chunks(string work, OctantKey octant) => $"{work}/units/{octant}.chunks";

    public static string Handover(string work, OctantKey octant) => $"{work}/units/{octant}.points";

    /// <summary>The unit's index; written last.</summary>
    public static string Index(string work, OctantKey octant) => $"{work}/units/{octant}.index";

    /// <summary>What a range of octants' tiles are; written after them.</summary>
    public static string Tiling(string work, int range) => $"{work}/tiling/{range}";

    /// <summary>What the finished file of a tile is; written last.</summary>
    public static string TileFile(string work, int source) => $"{work}/tiles/{source}";

    /// <summary>What the finished file is; written last.</summary>
    public static string File(string work) => $"{work}/file";
}
