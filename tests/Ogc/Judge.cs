using System.Diagnostics;
using Grid.Fixtures;

namespace Grid.Ogc.Tests;

/// <summary>Runs the programs that judge documents from outside: xmllint, GDAL, OWSLib.</summary>
internal static class Judge
{
    /// <summary>Runs a program to its end; fails the test with its output when it exits with another code than 0.</summary>
    public static async Task<string> RunAsync(string program, params string[] arguments)
    {
        var start = new ProcessStartInfo(program) { RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment["GDAL_HTTP_TIMEOUT"] = "1";
        foreach (var argument in arguments)
            start.ArgumentList.Add(argument);
        using var process = Process.Start(start)!;
        var errors = process.StandardError.ReadToEndAsync();
        var output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        var all = output + await errors;
        Assert.True(process.ExitCode == 0, $"{program} {string.Join(' ', arguments)}\n{all}");
        return all;
    }

    /// <summary>Validates a document against an OGC schema, named by its path under <c>schemas.opengis.net</c>.</summary>
    public static async Task ValidateAsync(byte[] document, string schema)
    {
        using var folder = new TemporaryFolder();
        var file = folder.Write("document.xml", document);
        await RunAsync("xmllint", "--nonet", "--noout", "--schema", OgcSchemas.Copy(schema, folder.Path), file);
    }
}

internal sealed class TemporaryFolder : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("grid-ogc-").FullName;

    public string Write(string name, byte[] content)
    {
        var file = System.IO.Path.Combine(Path, name);
        File.WriteAllBytes(file, content);
        return file;
    }

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
