using System.Text.Json;
using Dapper;
using Grid.Frontend.Maps;
using Grid.Ogc;
using Npgsql;

namespace Grid.Frontend.Layers;

/// <summary>
/// What this frontend serves: the published layers, as one immutable catalogue that is exchanged whole when a row of
/// <c>catalogue.published_layer</c> changes. A request sees one catalogue from its beginning to its end, so publishing is atomic.
/// </summary>
public sealed class PublishedLayers(NpgsqlDataSource database, ILogger<PublishedLayers> log, ExtraSets? extraSets = null) : BackgroundService
{
    /// <summary>PostgreSQL channel on which publishers notify.</summary>
    public const string Channel = "catalogue_layers";

    private static readonly TimeSpan Retry = TimeSpan.FromSeconds(1);

    // Notifications can be lost with a connection: a slow poll bounds how long a change may go unseen.
    private static readonly TimeSpan Poll = TimeSpan.FromSeconds(30);

    private readonly SemaphoreSlim _refreshing = new(1, 1);
    private volatile Catalogues _current = new(LayerCatalogue.Empty, LayerCatalogue.Empty);

    /// <summary>The layers of tiles now; hold it for the length of a request.</summary>
    public LayerCatalogue Current => _current.Tiles;

    /// <summary>The layers of maps now, likewise. A name may be in both.</summary>
    public LayerCatalogue Maps => _current.Maps;

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
            if (IsLoaded && sequence == _current.Tiles.UpdateSequence)
                return;
            var rows = (await connection.QueryAsync<(string Type, string LayerName, long Version, string Doc)>(new CommandDefinition(
                "select type, layer_name, version, doc::text from catalogue.published_layer where type in ('WMTS-TMS', 'WMS-RASTER') order by layer_name",
                transaction: transaction, cancellationToken: cancellation))).ToLookup(row => row.Type);
            var former = _current;
            Exchange(Of("WMTS-TMS", former.Tiles), Of("WMS-RASTER", former.Maps));

            LayerCatalogue Of(string type, LayerCatalogue known) =>
                new(rows[type].Select(row => Read(row.LayerName, row.Version, row.Doc, known)).OfType<PublishedLayer>(), sequence);
        }
        finally
        {
            _refreshing.Release();
        }
    }

    /// <summary>Serves other catalogues from now on; requests under way keep the ones that they hold.</summary>
    /// <param name="maps">Layers of maps; null for none.</param>
    public void Exchange(LayerCatalogue tiles, LayerCatalogue? maps = null)
    {
        _current = new Catalogues(tiles, maps ?? LayerCatalogue.Empty);
        IsLoaded = true;
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await using var connection = await database.OpenConnectionAsync(stoppingToken);
                await connection.ExecuteAsync($"listen {Channel}");
                while (true)
                {
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

    private sealed record Catalogues(LayerCatalogue Tiles, LayerCatalogue Maps);
}
