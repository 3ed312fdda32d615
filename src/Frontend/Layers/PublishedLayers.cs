using System.Text.Json;
using Dapper;
using Grid.Frontend.Layers.Rok4;
using Grid.Frontend.Maps;
using Grid.Frontend.Operations;
using Grid.Ogc;
using Npgsql;

namespace Grid.Frontend.Layers;

/// <summary>
/// What this frontend serves: the published layers, as one immutable catalogue that is exchanged whole when a row of
/// <c>catalogue.published_layer</c> changes. A request sees one catalogue from its beginning to its end, so publishing is atomic.
/// </summary>
public sealed class PublishedLayers(
    NpgsqlDataSource database, ILogger<PublishedLayers> log, ExtraSets? extraSets = null, IConfiguration? configuration = null, Rok4Layers? rok4 = null) : BackgroundService
{
    /// <summary>PostgreSQL channel on which publishers notify.</summary>
    public const string Channel = "catalogue_layers";

    /// <summary>PostgreSQL channel on which an administrator asks every frontend to read its configuration again.</summary>
    public const string ReloadChannel = "catalogue_reload";

    private static readonly TimeSpan Retry = TimeSpan.FromSeconds(1);

    // Notifications can be lost with a connection: a slow poll bounds how long a change may go unseen.
    private static readonly TimeSpan Poll = TimeSpan.FromSeconds(30);

    private readonly SemaphoreSlim _refreshing = new(1, 1);
    private Rok4Configuration _configured = Rok4Configuration.None;
    private volatile Catalogues _current = new(LayerCatalogue.Empty, LayerCatalogue.Empty, PublicServices.All);

    /// <summary>The layers of tiles now; hold it for the length of a request.</summary>
    public LayerCatalogue Current => _current.Tiles;

    /// <summary>The layers of maps now, likewise. A name may be in both.</summary>
    public LayerCatalogue Maps => _current.Maps;

    /// <summary>The services that answer now.</summary>
    public PublicServices Services => _current.Services;

    /// <summary>The services that the settings offer; some may be switched off.</summary>
    public PublicServices Offered => (configuration?.GetSection("Grid:Services").Get<ServiceOptions>() ?? new ServiceOptions()).Offered;

    /// <summary>True once the published layers have been read.</summary>
    public bool IsLoaded { get; private set; }

    /// <summary>Reads the published layers; afterwards <see cref="Current"/> is at least as new as the call.</summary>
    public async Task RefreshAsync(CancellationToken cancellation = default)
    {
        await _refreshing.WaitAsync(cancellation);
        try
        {
            await using var connection = await database.OpenConnectionAsync(cancellation);
            await using var transaction = await connection.BeginTransactionAsync(cancellation);

            // A publication has its number before it commits: waiting for those under way keeps a number from being taken without its row.
            await connection.ExecuteAsync(new CommandDefinition("lock table catalogue.published_layer in share mode", transaction: transaction, cancellationToken: cancellation));
            var sequence = await connection.ExecuteScalarAsync<long>(new CommandDefinition(
                "select case when is_called then last_value else 0 end from catalogue.published_layer_version", transaction: transaction, cancellationToken: cancellation));
            var off = await connection.QueryAsync<string>(new CommandDefinition(
                "select service from catalogue.service_switch where not enabled", transaction: transaction, cancellationToken: cancellation));
            var services = off.Aggregate(Offered, (on, service) => on & ~PublicServiceNames.Find(service));
            var configured = rok4?.Current ?? Rok4Configuration.None;
            sequence += configured.Sequence;
            if (IsLoaded && sequence == _current.Tiles.UpdateSequence && ReferenceEquals(configured, _configured))
            {
                // What remembers addresses goes by the catalogue: a switch makes a new one of the same layers.
                if (services != _current.Services)
                    _current = new Catalogues(new LayerCatalogue(_current.Tiles.Layers, sequence), new LayerCatalogue(_current.Maps.Layers, sequence), services);
                return;
            }

            var rows = (await connection.QueryAsync<(string Type, string LayerName, long Version, string Doc)>(new CommandDefinition(
                "select type, layer_name, version, doc::text from catalogue.published_layer where type in ('WMTS-TMS', 'WMS-RASTER') order by layer_name",
                transaction: transaction, cancellationToken: cancellation))).ToLookup(row => row.Type);
            var former = _current;
            _configured = configured;
            _current = new Catalogues(Of("WMTS-TMS", former.Tiles), Of("WMS-RASTER", former.Maps), services);
            IsLoaded = true;

            LayerCatalogue Of(string type, LayerCatalogue known)
            {
                var published = rows[type].Select(row => Read(row.LayerName, row.Version, row.Doc, known)).OfType<PublishedLayer>().ToList();
                var taken = published.Select(layer => layer.Name).ToHashSet();
                var others = configured.Layers.Where(layer => (type == "WMTS-TMS" ? layer.IsOfTiles : layer.IsOfMaps) && !taken.Contains(layer.Name))
                    .Select(layer => Read(layer.Name, layer.Version, layer.Document, known)).OfType<PublishedLayer>();
                return new(published.Concat(others).OrderBy(layer => layer.Name, StringComparer.Ordinal), sequence);
            }
        }
        finally
        {
            _refreshing.Release();
        }
    }

    /// <summary>As <see cref="RefreshAsync"/>, once the layers of <c>Grid:Rok4</c> have been read again.</summary>
    public async Task ReloadAsync(CancellationToken cancellation = default)
    {
        if (rok4 is not null)
            await rok4.ReadAsync(cancellation);
        await RefreshAsync(cancellation);
    }

    /// <summary>Serves other catalogues from now on; requests under way keep the ones that they hold.</summary>
    /// <param name="maps">Layers of maps; null for none.</param>
    public void Exchange(LayerCatalogue tiles, LayerCatalogue? maps = null)
    {
        _current = new Catalogues(tiles, maps ?? LayerCatalogue.Empty, _current.Services);
        IsLoaded = true;
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var isRead = false;
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await using var connection = await database.OpenConnectionAsync(stoppingToken);
                await connection.ExecuteAsync($"listen {Channel}; listen {ReloadChannel}");
                var isAsked = !isRead;
                connection.Notification += (_, told) => isAsked |= told.Channel == ReloadChannel;
                while (true)
                {
                    if (isAsked)
                    {
                        isRead = await TryReadConfiguredAsync(stoppingToken);
                        // A store that is away is asked again at the next poll.
                        isAsked = !isRead;
                    }

                    await RefreshAsync(stoppingToken);
                    await connection.WaitAsync(Poll, stoppingToken);
                }
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
            catch (Exception error) when (error is not OutOfMemoryException)
            {
                log.LogWarning("The published layers cannot be read, serving what is known: {Reason}", error.Message);
                await Task.Delay(Retry, stoppingToken);
            }
        }
    }

    // What cannot be read takes no published layer with it.
    private async Task<bool> TryReadConfiguredAsync(CancellationToken cancellation)
    {
        try
        {
            if (rok4 is not null)
                await rok4.ReadAsync(cancellation);
            return true;
        }
        catch (Exception wrong) when (wrong is Grid.Storage.StorageException or FormatException)
        {
            log.LogError("The layers of Grid:Rok4 cannot be read, those known before stay: {Reason}", wrong.Message);
            return false;
        }
    }

    // A layer that did not change keeps its object, and with it the references to its slab caches.
    private PublishedLayer? Read(string name, long version, string doc, LayerCatalogue former)
    {
        if (former.TryFind(name, out var known) && known is PublishedLayer layer && layer.Version == version)
            return layer;
        try
        {
            using var document = JsonDocument.Parse(doc);
            return PublishedLayerReader.Read(name, version, document.RootElement, extraSets);
        }
        catch (Exception error) when (error is not OutOfMemoryException)
        {
            log.LogError(error, "The published layer {Layer} cannot be read and is not served", name);
            return null;
        }
    }

    private sealed record Catalogues(LayerCatalogue Tiles, LayerCatalogue Maps, PublicServices Services);
}
