using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;
using Grid.Embedded;
using Grid.Embedded.Reminders;
using Grid.Embedded.State;
using Grid.Frontend.Entrepot;
using Grid.Frontend.Entrepot.Security;
using Grid.Frontend.Tests.Delivery;
using Grid.Grains;
using Grid.Grains.Catalogue;
using Grid.Grains.Pyramids;
using Grid.Grains.Uploads;
using Grid.Storage;
using Grid.Storage.FileSystem;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Orleans;

namespace Grid.Frontend.Tests.Publication;

/// <summary>The REST API over the embedded engine and a folder of objects; only the builds of pyramids are the tests' own.</summary>
public sealed class PublicationHost : ApiHost
{
    private readonly IGrainStateStore _states = new InMemoryGrainStateStore();
    private readonly IReminderStore _reminders = new InMemoryReminderStore();

    public PublicationHost()
    {
        Pyramids = new FileObjectStore(ObjectFolder);
        Builds = new StandInBuilds(Pyramids);
    }

    public IObjectStore Pyramids { get; }

    public StandInBuilds Builds { get; }

    public Guid Datastore { get; } = new CommunityOptions().DatastoreId;

    /// <summary>The client of a member with every right.</summary>
    public HttpClient Client { get; private set; } = null!;

    /// <summary>Stops the API and starts it again over what is stored; every reminder is due a moment later.</summary>
    public async Task LoseProcessAsync()
    {
        await StopAsync();
        foreach (var reminder in await _reminders.ReadAllAsync(CancellationToken.None))
            await _reminders.WriteAsync(reminder with { Start = DateTimeOffset.UtcNow.AddSeconds(5) }, CancellationToken.None);
        await StartAsync();
    }

    /// <summary>Waits until there are so many objects under a prefix; fails after half a minute.</summary>
    public async Task UntilObjectsAsync(string prefix, int count)
    {
        var deadline = DateTime.UtcNow.AddSeconds(30);
        while (true)
        {
            var found = 0;
            await foreach (var _ in Pyramids.ListAsync(prefix))
                found++;
            if (found == count)
                return;
            if (DateTime.UtcNow > deadline)
                throw new TimeoutException($"There are still {found} objects under {prefix}, not {count}.");
            await Task.Delay(20);
        }
    }

    public override async Task StopAsync()
    {
        Client?.Dispose();
        await base.StopAsync();
    }

    /// <summary>A client whose requests bear a token of the account; without one for an empty login.</summary>
    public HttpClient ClientOf(string login)
    {
        var client = new HttpClient { BaseAddress = new Uri($"{Address}/api/") };
        if (login.Length > 0)
        {
            var account = Services.GetRequiredService<IOptions<EntrepotOptions>>().Value.Accounts.Single(one => one.Login == login);
            client.DefaultRequestHeaders.Authorization =
                new AuthenticationHeaderValue("Bearer", Services.GetRequiredService<TokenAuthority>().Issue(account, "test"));
        }

        return client;
    }

    /// <summary>Sends a request under the datastore and reads the JSON answer; a null body sends an empty one of JSON's type, as clients do.</summary>
    public async Task<Answer> SendAsync(HttpMethod method, string path, JsonNode? body = null, HttpClient? client = null)
    {
        using var request = new HttpRequestMessage(method, $"datastores/{Datastore}/{path}");
        request.Content = new StringContent(body?.ToJsonString() ?? "", Encoding.UTF8, "application/json");
        using var response = await (client ?? Client).SendAsync(request);
        var text = await response.Content.ReadAsStringAsync();
        var range = response.Content.Headers.TryGetValues("Content-Range", out var ranges) ? ranges.First() : null;
        return new Answer(response.StatusCode, text.Length == 0 ? null : JsonNode.Parse(text), range);
    }

    public Task<Answer> GetAsync(string path) => SendAsync(HttpMethod.Get, path);

    public Task<Answer> PostAsync(string path, JsonNode? body = null) => SendAsync(HttpMethod.Post, path, body);

    /// <summary>Asks again until the condition holds; fails after half a minute.</summary>
    public async Task<Answer> UntilAsync(string path, Func<Answer, bool> condition)
    {
        var deadline = DateTime.UtcNow.AddSeconds(30);
        while (true)
        {
            var answer = await GetAsync(path);
            if (condition(answer))
                return answer;
            if (DateTime.UtcNow > deadline)
                throw new TimeoutException($"{path} is still {answer.Status} {answer.Body?.ToJsonString()}");
            await Task.Delay(20);
        }
    }

    protected override void Configure(WebApplicationBuilder builder)
    {
        builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?> { ["Grid:DataFolder"] = DataFolder });
        builder.Services.AddKeyedSingleton(StoreNames.Pyramids, Pyramids);
        builder.Services.AddKeyedSingleton(StoreNames.Uploads, Pyramids);
        builder.Services.AddSingleton(new PyramidPlace(null));
        builder.Services.AddSingleton<IRasterLotCheck, TiffMarks>();
        builder.Services.AddSingleton(new PyramidRetention { GraceSeconds = 0 });
        builder.Services.AddSingleton(_states).AddSingleton(_reminders).AddSingleton<IOutgoingGrainCallFilter>(Builds);
        builder.Services.AddEntrepot(builder.Configuration);
        builder.Services.AddPublication();
        builder.Services.AddEmbeddedGrains(
            options => options.MinimumReminderPeriod = TimeSpan.FromMilliseconds(1), typeof(StoredDataGrain).Assembly, typeof(StandInBuilds).Assembly);
    }

    protected override void Map(WebApplication app)
    {
        app.MapEntrepot();
        app.MapPublication();
    }

    protected override Task StartedAsync()
    {
        Client = ClientOf("demo");
        return Task.CompletedTask;
    }
}

/// <summary>An answer of the API.</summary>
public sealed record Answer(HttpStatusCode Status, JsonNode? Body, string? ContentRange)
{
    public int Code => (int)Status;

    public string Text(string member) => Body![member]!.ToString();

    public string Id => Text("_id");

    public JsonArray Items => Body!.AsArray();

    /// <summary>The sentences of an error.</summary>
    public string Sentences => string.Join('\n', Body!["error_description"]!.AsArray().Select(sentence => (string)sentence!));
}

/// <summary>One host for all tests of publication.</summary>
[CollectionDefinition("publication")]
public sealed class PublicationCollection : ICollectionFixture<PublicationHost>;
