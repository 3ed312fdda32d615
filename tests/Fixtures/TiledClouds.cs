using System.Buffers.Binary;
using System.IO.Compression;
using Grid.PointCloud;
using Grid.PointCloud.Copc;
using Grid.PointCloud.Las;
using Grid.PointCloud.Tiles3D;

namespace Grid.Fixtures;

/// <summary>COPC files for tests, and tilesets made of them in memory.</summary>
public static class TiledClouds
{
    private const int Scale = 100;

    /// <summary>
    /// A hillside in Lambert-93 as COPC of format 7, with a chain of octants that goes down eight levels at one corner, and an octant without points between.
    /// </summary>
    public static async Task<byte[]> HillsideAsync(int pointsPerOctant, int seed, double x = 648000, double y = 6862000)
    {
        var cube = new Cube(new Xyz(x + 512, y + 512, 512), 512);
        var random = new Random(seed);
        var keys = new List<OctantKey> { OctantKey.Root };
        for (var level = 1; level <= 8; level++)
        {
            keys.Add(new(level, 0, 0, 0));
            if (level <= 3)
                keys.AddRange(from i in Enumerable.Range(1, 3) select new OctantKey(level, (1 << level) - i % 2 - 1, (1 << level) - 1, i / 2 % 2));
        }

        keys = [.. keys.Distinct().Where(key => key is not { Level: 4 })];
        var format = PointFormat.Of(7);
        var header = new LasHeader { PointFormat = format, Scale = new Xyz(1.0 / Scale, 1.0 / Scale, 1.0 / Scale), Offset = new Xyz(x, y, 0) };
        var plain = new MemoryStream();
        await using (var writer = await PointCloudWriter.CreateAsync(plain, header, [], new PointCloudWriterOptions { IsCompressed = true, ChunkSize = 0, Threads = 1 }))
        {
            foreach (var key in keys)
            {
                await writer.WriteAsync(Points(cube.BoundsOf(key), header.Offset, format, pointsPerOctant, random));
                await writer.EndChunkAsync();
            }

            await writer.FinishAsync();
        }

        var bytes = plain.ToArray();
        await using var reader = await PointCloudReader.OpenAsync(new StreamByteSource(new MemoryStream(bytes), "plain.laz"));
        var chunks = reader.Chunks.Select((chunk, i) => new CopcChunk(keys[i], (int)chunk.LengthBytes, chunk.Count)).ToList();
        var layout = CopcLayout.Of(reader.Header, cube, 1024 / 128.0, (0, 1), [], chunks);
        return [.. layout.Head, .. reader.Chunks.SelectMany(chunk => bytes[(int)chunk.Offset..(int)(chunk.Offset + chunk.LengthBytes)]), .. layout.Tail];
    }

    /// <summary>The tileset of a COPC file, in parts of a few octants: names and compressed contents.</summary>
    public static async Task<Dictionary<string, byte[]>> TileAsync(CopcReader copc, int octantsPerPart = int.MaxValue, int threads = 2)
    {
        var tiler = await CopcTiler.OpenAsync(copc, Lambert93.Transform);
        var objects = new Dictionary<string, byte[]>();
        var parts = new List<TilePart>();
        for (var first = 0; first < tiler.Count; first += octantsPerPart)
        {
            var part = await tiler.WriteAsync(first, Math.Min(octantsPerPart, tiler.Count - first), Put, threads);
            parts.Add(TilePart.Read(part.Write()));
        }

        foreach (var (name, content) in TilesetDocuments.Write(tiler.Head("EPSG:2154", "a flat geoid"), TilePart.Of(parts)))
            objects.Add(name, content);
        return objects;

        Task Put(string name, ReadOnlyMemory<byte> content, CancellationToken cancellation)
        {
            lock (objects)
                objects.Add(name, content.ToArray());
            return Task.CompletedTask;
        }
    }

    public static Task<TilesetCheck> CheckAsync(IReadOnlyDictionary<string, byte[]> objects) =>
        TilesetCheck.ReadAsync(name => Task.FromResult(name.EndsWith(".glb") ? Decompress(objects[name]) : objects[name]));

    /// <summary>What a compressed object of a tileset holds.</summary>
    public static byte[] Decompress(byte[] content)
    {
        using var gzip = new GZipStream(new MemoryStream(content), CompressionMode.Decompress);
        var plain = new MemoryStream();
        gzip.CopyTo(plain);
        return plain.ToArray();
    }

    private static byte[] Points(Box bounds, Xyz offset, PointFormat format, int count, Random random)
    {
        var records = new byte[count * format.RecordLength];
        var edge = (int)((bounds.Max.X - bounds.Min.X) * Scale);
        for (var i = 0; i < count; i++)
        {
            var record = records.AsSpan(i * format.RecordLength, format.RecordLength);
            BinaryPrimitives.WriteInt32LittleEndian(record, (int)((bounds.Min.X - offset.X) * Scale) + random.Next(edge));
            BinaryPrimitives.WriteInt32LittleEndian(record[4..], (int)((bounds.Min.Y - offset.Y) * Scale) + random.Next(edge));
            BinaryPrimitives.WriteInt32LittleEndian(record[8..], (int)(bounds.Min.Z * Scale) + random.Next(edge));
            BinaryPrimitives.WriteUInt16LittleEndian(record[12..], (ushort)random.Next(3000));
            record[14] = 0x21;
            record[16] = (byte)random.Next(1, 7);
            for (var channel = 0; channel < 3; channel++)
                BinaryPrimitives.WriteUInt16LittleEndian(record[(30 + (2 * channel))..], (ushort)random.Next(65536));
        }

        return records;
    }
}
