using Grid.Cli.Api;
using Grid.Cli.Lots;
using Grid.Cli.Lots.Lidar;
using Grid.Cli.Reports;

namespace Grid.Cli.Demo;

/// <summary>The lot of a demonstration: one of the generated sizes, or a folder of anyone's.</summary>
/// <param name="Name">Short name, part of the layer's.</param>
/// <param name="Folder">Where its files are.</param>
public sealed record DemoLot(string Name, string Folder)
{
    /// <summary>The same with LiDAR tiles.</summary>
    /// <param name="lot"><c>small</c> (2 × 2 tiles of 200 m), <c>medium</c> (2 × 2 of 1 km), or a folder.</param>
    /// <param name="dataFolder">Folder of the server; generated lots lie in <c>lots</c> below it.</param>
    /// <param name="report">Shown the progress.</param>
    /// <param name="cancellation">Ends the making.</param>
    public static Task<DemoLot> PrepareLidarAsync(string lot, string dataFolder, IReport report, CancellationToken cancellation) => PrepareAsync(
        "--lidar", lot, $"lidar-{lot}", dataFolder, report,
        (folder, progress) => lot == "small" ? LidarLot.GenerateSmallAsync(folder, progress, cancellation) : LidarLot.GenerateMediumAsync(folder, progress, cancellation), cancellation);

    /// <summary>Takes the folder of that path, or makes the generated lot unless an earlier run made it.</summary>
    /// <param name="lot"><c>small</c> (2 × 2 dalles of 2500 pixels), <c>medium</c> (4 × 4 of 5000), or a folder.</param>
    /// <param name="dataFolder">Folder of the server; generated lots lie in <c>lots</c> below it.</param>
    /// <param name="report">Shown the progress.</param>
    /// <param name="cancellation">Ends the making.</param>
    public static Task<DemoLot> PrepareAsync(string lot, string dataFolder, IReport report, CancellationToken cancellation) => PrepareAsync(
        "--lot", lot, lot, dataFolder, report, (folder, progress) => Task.Run(() => Generate(lot, folder, progress, cancellation), cancellation), cancellation);

    private static async Task<DemoLot> PrepareAsync(
        string option, string lot, string name, string dataFolder, IReport report, Func<string, IProgress<double>, Task> generate, CancellationToken cancellation)
    {
        if (lot is not ("small" or "medium"))
        {
            return Directory.Exists(lot)
                ? new DemoLot(new DirectoryInfo(lot).Name, lot)
                : throw new DeliveryException($"{option} is small, medium or a folder: {lot} is none of them");
        }

        var folder = Path.Combine(dataFolder, "lots", name);
        if (Directory.Exists(folder))
            return new DemoLot(name, folder);
        // Made beside and moved, so that a lot is there whole or not at all.
        var making = folder + ".new";
        if (Directory.Exists(making))
            Directory.Delete(making, recursive: true);
        Directory.CreateDirectory(making);
        await report.TrackAsync($"making the {lot} lot", async meter =>
        {
            await generate(making, new MeterProgress(meter));
            return true;
        });
        Directory.Move(making, folder);
        return new DemoLot(name, folder);
    }

    private static IReadOnlyList<string> Generate(string lot, string folder, IProgress<double> progress, CancellationToken cancellation) =>
        lot == "small" ? OrthoLot.GenerateSmall(folder, progress, cancellation) : OrthoLot.GenerateMedium(folder, progress, cancellation);

    private sealed class MeterProgress(IMeter meter) : IProgress<double>
    {
        public void Report(double value) => meter.Set(value, "");
    }
}
