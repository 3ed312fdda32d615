using System.Net;
using Grid.Storage;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace Grid.Frontend.Tests.Tiles;

public sealed class OutageAnswersTests
{
    [Theory]
    [InlineData("database", HttpStatusCode.ServiceUnavailable)]
    [InlineData("store", HttpStatusCode.ServiceUnavailable)]
    [InlineData("program", HttpStatusCode.InternalServerError)]
    public async Task What_is_away_is_told_from_what_is_wrong(string what, HttpStatusCode expected)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        await using var app = builder.Build();
        app.UseOutageAnswers();
        app.MapGet("/database", (HttpContext _) => throw new NpgsqlException("connection refused"));
        app.MapGet("/store", (HttpContext _) => throw new StorageException("no answer"));
        app.MapGet("/program", (HttpContext _) => throw new InvalidOperationException("a fault"));
        await app.StartAsync();
        using var http = new HttpClient { BaseAddress = new Uri(app.Urls.First()) };
        using var answer = await http.GetAsync(what);
        Assert.Equal(expected, answer.StatusCode);
        Assert.Equal(expected == HttpStatusCode.ServiceUnavailable, answer.Headers.RetryAfter is not null);
    }
}
