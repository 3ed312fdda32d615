namespace Grid.Imaging;

/// <summary>The type of one sample, as pyramids store it (ROK4 writes these two).</summary>
public enum SampleType
{
    UInt8,
    Float32,
}

/// <summary>What one pixel is: <paramref name="Channels"/> samples (1 to 4), interleaved.</summary>
public readonly record struct PixelFormat(SampleType Sample, int Channels)
{
    public int BytesPerSample => Sample == SampleType.UInt8 ? 1 : 4;

    public int BytesPerPixel => BytesPerSample * Channels;
}
