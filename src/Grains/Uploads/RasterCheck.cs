using Grid.Grains.Catalogue;
using Grid.Imaging;
using Grid.Imaging.Inspection;
using Grid.Interfaces.Uploads;
using Grid.Storage;

namespace Grid.Grains.Uploads;

/// <summary>
/// The raster check: every raster opens and decodes whole (a step each), then the lot is compared as one: coordinate reference systems,
/// bands, sample types, resolutions, overlaps, gaps, alignment. What the files of a sound lot are is kept for builds.
/// </summary>
public sealed class RasterCheck : LotCheck
{
    private readonly Guid _upload;
    private readonly string _srs;
    private readonly IRasterLotCheck _rasters;
    private readonly IObjectStore _store;
    private readonly IReadOnlyList<UploadFile> _files;
    private readonly int _companions;
    private readonly object?[] _inspected;

    private RasterCheck(Guid upload, string srs, IReadOnlyList<UploadFile> files, int companions, IRasterLotCheck rasters, IObjectStore store, ExecutionLog log)
        : base(log)
    {
        (_upload, _srs, _files, _companions, _rasters, _store) = (upload, srs, files, companions, rasters, store);
        _inspected = new object?[files.Count];
    }

    public override int Steps => _files.Count + 2;

    public override int ConcurrentSteps => _files.Count + 1;

    public static async Task<RasterCheck> PrepareAsync(
        Guid upload, string srs, UploadFiles uploadFiles, IRasterLotCheck rasters, IObjectStore store, ExecutionLog log, CancellationToken cancellation)
    {
        var all = await uploadFiles.ListAsync(upload, FileKind.Data, cancellation);
        var files = all.Where(file => RasterFiles.IsRaster(file.Path)).ToList();
        return new RasterCheck(upload, srs, files, all.Count - files.Count, rasters, store, log);
    }

    public override async Task<int> RunAsync(int step, CancellationToken cancellation)
    {
        if (step <= _files.Count)
            return step == 0 ? Announce() : Verify(step - 1, cancellation);
        var faults = Compare(cancellation);
        if (faults == 0)
            await KeepHeadersAsync(cancellation);
        return faults;
    }

    private int Announce()
    {
        Log.Info($"{_files.Count} raster(s), {_companions} other file(s), declared CRS {_srs}.");
        if (_files.Count > 0)
            return 0;
        Log.Error("The upload has no raster: deliver GeoTIFF (.tif), JPEG 2000 (.jp2), or PNG and JPEG with world files.");
        return 1;
    }

    private int Verify(int index, CancellationToken cancellation)
    {
        var file = _files[index];
        try
        {
            _inspected[index] = _rasters.Verify(PathOf(file), file.Path, cancellation);
            Log.Info($"{file.Path}: opened and decoded whole.");
            return 0;
        }
        catch (UnreadableRasterException unreadable)
        {
            Log.Error(unreadable.Message);
            return 1;
        }
    }

    private int Compare(CancellationToken cancellation)
    {
        var sound = new List<object>();
        for (var i = 0; i < _files.Count; i++)
        {
            cancellation.ThrowIfCancellationRequested();
            try
            {
                // Those verified before the process was last stopped are known by their headers alone.
                sound.Add(_inspected[i] ??= _rasters.Inspect(PathOf(_files[i]), _files[i].Path));
            }
            catch (UnreadableRasterException)
            {
                // Its own step has told.
            }
        }

        var faults = 0;
        foreach (var remark in _rasters.Compare(sound, _srs))
        {
            if (remark.IsFault)
            {
                faults++;
                Log.Error(remark.Sentence);
            }
            else
            {
                Log.Warning(remark.Sentence);
            }
        }

        return faults;
    }

    private async Task KeepHeadersAsync(CancellationToken cancellation)
    {
        var known = _files.Zip(_inspected).Where(pair => pair.Second is RasterInfo).Select(pair => new KnownRaster(pair.First.ETag, (RasterInfo)pair.Second!)).ToList();
        if (known.Count > 0)
            await UploadHeaders.WriteAsync(_store, _upload, known, cancellation);
    }

    private string PathOf(UploadFile file) => _store.GdalPath(UploadPath.DataKey(_upload, file.Path));
}
