using System.Diagnostics;

namespace Grid.Imaging.Tests;

/// <summary>GDAL's command-line programs, the outside truth on pixels.</summary>
internal static class OutsideTools
{
    public static string Run(string program, params string[] arguments)
    {
        var start = new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true };
        using var process = Process.Start(start) ?? throw new InvalidOperationException(program);
        var error = process.StandardError.ReadToEndAsync();
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return process.ExitCode == 0
            ? output
            : throw new InvalidOperationException($"{program} {string.Join(' ', arguments)} ended with {process.ExitCode}: {error.Result}");
    }

    /// <summary>The samples of a raster as GDAL reads them, <c>[row, col, channel]</c> without padding.</summary>
    public static byte[] Samples(string raster)
    {
        var flat = raster + ".flat";
        Run("gdal_translate", "-q", "-of", "ENVI", "-co", "INTERLEAVE=BIP", raster, flat);
        return File.ReadAllBytes(flat);
    }
}

/// <summary>A folder of its own for a test, removed after it.</summary>
internal sealed class TemporaryFolder : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("grid-imaging-").FullName;

    public string File(string name) => System.IO.Path.Combine(Path, name);

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
