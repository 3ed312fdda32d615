using System.Text.Json;
using Orleans.Storage;

namespace Grid.Silo.Engine;

/// <summary>Grain states as JSON, the same on Orleans as on the embedded engine.</summary>
internal sealed class JsonStateSerializer : IGrainStorageSerializer
{
    public BinaryData Serialize<T>(T? input) => new(JsonSerializer.SerializeToUtf8Bytes(input, GrainStateJson.Options));

    public T? Deserialize<T>(BinaryData input) => JsonSerializer.Deserialize<T>(input, GrainStateJson.Options);
}
