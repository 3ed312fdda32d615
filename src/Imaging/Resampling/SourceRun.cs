namespace Grid.Imaging.Resampling;

/// <summary>
/// A run of output pixels on one row, whose places in the source window advance by a constant: 16.16 fixed-point source pixels from the centre of
/// the window's first pixel. The window holds every tap of every pixel of the run.
/// </summary>
internal unsafe struct SourceRun
{
    /// <summary>Half a step of the kernel table, so that places are rounded to the nearest step.</summary>
    public const int HalfStep = 1 << 5;

    public const int One = 1 << 16;

    public byte* Pixels;
    public byte* Mask;

    /// <summary>Pixels per row of the window.</summary>
    public int Width;

    public int Channels;
    public int X;
    public int Y;
    public int DeltaX;
    public int DeltaY;
    public int Count;
}
