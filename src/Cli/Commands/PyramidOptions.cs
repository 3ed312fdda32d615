using System.CommandLine;
using Grid.Cli.Producer;

namespace Grid.Cli.Commands;

/// <summary>The options of both commands that say how the pyramid is to be.</summary>
public sealed class PyramidOptions
{
    private readonly Option<string> _tms = new("--tms") { Description = "Tile matrix set.", DefaultValueFactory = _ => "PM" };
    private readonly Option<string?> _bottom = new("--bottom") { Description = "Finest level. Default: the one nearest to the lot's resolution." };
    private readonly Option<string?> _top = new("--top") { Description = "Coarsest level. Default: the set's first." };
    private readonly Option<string> _compression = new("--compression") { Description = "How tiles are compressed.", DefaultValueFactory = _ => "jpg90" };
    private readonly Option<string> _interpolation = new("--interpolation") { Description = "Kernel of the resampling.", DefaultValueFactory = _ => "bicubic" };
    private readonly Option<string> _srs = new("--srs") { Description = "CRS of the lot, such as EPSG:2154; auto reads it in the files.", DefaultValueFactory = _ => "auto" };

    private readonly ParameterOption _more = new("Any other parameter of the processing, NAME=VALUE, such as nodata=255,255,255 or touch_edges=true; \"./grid process\" lists them. May be repeated.");

    public PyramidOptions()
    {
        _compression.AcceptOnlyFromAmong("raw", "jpg", "jpg90", "png", "zip", "jpgpng", "webp");
        _interpolation.AcceptOnlyFromAmong("nn", "linear", "bicubic", "lanczos");
    }

    /// <summary>Adds the options to a command.</summary>
    public void AddTo(Command command)
    {
        foreach (var option in (Option[])[_tms, _bottom, _top, _compression, _interpolation, _srs])
            command.Add(option);
        _more.AddTo(command);
    }

    /// <summary>The delivery with the options as given.</summary>
    public DeliveryOptions Apply(ParseResult given, DeliveryOptions delivery) => delivery with
    {
        TileMatrixSet = given.GetValue(_tms)!,
        BottomLevel = given.GetValue(_bottom),
        TopLevel = given.GetValue(_top),
        Compression = given.GetValue(_compression)!,
        Interpolation = given.GetValue(_interpolation)!,
        Parameters = _more.Read(given),
        Srs = given.GetValue(_srs) is "auto" or null ? null : given.GetValue(_srs),
    };
}
