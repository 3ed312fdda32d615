using System.Globalization;
using System.Text.Json;

namespace Grid.Tiling;

/// <summary>
/// Reads and writes ROK4's pyramid descriptor. Members that the specification does not know are ignored; whatever is read is checked, so that a
/// descriptor in hand has at least one level, sane limits and relative directories without <c>..</c>.
/// </summary>
public static class PyramidDescriptorJson
{
    private const int MaxLevels = 64;
    private const int MaxTilesPerSide = 4096;

    // Readers hold a slab's index whole, eight bytes a tile.
    private const int MaxTilesPerSlab = 1 << 18;

    private static readonly JsonWriterOptions s_indented = new() { Indented = true };

    /// <summary>Throws <see cref="InvalidPyramidException"/>.</summary>
    public static PyramidDescriptor Read(ReadOnlyMemory<byte> utf8)
    {
        try
        {
            using var document = JsonDocument.Parse(utf8);
            return Read(document.RootElement);
        }
        catch (JsonException e)
        {
            throw new InvalidPyramidException($"The pyramid descriptor is not JSON: {e.Message}", e);
        }
    }

    /// <summary>UTF-8 text, members in a fixed order: the same descriptor gives the same bytes.</summary>
    public static byte[] Write(PyramidDescriptor pyramid)
    {
        using var stream = new MemoryStream();
        using (var json = new Utf8JsonWriter(stream, s_indented))
        {
            json.WriteStartObject();
            json.WriteString("tile_matrix_set", pyramid.TileMatrixSet);
            json.WriteString("format", pyramid.Format.Name);
            if (pyramid.HasMask)
                json.WriteString("mask_format", "TIFF_ZIP_UINT8");
            if (pyramid.Raster is { } raster)
            {
                json.WriteStartObject("raster_specifications");
                json.WriteNumber("channels", raster.Channels);
                json.WriteString("nodata", raster.Nodata);
                json.WriteString("photometric", raster.Photometric);
                json.WriteString("interpolation", raster.Interpolation);
                json.WriteEndObject();
            }

            json.WriteStartArray("levels");
            foreach (var level in pyramid.Levels)
                Write(json, level);
            json.WriteEndArray();
            json.WriteEndObject();
        }

        return stream.ToArray();
    }

    private static void Write(Utf8JsonWriter json, PyramidLevel level)
    {
        json.WriteStartObject();
        json.WriteString("id", level.Id);
        json.WriteNumber("tiles_per_width", level.Slabs.TilesPerWidth);
        json.WriteNumber("tiles_per_height", level.Slabs.TilesPerHeight);
        json.WriteStartObject("tile_limits");
        json.WriteNumber("min_row", level.Limits.MinRow);
        json.WriteNumber("max_row", level.Limits.MaxRow);
        json.WriteNumber("min_col", level.Limits.MinCol);
        json.WriteNumber("max_col", level.Limits.MaxCol);
        json.WriteEndObject();
        json.WriteStartObject("storage");
        switch (level.Storage)
        {
            case FilePyramidStorage file:
                json.WriteString("type", "FILE");
                json.WriteString("image_directory", file.ImageDirectory);
                if (file.MaskDirectory is not null)
                    json.WriteString("mask_directory", file.MaskDirectory);
                json.WriteNumber("path_depth", file.PathDepth);
                break;
            case ObjectPyramidStorage objects:
                json.WriteString("type", objects.Kind);
                json.WriteString(ContainerMember(objects.Kind), objects.Container);
                json.WriteString("image_prefix", objects.ImagePrefix);
                if (objects.MaskPrefix is not null)
                    json.WriteString("mask_prefix", objects.MaskPrefix);
                break;
        }

        json.WriteEndObject();
        json.WriteEndObject();
    }

    private static PyramidDescriptor Read(JsonElement root)
    {
        var set = Text(root, "tile_matrix_set", "the descriptor");
        var format = PyramidFormat.Parse(Text(root, "format", "the descriptor"));
        var hasMask = root.TryGetProperty("mask_format", out var mask) && mask.ValueKind != JsonValueKind.Null;
        if (hasMask && mask.ToString() != "TIFF_ZIP_UINT8")
            throw new InvalidPyramidException($"mask_format is \"{mask}\": masks are TIFF_ZIP_UINT8.");
        var levels = Member(root, "levels", JsonValueKind.Array, "the descriptor").EnumerateArray().Select(ReadLevel).ToArray();
        if (levels.Length is 0 or > MaxLevels)
            throw new InvalidPyramidException($"The descriptor has {levels.Length} levels: 1 to {MaxLevels} are allowed.");
        if (levels.Select(level => level.Id).Distinct().Count() != levels.Length)
            throw new InvalidPyramidException("The descriptor has the same level twice.");
        return new PyramidDescriptor
        {
            TileMatrixSet = set.EndsWith(".json", StringComparison.Ordinal) ? set[..^5] : set,
            Format = format,
            HasMask = hasMask,
            Raster = format.SampleFormat == "MVT" ? null : ReadRaster(Member(root, "raster_specifications", JsonValueKind.Object, "the descriptor")),
            Levels = levels,
        };
    }

