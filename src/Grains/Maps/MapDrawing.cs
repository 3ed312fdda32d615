using Grid.Imaging;
using Grid.Imaging.Gdal;
using Grid.Imaging.Maps;
using Grid.Imaging.Pyramids;
using Grid.Imaging.Resampling;
using Grid.Imaging.Styles;
using Grid.Interfaces.Maps;

namespace Grid.Grains.Maps;

/// <summary>The parts of drawing a map that compute: planning, drawing and encoding. Safe for concurrent use.</summary>
/// <param name="styles">The styles that layers may name; null knows none.</param>
public sealed class MapDrawing(MapPyramids pyramids, DecodedTiles decoded, MapOptions options, IRasterStyles? styles = null)
{
    /// <summary>Plans every layer of a map; those that show nothing have no plan.</summary>
    internal async Task<IReadOnlyList<PlannedLayer>> PlanAsync(MapOrder order, MapFrame frame, CancellationToken cancellation)
    {
        var format = FormatOf(order);
        var planned = new List<PlannedLayer>();
        try
        {
            foreach (var layer in order.Layers)
            {
                var pyramid = pyramids.Find(layer);
                var style = layer.Style is null ? null : await StyleAsync(layer.Style, cancellation);
                var shown = style is null
                    ? pyramid.Pixels
                    : style.OutputOf(pyramid.Pixels) ?? throw new MapRefusedException($"The style {layer.Style} does not take {pyramid.Pixels.Channels} channels of {pyramid.Pixels.Sample}.");
                if (MapImage.IsPicture(format) && MapImage.Problem(format, shown with { Channels = 1 }) is { } problem)
                    throw new MapRefusedException(problem);
                planned.Add(Plan(pyramid, layer, frame, style));
                if (planned.Sum(each => each.TileBytes) is var bytes && bytes > options.TileBytesPerMap)
                    throw new MapRefusedException($"The tiles of the first {planned.Count} of {order.Layers.Count} layers take {bytes >> 20} MiB: {options.TileBytesPerMap >> 20} MiB are allowed for a map. "
                        + "Ask for a smaller map, or for fewer layers.");
            }

            return planned;
        }
        catch
        {
            foreach (var layer in planned)
                layer.Dispose();
            throw;
        }
    }

    /// <summary>Plans the one pixel of a map whose values are asked for, as the map would be drawn.</summary>
    internal PlannedLayer PlanProbe(MapOrderLayer layer, MapFrame frame, int column, int row)
    {
        var x = frame.Extent.MinX + (column * frame.CellX);
        var y = frame.Extent.MaxY - (row * frame.CellY);
        var pixel = new MapFrame(frame.Crs, new Tiling.Extent(x, y - frame.CellY, x + frame.CellX, y), 1, 1);
        return Plan(pyramids.Find(layer), layer with { Interpolation = "nn" }, pixel, null);
    }

    /// <summary>The values of a probe's pixel, one a channel; empty where there is no data.</summary>
    internal static double[] ValuesOf(PlannedLayer probe)
    {
        if (probe is not { Plan: { } plan, Tiles: { } tiles })
            return [];
        using var pixel = plan.Draw(tiles, 1, CancellationToken.None);
        if (pixel.Mask[0] == 0)
            return [];
        var values = new double[pixel.Format.Channels];
        for (var channel = 0; channel < values.Length; channel++)
            values[channel] = pixel.Format.Sample == SampleType.UInt8 ? pixel.Pixels[channel] : BitConverter.ToSingle(pixel.Pixels[(4 * channel)..]);
        return values;
    }

    /// <summary>Draws the planned layers, whose tiles have been fetched, on one another, and encodes the map.</summary>
    internal byte[] Draw(MapOrder order, MapFrame frame, IReadOnlyList<PlannedLayer> layers, int threads, CancellationToken cancellation)
    {
        var drawn = new List<Raster>();
        try
        {
            foreach (var layer in layers)
            {
                if (layer is { Plan: not null, Tiles: not null })
                    drawn.Add(Draw(layer, frame, threads, cancellation));
            }

            using var picture = Together(order, frame, layers, drawn, out var nodata);
            return MapImage.Write(picture, frame, new MapOutput(FormatOf(order), order.Quality, order.Compression), nodata);
        }
        catch (MapFormatException refused)
        {
            throw new MapRefusedException(refused.Message);
        }
        finally
        {
            // What became the picture is disposed twice, which is allowed.
            foreach (var raster in drawn)
                raster.Dispose();
        }
    }

