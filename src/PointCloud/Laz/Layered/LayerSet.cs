using Grid.PointCloud.Laz.Coding;

namespace Grid.PointCloud.Laz.Layered;

/// <summary>The layers of a record's items, in the order of the file, and the attribute that each holds.</summary>
internal static class LayerSet
{
    public static (Layer Layer, PointFields Field)[] Create(LazParameters parameters)
    {
        var layers = new List<(Layer, PointFields)>();
        var offset = 0;
        foreach (var item in parameters.Items)
        {
            switch (item.Type)
            {
                case LazItemType.Point14:
                    layers.Add((new ReturnsAndXyLayer(), PointFields.Xy));
                    layers.Add((new PredictedNumberLayer<Height>(), PointFields.Z));
                    layers.Add((new SymbolLayer<PointClass>(), PointFields.Classification));
                    layers.Add((new SymbolLayer<PointFlags>(), PointFields.Flags));
                    layers.Add((new PredictedNumberLayer<Intensity>(), PointFields.Intensity));
                    layers.Add((new ChangingNumberLayer<ScanAngle>(), PointFields.ScanAngle));
                    layers.Add((new SymbolLayer<UserData>(), PointFields.UserData));
                    layers.Add((new ChangingNumberLayer<PointSource>(), PointFields.PointSource));
                    layers.Add((new TimeLayer(), PointFields.GpsTime));
                    break;
                case LazItemType.Rgb14:
                    layers.Add((new ColorLayer(offset), PointFields.Color));
                    break;
                case LazItemType.RgbNir14:
                    layers.Add((new ColorLayer(offset), PointFields.Color));
                    layers.Add((new InfraredLayer(offset + 6), PointFields.Infrared));
                    break;
                case LazItemType.WavePacket14:
                    layers.Add((new WaveLayer(offset), PointFields.Waveform));
                    break;
                case LazItemType.Byte14:
                    for (var i = 0; i < item.Size; i++)
                        layers.Add((new ExtraByteLayer(offset + i), PointFields.ExtraBytes));
                    break;
                default:
                    throw new ArgumentException($"{item.Type} is no item of layered chunks");
            }

            offset += item.Size;
        }

        return [.. layers];
    }

    /// <summary>How many layers the items have.</summary>
    public static int Count(LazParameters parameters) => parameters.Items.Sum(item => item.Type switch
    {
        LazItemType.Point14 => 9,
        LazItemType.RgbNir14 => 2,
        LazItemType.Byte14 => item.Size,
        _ => 1,
    });
}
