namespace Grid.Silo.Hosting;

/// <summary>
/// Where a ROK4 server's configuration lies, so that its layers are served as they are, without a copy. Bound from the section <c>Grid:Rok4</c>. Addresses are
/// <c>s3://bucket/key</c> or absolute paths, in stores of <c>Grid:Storage:Others</c> that are <c>Foreign</c>.
/// </summary>
public sealed class Rok4Options
{
    /// <summary>A list of layer files, one address a line. Null: no layers but those that are published.</summary>
    public string? Layers { get; set; }

    /// <summary>The folder of style files, <c>NAME.json</c>. Null: layers have the style <c>normal</c> alone.</summary>
    public string? Styles { get; set; }

    /// <summary>A folder of tile matrix sets beside the published ones, <c>NAME.json</c>; every process of the grid reads it when it starts. Null: none.</summary>
    public string? TileMatrixSets { get; set; }
}
