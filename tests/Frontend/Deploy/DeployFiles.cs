using Grid.Frontend.Tests.Pages;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace Grid.Frontend.Tests.Deploy;

/// <summary>The files of deploy/, as a reader of YAML sees them.</summary>
internal static class DeployFiles
{
    public static string Folder { get; } = Path.Combine(StandIn.Checkout, "deploy");

    public static IEnumerable<string> Yaml => Directory.EnumerateFiles(Folder, "*.y*ml", SearchOption.AllDirectories).Order(StringComparer.Ordinal);

    public static string Read(string path) => File.ReadAllText(Path.Combine(Folder, path));

    /// <summary>The documents of a file, with anchors and merge keys resolved.</summary>
    public static IReadOnlyList<YamlMappingNode> Documents(string path)
    {
        using var text = new StreamReader(Path.Combine(Folder, path));
        var yaml = new YamlStream();
        yaml.Load(new MergingParser(new Parser(text)));
        return [.. yaml.Documents.Select(document => (YamlMappingNode)document.RootNode)];
    }

    /// <summary>The node at a path of keys; null where one is not there.</summary>
    public static YamlNode? At(this YamlNode? node, params string[] keys)
    {
        foreach (var key in keys)
        {
            if (node is not YamlMappingNode map || !map.Children.TryGetValue(new YamlScalarNode(key), out node))
                return null;
        }

        return node;
    }

    public static string? Text(this YamlNode? node, params string[] keys) => (node.At(keys) as YamlScalarNode)?.Value;

    public static IEnumerable<YamlNode> Items(this YamlNode? node, params string[] keys) => node.At(keys) as YamlSequenceNode ?? [];

    public static IEnumerable<KeyValuePair<string, YamlNode>> Members(this YamlNode? node, params string[] keys) =>
        node.At(keys) is YamlMappingNode map ? map.Select(member => KeyValuePair.Create(((YamlScalarNode)member.Key).Value!, member.Value)) : [];
}
