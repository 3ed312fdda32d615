namespace Grid.PointCloud.Tiles3D;

/// <summary>
/// Colours as glTF wants them: linear, 16 bits a channel (glTF 2.0, § 3.7.2.1), from sRGB as cameras give them. LAS asks for 16 bits a channel too, but many
/// writers leave 8-bit values in them.
/// </summary>
internal static class LinearColors
{
    private static readonly ushort[] From8 = Table(256);
    private static readonly ushort[] From16 = Table(65536);

    /// <summary>The table of linear values by the channel's value in the file.</summary>
    /// <param name="eightBits">The file's channels have 8 bits.</param>
    public static ushort[] Of(bool eightBits) => eightBits ? From8 : From16;

    private static ushort[] Table(int values)
    {
        var table = new ushort[values];
        for (var i = 0; i < values; i++)
        {
            // IEC 61966-2-1, § 5.2.
            var encoded = i / (values - 1.0);
            var linear = encoded <= 0.04045 ? encoded / 12.92 : Math.Pow((encoded + 0.055) / 1.055, 2.4);
            table[i] = (ushort)Math.Round(linear * ushort.MaxValue);
        }

        return table;
    }
}
