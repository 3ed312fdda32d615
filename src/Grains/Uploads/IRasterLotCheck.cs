namespace Grid.Grains.Uploads;

/// <summary>How rasters are opened and compared; the raster check gives the order and the log.</summary>
public interface IRasterLotCheck
{
    /// <summary>Reads what a raster is from its header.</summary>
    /// <exception cref="Grid.Imaging.UnreadableRasterException">It is not a raster, or its header is damaged.</exception>
    object Inspect(string gdalPath, string name);

    /// <summary>Decodes the whole raster; returns the same as <see cref="Inspect"/>.</summary>
    /// <exception cref="Grid.Imaging.UnreadableRasterException">A part of it cannot be decoded.</exception>
    object Verify(string gdalPath, string name, CancellationToken cancellation);

    /// <summary>Compares the rasters of a lot with each other and with the upload's CRS.</summary>
    IReadOnlyList<LotRemark> Compare(IReadOnlyList<object> rasters, string declaredCrs);
}

/// <summary>Something about a lot as a whole, in a sentence that names the files.</summary>
/// <param name="IsFault">True makes the check fail; false is a warning.</param>
public sealed record LotRemark(bool IsFault, string Sentence);
