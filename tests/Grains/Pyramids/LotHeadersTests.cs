using Grid.Grains.Pyramids;
using Grid.Imaging.Sources;

namespace Grid.Grains.Tests.Pyramids;

public sealed class LotHeadersTests : IDisposable
{
    private readonly BuildScene _scene = new();

    public void Dispose() => _scene.Dispose();

    [Fact]
    public async Task Headers_that_were_kept_open_the_lot_as_those_of_the_files_do()
    {
        var order = _scene.Order();
        List<(string, string)> files = [.. _scene.Rasters.Select(path => (path, Path.GetFileName(path)))];
        var read = LotSources.Inspect(files, order.SourceCrs, 2);
        Assert.Null(await LotHeaders.ReadAsync(_scene.Store, order));
        await LotHeaders.WriteAsync(_scene.Store, order, read);
        var kept = await LotHeaders.ReadAsync(_scene.Store, order);
        Assert.NotNull(kept);
        using var fromFiles = LotSources.Open(files, read, order.SourceCrs);
        using var fromKept = LotSources.Open(files, kept, order.SourceCrs);
        Assert.Equal(fromFiles.Pixels, fromKept.Pixels);
        Assert.Equal(fromFiles.Format, fromKept.Format);
        Assert.Equal(fromFiles.Nodata, fromKept.Nodata);
        Assert.Equal(fromFiles.RasterExtents, fromKept.RasterExtents);
        Assert.Equal(fromFiles.Select(sheet => sheet.Grid), fromKept.Select(sheet => sheet.Grid));
        // Those of another lot are not taken for this one's.
        Assert.Null(await LotHeaders.ReadAsync(_scene.Store, order with { Sources = [order.Sources[0]] }));
    }

    [Fact]
    public async Task A_large_lot_is_built_as_a_small_one_and_leaves_no_headers_behind()
    {
        await using var silo = await _scene.StartSiloAsync();
        var order = _scene.Order();
        await BuildScene.BuildAsync(silo, order);
        // A raster that is covered by itself changes nothing.
        var many = _scene.Order("many");
        many = many with { Sources = [.. Enumerable.Repeat(order.Sources, LotHeaders.LeastRasters / order.Sources.Count).SelectMany(source => source)] };
        await BuildScene.BuildAsync(silo, many);
        Assert.Equal(await _scene.SlabsAsync("p"), await _scene.SlabsAsync("many"));
        Assert.DoesNotContain((await _scene.DigestsAsync("many")).Keys, key => key.Contains("headers", StringComparison.Ordinal));
    }
}
