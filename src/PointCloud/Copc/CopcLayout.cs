using System.Buffers.Binary;
using Grid.PointCloud.Las;
using Grid.PointCloud.Laz;

namespace Grid.PointCloud.Copc;

/// <summary>An octant's chunk, encoded already, in the order in which chunks stand in a file.</summary>
public readonly record struct CopcChunk(OctantKey Key, int LengthBytes, int PointCount);

/// <summary>
/// All of a COPC 1.0 file but its chunks, which follow <see cref="Head"/> and are followed by <see cref="Tail"/>: since their sizes are known beforehand, the
/// file is written as one stream, whatever it is written to.
/// </summary>
/// <param name="Head">Header, records, and the place of the chunk table.</param>
/// <param name="Tail">Chunk table and hierarchy.</param>
/// <param name="Nodes">The octants with points, in the order of the chunks.</param>
public sealed record CopcLayout(byte[] Head, byte[] Tail, IReadOnlyList<CopcNode> Nodes, long LengthBytes)
{
    private const int MostRecordBytes = ushort.MaxValue;

    /// <summary>Arranges a file.</summary>
    /// <param name="header">With the counts and bounds of all points, of format 6, 7 or 8.</param>
    /// <param name="records">The records that follow the COPC info; the one of LAZ is added.</param>
    /// <param name="chunks">In the order of the file, each octant once.</param>
    /// <param name="gpsTimes">Least and greatest.</param>
    /// <exception cref="ArgumentException">The format is none of COPC's, a record is too long, or the chunks do not have the header's points.</exception>
    public static CopcLayout Of(
        LasHeader header, Cube cube, double spacing, (double Min, double Max) gpsTimes, IReadOnlyList<VariableLengthRecord> records,
        IReadOnlyList<CopcChunk> chunks)
    {
        if (header.PointFormat.Number is < 6 or > 8)
            throw new ArgumentException($"COPC has point formats 6, 7 and 8, not {header.PointFormat.Number}");
        if (records.FirstOrDefault(record => record.Content.Length > MostRecordBytes) is { } tooLong)
            throw new ArgumentException($"record {tooLong.UserId}/{tooLong.RecordId} has {tooLong.Content.Length} bytes: {MostRecordBytes} fit");
        if (chunks.Sum(chunk => (long)chunk.PointCount) != (long)header.PointCount)
            throw new ArgumentException($"the chunks have {chunks.Sum(chunk => (long)chunk.PointCount)} points, the header announces {header.PointCount}");

        header = header with { MinorVersion = 4, GlobalEncoding = header.GlobalEncoding | GlobalEncoding.Wkt, UserBytes = default };
        var laszip = LazParameters.Of(header.PointFormat, LazParameters.Variable, header.MinorVersion).Write();
        VariableLengthRecord[] following = [new("laszip encoded", 22204, "laszip encoded by Grid", laszip), .. records];
        var pointOffset = header.DefinedSize + VariableLengthRecord.HeaderBytes + CopcInfo.ContentBytes + following.Sum(record => record.TotalBytes);
        var offset = pointOffset + (long)sizeof(long);
        var nodes = new CopcNode[chunks.Count];
        for (var i = 0; i < nodes.Length; i++)
        {
            nodes[i] = new CopcNode(chunks[i].Key, offset, chunks[i].LengthBytes, chunks[i].PointCount);
            offset += chunks[i].LengthBytes;
        }

        var table = ChunkTable.Write([.. chunks.Select(chunk => new ChunkEntry((uint)chunk.PointCount, (uint)chunk.LengthBytes))], hasPoints: true);
        var hierarchyOffset = offset + table.Length + VariableLengthRecord.ExtendedHeaderBytes;
        var (hierarchy, rootBytes) = CopcHierarchy.Write(nodes, hierarchyOffset);

        var info = new CopcInfo(cube, spacing, new CopcPage(OctantKey.Root, hierarchyOffset, rootBytes), gpsTimes.Min, gpsTimes.Max);
        var layout = new LasLayout(
            header.DefinedSize, pointOffset, (uint)(1 + following.Length), hierarchyOffset - VariableLengthRecord.ExtendedHeaderBytes, 1, IsCompressed: true);
        var head = new MemoryStream();
        head.Write(LasHeaderCodec.Write(header, layout, waveformOffset: 0));
        foreach (var record in following.Prepend(new(CopcInfo.UserId, CopcInfo.InfoRecord, "COPC info VLR", info.Write())))
            record.WriteTo(head);
        Span<byte> place = stackalloc byte[sizeof(long)];
        BinaryPrimitives.WriteInt64LittleEndian(place, offset);
        head.Write(place);

        var tail = new byte[table.Length + VariableLengthRecord.ExtendedHeaderBytes + hierarchy.Length];
        table.CopyTo(tail, 0);
        var extended = tail.AsSpan(table.Length);
        LasHeaderCodec.PutText(extended.Slice(2, 16), CopcInfo.UserId);
        BinaryPrimitives.WriteUInt16LittleEndian(extended[18..], CopcInfo.HierarchyRecord);
        BinaryPrimitives.WriteInt64LittleEndian(extended[20..], hierarchy.Length);
        LasHeaderCodec.PutText(extended.Slice(28, 32), "EPT Hierarchy");
        hierarchy.CopyTo(extended[VariableLengthRecord.ExtendedHeaderBytes..]);
        return new CopcLayout(head.ToArray(), tail, nodes, offset + tail.Length);
    }
}
