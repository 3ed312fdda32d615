using System.Diagnostics;
using Grid.Fixtures;

namespace Grid.EndToEnd.Tests.BadInput;

/// <summary>A file system of a few megabytes in memory, which can really be full. Only root may mount one.</summary>
internal sealed class SmallDisk : IDisposable
{
    public SmallDisk(int megabytes)
    {
        Folder = Directory.CreateTempSubdirectory("grid-disk-").FullName;
        if (!Mounts("mount", "-t", "tmpfs", "-o", $"size={megabytes}m", "tmpfs", Folder))
            throw new InvalidOperationException($"No file system could be mounted on {Folder}.");
    }

    public string Folder { get; }

    /// <summary>Null when such a disk can be had, else why not.</summary>
    public static string? Problem { get; } = Probe();

    public void Dispose()
    {
        Mounts("umount", "-l", Folder);
        Directory.Delete(Folder);
    }

    private static string? Probe()
    {
        if (!Environment.IsPrivilegedProcess || !Programs.IsInstalled("mount"))
            return "only root can mount the small file system that this needs";
        try
        {
            new SmallDisk(1).Dispose();
            return null;
        }
        catch (InvalidOperationException refused)
        {
            return refused.Message;
        }
    }

    private static bool Mounts(string program, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardError = true })!;
        process.StandardError.ReadToEnd();
        process.WaitForExit();
        return process.ExitCode == 0;
    }
}

/// <summary>A fact about a full disk; skipped, with the reason, where none can be had.</summary>
public sealed class SmallDiskFactAttribute : FactAttribute
{
    public SmallDiskFactAttribute() => Skip = SmallDisk.Problem;
}
