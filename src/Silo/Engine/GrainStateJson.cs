using System.Text.Json;
using System.Text.Json.Serialization;

namespace Grid.Silo.Engine;

/// <summary>How grain states are written, on either engine: JSON that a person can read in the database.</summary>
public static class GrainStateJson
{
    public static JsonSerializerOptions Options { get; } = new(JsonSerializerDefaults.Web)
    {
        Converters = { new JsonStringEnumConverter() },
        NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,
    };
}
