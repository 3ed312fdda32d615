using System.Net;
using System.Xml.Linq;

namespace Grid.EndToEnd.Tests.Serving;

/// <summary>An <c>ows:ExceptionReport</c> as it came over HTTP.</summary>
public sealed record ServiceError(int Status, string? Type, string? Code, string? Locator, string Text)
{
    private static readonly XNamespace Ows = "http://www.opengis.net/ows/1.1";

    public static async Task<ServiceError> GetAsync(HttpClient http, string address)
    {
        using var answer = await http.GetAsync(address);
        Assert.NotEqual(HttpStatusCode.OK, answer.StatusCode);
        Assert.Equal("*", answer.Headers.GetValues("Access-Control-Allow-Origin").Single());
        var exception = XDocument.Parse(await answer.Content.ReadAsStringAsync()).Element(Ows + "ExceptionReport")!.Element(Ows + "Exception")!;
        return new ServiceError(
            (int)answer.StatusCode, answer.Content.Headers.ContentType?.MediaType, (string?)exception.Attribute("exceptionCode"),
            (string?)exception.Attribute("locator"), (string?)exception.Element(Ows + "ExceptionText") ?? "");
    }
}
