using System.Diagnostics.Metrics;
using System.Runtime.CompilerServices;
using Grid.Grains.PointClouds;
using Grid.Grains.Pyramids;
using Grid.Grains.Tiles;
using Grid.Silo.Engine;
using Grid.Silo.Operations;
using Grid.Storage;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Grid.Silo.Telemetry;

/// <summary>Puts metrics, traces and the memory of errors into a host.</summary>
public static class TelemetryHosting
{
    /// <summary>What traces come from: Grid's own sources, requests, calls of grains and statements.</summary>
    internal static IReadOnlyList<string> TraceSources { get; } =
        [PyramidInstruments.Name, PointCloudInstruments.Name, "Grid.Calls", "Microsoft.AspNetCore", "Microsoft.Orleans.Application", "Microsoft.Orleans.Runtime", "Npgsql"];

    private static readonly string[] s_meters = ["Grid.*", "System.Runtime", "Microsoft.AspNetCore.Hosting", "Microsoft.AspNetCore.Server.Kestrel", "Npgsql"];

    // Instruments exist from the first use of their class: they are to be known, as zero, before.
    private static readonly Type[] s_instruments = [typeof(PyramidInstruments), typeof(PointCloudInstruments), typeof(SlabCacheInstruments), typeof(StoreInstruments)];

    /// <summary>Adds it, once the engine is added. Throws, naming the setting, when an option of <c>Grid:Telemetry</c> makes no sense.</summary>
    /// <param name="tiles">The class of instruments of a frontend's tiles; null in a process that serves none.</param>
    public static TelemetryOptions AddTelemetry(this IHostApplicationBuilder builder, Type? tiles = null)
    {
        var options = builder.Configuration.GetSection("Grid:Telemetry").Get<TelemetryOptions>() ?? new TelemetryOptions();
        options.Validate();
        foreach (var type in tiles is null ? s_instruments : s_instruments.Append(tiles))
            RuntimeHelpers.RunClassConstructor(type.TypeHandle);

        builder.Services.AddSingleton(options);
        builder.Services.AddSingleton(new RecentErrors(TimeProvider.System));
        builder.Services.AddSingleton<ILoggerProvider>(services => services.GetRequiredService<RecentErrors>());
        builder.Services.AddSingleton<ProcessInstruments>();
        builder.Services.AddSingleton(services => new MetricCollector(Chosen(options, services)));
        builder.Services.AddHostedService<Telemetry>();
        var engine = builder.Configuration.GetSection("Grid:Engine").Get<EngineOptions>() ?? new EngineOptions();
        builder.Services.AddSingleton(new ProcessIdentity(engine.NameOrDefault, tiles is not null));
        if (options.MetricsPort != 0)
            builder.Services.AddHostedService<MetricsPort>();
        if (options.OtlpEndpoint is { } collector)
        {
            builder.Services.AddSingleton<IHostedService>(new OtlpExport(options, new Uri(collector)));
            builder.TraceGrainCalls();
        }

        return options;
    }

    /// <summary>Names of meters, as the OpenTelemetry SDK has them: an asterisk stands for anything.</summary>
    internal static IEnumerable<string> Meters(TelemetryOptions options) => s_meters.Concat(options.Meters ?? []);

    private static Func<Meter, bool> Chosen(TelemetryOptions options, IServiceProvider services)
    {
        var names = Meters(options).ToList();
        var own = services.GetRequiredService<ProcessInstruments>();
        // Of meters that belong to a host, only this one's.
        return meter => (meter.Scope is not ProcessInstruments process || process == own)
            && names.Exists(name => name.EndsWith('*') ? meter.Name.StartsWith(name[..^1], StringComparison.Ordinal) : meter.Name == name);
    }

    /// <summary>Begins to collect when the host begins, so that nothing is missed until the first question.</summary>
    private sealed class Telemetry(MetricCollector metrics, ProcessInstruments process) : IHostedService
    {
        public Task StartAsync(CancellationToken cancellationToken)
        {
            ArgumentNullException.ThrowIfNull(metrics);
            ArgumentNullException.ThrowIfNull(process);
            return Task.CompletedTask;
        }

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
