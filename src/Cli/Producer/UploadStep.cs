using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using Grid.Cli.Api;
using Grid.Cli.Reports;

namespace Grid.Cli.Producer;

/// <summary>
/// The first part of a delivery: an upload with every file of the lot, closed and checked. It may be run again at any time: what is there
/// already (same path, same size) is not sent twice, and a closed upload of the same files is taken as it is.
/// </summary>
public sealed class UploadStep(EntrepotClient api, IReport report, DeliveryOptions options, string datastore)
{
    private const int FilesAtOnce = 2;
    private const string DigestsName = "lot.md5";

    private string Root => $"datastores/{datastore}/uploads";

    /// <summary>Delivers the files and waits for the checks.</summary>
    /// <returns>The upload's id.</returns>
    /// <exception cref="DeliveryException">A check failed; the message holds its log's errors.</exception>
    public async Task<string> RunAsync(CancellationToken cancellation)
    {
        var files = options.Pyramid?.Files ?? LotFile.In(options.Folder);
        var upload = await FindAsync(cancellation) ?? await CreateAsync(files, cancellation);
        var id = Json.Id(upload);
        var missing = await CompareAsync(id, files, cancellation);
        var status = (string?)upload["status"];
        if (status == "CLOSED" && missing.Count == 0)
        {
            report.Say($"upload {options.Name} is there already, closed and checked");
            return id;
        }

        if (status == "CLOSED")
        {
            throw new DeliveryException(
                $"an upload named {options.Name} is closed and holds other files than {options.Folder} ({missing.Count} differ, the first is {missing[0].Path}): deliver under another --name");
        }

        if (status == "UNSTABLE")
        {
            await api.PostAsync($"{Root}/{id}/open", null, cancellation);
            status = "OPEN";
            // A corrected file may have kept its size.
            var created = Json.Date(upload["creation"]) ?? DateTimeOffset.MinValue;
            missing = [.. files.Where(file => missing.Contains(file) || File.GetLastWriteTimeUtc(file.FullPath) > created.UtcDateTime)];
        }

        if (status == "OPEN")
        {
            // The wrong CRS may be what the checks refused.
            if (FindSrs(files) is { } srs && srs != (string?)upload["srs"])
                await api.PatchAsync($"{Root}/{id}", new JsonObject { ["srs"] = srs }, cancellation);
            await SendAsync(id, files, missing, cancellation);
            await api.PostAsync($"{Root}/{id}/close", null, cancellation);
        }

        await new ChecksStep(api, report, options, datastore).RunAsync(id, cancellation);
        return id;
    }

    private async Task<JsonObject?> FindAsync(CancellationToken cancellation)
    {
        var known = await api.ListAsync($"{Root}?name={Uri.EscapeDataString(options.Name)}&limit=100", cancellation);
        var upload = known.OfType<JsonObject>().FirstOrDefault(u => (string?)u["name"] == options.Name && (string?)u["status"] is not ("DELETED" or null));
        return upload is null ? null : await api.GetAsync($"{Root}/{Json.Id(upload)}", cancellation);
    }

    private async Task<JsonObject> CreateAsync(IReadOnlyList<LotFile> files, CancellationToken cancellation)
    {
        var srs = FindSrs(files)
            ?? throw new DeliveryException($"no file of {options.Folder} says its CRS by an EPSG code: name it with --srs, for example --srs EPSG:2154");
        var body = new JsonObject
        {
            ["name"] = options.Name,
            ["description"] = options.Title ?? options.Name,
            ["type"] = options.IsLidar ? "POINT-CLOUD" : options.Pyramid is null ? "RASTER" : "ROK4-PYRAMID",
            ["srs"] = srs,
        };
        report.Say($"upload {options.Name}: {files.Count} files, {Figures.Bytes(files.Sum(file => file.Length))}, {srs}");
        return await api.PostAsync(Root, body, cancellation);
    }

    private string? FindSrs(IReadOnlyList<LotFile> files)
    {
        Func<string, string?> read = options.IsLidar ? LasCrs.Read : GeoTiffCrs.Read;
        return options.Srs ?? files.Select(file => read(file.FullPath)).FirstOrDefault(code => code is not null);
    }

