using Grid.Silo.Database;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;

namespace Grid.Frontend.Tests;

/// <summary>
/// The REST API on a free loopback port over a private PostgreSQL and a folder of its own. Its process can be "lost": the host is stopped and
/// another started over the same database and files.
/// </summary>
public abstract class ApiHost : IAsyncLifetime
{
    private readonly string _folder = Directory.CreateTempSubdirectory("grid-api-").FullName;
    private GridDatabase? _database;
    private WebApplication? _app;

    /// <summary>Where the host keeps its files, its secrets among them.</summary>
    public string DataFolder => Path.Combine(_folder, "data");

    /// <summary>Where objects are kept.</summary>
    public string ObjectFolder => Path.Combine(_folder, "objects");

    public NpgsqlDataSource Database => _database!.DataSource;

    public IServiceProvider Services => _app!.Services;

    /// <summary>Scheme, host and port.</summary>
    public string Address { get; private set; } = "";

    public async Task InitializeAsync()
    {
        // The account that a root user's private server runs under has to get through.
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(_folder, (UnixFileMode)0b111_101_101);
        _database = await GridDatabase.OpenAsync(new DatabaseOptions { DataFolder = DataFolder }, NullLoggerFactory.Instance);
        await StartAsync();
    }

    public async Task StartAsync()
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().UseUrls("http://127.0.0.1:0");
        builder.Services.AddRoutingCore();
        builder.Logging.AddFilter(level => level >= LogLevel.Error).AddSimpleConsole();
        builder.Services.AddSingleton(Database);
        Configure(builder);
        _app = builder.Build();
        Map(_app);
        await _app.StartAsync();
        Address = _app.Urls.First();
        await StartedAsync();
    }

    public virtual async Task StopAsync()
    {
        if (_app is null)
            return;
        await _app.StopAsync();
        await _app.DisposeAsync();
    }

    public async Task DisposeAsync()
    {
        await StopAsync();
        if (_database is not null)
            await _database.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    /// <summary>Adds settings, stores and services; those that outlive a host are added as instances.</summary>
    protected abstract void Configure(WebApplicationBuilder builder);

    protected abstract void Map(WebApplication app);

    /// <summary>Makes the clients of a host that has just started.</summary>
    protected abstract Task StartedAsync();
}
