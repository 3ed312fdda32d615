namespace Grid.Silo.Database;

/// <summary>Which PostgreSQL the grid uses. Bound from the section <c>Grid:Database</c>.</summary>
public sealed class DatabaseOptions
{
    /// <summary>
    /// A server of your own (Npgsql's keywords), needed for several machines. Null or empty: the grid runs a private server under
    /// <see cref="DataFolder"/>. It holds a password: set it by the environment variable <c>Grid__Database__ConnectionString</c>.
    /// </summary>
    public string? ConnectionString { get; set; }

    /// <summary>The grid's data folder; the private server's files are its <c>postgres</c> folder. Needed without a connection string.</summary>
    public string? DataFolder { get; set; }

    /// <summary>The folder of <c>initdb</c> and <c>postgres</c>. Null: Debian's newest, or those on the path.</summary>
    public string? ProgramsFolder { get; set; }

    /// <summary>Most connections of this process, 1 to 1000; a silo on Orleans has 16 more. Default 40. Each costs the server 5 to 10 MB.</summary>
    public int MaxConnections { get; set; } = 40;

    /// <summary>Page cache of the private server in MB, 16 to 65536. Default 64: the catalogue is small.</summary>
    public int SharedBuffersMegabytes { get; set; } = 64;

    /// <summary>Seconds to wait at start for a server that answers, or for another grid to leave the data folder, 1 to 3600. Default 60.</summary>
    public int StartTimeoutSeconds { get; set; } = 60;

    internal TimeSpan StartTimeout => TimeSpan.FromSeconds(StartTimeoutSeconds);

    /// <summary>Throws <see cref="DatabaseException"/>, which names the setting, unless a database can be opened from these.</summary>
    public void Validate()
    {
        if (string.IsNullOrEmpty(ConnectionString) && string.IsNullOrWhiteSpace(DataFolder))
            throw new DatabaseException("Neither Grid:Database:ConnectionString nor Grid:Database:DataFolder is set.");
        InRange(nameof(MaxConnections), MaxConnections, 1, 1000);
        InRange(nameof(SharedBuffersMegabytes), SharedBuffersMegabytes, 16, 65536);
        InRange(nameof(StartTimeoutSeconds), StartTimeoutSeconds, 1, 3600);
    }

    private static void InRange(string name, int value, int least, int most)
    {
        if (value < least || value > most)
            throw new DatabaseException($"Grid:Database:{name} is {value}: it goes from {least} to {most}.");
    }
}
