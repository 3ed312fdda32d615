using System.Globalization;
using System.Net;
using System.Text.Json.Nodes;
using Grid.Fixtures;

namespace Grid.EndToEnd.Tests.BadInput;

/// <summary>Disk, database and process fail while work is under way: the work ends as it should, and nothing else is lost.</summary>
public sealed class OutageTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("grid-outage-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task Database_killed_during_a_build_and_serving_delays_and_loses_nothing()
    {
        await using var grid = await RunningGrid.StartAsync();
        using var producer = await Producer.LogInAsync(grid);
        var folder = Directory.CreateDirectory(Path.Combine(_folder, "served")).FullName;
        await new Dalle { Width = 100, Height = 100 }.WriteAsync(folder, "served.tif");
        (await grid.DeliverAsync(folder, "served", "--compression", "png")).Expect();
        using var http = new HttpClient { BaseAddress = grid.Address };
        var tile = (await TileAsync(producer, http, "served"))!;
        var before = await http.GetByteArrayAsync(tile);

        var upload = await producer.DepositAsync("big", "EPSG:2154", await BigAsync());
        Assert.Equal("CLOSED", (await producer.CheckAsync(upload)).Status);
        var execution = await producer.LaunchAsync(upload, "big");
        await Producer.UntilAsync(
            () => producer.GetAsync($"processings/executions/{execution}/progress"), progress => (double)progress["slabs_done"]! > 0, "the first slab");

        // The answers while the database is away: the API's say when to try again, the tiles go on.
        var away = 0;
        for (var round = 0; round < 3; round++)
        {
            await KillDatabaseAsync(grid);
            for (var request = 0; request < 20; request++)
            {
                var answer = await producer.SendAsync(HttpMethod.Get, $"processings/executions/{execution}");
                Assert.True(answer.Status is HttpStatusCode.OK or HttpStatusCode.ServiceUnavailable, $"{answer.Status}: {answer.Body}\n{grid.Log}");
                if (answer.Status == HttpStatusCode.ServiceUnavailable)
                {
                    away++;
                    Assert.NotNull(answer.Headers.RetryAfter);
                    Assert.Equal("database_unavailable", (string?)answer.Body!["error"]);
                }

                Assert.Equal(before, await http.GetByteArrayAsync(tile));
            }
        }

        Assert.True(away > 0, "the database was never seen to be away");
        var ending = await producer.BuildEndedAsync(execution);
        Assert.True(ending.Status == "SUCCESS", $"{ending}\n{grid.Log}");
        var stored = (string)(await producer.GetAsync("stored_data?name=big")).AsArray().Single()!["_id"]!;
        Assert.Equal("GENERATED", (string?)(await producer.GetAsync($"stored_data/{stored}"))["status"]);
    }

    [Fact]
    public async Task Server_killed_while_checks_run_goes_on_with_them()
    {
        await using var grid = await RunningGrid.StartAsync();
        string upload;
        using (var producer = await Producer.LogInAsync(grid))
        {
            var files = new List<string>();
            for (var i = 0; i < 40; i++)
            {
                var west = 700_000 + (60 * i);
                files.Add(await new Dalle { Place = (west, 6_600_060, west + 60, 6_600_000) }.WriteAsync(_folder, $"d{i:00}.tif"));
            }

            upload = await producer.DepositAsync("killed", "EPSG:2154", files);
            Producer.Succeeded(await producer.PostAsync($"uploads/{upload}/close"));
        }

        await grid.KillAsync();
        await grid.StartAgainAsync();
        using var again = await Producer.LogInAsync(grid);
        var ending = await again.ChecksEndedAsync(upload);
        Assert.Equal("CLOSED", ending.Status);
        foreach (var dalle in Enumerable.Range(0, 40).Select(i => $"d{i:00}.tif"))
            Assert.Contains(ending.Log, line => line.Contains($"{dalle}: opened and decoded whole", StringComparison.Ordinal));
        Assert.Equal(2, ending.Log.Count(line => line.Contains("The check passed", StringComparison.Ordinal)));
    }

    [SmallDiskFact]
    public async Task Disk_full_during_a_build_fails_it_with_the_reason_and_nothing_else()
    {
        using var small = new SmallDisk(megabytes: 40);
        var disk = small.Folder;
        await using var grid = await RunningGrid.StartAsync(new Dictionary<string, string> { ["Grid:Storage:Folder"] = Path.Combine(disk, "objects") });
        using var producer = await Producer.LogInAsync(grid);
        var served = Directory.CreateDirectory(Path.Combine(_folder, "served")).FullName;
        await new Dalle { Width = 100, Height = 100 }.WriteAsync(served, "served.tif");
        (await grid.DeliverAsync(served, "served", "--compression", "png")).Expect();
        using var http = new HttpClient { BaseAddress = grid.Address };
        var tile = (await TileAsync(producer, http, "served"))!;
        var before = await http.GetByteArrayAsync(tile);

        var upload = await producer.DepositAsync("full", "EPSG:2154", await NoiseAsync());
        Assert.Equal("CLOSED", (await producer.CheckAsync(upload)).Status);
        var ballast = Path.Combine(disk, "ballast");
        var free = new DriveInfo(disk).AvailableFreeSpace;
        await using (var file = File.Create(ballast))
            await file.WriteAsync(new byte[Math.Max(0, free - (1 << 20))]);

        var raw = new JsonObject { ["tms"] = "PM", ["compression"] = "raw" };
        var ending = await producer.BuildEndedAsync(await producer.LaunchAsync(upload, "full", raw));
        Assert.Equal("FAILURE", ending.Status);
        Assert.Contains("Free some space", ending.Error("The disk is full"));
        Assert.Equal(before, await http.GetByteArrayAsync(tile));
        var refused = await producer.DeliverAsync(await producer.OpenUploadAsync("no room"), "a.bin", new byte[4 << 20]);
        Assert.Equal(HttpStatusCode.InsufficientStorage, refused.Status);
        Assert.Contains("The storage is full", refused.Error);

        // Once there is room the same upload is built, with nothing sent again.
        File.Delete(ballast);
        Assert.Equal("SUCCESS", (await producer.BuildEndedAsync(await producer.LaunchAsync(upload, "full again"))).Status);
    }

    private static async Task KillDatabaseAsync(RunningGrid grid)
    {
        using var http = new HttpClient { BaseAddress = grid.Address };
        await Producer.UntilAsync(async () => (await http.GetAsync("/health/ready")).IsSuccessStatusCode, ready => ready, "the database");
        var postmaster = (await File.ReadAllLinesAsync(Path.Combine(grid.Data, "postgres", "postmaster.pid")))[0];
        (await Programs.RunAsync("kill", ["-KILL", postmaster])).Expect();
    }

    private async Task<string> BigAsync() => await new Dalle { Width = 6000, Height = 6000, Place = (700_000, 6_601_200, 701_200, 6_600_000), Options = ["COMPRESS=DEFLATE"] }
        .WriteAsync(_folder, "big.tif");

    // Noise that no codec makes small.
    private async Task<string> NoiseAsync()
    {
        var path = Path.Combine(_folder, "noise.tif");
        (await Programs.RunAsync(Programs.Python, ["-c",
            "from osgeo import gdal, osr; import sys, numpy\n"
            + "d = gdal.GetDriverByName('GTiff').Create(sys.argv[1], 1500, 1500, 3, gdal.GDT_Byte)\n"
            + "s = osr.SpatialReference(); s.ImportFromEPSG(2154); d.SetProjection(s.ExportToWkt())\n"
            + "d.SetGeoTransform([700000, 0.2, 0, 6600300, 0, -0.2])\n"
            + "r = numpy.random.RandomState(1)\n"
            + "[d.GetRasterBand(i).WriteArray(r.randint(0, 255, (1500, 1500)).astype('u1')) for i in (1, 2, 3)]", path])).Expect();
        return path;
    }

    /// <summary>The address of a tile of a layer's coarsest levels that exists.</summary>
    private static async Task<string?> TileAsync(Producer producer, HttpClient http, string layer)
    {
        for (var level = 0; level < 12; level++)
        {
            // 700000, 6600000 of Lambert-93 is at 3 degrees east, 46.5 north.
            double side = 1 << level;
            int col = (int)((3.0 + 180) / 360 * side), row = (int)((1 - (Math.Asinh(Math.Tan(46.5 * Math.PI / 180)) / Math.PI)) / 2 * side);
            var tile = string.Create(CultureInfo.InvariantCulture, $"/tms/1.0.0/{layer}/{level}/{col}/{row}.png");
            using var answer = await http.GetAsync(tile);
            if (answer.IsSuccessStatusCode)
                return tile;
        }

        return null;
    }
}
