using System.Diagnostics;
using Grid.Storage.FileSystem;

[assembly: System.Runtime.Versioning.SupportedOSPlatform("linux")]

namespace Grid.Storage.Tests;

public sealed class FileObjectStoreTests : ObjectStorePromises, IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("grid-store-").FullName;
    private readonly FileObjectStore _store;

    public FileObjectStoreTests() => _store = new FileObjectStore(Path.Combine(_folder, "store"), flushToDisk: false);

    protected override IObjectStore Store => _store;

    public void Dispose()
    {
        _store.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public async Task What_a_crash_left_half_written_is_removed_at_the_next_start_and_what_is_being_written_is_not()
    {
        var dead = Directory.CreateDirectory(Path.Combine(_store.Root, ".partial", "dead")).FullName;
        await File.WriteAllBytesAsync(Path.Combine(dead, "1"), Bytes(100));
        await File.WriteAllTextAsync(Path.Combine(dead, "lock"), "");
        var writing = new TricklingStream(Bytes(2 << 20)) { AfterBytes = (1 << 20, OpenAnother) };
        await _store.PutAsync("being/written", writing);
        Assert.False(Directory.Exists(dead));
        Assert.Equal(Bytes(2 << 20), await ReadWholeAsync("being/written"));

        void OpenAnother()
        {
            using var another = new FileObjectStore(_store.Root);
        }
    }

    [Fact]
    public async Task Unfinished_puts_are_not_listed_and_cannot_be_named()
    {
        await _store.PutAsync("a", Bytes(1));
        var keys = new List<string>();
        await foreach (var info in _store.ListAsync(""))
            keys.Add(info.Key);
        Assert.Equal(["a"], keys);
        await Assert.ThrowsAsync<InvalidObjectKeyException>(() => _store.FindAsync(".partial/x/1"));
        await _store.PutAsync(".partial-is-only-a-beginning", Bytes(1));
    }

    [Fact]
    public async Task A_link_out_of_the_store_is_not_followed()
    {
        var outside = Directory.CreateDirectory(Path.Combine(_folder, "outside")).FullName;
        await File.WriteAllTextAsync(Path.Combine(outside, "secret"), "secret");
        Directory.CreateSymbolicLink(Path.Combine(_store.Root, "out"), outside);
        File.CreateSymbolicLink(Path.Combine(_store.Root, "file"), Path.Combine("..", "outside", "secret"));
        foreach (var key in (string[])["out/secret", "file"])
        {
            await Assert.ThrowsAsync<StorageException>(() => _store.ReadAsync(key, 0, new byte[1]));
            await Assert.ThrowsAsync<StorageException>(() => _store.OpenReadAsync(key));
            await Assert.ThrowsAsync<StorageException>(() => _store.FindAsync(key));
            await Assert.ThrowsAsync<StorageException>(() => _store.PutAsync(key, Bytes(1)));
            await Assert.ThrowsAsync<StorageException>(() => _store.DeleteAsync(key));
            Assert.Throws<StorageException>(() => _store.GdalPath(key));
        }

        await foreach (var info in _store.ListAsync(""))
            Assert.Fail($"{info.Key} was listed");
        Assert.Equal("secret", await File.ReadAllTextAsync(Path.Combine(outside, "secret")));
    }

    [Fact]
    public async Task A_link_that_stays_in_the_store_is_followed()
    {
        await _store.PutAsync("real/object", Bytes(9));
        Directory.CreateSymbolicLink(Path.Combine(_store.Root, "alias"), "real");
        Assert.Equal(Bytes(9), await ReadWholeAsync("alias/object"));
    }

    [Fact]
    public async Task More_objects_than_open_files_are_read_by_many_at_once()
    {
        using var store = new FileObjectStore(Path.Combine(_folder, "few"), flushToDisk: false, openFiles: 3);
        for (var i = 0; i < 20; i++)
            await store.PutAsync($"o/{i}", Bytes(1000 + i));
        await Parallel.ForAsync(0, 2000, async (n, cancellation) =>
        {
            var i = n * 7 % 20;
            var buffer = new byte[2000];
            Assert.Equal(1000 + i, await store.ReadAsync($"o/{i}", 0, buffer, cancellation));
            Assert.Equal(Bytes(1000 + i), buffer[..(1000 + i)]);
        });
        var open = Directory.GetFileSystemEntries("/proc/self/fd").Count(fd => new FileInfo(fd).LinkTarget?.StartsWith(store.Root + "/o/") == true);
        Assert.InRange(open, 0, 3);
    }

    [Fact]
    public async Task An_object_and_a_folder_of_one_name_is_a_clear_error()
    {
        await _store.PutAsync("name/object", Bytes(1));
        var e = await Assert.ThrowsAsync<StorageException>(() => _store.PutAsync("name", Bytes(1)));
        Assert.Contains("\"name\"", e.Message);
        Assert.Null(await _store.FindAsync("name"));
        Assert.Equal(-1, await _store.ReadAsync("name", 0, new byte[1]));
        await Assert.ThrowsAsync<ObjectNotFoundException>(() => _store.OpenReadAsync("name"));
        Assert.Equal(-1, await _store.ReadAsync("name/object/below", 0, new byte[1]));
    }

    [Fact]
    public async Task A_durable_put_gives_the_same_as_a_quick_one()
    {
        using var durable = new FileObjectStore(Path.Combine(_folder, "durable"));
        await durable.PutAsync("a/b/c", Bytes(100));
        await durable.PutAsync("a/b/d", new MemoryStream(Bytes(200)));
        Assert.Equal(100, (await durable.FindAsync("a/b/c"))!.LengthBytes);
        Assert.Equal(200, (await durable.FindAsync("a/b/d"))!.LengthBytes);
    }

    [MountNamespaceFact]
    public async Task A_full_disk_is_told_as_such_and_keeps_the_former_objects()
    {
        // A file system of 1 MiB in a mount namespace of its own, where this assembly's program fills it.
        var start = new ProcessStartInfo("unshare",
        [
            .. MountNamespaceFactAttribute.Options, "sh", "-c", "mount -t tmpfs -o size=1m tmpfs \"$0\" && exec dotnet \"$1\" \"$0\"",
            _folder, typeof(FullDiskProgram).Assembly.Location,
        ])
        { RedirectStandardOutput = true, RedirectStandardError = true };
        using var process = Process.Start(start)!;
        var errors = process.StandardError.ReadToEndAsync();
        var output = await process.StandardOutput.ReadToEndAsync();
        Assert.True(output == "full in memory, full in stream, former object whole, nothing left behind, small put works\n", output + await errors);
    }
}

