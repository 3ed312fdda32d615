namespace Grid.PointCloud.Laz.Pointwise;

/// <summary>The codecs of a record's items, in order.</summary>
internal static class PointwiseItems
{
    public static PointwiseItem[] Create(LazParameters parameters) => [.. parameters.Items.Select(Create)];

    private static PointwiseItem Create(LazItem item) => (item.Type, item.Version) switch
    {
        (LazItemType.Point10, 1) => new Point10Version1(),
        (LazItemType.Point10, _) => new Point10(),
        (LazItemType.GpsTime11, 1) => new GpsTime11Version1(),
        (LazItemType.GpsTime11, _) => new GpsTime11(),
        (LazItemType.Rgb12, 1) => new Rgb12Version1(),
        (LazItemType.Rgb12, _) => new Rgb12(),
        (LazItemType.WavePacket13, _) => new WavePacket13(),
        (LazItemType.Byte, 1) => new ExtraBytesVersion1(item.Size),
        (LazItemType.Byte, _) => new ExtraBytes(item.Size),
        _ => throw new ArgumentException($"{item.Type} is no item of pointwise chunks"),
    };
}
