using System.Buffers.Binary;

namespace Grid.Cli.Producer;

/// <summary>
/// Reads the EPSG code of a GeoTIFF (OGC 19-008r4 § 7.1.2: GeoKeyDirectoryTag 34735, keys 3072 ProjectedCRSGeoKey and 2048
/// GeodeticCRSGeoKey), classic TIFF and BigTIFF, both byte orders. Only the first directory is looked at.
/// </summary>
public static class GeoTiffCrs
{
    private const ushort GeoKeyDirectory = 34735;
    private const ushort ProjectedCrs = 3072;
    private const ushort GeodeticCrs = 2048;
    private const ushort UserDefined = 32767;

    /// <summary>The CRS as <c>EPSG:code</c>; null when the file is no TIFF, carries no GeoKeys or a CRS of its own definition.</summary>
    public static string? Read(string path)
    {
        try
        {
            using var file = new BinaryFile(path);
            return file.Order is null ? null : Find(file);
        }
        catch (EndOfStreamException)
        {
            return null;
        }
    }

    private static string? Find(BinaryFile file)
    {
        var big = file.UInt16(2) == 43;
        if (!big && file.UInt16(2) != 42)
            return null;
        var directory = big ? file.UInt64(8) : file.UInt32(4);
        var count = big ? file.UInt64(directory) : file.UInt16(directory);
        var entry = directory + (big ? 8 : 2);
        var entryBytes = big ? 20 : 12;
        for (var i = 0L; i < Math.Min(count, 4096); i++, entry += entryBytes)
        {
            if (file.UInt16(entry) != GeoKeyDirectory)
                continue;
            var values = big ? file.UInt64(entry + 4) : file.UInt32(entry + 4);
            var inline = values * 2 <= (big ? 8 : 4);
            var position = inline ? entry + (big ? 12 : 8) : big ? file.UInt64(entry + 12) : file.UInt32(entry + 8);
            return Code(file, position, values);
        }

        return null;
    }

    private static string? Code(BinaryFile file, long position, long values)
    {
        ushort projected = 0, geodetic = 0;
        for (var key = 4L; key + 3 < values; key += 4)
        {
            var at = position + (key * 2);
            // A key whose TIFFTagLocation is 0 holds its value itself.
            if (file.UInt16(at + 2) != 0)
                continue;
            if (file.UInt16(at) == ProjectedCrs)
                projected = file.UInt16(at + 6);
            else if (file.UInt16(at) == GeodeticCrs)
                geodetic = file.UInt16(at + 6);
        }

        var code = projected != 0 ? projected : geodetic;
        return code is 0 or UserDefined ? null : $"EPSG:{code}";
    }

    private sealed class BinaryFile : IDisposable
    {
        private readonly Microsoft.Win32.SafeHandles.SafeFileHandle _handle;
        private readonly bool _littleEndian;

        public BinaryFile(string path)
        {
            _handle = File.OpenHandle(path);
            var mark = Bytes(0, 2);
            Order = mark switch { [(byte)'I', (byte)'I'] => "II", [(byte)'M', (byte)'M'] => "MM", _ => null };
            _littleEndian = Order == "II";
        }

        /// <summary>II, MM, or null for a file that is no TIFF.</summary>
        public string? Order { get; }

        public ushort UInt16(long at) => _littleEndian ? BinaryPrimitives.ReadUInt16LittleEndian(Bytes(at, 2)) : BinaryPrimitives.ReadUInt16BigEndian(Bytes(at, 2));

        public long UInt32(long at) => _littleEndian ? BinaryPrimitives.ReadUInt32LittleEndian(Bytes(at, 4)) : BinaryPrimitives.ReadUInt32BigEndian(Bytes(at, 4));

        public long UInt64(long at)
        {
            var value = _littleEndian ? BinaryPrimitives.ReadInt64LittleEndian(Bytes(at, 8)) : BinaryPrimitives.ReadInt64BigEndian(Bytes(at, 8));
            return value < 0 ? throw new EndOfStreamException() : value;
        }

        public void Dispose() => _handle.Dispose();

        private byte[] Bytes(long at, int count)
        {
            var bytes = new byte[count];
            return at < 0 || RandomAccess.Read(_handle, bytes, at) < count ? throw new EndOfStreamException() : bytes;
        }
    }
}
