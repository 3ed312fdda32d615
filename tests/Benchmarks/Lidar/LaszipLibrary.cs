using System.Diagnostics;
using System.Runtime.InteropServices;

namespace Grid.Benchmarks.Lidar;

/// <summary>LASzip's own library, where it is installed: its C interface (laszip_api.h), one point a call, as its users use it.</summary>
internal static partial class LaszipLibrary
{
    private const string Library = "laszip";

    static LaszipLibrary() => NativeLibrary.SetDllImportResolver(typeof(LaszipLibrary).Assembly, (name, _, _) =>
        name == Library && TryLoad(out var handle) ? handle : 0);

    public static bool IsInstalled => TryLoad(out _);

    /// <summary>Seconds of decoding a file.</summary>
    public static double Decode(string file) => Read(file, null);

    /// <summary>Seconds of writing the points of an uncompressed file, without those of reading it.</summary>
    public static double Encode(string uncompressed, string output) => Read(uncompressed, output) - Read(uncompressed, null);

    private static double Read(string input, string? output)
    {
        var watch = Stopwatch.StartNew();
        Check(Create(out var reader));
        Check(OpenReader(reader, input, out _));
        nint writer = 0;
        Check(GetPoint(reader, out var point));
        if (output is not null)
        {
            Check(Create(out writer));
            Check(GetHeader(reader, out var header));
            Check(SetHeader(writer, header));
            Check(OpenWriter(writer, output, 1));
        }

        // It says when there are no more points.
        while (ReadPoint(reader) == 0)
        {
            if (writer == 0)
                continue;
            Check(SetPoint(writer, point));
            Check(WritePoint(writer));
        }

        if (writer != 0)
        {
            Check(CloseWriter(writer));
            Check(Destroy(writer));
        }

        Check(CloseReader(reader));
        Check(Destroy(reader));
        return watch.Elapsed.TotalSeconds;
    }

    private static bool TryLoad(out nint handle)
    {
        foreach (var name in new[] { Environment.GetEnvironmentVariable("LASZIP_LIBRARY"), "liblaszip.so.8", "liblaszip.so", "liblaszip.dylib", "laszip3.dll" })
        {
            if (name is not null && NativeLibrary.TryLoad(name, out handle))
                return true;
        }

        handle = 0;
        return false;
    }

    private static void Check(int result)
    {
        if (result != 0)
            throw new InvalidOperationException($"LASzip's library answered {result}");
    }

    [LibraryImport(Library, EntryPoint = "laszip_create")]
    private static partial int Create(out nint handle);

    [LibraryImport(Library, EntryPoint = "laszip_destroy")]
    private static partial int Destroy(nint handle);

    [LibraryImport(Library, EntryPoint = "laszip_open_reader", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int OpenReader(nint handle, string file, out int isCompressed);

    [LibraryImport(Library, EntryPoint = "laszip_close_reader")]
    private static partial int CloseReader(nint handle);

    [LibraryImport(Library, EntryPoint = "laszip_get_header_pointer")]
    private static partial int GetHeader(nint handle, out nint header);

    [LibraryImport(Library, EntryPoint = "laszip_get_point_pointer")]
    private static partial int GetPoint(nint handle, out nint point);

    [LibraryImport(Library, EntryPoint = "laszip_read_point")]
    private static partial int ReadPoint(nint handle);

    [LibraryImport(Library, EntryPoint = "laszip_set_header")]
    private static partial int SetHeader(nint handle, nint header);

    [LibraryImport(Library, EntryPoint = "laszip_open_writer", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int OpenWriter(nint handle, string file, int compress);

    [LibraryImport(Library, EntryPoint = "laszip_set_point")]
    private static partial int SetPoint(nint handle, nint point);

    [LibraryImport(Library, EntryPoint = "laszip_write_point")]
    private static partial int WritePoint(nint handle);

    [LibraryImport(Library, EntryPoint = "laszip_close_writer")]
    private static partial int CloseWriter(nint handle);
}
