using Xunit;

namespace Grid.Fixtures;

/// <summary>
/// The OGC's schemas: <c>GRID_OGC_SCHEMAS</c> names a folder laid out as schemas.opengis.net whose imports are relative, else those that Debian's
/// python3-mapproxy carries for its own tests.
/// </summary>
public static class OgcSchemas
{
    private static readonly string[] s_used = ["wmts", "wms/1.3.0", "ows", "xlink", "inspire", "xml.xsd"];

    private const string Mapproxy = "/usr/share/python3-mapproxy/test/schemas";

    public static string? Root { get; } =
        Environment.GetEnvironmentVariable("GRID_OGC_SCHEMAS") is { Length: > 0 } named ? named : Directory.Exists(Mapproxy) ? Mapproxy : null;

    /// <summary>
    /// The path of a schema in a copy under <paramref name="folder"/>, with the corrigendum that schema version 1.0.2 carries: the first one forbade 0
    /// as the least row and column.
    /// </summary>
    public static string Copy(string schema, string folder)
    {
        var root = Root ?? throw new DirectoryNotFoundException("The OGC's schemas are needed: install python3-mapproxy, or set GRID_OGC_SCHEMAS.");
        foreach (var file in Directory.EnumerateFiles(root, "*.xsd", SearchOption.AllDirectories))
        {
            var relative = Path.GetRelativePath(root, file);
            if (!s_used.Any(part => relative.StartsWith(part, StringComparison.Ordinal)))
                continue;
            var copy = Path.Combine(folder, "schemas", relative);
            Directory.CreateDirectory(Path.GetDirectoryName(copy)!);
            var text = File.ReadAllText(file);
            foreach (var element in (string[])["MinTileRow", "MinTileCol"])
                text = text.Replace($"<element name=\"{element}\" type=\"positiveInteger\">", $"<element name=\"{element}\" type=\"nonNegativeInteger\">", StringComparison.Ordinal);
            // One import of INSPIRE's is absolute.
            File.WriteAllText(copy, text.Replace("schemaLocation=\"http://www.w3.org/2001/xml.xsd\"", "schemaLocation=\"../../../xml.xsd\"", StringComparison.Ordinal));
        }

        return Path.Combine(folder, "schemas", schema);
    }
}

/// <summary>A fact that needs the OGC's schemas: skipped at a desk that lacks them, run (and so failed) where <c>CI</c> is set.</summary>
public sealed class SchemaFactAttribute : FactAttribute
{
    public SchemaFactAttribute()
    {
        if (OgcSchemas.Root is null && Environment.GetEnvironmentVariable("CI") is null)
            Skip = "needs the OGC's schemas: install python3-mapproxy, or set GRID_OGC_SCHEMAS";
    }
}

/// <summary>A theory that needs the OGC's schemas.</summary>
public sealed class SchemaTheoryAttribute : TheoryAttribute
{
    public SchemaTheoryAttribute()
    {
        if (OgcSchemas.Root is null && Environment.GetEnvironmentVariable("CI") is null)
            Skip = "needs the OGC's schemas: install python3-mapproxy, or set GRID_OGC_SCHEMAS";
    }
}
