using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Configuration.Memory;

namespace Grid.Silo.Hosting;

/// <summary>
/// What the programs log unless settings say otherwise. In the program, and not in a file beside it, which is only found by who starts it in its folder: without
/// these levels every request and every statement writes lines.
/// </summary>
public static class LogLevels
{
    private static readonly KeyValuePair<string, string?>[] s_levels =
        [new("Logging:LogLevel:Microsoft.AspNetCore", "Warning"), new("Logging:LogLevel:Npgsql", "Warning"), new("Logging:LogLevel:Orleans", "Warning")];

    /// <summary>Puts the levels before every other source of settings, so that each of those goes before them.</summary>
    public static void AddDefaultLogLevels(this IConfigurationBuilder settings) =>
        settings.Sources.Insert(0, new MemoryConfigurationSource { InitialData = s_levels });
}
