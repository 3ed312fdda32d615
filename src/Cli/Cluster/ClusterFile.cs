using System.Text.Json;
using Grid.Cli.Api;

namespace Grid.Cli.Cluster;

/// <summary>What is known of a cluster on this machine between commands: <c>cluster.json</c> of its data folder.</summary>
public sealed record ClusterFile
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web) { WriteIndented = true };

    /// <summary>The private PostgreSQL; null when the cluster uses another one.</summary>
    public ClusterProcess? Database { get; init; }

    public ClusterProcess? Frontend { get; init; }

    public IReadOnlyList<ClusterProcess> Silos { get; init; } = [];

    /// <summary>Number of the silo that was started last; numbers are not used again.</summary>
    public int LastSilo { get; init; }

    /// <summary>Threads that each silo may use for builds.</summary>
    public int ThreadsPerSilo { get; init; }

    /// <summary>The file of a data folder; an empty one where there is none.</summary>
    public static ClusterFile Read(string data)
    {
        var path = PathIn(data);
        try
        {
            return File.Exists(path) ? JsonSerializer.Deserialize<ClusterFile>(File.ReadAllBytes(path), Json) ?? new ClusterFile() : new ClusterFile();
        }
        catch (JsonException wrong)
        {
            throw new DeliveryException($"{path} cannot be read: {wrong.Message}");
        }
    }

    /// <summary>Keeps it for the next command.</summary>
    public ClusterFile Write(string data)
    {
        var draft = PathIn(data) + ".partial";
        File.WriteAllBytes(draft, JsonSerializer.SerializeToUtf8Bytes(this, Json));
        File.Move(draft, PathIn(data), overwrite: true);
        return this;
    }

    private static string PathIn(string data) => Path.Combine(data, "cluster.json");
}
