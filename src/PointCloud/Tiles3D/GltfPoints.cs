using System.Buffers;
using System.Buffers.Binary;
using System.Text.Json;

namespace Grid.PointCloud.Tiles3D;

/// <summary>
/// Writes a binary glTF 2.0 file of one primitive of points. Positions are 16-bit integers on a grid that the node places (KHR_mesh_quantization), colours
/// linear, the other attributes described by EXT_structural_metadata. Each attribute has a buffer view of its own, whose elements begin at multiples of four
/// bytes as § 3.6.2.4 asks: the padding costs nothing once the file is compressed.
/// </summary>
internal static class GltfPoints
{
    private const uint Magic = 0x46546C67;
    private const uint JsonChunk = 0x4E4F534A;
    private const uint BinaryChunk = 0x004E4942;
    private const int HeaderBytes = 12;
    private const int ChunkHeaderBytes = 8;
    private const int Byte = 5121;
    private const int Short = 5123;

    /// <summary>The binary chunk's layout: what a point takes in it, attribute after attribute.</summary>
    public static int BytesPerPoint(bool hasColor) => PositionBytes + (hasColor ? ColorBytes : 0) + (3 * ScalarBytes);

    public const int PositionBytes = 8;
    public const int ColorBytes = 8;
    public const int ScalarBytes = 4;

    /// <summary>The whole file.</summary>
    /// <param name="count">Points, at least one.</param>
    /// <param name="placement">Where the integers are in the tileset's frame: value × step + origin; glTF's axes are east, up, south.</param>
    /// <param name="geoidHeight">Kept in the node's extras: heights above the ellipsoid less those of the cloud, in metres.</param>
    /// <param name="fill">Writes the binary chunk, which is zero: positions, colours if any, intensities, classes, return numbers.</param>
    public static void Write(
        IBufferWriter<byte> output, int count, bool hasColor, GltfPlacement placement, double geoidHeight, SpanAction<byte, int> fill)
    {
        var binaryBytes = count * BytesPerPoint(hasColor);
        var json = Json(count, hasColor, placement, geoidHeight, binaryBytes);
        var jsonBytes = (json.Length + 3) & ~3;
        var total = HeaderBytes + ChunkHeaderBytes + jsonBytes + ChunkHeaderBytes + binaryBytes;
        var file = output.GetSpan(total)[..total];
        BinaryPrimitives.WriteUInt32LittleEndian(file, Magic);
        BinaryPrimitives.WriteUInt32LittleEndian(file[4..], 2);
        BinaryPrimitives.WriteUInt32LittleEndian(file[8..], (uint)total);
        var chunk = file[HeaderBytes..];
        BinaryPrimitives.WriteUInt32LittleEndian(chunk, (uint)jsonBytes);
        BinaryPrimitives.WriteUInt32LittleEndian(chunk[4..], JsonChunk);
        json.CopyTo(chunk[ChunkHeaderBytes..]);
        chunk[(ChunkHeaderBytes + json.Length)..(ChunkHeaderBytes + jsonBytes)].Fill((byte)' ');
        chunk = chunk[(ChunkHeaderBytes + jsonBytes)..];
        BinaryPrimitives.WriteUInt32LittleEndian(chunk, (uint)binaryBytes);
        BinaryPrimitives.WriteUInt32LittleEndian(chunk[4..], BinaryChunk);
        var binary = chunk[ChunkHeaderBytes..];
        binary.Clear();
        fill(binary, count);
        output.Advance(total);
    }

    private static ReadOnlySpan<byte> Json(int count, bool hasColor, GltfPlacement placement, double geoidHeight, int binaryBytes)
    {
        var buffer = new ArrayBufferWriter<byte>(2048);
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            json.WriteStartObject("asset");
            json.WriteString("version", "2.0");
            json.WriteString("generator", "Grid");
            json.WriteEndObject();
            json.WriteStartArray("extensionsUsed");
            json.WriteStringValue("KHR_mesh_quantization");
            json.WriteStringValue("KHR_materials_unlit");
            json.WriteStringValue("EXT_structural_metadata");
            json.WriteEndArray();
            json.WriteStartArray("extensionsRequired");
            json.WriteStringValue("KHR_mesh_quantization");
            json.WriteEndArray();
            WriteMetadata(json);
            json.WriteNumber("scene", 0);
            json.WriteRaw("scenes", """[{"nodes":[0]}]""");
            json.WriteStartArray("nodes");
            json.WriteStartObject();
            json.WriteNumber("mesh", 0);
            WriteNumbers(json, "translation", placement.Origin);
            WriteNumbers(json, "scale", placement.Step);
            json.WriteStartObject("extras");
            json.WriteNumber("geoidHeight", Math.Round(geoidHeight, 4));
            json.WriteEndObject();
            json.WriteEndObject();
            json.WriteEndArray();
            json.WriteRaw("materials", """[{"pbrMetallicRoughness":{"metallicFactor":0},"extensions":{"KHR_materials_unlit":{}}}]""");
            WriteMesh(json, hasColor);
            WriteAccessors(json, count, hasColor, placement);
            WriteViews(json, count, hasColor);
            json.WriteStartArray("buffers");
            json.WriteStartObject();
            json.WriteNumber("byteLength", binaryBytes);
            json.WriteEndObject();
            json.WriteEndArray();
            json.WriteEndObject();
        }

