using System.Diagnostics;

namespace Grid.Imaging.Tests.Gdal;

/// <summary>GDAL's own command-line tools: the truth that reads are compared with.</summary>
internal static class GdalTool
{
    /// <summary>Runs a tool to its end and returns what it printed; a failing tool fails the test.</summary>
    internal static string Run(string tool, params string[] arguments)
    {
        var start = new ProcessStartInfo(tool, arguments) { RedirectStandardOutput = true, RedirectStandardError = true };
        using var process = Process.Start(start) ?? throw new InvalidOperationException($"{tool} does not start.");
        var errors = process.StandardError.ReadToEndAsync();
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        Assert.True(process.ExitCode == 0, $"{tool} {string.Join(' ', arguments)}: {errors.Result}");
        return output;
    }

    /// <summary>Where gdaltransform sends a point, x being easting or longitude.</summary>
    internal static (double X, double Y) Transform(string from, string to, double x, double y)
    {
        var coordinates = string.Create(System.Globalization.CultureInfo.InvariantCulture, $"printf '%s %s\n' {x:R} {y:R} | gdaltransform -s_srs {from} -t_srs {to}");
        var answer = Run("sh", "-c", coordinates).Split(' ', StringSplitOptions.RemoveEmptyEntries);
        return (double.Parse(answer[0], System.Globalization.CultureInfo.InvariantCulture), double.Parse(answer[1], System.Globalization.CultureInfo.InvariantCulture));
    }

    /// <summary>All samples of a raster as <c>[row, col, band]</c>, as gdal_translate gives them to an ENVI file.</summary>
    internal static byte[] Samples(string path, params string[] options)
    {
        using var folder = new RasterFolder();
        var raw = folder.File("truth.bin");
        Run("gdal_translate", [.. options, "-q", "-of", "ENVI", "-co", "INTERLEAVE=BIP", path, raw]);
        return File.ReadAllBytes(raw);
    }
}

/// <summary>A folder of this test's own, deleted after it.</summary>
internal sealed class RasterFolder : IDisposable
{
    internal string Root { get; } = Directory.CreateTempSubdirectory("grid-imaging-").FullName;

    internal string File(string name) => Path.Combine(Root, name);

    public void Dispose() => Directory.Delete(Root, recursive: true);
}
