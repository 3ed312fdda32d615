using System.Text.Json.Nodes;
using Grid.Grains.Catalogue;
using Grid.Interfaces.Catalogue;

namespace Grid.Grains.Tests.Catalogue;

public class ConfigurationRequestTests
{
    [Theory]
    [InlineData("0.5", null)]
    [InlineData("0", "must be a number over 0")]
    [InlineData("1e999", "must be a number over 0")]
    [InlineData("\"1\"", "must be a number over 0")]
    public void Resolutions_are_finite_numbers_over_0(string resolution, string? problem)
    {
        var body = JsonNode.Parse($$"""
            {
              "type": "WMS-RASTER", "name": "n", "layer_name": "l",
              "type_infos": {
                "title": "t", "abstract": "a", "bottom_resolution": {{resolution}},
                "used_data": [{ "stored_data": "{{Guid.Empty}}", "bottom_level": "1", "top_level": "0" }]
              }
            }
            """)!.AsObject();
        if (problem is null)
            ConfigurationRequest.Read(body, null);
        else
            Assert.Contains(problem, Assert.Throws<InvalidInputException>(() => ConfigurationRequest.Read(body, null)).Message);
    }
}
