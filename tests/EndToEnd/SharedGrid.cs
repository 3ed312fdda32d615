using System.Text.Json.Nodes;
using Grid.Cli.Lots;
using Grid.Fixtures;

namespace Grid.EndToEnd.Tests;

/// <summary>A running grid with one lot that was delivered and checked; <see cref="Layer"/> shows it in PNG tiles, without loss.</summary>
public sealed class SharedGrid : IAsyncLifetime
{
    public const string Layer = "ortho";

    /// <summary>A community beside the producer's, where the same account has every right.</summary>
    public const string Neighbour = "neighbour";

    public RunningGrid Grid { get; private set; } = null!;

    public GridProducer Producer { get; private set; } = null!;

    public HttpClient Http { get; private set; } = null!;

    /// <summary>Folder of the lot: two by two dalles of 600 pixels at 20 cm in EPSG:2154.</summary>
    public string Lot { get; } = Directory.CreateTempSubdirectory("grid-lot-").FullName;

    /// <summary>Id of the upload that holds the lot.</summary>
    public string Upload { get; private set; } = "";

    /// <summary>Id of the pyramid behind <see cref="Layer"/>.</summary>
    public string Pyramid { get; private set; } = "";

    /// <summary>A tile of <see cref="Layer"/>.</summary>
    public KvpTile Tile { get; private set; } = null!;

    public async Task InitializeAsync()
    {
        OrthoLot.Generate(Lot, 2, 2, 600, 0.2);
        Grid = await RunningGrid.StartAsync(new Dictionary<string, string>
        {
            ["Grid:Communities:0:TechnicalName"] = "demo", ["Grid:Communities:1:TechnicalName"] = Neighbour,
            ["Grid:Wms:LegendServers:0"] = "http://localhost:1/allowed",
        });
        Http = new HttpClient { BaseAddress = Grid.Address };
        Producer = await GridProducer.OfAsync(Grid);
        Upload = await Producer.UploadAsync(Lot, "lot");
        Pyramid = await Producer.BuildAsync(Upload, Layer, new JsonObject { ["compression"] = "png" });
        await Producer.PublishAsync(Pyramid, Layer);
        Tile = KvpTile.InTheMiddle(StoredPyramid.Read(Grid, Pyramid), Layer, "image/png");
    }

    public async Task DisposeAsync()
    {
        Producer.Dispose();
        Http.Dispose();
        await Grid.DisposeAsync();
        Directory.Delete(Lot, recursive: true);
    }
}

/// <summary>The tests of one running grid.</summary>
[CollectionDefinition("grid")]
public sealed class GridCollection : ICollectionFixture<SharedGrid>;