    private static RasterSpecifications ReadRaster(JsonElement raster)
    {
        const string Where = "raster_specifications";
        var channels = Number(raster, "channels", Where, 1, 4);
        var nodata = Text(raster, "nodata", Where);
        var values = nodata.Split(',');
        if (values.Length != channels || !values.All(value => double.TryParse(value.Trim(), NumberStyles.Float, CultureInfo.InvariantCulture, out _)))
            throw new InvalidPyramidException($"raster_specifications.nodata is \"{nodata}\": {channels} numbers separated by commas are needed.");
        return new RasterSpecifications((int)channels, nodata, Text(raster, "photometric", Where), Text(raster, "interpolation", Where));
    }

    private static PyramidLevel ReadLevel(JsonElement level)
    {
        var id = Text(level, "id", "a level");
        var where = $"level {id}";
        var slabs = new SlabSize((int)Number(level, "tiles_per_width", where, 1, MaxTilesPerSide), (int)Number(level, "tiles_per_height", where, 1, MaxTilesPerSide));
        if (slabs.Tiles > MaxTilesPerSlab)
            throw new InvalidPyramidException($"slabs of {where} hold {slabs.Tiles} tiles: {MaxTilesPerSlab} at most are allowed.");
        var limits = Member(level, "tile_limits", JsonValueKind.Object, where);
        const long Most = 1L << 40;
        var tiles = new TileLimits(
            Number(limits, "min_row", where, 0, Most), Number(limits, "max_row", where, 0, Most),
            Number(limits, "min_col", where, 0, Most), Number(limits, "max_col", where, 0, Most));
        if (tiles.MinRow > tiles.MaxRow || tiles.MinCol > tiles.MaxCol)
            throw new InvalidPyramidException($"tile_limits of {where}: minimums must not pass maximums, {tiles} do.");
        return new PyramidLevel(id, slabs, tiles, ReadStorage(Member(level, "storage", JsonValueKind.Object, where), where));
    }

    private static PyramidStorage ReadStorage(JsonElement storage, string where)
    {
        var kind = Text(storage, "type", where);
        switch (kind)
        {
            case "FILE":
                return new FilePyramidStorage(
                    RelativePath(Text(storage, "image_directory", where), where),
                    OptionalText(storage, "mask_directory") is { } mask ? RelativePath(mask, where) : null,
                    (int)Number(storage, "path_depth", where, 0, 16));
            case "S3" or "SWIFT" or "CEPH":
                return new ObjectPyramidStorage(
                    kind, Text(storage, ContainerMember(kind), where), RelativePath(Text(storage, "image_prefix", where), where),
                    OptionalText(storage, "mask_prefix") is { } maskPrefix ? RelativePath(maskPrefix, where) : null);
            default:
                throw new InvalidPyramidException($"storage.type of {where} is \"{kind}\": FILE, S3, SWIFT and CEPH are known.");
        }
    }

    private static string ContainerMember(string kind) => kind switch
    {
        "S3" => "bucket_name",
        "SWIFT" => "container_name",
        _ => "pool_name",
    };

    private static string RelativePath(string path, string where)
    {
        var trimmed = path.TrimEnd('/');
        return trimmed.Length > 0 && !trimmed.Contains('\\') && !trimmed.Contains('\0') && trimmed.Split('/').All(segment => segment is not ("" or "." or ".."))
            ? trimmed
            : throw new InvalidPyramidException($"Storage path \"{path}\" of {where}: paths are relative, without empty, \".\" or \"..\" segments.");
    }

    private static JsonElement Member(JsonElement owner, string name, JsonValueKind kind, string where) =>
        owner.ValueKind == JsonValueKind.Object && owner.TryGetProperty(name, out var member) && member.ValueKind == kind
            ? member
            : throw new InvalidPyramidException($"{name} of {where} is missing, or is not a JSON {kind.ToString().ToLowerInvariant()}.");

    private static string Text(JsonElement owner, string name, string where) =>
        Member(owner, name, JsonValueKind.String, where).GetString() is { Length: > 0 } text
            ? text
            : throw new InvalidPyramidException($"{name} of {where} is empty.");

    private static string? OptionalText(JsonElement owner, string name) =>
        owner.TryGetProperty(name, out var member) && member.ValueKind == JsonValueKind.String ? member.GetString() : null;

    private static long Number(JsonElement owner, string name, string where, long least, long most) =>
        Member(owner, name, JsonValueKind.Number, where).TryGetInt64(out var number) && number >= least && number <= most
            ? number
            : throw new InvalidPyramidException($"{name} of {where} is {owner.GetProperty(name)}: {least} to {most} is allowed.");
}
