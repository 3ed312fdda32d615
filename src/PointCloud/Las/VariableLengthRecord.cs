using System.Buffers.Binary;

namespace Grid.PointCloud.Las;

/// <summary>A variable length record with its content.</summary>
/// <param name="UserId">Who defines the record, up to 16 characters.</param>
/// <param name="RecordId">Which of the user's records it is.</param>
/// <param name="Description">Up to 32 characters.</param>
public sealed record VariableLengthRecord(string UserId, ushort RecordId, string Description, ReadOnlyMemory<byte> Content)
{
    internal const int HeaderBytes = 54;

    internal const int ExtendedHeaderBytes = 60;

    /// <summary>The record's own header field, 0 but in LAS 1.0 (0xAABB) and in files of careless writers.</summary>
    public ushort Reserved { get; init; }

    /// <summary>True of the record that describes LAZ compression, which readers and writers see to by themselves.</summary>
    internal bool IsLaszip => UserId == "laszip encoded" && RecordId == 22204;

    /// <summary>Bytes of header and content.</summary>
    internal int TotalBytes => HeaderBytes + Content.Length;

    /// <summary>Writes header and content.</summary>
    internal void WriteTo(MemoryStream output)
    {
        Span<byte> head = stackalloc byte[HeaderBytes];
        head.Clear();
        LasHeaderCodec.PutText(head.Slice(2, 16), UserId);
        BinaryPrimitives.WriteUInt16LittleEndian(head[18..], RecordId);
        BinaryPrimitives.WriteUInt16LittleEndian(head[20..], (ushort)Content.Length);
        LasHeaderCodec.PutText(head.Slice(22, 32), Description);
        output.Write(head);
        output.Write(Content.Span);
    }
}

/// <summary>An extended record, behind the points: its content may be large and is read when asked for.</summary>
/// <param name="ContentOffset">Of the first byte of content, from the file's start.</param>
public sealed record ExtendedRecord(string UserId, ushort RecordId, string Description, long ContentOffset, long LengthBytes);
