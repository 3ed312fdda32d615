using Grid.Silo.Engine;
using Microsoft.Extensions.Hosting;
using OpenTelemetry;
using OpenTelemetry.Exporter;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;

namespace Grid.Silo.Telemetry;

/// <summary>Sends metrics and traces to an OpenTelemetry collector while the host runs, and what is left when it stops.</summary>
internal sealed class OtlpExport(TelemetryOptions options, Uri collector) : IHostedService
{
    private MeterProvider? _metrics;
    private TracerProvider? _traces;

    public Task StartAsync(CancellationToken cancellationToken)
    {
        _metrics = Sdk.CreateMeterProviderBuilder()
            .ConfigureResource(Describe)
            .AddMeter([.. TelemetryHosting.Meters(options)])
            .AddOtlpExporter((exporter, reader) =>
            {
                Configure(exporter, "v1/metrics");
                reader.PeriodicExportingMetricReaderOptions.ExportIntervalMilliseconds = options.ExportSeconds * 1000;
            })
            .Build();
        _traces = Sdk.CreateTracerProviderBuilder()
            .ConfigureResource(Describe)
            .SetSampler(new TraceIdRatioBasedSampler(options.TraceShare))
            .AddSource([.. TelemetryHosting.TraceSources])
            .AddOtlpExporter(exporter => Configure(exporter, "v1/traces"))
            .Build();
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken)
    {
        // Each sends what it has; a collector that is away is waited for no longer than its timeout.
        _metrics?.Dispose();
        _traces?.Dispose();
        return Task.CompletedTask;
    }

    private void Describe(ResourceBuilder resource) => resource
        .AddService(options.ServiceName, serviceInstanceId: $"{Environment.MachineName}:{Environment.ProcessId}")
        .AddAttributes([new("grid.engine", EngineHosting.Name)]);

    // OTLP/HTTP has a path for each kind (OTLP specification, "OTLP/HTTP Request"); the exporter adds it only to an address from its own environment variables.
    private void Configure(OtlpExporterOptions exporter, string path)
    {
        exporter.Protocol = options.OtlpProtocol == OtlpForm.Http ? OtlpExportProtocol.HttpProtobuf : OtlpExportProtocol.Grpc;
        exporter.Endpoint = options.OtlpProtocol == OtlpForm.Http ? new Uri(collector.AbsoluteUri.TrimEnd('/') + "/" + path) : collector;
        exporter.TimeoutMilliseconds = 5000;
    }
}
