using Grid.Fixtures;

namespace Grid.Clients.Tests;

/// <summary>The live capabilities and exceptions against the OGC's schemas, by xmllint.</summary>
[Collection("clients")]
public sealed class SchemaTests(PublishedOrtho ortho)
{
    [SchemaTheory]
    [InlineData("/wmts?SERVICE=WMTS&REQUEST=GetCapabilities", "wmts/1.0/wmtsGetCapabilities_response.xsd")]
    [InlineData("/wmts/1.0.0/WMTSCapabilities.xml", "wmts/1.0/wmtsGetCapabilities_response.xsd")]
    [InlineData("/wmts?SERVICE=WMTS&REQUEST=GetCapabilities&SECTIONS=Contents", "wmts/1.0/wmtsGetCapabilities_response.xsd")]
    [InlineData("/wmts?SERVICE=WMTS&REQUEST=GetTile&LAYER=none", "ows/1.1.0/owsExceptionReport.xsd")]
    [InlineData("/wmts?SERVICE=WMTS&REQUEST=GetTile&LAYER=ortho_png&STYLE=normal&FORMAT=image/png&TILEMATRIXSET=PM&TILEMATRIX=19&TILEROW=0&TILECOL=0", "ows/1.1.0/owsExceptionReport.xsd")]
    [InlineData("/wms-r?SERVICE=WMS&REQUEST=GetCapabilities", "wms/1.3.0/capabilities_1_3_0.xsd")]
    [InlineData("/wms-r/wms?SERVICE=WMS&REQUEST=GetCapabilities&INSPIRE=1", "inspire/inspire_vs/1.0/inspire_vs.xsd")]
    [InlineData("/wmts?SERVICE=WMTS&REQUEST=GetCapabilities&INSPIRE=1", "inspire/inspire_vs_ows11/1.0/inspire_vs_ows11.xsd")]
    [InlineData("/wms-r?SERVICE=WMS&VERSION=1.1.1&REQUEST=GetMap", "wms/1.3.0/exceptions_1_3_0.xsd")]
    public async Task Documents_are_valid(string address, string schema)
    {
        var folder = Directory.CreateTempSubdirectory("grid-schema-").FullName;
        using var http = new HttpClient();
        using var answer = await http.GetAsync(ortho.Root + address);
        var document = Path.Combine(folder, "document.xml");
        await File.WriteAllBytesAsync(document, await answer.Content.ReadAsByteArrayAsync());
        (await Programs.RunAsync("xmllint", ["--nonet", "--noout", "--schema", OgcSchemas.Copy(schema, folder), document])).Expect();
        Directory.Delete(folder, recursive: true);
    }
}
