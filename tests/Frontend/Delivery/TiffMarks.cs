using Grid.Grains.Uploads;
using Grid.Imaging;

namespace Grid.Frontend.Tests.Delivery;

/// <summary>A raster check that knows TIFFs by their first bytes alone, so that these tests need no reader of rasters.</summary>
public sealed class TiffMarks : IRasterLotCheck
{
    public object Inspect(string gdalPath, string name) => Verify(gdalPath, name, CancellationToken.None);

    public object Verify(string gdalPath, string name, CancellationToken cancellation)
    {
        using var file = File.OpenRead(gdalPath);
        return file.ReadByte() == 'I' && file.ReadByte() == 'I' ? name : throw new UnreadableRasterException(name, "it is no TIFF");
    }

    public IReadOnlyList<LotRemark> Compare(IReadOnlyList<object> rasters, string declaredCrs) => [];
}
