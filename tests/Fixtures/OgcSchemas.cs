using Xunit;

namespace Grid.Fixtures;

/// <summary>
/// The OGC's schemas: <c>GRID_OGC_SCHEMAS</c> names a folder laid out as schemas.opengis.net whose imports are relative, else those that Debian's
/// python3-mapproxy carries for its own tests.
/// </summary>
public static class OgcSchemas
{
    private static readonly string[] s_used = ["wmts", "wms/1.3.0", "ows", "xlink", "inspire", "xml.xsd"];

    // INSPIRE's schema for view services by WMTS, which Debian does not have: its one element and what a WMTS document is made of.
    private const string InspireOfWmts = """
        <schema xmlns="http://www.w3.org/2001/XMLSchema" xmlns:common="http://inspire.ec.europa.eu/schemas/common/1.0" xmlns:ows="http://www.opengis.net/ows/1.1"
            targetNamespace="http://inspire.ec.europa.eu/schemas/inspire_vs_ows11/1.0" elementFormDefault="qualified">
          <import namespace="http://www.opengis.net/ows/1.1" schemaLocation="../../../ows/1.1.0/owsAll.xsd"/>
          <import namespace="http://www.opengis.net/wmts/1.0" schemaLocation="../../../wmts/1.0/wmtsGetCapabilities_response.xsd"/>
          <import namespace="http://inspire.ec.europa.eu/schemas/common/1.0" schemaLocation="../../common/1.0/common.xsd"/>
          <element name="ExtendedCapabilities" type="common:ExtendedCapabilitiesType" substitutionGroup="ows:ExtendedCapabilities"/>
        </schema>
        """;

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

        var view = Path.Combine(folder, "schemas", "inspire", "inspire_vs_ows11", "1.0");
        Directory.CreateDirectory(view);
        File.WriteAllText(Path.Combine(view, "inspire_vs_ows11.xsd"), InspireOfWmts);
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
