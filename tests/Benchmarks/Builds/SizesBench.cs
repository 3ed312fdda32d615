using System.Buffers.Binary;
using System.Diagnostics;
using System.Text.Json.Nodes;
using Grid.Cli.Api;
using Grid.Cli.Demo;
using Grid.Cli.Lots;
using Grid.Cli.Producer;

namespace Grid.Benchmarks.Builds;

/// <summary>
/// Builds pyramids of lots of several sizes through the whole platform, each size on a server of its own that has built the smallest once, and compares what
/// they take a pixel: time from start to end, and processor time of the server for the whole delivery, from the files' arrival to the publication.
/// Lots are squares of dalles of 25 Mpix without nodata: four pictures, again and again. They are deleted after.
/// </summary>
internal static class SizesBench
{
    private const int Side = 5000;
    private const double PixelMeters = 0.2;
    private const double MegapixelsOfDalle = Side * (double)Side / 1e6;

    /// <summary>Small lots are built three times, and the middle one counts: a second's build is told from its neighbour's by noise alone.</summary>
    private const double RepeatedMegapixels = 500;

    /// <param name="sizes">Megapixels; each becomes the square of dalles nearest to it.</param>
    public static async Task<int> RunAsync(BenchOptions options, IReadOnlyList<int> sizes)
    {
        var sides = sizes.Select(size => Math.Max(1, (int)Math.Round(Math.Sqrt(size / MegapixelsOfDalle)))).Distinct().Order().ToList();
        var pictures = Pictures(options);
        var results = new JsonArray();
        var rates = new List<double>();
        var costs = new List<double>();
        foreach (var side in sides)
        {
            var lot = Path.Combine(options.Data, "lots", $"size-{side}");
            var work = Path.Combine(options.Data, "sizes");
            try
            {
                Lay(pictures, side, lot);
                Lay(pictures, sides[0], lot + "-first");
                var (first, builds, peak) = await BuildAsync(options, work, lot, side);
                var build = builds.Select(one => one.Build).OrderBy(one => one.Seconds).ElementAt(builds.Count / 2);
                var cost = builds.Select(one => one.CpuSeconds).Order().ElementAt(builds.Count / 2) / (build.Pixels / 1e6);
                rates.Add(build.MegapixelsPerSecond);
                costs.Add(cost);
                var line = new JsonObject
                {
                    ["input_mpix"] = build.Pixels / 1e6, ["seconds"] = Math.Round(build.Seconds, 2), ["mpix_per_s"] = build.MegapixelsPerSecond,
                    ["cpu_ms_per_mpix"] = Math.Round(cost * 1e3, 2), ["peak_mib"] = Math.Round(peak), ["smallest_as_first_mpix_per_s"] = first.MegapixelsPerSecond,
                };
                Console.Error.WriteLine(line.ToJsonString());
                results.Add(line);
            }
            finally
            {
                foreach (var folder in new[] { lot, lot + "-first", work }.Where(Directory.Exists))
                    Directory.Delete(folder, recursive: true);
            }
        }

        Console.WriteLine(new JsonObject
        {
            ["bench"] = "raster sizes",
            ["sizes"] = results,
            ["ratios"] = new JsonObject
            {
                ["slowest_to_fastest"] = Math.Round(rates.Min() / rates.Max(), 3), ["cheapest_to_dearest_cpu"] = Math.Round(costs.Min() / costs.Max(), 3),
            },
        }.ToJsonString());
        return 0;
    }

    private static async Task<(DeliveredBuild First, List<(DeliveredBuild Build, double CpuSeconds)> Builds, double PeakMebibytes)> BuildAsync(
        BenchOptions options, string work, string lot, int side)
    {
        if (Directory.Exists(work))
            Directory.Delete(work, recursive: true);
        await using var server = await ServerProcess.StartAsync(options.Server, FreePort.Next(), work, CancellationToken.None);
        using var api = new EntrepotClient(server.Address, Credentials.Read(Path.Combine(work, "secrets.json")));
        var first = await DeliveredBuild.RunAsync(api, new DeliveryOptions { Folder = lot + "-first", Name = "first" });
        await using var memory = new MemoryWatch(server.Id, work);
        var builds = new List<(DeliveredBuild, double)>();
        for (var i = 0; i < (side * side * MegapixelsOfDalle <= RepeatedMegapixels ? 3 : 1); i++)
        {
            var before = CpuSeconds(server);
            var build = await DeliveredBuild.RunAsync(api, new DeliveryOptions { Folder = lot, Name = $"lot {i}" });
            builds.Add((build, CpuSeconds(server) - before));
        }

        return (first, builds, memory.PeakMebibytes);
    }

    private static double CpuSeconds(ServerProcess server)
    {
        using var process = Process.GetProcessById(server.Id);
        return process.TotalProcessorTime.TotalSeconds;
    }

    // The middle of a lot, where its outline leaves no pixel out.
    private static List<string> Pictures(BenchOptions options)
    {
        var folder = Path.Combine(options.Data, "lots", "medium");
        if (!Directory.Exists(folder))
            OrthoLot.GenerateMedium(folder);
        var dalles = Directory.EnumerateFiles(folder, "*.tif").Order(StringComparer.Ordinal).ToList();
        return [dalles[5], dalles[6], dalles[9], dalles[10]];
    }

    private static void Lay(List<string> pictures, int side, string folder)
    {
        Directory.CreateDirectory(folder);
        for (var i = 0; i < side * side; i++)
        {
            int col = i % side, row = i / side;
            var path = Path.Combine(folder, $"{row:00}-{col:00}.tif");
            File.Copy(pictures[(col % 2) + (row % 2 * 2)], path, overwrite: true);
            Place(path, 600_000 + (col * Side * PixelMeters), 6_900_000 - (row * Side * PixelMeters));
        }
    }

    /// <summary>Writes another place into a classic little-endian GeoTIFF (OGC 19-008r4, ModelTiepointTag).</summary>
    private static void Place(string path, double west, double north)
    {
        const int ModelTiepoint = 33922;
        using var file = File.Open(path, FileMode.Open, FileAccess.ReadWrite);
        var head = new byte[1 << 16];
        var read = file.ReadAtLeast(head, head.Length, throwOnEndOfStream: false);
        for (var entry = (int)BinaryPrimitives.ReadUInt32LittleEndian(head.AsSpan(4)) + 2; entry < read - 12; entry += 12)
        {
            if (BinaryPrimitives.ReadUInt16LittleEndian(head.AsSpan(entry)) != ModelTiepoint)
                continue;
            var place = new byte[16];
            BinaryPrimitives.WriteDoubleLittleEndian(place, west);
            BinaryPrimitives.WriteDoubleLittleEndian(place.AsSpan(8), north);
            file.Position = BinaryPrimitives.ReadUInt32LittleEndian(head.AsSpan(entry + 8)) + 24;
            file.Write(place);
            return;
        }

        throw new InvalidOperationException($"{path} has no tie point.");
    }
}
