using Grid.Imaging.Gdal;
using Grid.Imaging.Inspection;

namespace Grid.Grains.Uploads;

/// <summary>Rasters inspected through GDAL.</summary>
public sealed class RasterLotCheck : IRasterLotCheck
{
    public object Inspect(string gdalPath, string name) => RasterInspector.Inspect(gdalPath, name);

    public object Verify(string gdalPath, string name, CancellationToken cancellation) =>
        RasterInspector.Verify(gdalPath, name, cancellation: cancellation);

    public IReadOnlyList<LotRemark> Compare(IReadOnlyList<object> rasters, string declaredCrs)
    {
        try
        {
            return [.. LotInspector.Compare([.. rasters.Cast<RasterInfo>()], declaredCrs)
                .Select(finding => new LotRemark(finding.Severity == FindingSeverity.Error, finding.Sentence))];
        }
        catch (UnknownCrsException unknown)
        {
            return [new LotRemark(true, $"The upload's srs, {declaredCrs}, is not known: {unknown.Message} Open the upload, correct its srs and close it again.")];
        }
    }
}
