using Grid.Grains.Catalogue;
using Grid.Grains.PointClouds;
using Grid.Imaging;
using Grid.Imaging.Gdal;
using Grid.Interfaces.Uploads;
using Grid.PointCloud;
using Grid.PointCloud.Inspection;
using Grid.Storage;

namespace Grid.Grains.Uploads;

/// <summary>
/// The point cloud check: every file is read and decoded whole and its header compared with its points (a step each), then the delivery is compared as one: CRS,
/// formats, the same points twice, overlaps, missing tiles.
/// </summary>
public sealed class PointCloudCheck : LotCheck
{
    private const int ThreadsAFile = 2;
    private readonly Guid _upload;
    private readonly string _srs;
    private readonly IObjectStore _store;
    private readonly IReadOnlyList<UploadFile> _files;
    private readonly int _companions;
    private readonly CloudInfo?[] _inspected;

    private PointCloudCheck(Guid upload, string srs, IReadOnlyList<UploadFile> files, int companions, IObjectStore store, ExecutionLog log)
        : base(log)
    {
        (_upload, _srs, _files, _companions, _store) = (upload, srs, files, companions, store);
        _inspected = new CloudInfo?[files.Count];
    }

    public override int Steps => _files.Count + 2;

    public override int ConcurrentSteps => _files.Count + 1;

    public static async Task<PointCloudCheck> PrepareAsync(
        Guid upload, string srs, UploadFiles uploadFiles, IObjectStore store, ExecutionLog log, CancellationToken cancellation)
    {
        var all = await uploadFiles.ListAsync(upload, FileKind.Data, cancellation);
        var files = all.Where(file => PointCloudFiles.IsPointCloud(file.Path)).ToList();
        return new PointCloudCheck(upload, srs, files, all.Count - files.Count, store, log);
    }

    public override async Task<int> RunAsync(int step, CancellationToken cancellation) =>
        step == 0 ? Announce() : step <= _files.Count ? await VerifyAsync(step - 1, cancellation) : await CompareAsync(cancellation);

    private int Announce()
    {
        Log.Info($"{_files.Count} point cloud(s), {_companions} other file(s), declared CRS {_srs}.");
        if (_files.Count > 0)
            return 0;
        Log.Error("The upload has no point cloud: deliver LAS or LAZ (.las, .laz).");
        return 1;
    }

    private async Task<int> VerifyAsync(int index, CancellationToken cancellation)
    {
        try
        {
            var info = await CloudInspector.VerifyAsync(await OpenAsync(index, cancellation), new CloudExpectations { Threads = ThreadsAFile }, cancellation);
            _inspected[index] = info;
            Log.Info(FormattableString.Invariant(
                $"{info.Name}: {info.Header.PointCount} points of format {info.Header.PointFormat.Number}, {info.Density.Pulses:0.0} pulses/m², classes {string.Join(", ", info.Classes.Keys)}."));
            return Tell(info.Findings);
        }
        catch (InvalidPointCloudException unreadable)
        {
            Log.Error($"{unreadable.Message}; deliver the file again.");
            return 1;
        }
        catch (ObjectNotFoundException)
        {
            Log.Error($"{_files[index].Path}: it is not in the storage any more; deliver it again.");
            return 1;
        }
    }

    private async Task<int> CompareAsync(CancellationToken cancellation)
    {
        var sound = new List<CloudInfo>();
        for (var i = 0; i < _files.Count; i++)
        {
            try
            {
                // Those verified before the process was last stopped are known by their headers alone.
                sound.Add(_inspected[i] ??= await CloudInspector.InspectAsync(await OpenAsync(i, cancellation), cancellation));
            }
            catch (Exception failure) when (failure is InvalidPointCloudException or ObjectNotFoundException)
            {
                // Its own step has told.
            }
        }

        var declared = _srs.Length == 0 ? null : _srs;
        if (declared is not null && !IsKnown(declared))
        {
            Log.Error($"The upload's srs, {declared}, is not known. Open the upload, correct its srs and close it again.");
            return 1;
        }

        return Tell(BlockInspector.Compare(sound, declared, IsSamePlane));
    }

    private static bool IsKnown(string crs)
    {
        try
        {
            return CrsWkt.Of(crs).Length > 0;
        }
        catch (UnknownCrsException)
        {
            return false;
        }
    }

    private static bool IsSamePlane(string a, string b)
    {
        try
        {
            return CrsComparison.SameCrs(PlaneOf(a), PlaneOf(b));
        }
        catch (UnknownCrsException)
        {
            return false;
        }
    }

    // A code may be a compound CRS's, such as EPSG:5698.
    private static string PlaneOf(string crs)
    {
        var plane = CloudCrs.PlaneOf(crs);
        return plane.Contains('[') ? plane : CloudCrs.PlaneOf(CrsWkt.Of(plane));
    }

    private int Tell(IReadOnlyList<CloudFinding> findings)
    {
        foreach (var finding in findings)
        {
            if (finding.Severity == CloudSeverity.Error)
                Log.Error(finding.Sentence);
            else
                Log.Warning(finding.Sentence);
        }

        return findings.Count(finding => finding.Severity == CloudSeverity.Error);
    }

    private async Task<IByteSource> OpenAsync(int index, CancellationToken cancellation) =>
        await StoreByteSource.OpenAsync(_store, UploadPath.DataKey(_upload, _files[index].Path), _files[index].Path, cancellation);
}