/// <summary>A fact that mounts a file system in a namespace of its own: skipped where the kernel or a container forbids that.</summary>
public sealed class MountNamespaceFactAttribute : FactAttribute
{
    private static readonly Lazy<bool> Allowed = new(MayMount);

    public MountNamespaceFactAttribute()
    {
        if (!Allowed.Value)
            Skip = "mounting in a namespace is not allowed here";
    }

    /// <summary>The options of unshare(1) for a mount namespace; a user who is not root needs one of users too.</summary>
    public static IReadOnlyList<string> Options { get; } = Environment.IsPrivilegedProcess ? ["-m"] : ["-r", "-m"];

    private static bool MayMount()
    {
        try
        {
            using var process = Process.Start(new ProcessStartInfo("unshare", [.. Options, "mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", "/tmp"])
            { RedirectStandardError = true })!;
            process.StandardError.ReadToEnd();
            process.WaitForExit();
            return process.ExitCode == 0;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return false;
        }
    }
}

/// <summary>The program of <see cref="FileObjectStoreTests.A_full_disk_is_told_as_such_and_keeps_the_former_objects"/>.</summary>
public static class FullDiskProgram
{
    public static async Task<int> Main(string[] arguments)
    {
        using var store = new FileObjectStore(arguments[0]);
        await store.PutAsync("kept", new byte[] { 1, 2, 3 });
        await Fails(() => store.PutAsync("kept", new byte[2 << 20]));
        Console.Write("full in memory, ");
        await Fails(() => store.PutAsync("kept", new TricklingStream(new byte[2 << 20])));
        Console.Write("full in stream, ");
        var kept = new byte[10];
        Console.Write(await store.ReadAsync("kept", 0, kept) == 3 && kept[2] == 3 ? "former object whole, " : "former object LOST, ");
        var left = Directory.GetFiles(arguments[0], "*", SearchOption.AllDirectories).Length;
        Console.Write(left == 2 ? "nothing left behind, " : $"{left} files left, ");
        await store.PutAsync("kept", new byte[1000]);
        Console.Write("small put works\n");
        return 0;

        static async Task Fails(Func<Task> put)
        {
            try
            {
                await put();
                Console.Write("NOT ");
            }
            catch (StorageFullException)
            {
            }
        }
    }
}
