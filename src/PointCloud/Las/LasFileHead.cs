using System.Buffers.Binary;

namespace Grid.PointCloud.Las;

/// <summary>All of a file but its points: header, records before and behind them.</summary>
/// <param name="Laszip">The content of the record that describes the compression; null when there is none.</param>
internal sealed record LasFileHead(
    LasHeader Header, LasLayout Layout, long FileLength, IReadOnlyList<VariableLengthRecord> Records, IReadOnlyList<ExtendedRecord> ExtendedRecords,
    ReadOnlyMemory<byte>? Laszip, IReadOnlyList<string> Warnings)
{
    /// <summary>Header and records of most files are in the first read.</summary>
    private const int FirstRead = 1 << 16;

    /// <exception cref="CorruptDataException">The header or a record is damaged, or more than the limits allow.</exception>
    public static async Task<LasFileHead> ReadAsync(IByteSource source, PointCloudLimits limits, CancellationToken cancellation)
    {
        var bytes = new byte[Math.Min(source.LengthBytes, FirstRead)];
        var read = await source.ReadAsync(0, bytes, cancellation);
        var (header, layout) = LasHeaderCodec.Read(bytes.AsSpan(0, Math.Min(read, LasHeaderCodec.LongestHeader)), source.LengthBytes);
        if (layout.PointOffset > limits.RecordBytes)
            throw new CorruptDataException($"the records before the points have {layout.PointOffset} bytes: {limits.RecordBytes} are allowed");
        if (layout.PointOffset > read)
        {
            Array.Resize(ref bytes, (int)layout.PointOffset);
            if (await source.ReadAsync(read, bytes.AsMemory(read), cancellation) < bytes.Length - read)
                throw new CorruptDataException("the file ends within the records before the points");
        }

        var warnings = new List<string>();
        var defined = Math.Min(header.DefinedSize, layout.HeaderSize);
        header = header with { UserBytes = bytes[defined..layout.HeaderSize] };
        var records = ReadRecords(bytes.AsMemory(layout.HeaderSize..(int)layout.PointOffset), layout.VlrCount, warnings);
        var extended = await ReadExtendedAsync(source, layout, header, bytes, limits, warnings, cancellation);
        return new LasFileHead(
            header, layout, source.LengthBytes, [.. records.Where(record => !record.IsLaszip)], extended,
            records.FirstOrDefault(record => record.IsLaszip)?.Content, warnings);
    }

    private static List<VariableLengthRecord> ReadRecords(ReadOnlyMemory<byte> bytes, uint count, List<string> warnings)
    {
        if (count * (long)VariableLengthRecord.HeaderBytes > bytes.Length)
            throw new CorruptDataException($"the header announces {count} variable length records: the {bytes.Length} bytes before the points cannot hold so many");
        var records = new List<VariableLengthRecord>((int)count);
        for (var i = 0; i < count; i++)
        {
            var head = bytes.Span;
            var length = head.Length < VariableLengthRecord.HeaderBytes ? 0 : BinaryPrimitives.ReadUInt16LittleEndian(head[20..]);
            if (head.Length < VariableLengthRecord.HeaderBytes + length)
            {
                warnings.Add($"the header announces {count} variable length records, but only {i} are whole");
                break;
            }

            records.Add(new VariableLengthRecord(
                LasHeaderCodec.Text(head.Slice(2, 16)), BinaryPrimitives.ReadUInt16LittleEndian(head[18..]), LasHeaderCodec.Text(head.Slice(22, 32)),
                bytes.Slice(VariableLengthRecord.HeaderBytes, length))
            { Reserved = BinaryPrimitives.ReadUInt16LittleEndian(head) });
            bytes = bytes[(VariableLengthRecord.HeaderBytes + length)..];
        }

        return records;
    }

    private static async Task<List<ExtendedRecord>> ReadExtendedAsync(
        IByteSource source, LasLayout layout, LasHeader header, byte[] bytes, PointCloudLimits limits, List<string> warnings, CancellationToken cancellation)
    {
        var records = new List<ExtendedRecord>();
        if (layout.ExtendedCount * (long)VariableLengthRecord.ExtendedHeaderBytes > limits.RecordBytes)
            throw new CorruptDataException($"the header announces {layout.ExtendedCount} extended records: too many");
        if (layout.ExtendedCount > 0 && layout.ExtendedOffset < layout.PointOffset)
            throw new CorruptDataException($"the extended records begin at byte {layout.ExtendedOffset}, before the points at {layout.PointOffset}");
        var at = layout.ExtendedOffset;
        for (uint i = 0; i < layout.ExtendedCount; i++)
        {
            var record = await ReadExtendedAsync(source, at, cancellation)
                ?? throw new CorruptDataException($"extended record {i} of {layout.ExtendedCount}, at byte {at}, is not whole: the file has {source.LengthBytes} bytes");
            records.Add(record);
            at = record.ContentOffset + record.LengthBytes;
        }

        // LAS 1.3 has one such record, which only this field points to.
        var waves = header.MinorVersion >= 3 && (header.GlobalEncoding & GlobalEncoding.InternalWaveforms) != 0
            ? BinaryPrimitives.ReadInt64LittleEndian(bytes.AsSpan(227))
            : 0;
        if (waves > 0 && records.All(record => record.ContentOffset - VariableLengthRecord.ExtendedHeaderBytes != waves))
        {
            if (waves >= layout.PointOffset && await ReadExtendedAsync(source, waves, cancellation) is { } record)
                records.Add(record);
            else
                warnings.Add($"the waveforms are said to be at byte {waves}, where there is no whole record");
        }

        return records;
    }

    private static async Task<ExtendedRecord?> ReadExtendedAsync(IByteSource source, long at, CancellationToken cancellation)
    {
        var head = new byte[VariableLengthRecord.ExtendedHeaderBytes];
        if (at > source.LengthBytes - head.Length || await source.ReadAsync(at, head, cancellation) < head.Length)
            return null;
        var (length, content) = (BinaryPrimitives.ReadUInt64LittleEndian(head.AsSpan(20)), at + head.Length);
        if (length > (ulong)(source.LengthBytes - content))
            return null;
        return new ExtendedRecord(
            LasHeaderCodec.Text(head.AsSpan(2, 16)), BinaryPrimitives.ReadUInt16LittleEndian(head.AsSpan(18)), LasHeaderCodec.Text(head.AsSpan(28, 32)),
            content, (long)length);
    }
}