        return buffer.WrittenSpan;
    }

    private static void WriteMetadata(Utf8JsonWriter json)
    {
        json.WriteStartObject("extensions");
        json.WriteRaw("EXT_structural_metadata", """
            {"schema":{"id":"lidar","classes":{"point":{"properties":{
            "intensity":{"type":"SCALAR","componentType":"UINT16","required":true},
            "classification":{"type":"SCALAR","componentType":"UINT8","required":true},
            "returnNumber":{"type":"SCALAR","componentType":"UINT8","required":true}}}}},
            "propertyAttributes":[{"class":"point","properties":{
            "intensity":{"attribute":"_INTENSITY"},"classification":{"attribute":"_CLASSIFICATION"},"returnNumber":{"attribute":"_RETURN_NUMBER"}}}]}
            """);
        json.WriteEndObject();
    }

    private static void WriteMesh(Utf8JsonWriter json, bool hasColor)
    {
        json.WriteStartArray("meshes");
        json.WriteStartObject();
        json.WriteStartArray("primitives");
        json.WriteStartObject();
        json.WriteNumber("mode", 0);
        json.WriteNumber("material", 0);
        json.WriteStartObject("attributes");
        var accessor = 0;
        json.WriteNumber("POSITION", accessor++);
        if (hasColor)
            json.WriteNumber("COLOR_0", accessor++);
        json.WriteNumber("_INTENSITY", accessor++);
        json.WriteNumber("_CLASSIFICATION", accessor++);
        json.WriteNumber("_RETURN_NUMBER", accessor);
        json.WriteEndObject();
        json.WriteRaw("extensions", """{"EXT_structural_metadata":{"propertyAttributes":[0]}}""");
        json.WriteEndObject();
        json.WriteEndArray();
        json.WriteEndObject();
        json.WriteEndArray();
    }

    private static void WriteAccessors(Utf8JsonWriter json, int count, bool hasColor, GltfPlacement placement)
    {
        json.WriteStartArray("accessors");
        var view = 0;
        Start("VEC3", Short);
        json.WriteRaw("min", "[0,0,0]");
        WriteNumbers(json, "max", placement.Greatest);
        json.WriteEndObject();
        if (hasColor)
        {
            Start("VEC3", Short);
            json.WriteBoolean("normalized", true);
            json.WriteEndObject();
        }

        foreach (var type in (int[])[Short, Byte, Byte])
        {
            Start("SCALAR", type);
            json.WriteEndObject();
        }

        json.WriteEndArray();

        void Start(string shape, int componentType)
        {
            json.WriteStartObject();
            json.WriteNumber("bufferView", view++);
            json.WriteNumber("componentType", componentType);
            json.WriteNumber("count", count);
            json.WriteString("type", shape);
        }
    }

    private static void WriteViews(Utf8JsonWriter json, int count, bool hasColor)
    {
        const int ArrayBuffer = 34962;
        json.WriteStartArray("bufferViews");
        var at = 0;
        foreach (var stride in hasColor ? (int[])[PositionBytes, ColorBytes, ScalarBytes, ScalarBytes, ScalarBytes] : [PositionBytes, ScalarBytes, ScalarBytes, ScalarBytes])
        {
            json.WriteStartObject();
            json.WriteNumber("buffer", 0);
            json.WriteNumber("byteOffset", at);
            json.WriteNumber("byteLength", count * stride);
            json.WriteNumber("byteStride", stride);
            json.WriteNumber("target", ArrayBuffer);
            json.WriteEndObject();
            at += count * stride;
        }

        json.WriteEndArray();
    }

    private static void WriteRaw(this Utf8JsonWriter json, string name, string value)
    {
        json.WritePropertyName(name);
        json.WriteRawValue(value);
    }

    private static void WriteNumbers(Utf8JsonWriter json, string name, ReadOnlySpan<double> values)
    {
        json.WriteStartArray(name);
        foreach (var value in values)
            json.WriteNumberValue(value);
        json.WriteEndArray();
    }
}

/// <summary>How integer positions of a glTF file become metres, by glTF's axes: x, y up, z.</summary>
/// <param name="Origin">What 0 is.</param>
/// <param name="Step">What 1 adds; never 0.</param>
/// <param name="Greatest">The greatest integers there are; the least are 0.</param>
internal sealed record GltfPlacement(double[] Origin, double[] Step, double[] Greatest);
