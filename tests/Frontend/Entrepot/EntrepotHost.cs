using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Grid.Embedded;
using Grid.Frontend.Entrepot;
using Grid.Grains;
using Grid.Grains.Uploads;
using Grid.Interfaces.Catalogue;
using Grid.Storage;
using Grid.Storage.FileSystem;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace Grid.Frontend.Tests.Entrepot;

/// <summary>The Entrepôt API over the embedded engine, with the accounts and datastores that its tests need; shared by the tests of the collection.</summary>
public sealed class EntrepotHost : ApiHost
{
    public EntrepotHost() => Store = new FileObjectStore(ObjectFolder);

    public static Guid Datastore { get; } = StableId.Of("datastore", "demo");

    /// <summary>A datastore whose quota of uploads is 1,000 bytes.</summary>
    public static Guid SmallDatastore { get; } = StableId.Of("datastore", "small");

    public FileObjectStore Store { get; }

    /// <summary>A client that carries the demo account's token.</summary>
    public HttpClient Producer { get; private set; } = null!;

    /// <summary>A client without a token.</summary>
    public HttpClient Anyone { get; private set; } = null!;

    public string Root => $"/api/datastores/{Datastore}";

    /// <summary>Starts the host again over the same database and files, as after a stop of the process.</summary>
    public async Task RestartAsync()
    {
        await StopAsync();
        await StartAsync();
    }

    public async Task<HttpClient> LogInAsync(string login)
    {
        var secrets = JsonNode.Parse(await File.ReadAllTextAsync(Path.Combine(DataFolder, "secrets.json")))!;
        var answer = await Anyone.PostAsync("/auth/realms/geoplateforme/protocol/openid-connect/token", new FormUrlEncodedContent(new Dictionary<string, string>
        {
            ["grant_type"] = "password", ["username"] = login, ["password"] = (string)secrets["accounts"]![login]!, ["client_id"] = "any", ["client_secret"] = "any",
        }));
        answer.EnsureSuccessStatusCode();
        var token = await answer.Content.ReadFromJsonAsync<JsonObject>();
        var client = new HttpClient { BaseAddress = new Uri(Address) };
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", (string)token!["access_token"]!);
        return client;
    }

    protected override void Configure(WebApplicationBuilder builder)
    {
        builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["Grid:DataFolder"] = DataFolder,
            ["Grid:FailedLogins"] = "4",
            ["Grid:Communities:0:TechnicalName"] = "demo",
            ["Grid:Communities:1:TechnicalName"] = "small",
            ["Grid:Communities:1:Name"] = "Small",
            ["Grid:Communities:1:UploadsQuota"] = "1000",
            ["Grid:Accounts:0:Login"] = "demo",
            ["Grid:Accounts:0:Email"] = "demo@localhost",
            ["Grid:Accounts:0:FirstName"] = "Demo",
            ["Grid:Accounts:0:LastName"] = "Producer",
            ["Grid:Accounts:0:Memberships:0:Community"] = "demo",
            ["Grid:Accounts:0:Memberships:1:Community"] = "small",
            ["Grid:Accounts:1:Login"] = "reader",
            ["Grid:Accounts:1:Memberships:0:Community"] = "demo",
            ["Grid:Accounts:1:Memberships:0:Rights:0"] = "ANNEX",
            ["Grid:Accounts:2:Login"] = "guessed",
        });
        builder.Services.AddKeyedSingleton<IObjectStore>(StoreNames.Uploads, Store);
        builder.Services.AddEntrepot(builder.Configuration);
        builder.Services.AddEmbeddedGrains(null, typeof(UploadGrain).Assembly);
    }

    protected override void Map(WebApplication app) => app.MapEntrepot();

    protected override async Task StartedAsync()
    {
        Anyone = new HttpClient { BaseAddress = new Uri(Address) };
        Producer = await LogInAsync("demo");
    }
}

[CollectionDefinition("Entrepôt")]
public sealed class EntrepotCollection : ICollectionFixture<EntrepotHost>;
