using Grid.Silo.Health;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Grid.Silo.Telemetry;

/// <summary>
/// A small server of its own for <c>/metrics</c> and <c>/health</c>, at an address that only operators reach: it goes on answering when the program's
/// other port is flooded.
/// </summary>
internal sealed class MetricsPort(TelemetryOptions options, MetricCollector metrics, Readiness readiness, ILoggerFactory loggers) : IHostedService
{
    private WebApplication? _server;

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        var host = options.MetricsAddress.Contains(':') ? $"[{options.MetricsAddress}]" : options.MetricsAddress;
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel => kestrel.AddServerHeader = false).UseUrls($"http://{host}:{options.MetricsPort}");
        builder.Services.AddRoutingCore();
        builder.Services.AddSingleton(loggers);
        builder.Services.AddSingleton(metrics);
        builder.Services.AddSingleton(readiness);
        _server = builder.Build();
        _server.MapHealth();
        _server.MapMetrics();
        await _server.StartAsync(cancellationToken);
    }

    public async Task StopAsync(CancellationToken cancellationToken)
    {
        if (_server is null)
            return;
        await _server.StopAsync(cancellationToken);
        await _server.DisposeAsync();
    }
}

/// <summary>Metrics by HTTP.</summary>
public static class MetricsEndpoint
{
    /// <summary>Answers <c>/metrics</c> to whoever asks.</summary>
    public static IEndpointConventionBuilder MapMetrics(this IEndpointRouteBuilder routes) =>
        routes.MapGet("/metrics", (MetricCollector metrics) => Results.Text(PrometheusText.Write(metrics), PrometheusText.ContentType));
}
