namespace Grid.PointCloud;

/// <summary>
/// The attributes of points that a reader is asked for. LAZ of formats 6 to 10 keeps each in a layer of its own, and those not asked for cost nothing: they
/// are zero then. Other files are decoded whole. Scanner channel, returns, x and y are always there.
/// </summary>
[Flags]
public enum PointFields
{
    /// <summary>Scanner channel, return number, number of returns, x and y.</summary>
    Xy = 0,
    Z = 0x1,
    Classification = 0x2,

    /// <summary>Classification flags, scan direction and edge of flight line.</summary>
    Flags = 0x4,
    Intensity = 0x8,
    ScanAngle = 0x10,
    UserData = 0x20,
    PointSource = 0x40,
    GpsTime = 0x80,

    /// <summary>Red, green and blue.</summary>
    Color = 0x100,
    Infrared = 0x200,
    Waveform = 0x400,
    ExtraBytes = 0x800,

    All = 0xFFF,
}