    // Files of the lot that the upload lacks or has with another size.
    private async Task<IReadOnlyList<LotFile>> CompareAsync(string id, IReadOnlyList<LotFile> files, CancellationToken cancellation)
    {
        var sizes = new Dictionary<string, long>();
        Flatten(await api.ListAsync($"{Root}/{id}/tree", cancellation), "", sizes);
        return [.. files.Where(file => sizes.GetValueOrDefault(file.Path, -1) != file.Length)];
    }

    private static void Flatten(JsonArray nodes, string prefix, Dictionary<string, long> sizes)
    {
        foreach (var node in nodes.OfType<JsonObject>())
        {
            var path = prefix + (string?)node["name"];
            if (node["children"] is JsonArray children && !"FILE".Equals((string?)node["type"], StringComparison.OrdinalIgnoreCase))
                Flatten(children, path + "/", sizes);
            else
                sizes[path] = Json.Long(node["size"]);
        }
    }

    private async Task SendAsync(string id, IReadOnlyList<LotFile> files, IReadOnlyList<LotFile> missing, CancellationToken cancellation)
    {
        if (missing.Count < files.Count)
            report.Say($"{files.Count - missing.Count} of {files.Count} files were sent before");
        var digests = new ConcurrentDictionary<string, string>();
        var total = Math.Max(1, missing.Sum(file => file.Length));
        await report.TrackAsync($"sending {missing.Count} files", async meter =>
        {
            var clock = Stopwatch.StartNew();
            long sent = 0;
            var parallel = new ParallelOptions { MaxDegreeOfParallelism = FilesAtOnce, CancellationToken = cancellation };
            await Parallel.ForEachAsync(missing, parallel, async (file, token) =>
                digests[file.Path] = await SendFileAsync(id, file, bytes => Show(meter, Interlocked.Add(ref sent, bytes), total, clock.Elapsed), token));
            return sent;
        });

        var present = files.Except(missing).ToList();
        if (present.Count > 0)
        {
            await report.TrackAsync("hashing files sent before", async meter =>
            {
                var done = 0;
                foreach (var file in present)
                {
                    digests[file.Path] = await file.Md5Async(cancellation);
                    meter.Set((double)++done / present.Count, "");
                }

                return done;
            });
        }

        var lines = Encoding.UTF8.GetBytes(string.Concat(files.Select(file => $"{digests[file.Path]}  {file.Path}\n")));
        await RemoveDigestsAsync(id, cancellation);
        await api.PostContentAsync($"{Root}/{id}/md5", () => new MultipartFile(new MemoryStream(lines), lines.Length, DigestsName), cancellation);
    }

    private async Task RemoveDigestsAsync(string id, CancellationToken cancellation)
    {
        try
        {
            await api.DeleteAsync($"{Root}/{id}/md5?path={DigestsName}", cancellation);
        }
        catch (EntrepotException error) when (error.Status == HttpStatusCode.NotFound)
        {
            // The usual case: no list of digests was sent before.
        }
    }

    private async Task<string> SendFileAsync(string id, LotFile file, Action<long> sent, CancellationToken cancellation)
    {
        MultipartFile? last = null;
        long reported = 0;
        await api.PostContentAsync(
            $"{Root}/{id}/data?path={Uri.EscapeDataString(file.Path)}",
            () =>
            {
                // An attempt that is made again takes back what the one before had counted.
                sent(-reported);
                reported = 0;
                var stream = new FileStream(file.FullPath, FileMode.Open, FileAccess.Read, FileShare.Read, 0, FileOptions.SequentialScan | FileOptions.Asynchronous);
                return last = new MultipartFile(stream, file.Length, Path.GetFileName(file.Path), bytes =>
                {
                    reported += bytes;
                    sent(bytes);
                });
            },
            cancellation);
        return last!.Md5!;
    }

    private static void Show(IMeter meter, long sent, long total, TimeSpan elapsed)
    {
        var rate = sent / Math.Max(0.001, elapsed.TotalSeconds);
        var left = rate > 0 ? TimeSpan.FromSeconds((total - sent) / rate) : TimeSpan.Zero;
        meter.Set((double)sent / total, $"{Figures.Bytes(sent)} of {Figures.Bytes(total)}, {Figures.Bytes(rate)}/s, {Figures.Duration(left)} left");
    }
}