    private PlannedLayer Plan(MapPyramid pyramid, MapOrderLayer layer, MapFrame frame, IRasterStyle? style)
    {
        var plan = MapPlan.Make(pyramid, frame.Grow(style?.Margin ?? 0), InterpolationOf(layer.Interpolation));
        return plan is null || plan.Tiles.Count > options.TilesPerLayer
            ? new PlannedLayer(pyramid, style, null, null)
            : new PlannedLayer(pyramid, style, plan, new MapTiles(pyramid, plan.Level, plan.Tiles, decoded));
    }

    private static Raster Draw(PlannedLayer layer, MapFrame frame, int threads, CancellationToken cancellation)
    {
        var values = layer.Plan!.Draw(layer.Tiles!, threads, cancellation);
        if (layer.Style is not { } style)
            return values;
        using (values)
        {
            var (width, height) = MapResolution.OnGround(frame);
            var shown = Raster.Rent(frame.Width, frame.Height, style.OutputOf(values.Format)!.Value);
            style.Apply(values, width, height, shown);
            return shown;
        }
    }

    private static Raster Together(MapOrder order, MapFrame frame, IReadOnlyList<PlannedLayer> layers, List<Raster> drawn, out double? nodata)
    {
        var format = FormatOf(order);
        nodata = null;
        var bottom = layers.FirstOrDefault(layer => layer.Style is null);
        var holdsValues = !MapImage.IsPicture(format) && bottom is not null && layers.All(layer => layer.Style is null && layer.Pyramid.Pixels == bottom.Pyramid.Pixels)
            && (bottom.Pyramid.Pixels.Sample == SampleType.Float32 || (!order.IsTransparent && order.Background is null));
        if (holdsValues)
        {
            // Values, not colours: where there is no data stands the bottom layer's nodata.
            var pyramid = bottom!.Pyramid;
            nodata = pyramid.Nodata[0];
            var covered = drawn.Count > 0 ? MapPicture.Cover(drawn) : Empty(frame, pyramid.Pixels);
            MapPicture.FillGaps(covered, NodataPixels.PixelOf(pyramid.Pixels, pyramid.Nodata));
            return covered;
        }

        if (drawn.Exists(layer => layer.Format.Sample != SampleType.UInt8))
            throw new MapRefusedException("Layers of values and layers of colours cannot be drawn on one another: ask for a style that colours the values.");
        var isGrey = layers.All(layer => layer.Shown.Channels <= 2);
        var background = new MapBackground(order.IsTransparent && MapImage.HasOpacity(format), order.Background ?? 0xFFFFFF);
        return MapPicture.Blend(drawn, frame.Width, frame.Height, background, isGrey, keepsOpacity: !MapImage.IsPicture(format));
    }

    private static Raster Empty(MapFrame frame, PixelFormat pixels)
    {
        var empty = Raster.Rent(frame.Width, frame.Height, pixels);
        empty.Mask.Clear();
        return empty;
    }

    private async ValueTask<IRasterStyle> StyleAsync(string identifier, CancellationToken cancellation)
    {
        try
        {
            return (styles is null ? null : await styles.FindAsync(identifier, cancellation))
                ?? throw new MapRefusedException($"There is no style {identifier}.");
        }
        catch (InvalidDataException damaged)
        {
            throw new MapRefusedException(damaged.Message);
        }
    }

    private static MapFormat FormatOf(MapOrder order) =>
        MapImage.Find(order.MimeType) ?? throw new MapRefusedException($"Maps are not written as {order.MimeType}.");

    private static Interpolation InterpolationOf(string name) => Interpolations.FindForMaps(name)
        ?? throw new MapRefusedException($"There is no interpolation {name}: nn, linear, bicubic, lanczos, lanczos2 and lanczos4 are.");
}

/// <summary>A layer ready to be drawn: the tiles it needs are held until it is disposed. Without a plan it shows nothing.</summary>
internal sealed record PlannedLayer(MapPyramid Pyramid, IRasterStyle? Style, MapPlan? Plan, MapTiles? Tiles) : IDisposable
{
    /// <summary>What its pixels are once styled.</summary>
    public PixelFormat Shown => Style?.OutputOf(Pyramid.Pixels) ?? Pyramid.Pixels;

    /// <summary>What its tiles take once they are decoded, with a mask each.</summary>
    public long TileBytes => Plan is null ? 0 : (long)Plan.Tiles.Count * Plan.Level.Matrix.TileWidth * Plan.Level.Matrix.TileHeight * (Pyramid.Pixels.BytesPerPixel + 1);

    public void Dispose() => Tiles?.Dispose();
}
