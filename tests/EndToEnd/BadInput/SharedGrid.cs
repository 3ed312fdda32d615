using Grid.Fixtures;

namespace Grid.EndToEnd.Tests.BadInput;

/// <summary>One running server for all the tests of bad input that leave it running: each of them is also a proof that the others' input did it no harm.</summary>
public sealed class SharedGrid : IAsyncLifetime
{
    public const string Collection = "bad input to one server";

    private readonly string _folder = Directory.CreateTempSubdirectory("grid-bad-").FullName;

    public RunningGrid Grid { get; private set; } = null!;

    internal Producer Producer { get; private set; } = null!;

    public async Task InitializeAsync()
    {
        Grid = await RunningGrid.StartAsync();
        Producer = await Producer.LogInAsync(Grid);
    }

    public async Task DisposeAsync()
    {
        Producer.Dispose();
        await Grid.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    /// <summary>A new empty folder.</summary>
    internal string NewFolder() => Directory.CreateDirectory(Path.Combine(_folder, Guid.NewGuid().ToString("n"))).FullName;
}

[CollectionDefinition(SharedGrid.Collection)]
public sealed class SharedGridCollection : ICollectionFixture<SharedGrid>;
