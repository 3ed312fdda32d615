using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace Grid.Imaging.Tests.Gdal;

/// <summary>
/// A grid of heights as PROJ reads it (its "Geodetic TIFF grids"): one strip of float32, longitude and latitude in degrees, pixels that are points. Without a
/// description of the channel PROJ takes it for an undulation in metres.
/// </summary>
internal static class HeightGridFile
{
    private const ushort Short = 3, Long = 4, Double = 12;

    /// <param name="west">Longitude of the first column's points; <paramref name="north"/> is the latitude of the first row's.</param>
    /// <param name="undulation">By longitude and latitude.</param>
    public static byte[] Of(double west, double north, double step, int width, int height, Func<double, double, double> undulation)
    {
        var values = new float[width * height];
        for (var i = 0; i < values.Length; i++)
            values[i] = (float)undulation(west + (i % width * step), north - (i / width * step));
        (ushort Tag, ushort Type, int Count, byte[] Value)[] entries =
        [
            (256, Long, 1, Longs(width)), (257, Long, 1, Longs(height)), (258, Short, 1, Shorts(32)), (259, Short, 1, Shorts(1)), (262, Short, 1, Shorts(1)),
            (273, Long, 1, Longs(0)), (277, Short, 1, Shorts(1)), (278, Long, 1, Longs(height)), (279, Long, 1, Longs(values.Length * 4)), (339, Short, 1, Shorts(3)),
            (33550, Double, 3, Doubles(step, step, 0)), (33922, Double, 6, Doubles(0, 0, 0, west, north, 0)),
            // A geographic CRS, EPSG:4171, by points.
            (34735, Short, 16, Shorts(1, 1, 0, 3, 1024, 0, 1, 2, 1025, 0, 1, 2, 2048, 0, 1, 4171)),
        ];
        var valuesAt = 8 + 2 + (12 * entries.Length) + 4;
        var pixelsAt = valuesAt + entries.Where(entry => entry.Value.Length > 4).Sum(entry => entry.Value.Length);
        entries[5].Value = Longs(pixelsAt);
        var file = new byte[pixelsAt + (values.Length * 4)];
        "II*\0\b"u8.CopyTo(file);
        BinaryPrimitives.WriteUInt16LittleEndian(file.AsSpan(8), (ushort)entries.Length);
        for (var i = 0; i < entries.Length; i++)
        {
            var (tag, type, count, value) = entries[i];
            var entry = file.AsSpan(10 + (12 * i), 12);
            BinaryPrimitives.WriteUInt16LittleEndian(entry, tag);
            BinaryPrimitives.WriteUInt16LittleEndian(entry[2..], type);
            BinaryPrimitives.WriteInt32LittleEndian(entry[4..], count);
            value.AsSpan(0, Math.Min(4, value.Length)).CopyTo(entry[8..]);
            if (value.Length <= 4)
                continue;
            BinaryPrimitives.WriteInt32LittleEndian(entry[8..], valuesAt);
            value.CopyTo(file, valuesAt);
            valuesAt += value.Length;
        }

        MemoryMarshal.AsBytes(values.AsSpan()).CopyTo(file.AsSpan(pixelsAt));
        return file;
    }

    private static byte[] Shorts(params ReadOnlySpan<ushort> values) => MemoryMarshal.AsBytes(values).ToArray();

    private static byte[] Longs(int value) => BitConverter.GetBytes(value);

    private static byte[] Doubles(params ReadOnlySpan<double> values) => MemoryMarshal.AsBytes(values).ToArray();
}

/// <summary>Where GDAL's PROJ looks for its files: what PROJ_DATA and PROJ_LIB set for a process.</summary>
internal static unsafe partial class GeodeticNative
{
    public static string[] Paths()
    {
        var list = OSRGetPROJSearchPaths();
        var paths = new List<string>();
        for (var i = 0; list != null && list[i] != 0; i++)
            paths.Add(Marshal.PtrToStringUTF8(list[i])!);
        CSLDestroy(list);
        return [.. paths];
    }

    public static void SetPaths(IReadOnlyList<string> paths)
    {
        var list = stackalloc nint[paths.Count + 1];
        for (var i = 0; i < paths.Count; i++)
            list[i] = Marshal.StringToCoTaskMemUTF8(paths[i]);
        list[paths.Count] = 0;
        OSRSetPROJSearchPaths(list);
        for (var i = 0; i < paths.Count; i++)
            Marshal.FreeCoTaskMem(list[i]);
    }

    [LibraryImport("gdal")]
    private static partial nint* OSRGetPROJSearchPaths();

    [LibraryImport("gdal")]
    private static partial void OSRSetPROJSearchPaths(nint* paths);

    [LibraryImport("gdal")]
    private static partial void CSLDestroy(nint* list);
}
