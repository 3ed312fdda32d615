using System.Text.Json;
using Grid.PointCloud.Copc;
using Grid.PointCloud.Inspection;
using Grid.PointCloud.Las;

namespace Grid.PointCloud.Ept;

/// <summary>Writes <c>ept.json</c> (EPT 1.1.0): where the points are, how many, and which attributes they have.</summary>
internal static class EptDescription
{
    private const int DescriptorBytes = 192;

    // LAS 1.4 R15, table 24: from 1 on.
    private static readonly (string Type, int Size)[] _types =
    [
        ("unsigned", 1), ("signed", 1), ("unsigned", 2), ("signed", 2), ("unsigned", 4), ("signed", 4), ("unsigned", 8), ("signed", 8), ("float", 4), ("float", 8),
    ];

    public static byte[] Write(LasHeader header, CopcInfo info, IReadOnlyList<VariableLengthRecord> records)
    {
        var output = new MemoryStream();
        using (var json = new Utf8JsonWriter(output, new JsonWriterOptions { Indented = true }))
        {
            var (min, edge) = (info.Cube.Min, info.Cube.Edge);
            json.WriteStartObject();
            Numbers(json, "bounds", [min.X, min.Y, min.Z, min.X + edge, min.Y + edge, min.Z + edge]);
            Numbers(json, "boundsConforming", [header.Min.X, header.Min.Y, header.Min.Z, header.Max.X, header.Max.Y, header.Max.Z]);
            json.WriteString("dataType", "laszip");
            json.WriteString("hierarchyType", "json");
            json.WriteNumber("points", header.PointCount);
            json.WriteStartArray("schema");
            WriteSchema(json, header, info, records);
            json.WriteEndArray();
            // Cells of the grid of which an octant has a point each; a power of two, as EPT asks.
            json.WriteNumber("span", info.Spacing > 0 ? 1 << Math.Clamp((int)Math.Round(Math.Log2(edge / info.Spacing)), 0, 30) : 128);
            WriteSrs(json, header, records);
            json.WriteString("version", "1.1.0");
            json.WriteEndObject();
        }

        return output.ToArray();
    }

    private static void WriteSchema(Utf8JsonWriter json, LasHeader header, CopcInfo info, IReadOnlyList<VariableLengthRecord> records)
    {
        Axis("X", header.Scale.X, header.Offset.X, header.Min.X, header.Max.X);
        Axis("Y", header.Scale.Y, header.Offset.Y, header.Min.Y, header.Max.Y);
        Axis("Z", header.Scale.Z, header.Offset.Z, header.Min.Z, header.Max.Z);
        Plain("Intensity", "unsigned", 2);
        foreach (var name in (string[])["ReturnNumber", "NumberOfReturns", "ScanDirectionFlag", "EdgeOfFlightLine", "Classification", "ClassFlags", "ScanChannel"])
            Plain(name, "unsigned", 1);
        Plain("ScanAngleRank", "float", 4);
        Plain("UserData", "unsigned", 1);
        Plain("PointSourceId", "unsigned", 2);
        Begin("GpsTime", "float", 8);
        json.WriteNumber("minimum", info.MinGpsTime);
        json.WriteNumber("maximum", info.MaxGpsTime);
        json.WriteEndObject();
        foreach (var name in header.PointFormat.ColorOffset >= 0 ? (string[])["Red", "Green", "Blue"] : [])
            Plain(name, "unsigned", 2);
        if (header.PointFormat.InfraredOffset >= 0)
            Plain("Infrared", "unsigned", 2);
        foreach (var record in records.Where(record => record is { UserId: "LASF_Spec", RecordId: 4 }))
        {
            for (var at = 0; at + DescriptorBytes <= record.Content.Length; at += DescriptorBytes)
                Extra(record.Content.Span.Slice(at, DescriptorBytes));
        }

        // Bytes whose type nobody has told are in the files and not in the schema.
        void Extra(ReadOnlySpan<byte> descriptor)
        {
            int type = descriptor[2], options = descriptor[3];
            var name = LasHeaderCodec.Text(descriptor.Slice(4, 32));
            if (type < 1 || type > _types.Length || name.Length == 0)
                return;
            Begin(name, _types[type - 1].Type, _types[type - 1].Size);
            if ((options & 8) != 0)
                Number("scale", BitConverter.ToDouble(descriptor[112..]));
            if ((options & 16) != 0)
                Number("offset", BitConverter.ToDouble(descriptor[136..]));
            json.WriteEndObject();
        }

        void Axis(string name, double scale, double offset, double min, double max)
        {
            Begin(name, "signed", 4);
            json.WriteNumber("scale", scale);
            json.WriteNumber("offset", offset);
            json.WriteNumber("minimum", min);
            json.WriteNumber("maximum", max);
            json.WriteEndObject();
        }

        void Plain(string name, string type, int size)
        {
            Begin(name, type, size);
            json.WriteEndObject();
        }

        void Begin(string name, string type, int size)
        {
            json.WriteStartObject();
            json.WriteString("name", name);
            json.WriteString("type", type);
            json.WriteNumber("size", size);
        }

        void Number(string name, double number)
        {
            if (double.IsFinite(number))
                json.WriteNumber(name, number);
        }
    }

    private static void WriteSrs(Utf8JsonWriter json, LasHeader header, IReadOnlyList<VariableLengthRecord> records)
    {
        if (CloudCrs.Of(header, records) is not { } crs)
            return;
        json.WriteStartObject("srs");
        if (CloudCrs.EpsgOf(crs) is { } code)
        {
            json.WriteString("authority", "EPSG");
            json.WriteString("horizontal", code.ToString(System.Globalization.CultureInfo.InvariantCulture));
        }

        if (CloudCrs.WktOf(records) is { } wkt)
            json.WriteString("wkt", wkt);
        json.WriteEndObject();
    }

    private static void Numbers(Utf8JsonWriter json, string name, ReadOnlySpan<double> numbers)
    {
        json.WriteStartArray(name);
        foreach (var number in numbers)
            json.WriteNumberValue(number);
        json.WriteEndArray();
    }
}
