using Grid.Cli.Api;
using Grid.Cli.Lots;
using Grid.Cli.Reports;

namespace Grid.Cli.Demo;

/// <summary>The lot of a demonstration: one of the generated sizes, or a folder of anyone's.</summary>
/// <param name="Name">Short name, part of the layer's.</param>
/// <param name="Folder">Where its files are.</param>
public sealed record DemoLot(string Name, string Folder)
{
    /// <summary>Takes the folder of that path, or makes the generated lot unless an earlier run made it.</summary>
    /// <param name="lot"><c>small</c> (2 × 2 dalles of 2500 pixels), <c>medium</c> (4 × 4 of 5000), or a folder.</param>
    /// <param name="dataFolder">Folder of the server; generated lots lie in <c>lots</c> below it.</param>
    /// <param name="report">Shown the progress.</param>
    /// <param name="cancellation">Ends the making.</param>
    public static async Task<DemoLot> PrepareAsync(string lot, string dataFolder, IReport report, CancellationToken cancellation)
    {
        if (lot is not ("small" or "medium"))
        {
            return Directory.Exists(lot)
                ? new DemoLot(new DirectoryInfo(lot).Name, lot)
                : throw new DeliveryException($"--lot is small, medium or a folder: {lot} is none of them");
        }

        var folder = Path.Combine(dataFolder, "lots", lot);
        if (Directory.Exists(folder))
            return new DemoLot(lot, folder);
        // Made beside and moved, so that a lot is there whole or not at all.
        var making = folder + ".new";
        if (Directory.Exists(making))
            Directory.Delete(making, recursive: true);
        Directory.CreateDirectory(making);
        await report.TrackAsync($"making the {lot} lot", meter => Task.Run(
            () => Generate(lot, making, new MeterProgress(meter), cancellation), cancellation));
        Directory.Move(making, folder);
        return new DemoLot(lot, folder);
    }

    private static IReadOnlyList<string> Generate(string lot, string folder, IProgress<double> progress, CancellationToken cancellation) =>
        lot == "small" ? OrthoLot.GenerateSmall(folder, progress, cancellation) : OrthoLot.GenerateMedium(folder, progress, cancellation);

    private sealed class MeterProgress(IMeter meter) : IProgress<double>
    {
        public void Report(double value) => meter.Set(value, "");
    }
}
