using System.Security.Cryptography;
using System.Text.Json;
using Grid.Fixtures;
using Grid.PointCloud.Copc;

namespace Grid.PointCloud.Tests.Copc;

/// <summary>The npm package copc as a judge of COPC files.</summary>
internal static class NpmCopc
{
    private static string Script { get; } = Path.Combine(Path.GetDirectoryName(LazPerfFactAttribute.Script)!, "copc.mjs");

    /// <summary>What it reads of files, by path.</summary>
    public static async Task<IReadOnlyDictionary<string, JsonElement>> ReadAsync(params IEnumerable<string> files) =>
        (await Programs.RunAsync("node", [Script, .. files])).Expect().Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Select(line => JsonDocument.Parse(line).RootElement).ToDictionary(file => file.GetProperty("file").GetString()!);

    /// <summary>Octants and the hashes of their points, as it reads them.</summary>
    public static SortedDictionary<string, string> Nodes(JsonElement file) => new(
        file.GetProperty("nodes").EnumerateObject().ToDictionary(node => node.Name, node => Line(node.Value.GetProperty("points").GetInt32(), node.Value.GetProperty("sha256").GetString()!)),
        StringComparer.Ordinal);

    /// <summary>The same as our own reader reads them.</summary>
    public static async Task<SortedDictionary<string, string>> NodesAsync(CopcReader reader)
    {
        var nodes = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var node in await reader.ReadNodesAsync())
        {
            using var points = await reader.ReadPointsAsync(node);
            nodes[node.Key.ToString()] = Line(points.Count, points.Count == 0 ? "" : Convert.ToHexStringLower(SHA256.HashData(points.Records.Span)));
        }

        return nodes;
    }

    private static string Line(int points, string hash) => $"{points} {hash}";
}
