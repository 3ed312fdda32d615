using System.Buffers.Binary;
using System.Text;
using System.Text.Json.Nodes;

namespace Grid.Fixtures;

/// <summary>A binary glTF file of points, read as its specification says and by nothing of the program's own. What is not as it says is in <see cref="Findings"/>.</summary>
public sealed class GltfFile
{
    private static readonly Dictionary<int, int> SizesOfComponents = new() { [5120] = 1, [5121] = 1, [5122] = 2, [5123] = 2, [5125] = 4, [5126] = 4 };
    private readonly List<string> _findings = [];
    private readonly byte[] _binary = [];
    private readonly JsonNode _json = new JsonObject();

    public GltfFile(byte[] file)
    {
        if (file.Length < 28 || Encoding.ASCII.GetString(file, 0, 4) != "glTF" || UInt32(file, 4) != 2 || UInt32(file, 8) != file.Length)
        {
            _findings.Add($"no binary glTF 2.0 of {file.Length} bytes");
            return;
        }

        var jsonBytes = (int)UInt32(file, 12);
        Require(UInt32(file, 16) == 0x4E4F534A && jsonBytes % 4 == 0, "the first chunk is JSON, padded to 4");
        _json = JsonNode.Parse(file.AsSpan(20, jsonBytes))!;
        var binaryAt = 20 + jsonBytes;
        var binaryBytes = (int)UInt32(file, binaryAt);
        Require(UInt32(file, binaryAt + 4) == 0x004E4942 && binaryBytes % 4 == 0 && binaryAt + 8 + binaryBytes == file.Length, "the second chunk is binary, padded to 4, the last");
        _binary = file[(binaryAt + 8)..];
        Check();
    }

    public IReadOnlyList<string> Findings => _findings;

    public int Count { get; private set; }

    /// <summary>Positions by glTF's axes, y up, as the node places them: x, y, z of one point after another.</summary>
    public double[] Positions { get; private set; } = [];

    /// <summary>Values of an attribute as they are stored, components of a point side by side; null when there is none.</summary>
    public int[]? Attribute(string name) => (int?)Primitive["attributes"]?[name] is { } accessor ? Read(accessor) : null;

    /// <summary>What the node says besides.</summary>
    public JsonNode? Extras => _json["nodes"]?[0]?["extras"];

    private JsonNode Primitive => _json["meshes"]![0]!["primitives"]![0]!;

    private void Check()
    {
        Require((string?)_json["asset"]?["version"] == "2.0", "asset.version is 2.0");
        var used = Strings("extensionsUsed");
        Require(Strings("extensionsRequired").All(used.Contains), "required extensions are used ones");
        Require((int?)_json["scene"] == 0 && (int?)_json["scenes"]?[0]?["nodes"]?[0] == 0, "the scene shows the node");
        Require((int?)Primitive["mode"] == 0, "the primitive is of points");
        Require((long?)_json["buffers"]?[0]?["byteLength"] == _binary.Length, "the buffer is as long as the chunk");
        CheckAccessors();
        CheckMetadata();
        ReadPositions(used);
    }

    private void CheckAccessors()
    {
        var end = 0;
        foreach (var view in _json["bufferViews"]!.AsArray())
        {
            var (offset, length, stride) = ((int)view!["byteOffset"]!, (int)view["byteLength"]!, (int)view["byteStride"]!);
            Require(offset % 4 == 0 && offset >= end && offset + length <= _binary.Length, $"a view of {length} bytes at {offset} is aligned, apart from others, within the buffer");
            Require(stride % 4 == 0 && stride is >= 4 and <= 252, $"a stride of {stride} bytes is a multiple of 4");
            end = offset + length;
        }

        foreach (var (name, value) in Primitive["attributes"]!.AsObject())
        {
            var accessor = _json["accessors"]![(int)value!]!;
            var view = _json["bufferViews"]![(int)accessor["bufferView"]!]!;
            var count = (int)accessor["count"]!;
            Count = Count == 0 ? count : Count;
            Require(count > 0 && count == Count, $"{name} has as many elements as the other attributes, {Count}");
            Require((count - 1) * (int)view["byteStride"]! + ElementBytes(accessor) <= (int)view["byteLength"]!, $"{name} is within its view");
        }
    }

