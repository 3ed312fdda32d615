using System.Text.Json.Nodes;
using Grid.Benchmarks.Builds;
using Grid.Cli.Api;
using Grid.Cli.Demo;
using Grid.Cli.Lots;
using Grid.Cli.Producer;

namespace Grid.Benchmarks;

/// <summary>
/// Builds the pyramid of a lot of about a hundred dalles through the whole platform, then delivers one of them anew and updates the pyramid with it: 1 % of the
/// dalles replaced, three times. Times are those of the builds, from start to end as the server tells them; the ratio is that of the median update.
/// </summary>
internal static class UpdateBench
{
    // The generated lot has an outline as real ones have, which leaves about a hundred dalles of these.
    private const int Side = 11;
    private const int Samples = 3;
    private const int Updates = 3;

    public static async Task<int> RunAsync(BenchOptions options, int sizePixels)
    {
        var lot = Path.Combine(options.Data, "lots", $"hundred-{sizePixels}");
        var replaced = lot + "-replaced";
        if (!Directory.Exists(replaced))
        {
            Console.Error.WriteLine($"making a lot in {Side} × {Side} dalles of {sizePixels} pixels");
            var dalles = OrthoLot.Generate(lot, Side, Side, sizePixels, 0.2);
            Directory.CreateDirectory(replaced);
            Negative(dalles[dalles.Count / 2], replaced, sizePixels);
        }

        var work = Path.Combine(options.Data, "update");
        if (Directory.Exists(work))
            Directory.Delete(work, recursive: true);
        await using var server = await ServerProcess.StartAsync(options.Server, FreePort.Next(), work, CancellationToken.None);
        using var api = new EntrepotClient(server.Address, Credentials.Read(Path.Combine(work, "secrets.json")));
        var full = await DeliveredBuild.RunAsync(api, new DeliveryOptions { Folder = lot, Name = "hundred" });
        var updates = new List<DeliveredBuild>();
        for (var i = 1; i <= Updates; i++)
            updates.Add(await DeliveredBuild.RunAsync(api, new DeliveryOptions { Folder = replaced, Name = $"replaced {i}", Update = "hundred" }));
        var update = updates.OrderBy(one => one.Seconds).ElementAt(Updates / 2);
        var ratio = Math.Round(update.Seconds / full.Seconds, 4);
        Console.WriteLine(new JsonObject
        {
            ["bench"] = "update",
            ["input_mpix"] = full.Pixels / 1e6,
            ["replaced_mpix"] = update.Pixels / 1e6,
            ["ours"] = new JsonObject
            {
                ["full_seconds"] = full.Seconds, ["update_seconds"] = update.Seconds, ["first_update_seconds"] = updates[0].Seconds, ["full_slabs"] = full.Slabs, ["update_slabs"] = update.Slabs,
                ["slabs_taken_over"] = update.TakenOver,
            },
            ["ratios"] = new JsonObject { ["update_to_full"] = ratio },
        }.ToJsonString());
        return 0;
    }

    // The last samples of the file, which is plain: header, then rows.
    private static void Negative(string dalle, string folder, int size)
    {
        var bytes = File.ReadAllBytes(dalle);
        for (var at = bytes.Length - (size * size * Samples); at < bytes.Length; at++)
            bytes[at] = (byte)~bytes[at];
        File.WriteAllBytes(Path.Combine(folder, Path.GetFileName(dalle)), bytes);
    }
}
