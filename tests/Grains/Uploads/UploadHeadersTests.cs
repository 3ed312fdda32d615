using Grid.Grains.Tests.Pyramids;
using Grid.Grains.Uploads;
using Grid.Imaging;
using Grid.Imaging.Inspection;
using Grid.Imaging.Sources;
using Grid.Interfaces.Pyramids;
using Grid.Interfaces.Uploads;

namespace Grid.Grains.Tests.Uploads;

public sealed class UploadHeadersTests : IDisposable
{
    private readonly BuildScene _scene = new();
    private readonly Guid _upload = Guid.NewGuid();

    public void Dispose() => _scene.Dispose();

    [Fact]
    public async Task A_lot_whose_headers_are_known_is_opened_without_its_files()
    {
        var read = await KeepAsync();
        var known = await UploadHeaders.ReadAsync(_scene.Store, Sources("delivered"));
        List<(string, string)> gone = [.. read.Select(raster => ($"/nowhere/{raster.Name}", raster.Name))];
        var opened = LotSources.Inspect(gone, "EPSG:2154", 2, known: known);
        using var fromFiles = LotSources.Open(gone, read, "EPSG:2154");
        using var fromKnown = LotSources.Open(gone, opened, "EPSG:2154");
        Assert.Equal(fromFiles.Format, fromKnown.Format);
        Assert.Equal(fromFiles.Nodata, fromKnown.Nodata);
        Assert.Equal(fromFiles.RasterExtents, fromKnown.RasterExtents);
        Assert.Equal(fromFiles.Select(sheet => sheet.Grid), fromKnown.Select(sheet => sheet.Grid));
        // That they are in another system than the lot is found all the same.
        Assert.Throws<UnreadableRasterException>(() => LotSources.Inspect(gone, "EPSG:3857", 2, known: known));
    }

    [Fact]
    public async Task What_was_delivered_anew_or_elsewhere_is_not_known()
    {
        await KeepAsync();
        Assert.All(await UploadHeaders.ReadAsync(_scene.Store, Sources("delivered anew")), Assert.Null);
        Assert.All(await UploadHeaders.ReadAsync(_scene.Store, Sources(null)), Assert.Null);
        Assert.All(await UploadHeaders.ReadAsync(_scene.Store, _scene.Order().Sources), Assert.Null);
        var other = new SourceRaster(UploadPath.DataKey(Guid.NewGuid(), "a.tif"), "a.tif", "delivered");
        Assert.Equal([null, .. await UploadHeaders.ReadAsync(_scene.Store, Sources("delivered"))], await UploadHeaders.ReadAsync(_scene.Store, [other, .. Sources("delivered")]), new ByName());
    }

    private async Task<RasterInfo[]> KeepAsync()
    {
        var read = LotSources.Inspect([.. _scene.Rasters.Select(path => (path, Path.GetFileName(path)))], "EPSG:2154", 2);
        await UploadHeaders.WriteAsync(_scene.Store, _upload, read.Select(raster => new KnownRaster("delivered", raster)), default);
        return read;
    }

    private List<SourceRaster> Sources(string? etag) =>
        [.. _scene.Rasters.Select(path => new SourceRaster(UploadPath.DataKey(_upload, Path.GetFileName(path)), Path.GetFileName(path), etag))];

    private sealed class ByName : IEqualityComparer<RasterInfo?>
    {
        public bool Equals(RasterInfo? a, RasterInfo? b) => a?.Name == b?.Name;

        public int GetHashCode(RasterInfo raster) => raster.Name.GetHashCode(StringComparison.Ordinal);
    }
}
