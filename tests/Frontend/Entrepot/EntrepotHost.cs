using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Grid.Embedded;
using Grid.Frontend.Entrepot;
using Grid.Grains;
using Grid.Grains.Uploads;
using Grid.Interfaces.Catalogue;
using Grid.Silo.Database;
using Grid.Storage;
using Grid.Storage.FileSystem;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;

namespace Grid.Frontend.Tests.Entrepot;

/// <summary>The Entrepôt API over a real server socket, PostgreSQL and the embedded engine, shared by the tests of the collection.</summary>
public sealed class EntrepotHost : IAsyncLifetime
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("grid-entrepot-");
    private GridDatabase? _database;
    private WebApplication? _app;

    public static Guid Datastore { get; } = StableId.Of("datastore", "demo");

    /// <summary>A datastore whose quota of uploads is 1,000 bytes.</summary>
    public static Guid SmallDatastore { get; } = StableId.Of("datastore", "small");

    public string Address { get; private set; } = "";

    public string DataFolder => Path.Combine(_folder.FullName, "data");

    public NpgsqlDataSource Database => _database!.DataSource;

    public IServiceProvider Services => _app!.Services;

    public FileObjectStore Store { get; private set; } = null!;

    /// <summary>A client that carries the demo account's token.</summary>
    public HttpClient Producer { get; private set; } = null!;

    /// <summary>A client without a token.</summary>
    public HttpClient Anyone { get; private set; } = null!;

    public string Root => $"/api/datastores/{Datastore}";

    public async Task InitializeAsync()
    {
        // The private server may run as another user, who must be able to come here.
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(_folder.FullName, (UnixFileMode)0b111_101_101);
        _database = await GridDatabase.OpenAsync(new DatabaseOptions { DataFolder = DataFolder }, NullLoggerFactory.Instance);
        Store = new FileObjectStore(Path.Combine(_folder.FullName, "uploads"));
        await StartAsync();
    }

    /// <summary>Starts the host again over the same database and files, as after a stop of the process.</summary>
    public async Task RestartAsync()
    {
        await _app!.DisposeAsync();
        await StartAsync();
    }

    public async Task<HttpClient> LogInAsync(string login)
    {
        var secrets = JsonNode.Parse(await File.ReadAllTextAsync(Path.Combine(DataFolder, "secrets.json")))!;
        return await LogInAsync(login, (string)secrets["accounts"]![login]!);
    }

    public async Task DisposeAsync()
    {
        await _app!.DisposeAsync();
        await _database!.DisposeAsync();
        Store.Dispose();
        _folder.Delete(recursive: true);
    }

    private async Task StartAsync()
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().UseUrls("http://127.0.0.1:0");
        builder.Services.AddRoutingCore();
        builder.Logging.AddFilter(level => level >= LogLevel.Error).AddSimpleConsole();
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
        builder.Services.AddSingleton(Database);
        builder.Services.AddKeyedSingleton<IObjectStore>(StoreNames.Uploads, (_, _) => new Undisposed(Store));
        builder.Services.AddEntrepot(builder.Configuration);
        builder.Services.AddEmbeddedGrains(null, typeof(UploadGrain).Assembly);
        _app = builder.Build();
        _app.MapEntrepot();
        await _app.StartAsync();
        Address = _app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First();
        Anyone = new HttpClient { BaseAddress = new Uri(Address) };
        Producer = await LogInAsync("demo");
    }

    private async Task<HttpClient> LogInAsync(string login, string password)
    {
        var answer = await Anyone.PostAsync("/auth/realms/geoplateforme/protocol/openid-connect/token", new FormUrlEncodedContent(new Dictionary<string, string>
        {
            ["grant_type"] = "password", ["username"] = login, ["password"] = password, ["client_id"] = "any", ["client_secret"] = "any",
        }));
        answer.EnsureSuccessStatusCode();
        var token = await answer.Content.ReadFromJsonAsync<JsonObject>();
        var client = new HttpClient { BaseAddress = new Uri(Address) };
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", (string)token!["access_token"]!);
        return client;
    }

    /// <summary>The container disposes what it makes; the store outlives a host.</summary>
    private sealed class Undisposed(IObjectStore store) : IObjectStore
    {
        public Task<ObjectInfo?> FindAsync(string key, CancellationToken cancellation = default) => store.FindAsync(key, cancellation);

        public Task<int> ReadAsync(string key, long offset, Memory<byte> buffer, CancellationToken cancellation = default) => store.ReadAsync(key, offset, buffer, cancellation);

        public Task<Stream> OpenReadAsync(string key, CancellationToken cancellation = default) => store.OpenReadAsync(key, cancellation);

        public Task<ObjectInfo> PutAsync(string key, ReadOnlyMemory<byte> content, CancellationToken cancellation = default) => store.PutAsync(key, content, cancellation);

        public Task<ObjectInfo> PutAsync(string key, Stream content, CancellationToken cancellation = default) => store.PutAsync(key, content, cancellation);

        public Task DeleteAsync(string key, CancellationToken cancellation = default) => store.DeleteAsync(key, cancellation);

        public IAsyncEnumerable<ObjectInfo> ListAsync(string prefix, CancellationToken cancellation = default) => store.ListAsync(prefix, cancellation);

        public string GdalPath(string key) => store.GdalPath(key);
    }
}

[CollectionDefinition("Entrepôt")]
public sealed class EntrepotCollection : ICollectionFixture<EntrepotHost>;