    private void CheckMetadata()
    {
        var metadata = _json["extensions"]?["EXT_structural_metadata"];
        if (metadata is null)
            return;
        Require(Strings("extensionsUsed").Contains("EXT_structural_metadata"), "the extension of metadata is declared");
        var indices = Primitive["extensions"]?["EXT_structural_metadata"]?["propertyAttributes"]?.AsArray() ?? [];
        foreach (var index in indices)
        {
            var properties = metadata["propertyAttributes"]![(int)index!]!;
            var described = metadata["schema"]!["classes"]![(string)properties["class"]!]!["properties"]!.AsObject();
            foreach (var (name, property) in properties["properties"]!.AsObject())
            {
                var attribute = (string)property!["attribute"]!;
                Require(attribute.StartsWith('_') && Primitive["attributes"]![attribute] is not null, $"property {name} has its attribute {attribute}");
                var component = (int)_json["accessors"]![(int)Primitive["attributes"]![attribute]!]!["componentType"]!;
                Require((string?)described[name]?["componentType"] == (component == 5121 ? "UINT8" : "UINT16"), $"property {name} has its attribute's type");
            }
        }
    }

    private void ReadPositions(IReadOnlyList<string> used)
    {
        var accessor = _json["accessors"]![(int)Primitive["attributes"]!["POSITION"]!]!;
        Require((int)accessor["componentType"]! == 5126 || used.Contains("KHR_mesh_quantization"), "integer positions are allowed by their extension");
        var values = Read((int)Primitive["attributes"]!["POSITION"]!);
        var node = _json["nodes"]![0]!;
        Positions = new double[values.Length];
        for (var axis = 0; axis < 3; axis++)
        {
            var (translation, scale) = ((double)node["translation"]![axis]!, (double)node["scale"]![axis]!);
            Require(scale > 0, $"the scale of axis {axis} has an inverse");
            var (min, max) = (int.MaxValue, int.MinValue);
            for (var i = axis; i < values.Length; i += 3)
            {
                (min, max) = (Math.Min(min, values[i]), Math.Max(max, values[i]));
                Positions[i] = (values[i] * scale) + translation;
            }

            Require((int)accessor["min"]![axis]! == min && (int)accessor["max"]![axis]! == max, $"least and greatest position on axis {axis} are {min} and {max}");
        }
    }

    private int[] Read(int accessorIndex)
    {
        var accessor = _json["accessors"]![accessorIndex]!;
        var view = _json["bufferViews"]![(int)accessor["bufferView"]!]!;
        var (stride, at, size) = ((int)view["byteStride"]!, (int)view["byteOffset"]!, SizesOfComponents[(int)accessor["componentType"]!]);
        var components = ElementBytes(accessor) / size;
        var values = new int[Count * components];
        for (var i = 0; i < values.Length; i++)
        {
            var from = _binary.AsSpan(at + (i / components * stride) + (i % components * size));
            values[i] = size == 1 ? from[0] : BinaryPrimitives.ReadUInt16LittleEndian(from);
        }

        return values;
    }

    private static int ElementBytes(JsonNode accessor) =>
        SizesOfComponents[(int)accessor["componentType"]!] * (string)accessor["type"]! switch { "SCALAR" => 1, "VEC2" => 2, "VEC3" => 3, _ => 4 };

    private string[] Strings(string member) => [.. (_json[member]?.AsArray() ?? []).Select(value => (string)value!)];

    private void Require(bool holds, string what)
    {
        if (!holds)
            _findings.Add($"not so: {what}");
    }

    private static uint UInt32(byte[] file, int at) => BinaryPrimitives.ReadUInt32LittleEndian(file.AsSpan(at));
}
