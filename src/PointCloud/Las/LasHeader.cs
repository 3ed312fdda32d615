namespace Grid.PointCloud.Las;

/// <summary>Bits of the global encoding (LAS 1.4 R15, table 4).</summary>
[Flags]
public enum GlobalEncoding : ushort
{
    None = 0,

    /// <summary>GPS times are adjusted standard time, seconds minus 10⁹; otherwise seconds of the week.</summary>
    StandardGpsTime = 1,
    InternalWaveforms = 2,
    ExternalWaveforms = 4,
    SyntheticReturns = 8,

    /// <summary>The CRS is in a WKT record; otherwise in GeoTIFF keys. Formats 6 to 10 require it.</summary>
    Wkt = 16,

    /// <summary>GPS times are shifted by <see cref="LasHeader.TimeOffset"/> (LAS 1.5).</summary>
    TimeOffset = 64,
}

/// <summary>Three numbers of x, y and z, in the order of the file's CRS, easting first.</summary>
public readonly record struct Xyz(double X, double Y, double Z);

/// <summary>
/// What a LAS or LAZ file says of itself (public header block, LAS 1.0 to 1.5). A coordinate is its integer × <see cref="Scale"/> + <see cref="Offset"/>.
/// Where things lie in the file is not here: readers and writers see to that.
/// </summary>
public sealed record LasHeader
{
    /// <summary>Minor version, 0 to 5; the major one is 1.</summary>
    public int MinorVersion { get; init; } = 4;

    public ushort FileSourceId { get; init; }

    public GlobalEncoding GlobalEncoding { get; init; }

    public Guid ProjectId { get; init; }

    /// <summary>Up to 32 characters.</summary>
    public string SystemIdentifier { get; init; } = "";

    /// <summary>Up to 32 characters.</summary>
    public string GeneratingSoftware { get; init; } = "";

    /// <summary>Day of the year, from 1.</summary>
    public int CreationDay { get; init; }

    public int CreationYear { get; init; }

    public required PointFormat PointFormat { get; init; }

    public ulong PointCount { get; init; }

    /// <summary>Points of return 1 to 15; of 1 to 5 in LAS 1.0 to 1.3.</summary>
    public IReadOnlyList<ulong> PointsByReturn { get; init; } = new ulong[15];

    public required Xyz Scale { get; init; }

    public Xyz Offset { get; init; }

    public Xyz Min { get; init; }

    public Xyz Max { get; init; }

    /// <summary>Greatest and least GPS time, and the shift of all (LAS 1.5 only).</summary>
    public (double Max, double Min, ushort Offset) TimeOffset { get; init; }

    /// <summary>Bytes between the header that the version defines and the first VLR's, as they are.</summary>
    public ReadOnlyMemory<byte> UserBytes { get; init; }

    /// <summary>Bytes of the version's header.</summary>
    internal int DefinedSize => SizeOf(MinorVersion);

    internal static int SizeOf(int minorVersion) => minorVersion switch { < 3 => 227, 3 => 235, 4 => 375, _ => 393 };
}
