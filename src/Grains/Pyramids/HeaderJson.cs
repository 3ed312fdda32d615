using System.Text.Json.Serialization;
using Grid.Grains.Uploads;
using Grid.Imaging.Inspection;

namespace Grid.Grains.Pyramids;

/// <summary>Headers of rasters as JSON, by code that is made when this is built: reflection takes longer than the headers of a small lot.</summary>
[JsonSourceGenerationOptions(
    NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull, IgnoreReadOnlyProperties = true)]
[JsonSerializable(typeof(List<RasterInfo>))]
[JsonSerializable(typeof(List<KnownRaster>))]
internal sealed partial class HeaderJson : JsonSerializerContext;
