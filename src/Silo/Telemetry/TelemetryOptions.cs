using System.Net;

namespace Grid.Silo.Telemetry;

/// <summary>How a process's metrics and traces go to those who watch it. Bound from the section <c>Grid:Telemetry</c>.</summary>
public sealed class TelemetryOptions
{
    /// <summary>
    /// Address of an OpenTelemetry collector that takes OTLP, such as <c>http://collector:4317</c>. Null: nothing is sent. Headers with secrets come from the
    /// environment, <c>OTEL_EXPORTER_OTLP_HEADERS</c>.
    /// </summary>
    public string? OtlpEndpoint { get; set; }

    /// <summary>Which form of OTLP the collector takes. Default gRPC, usually at port 4317; HTTP is usually at port 4318.</summary>
    public OtlpForm OtlpProtocol { get; set; } = OtlpForm.Grpc;

    /// <summary>Seconds between two exports of metrics, 1 to 3600. Default 15.</summary>
    public int ExportSeconds { get; set; } = 15;

    /// <summary>Share of requests and builds whose traces are sent, 0 to 1. Default 1: tiles, which are most requests, are never traced.</summary>
    public double TraceShare { get; set; } = 1;

    /// <summary>The name of this grid in traces and metrics that are sent. Default <c>grid</c>.</summary>
    public string ServiceName { get; set; } = "grid";

    /// <summary>
    /// Port of its own for <c>/metrics</c> and <c>/health</c>, which ask for no password there; 0 for none. Default 0: a frontend then shows its metrics to
    /// administrators only, a silo at its other address.
    /// </summary>
    public int MetricsPort { get; set; }

    /// <summary>IP address that the port is of. Default <c>127.0.0.1</c>; <c>0.0.0.0</c> for all of the machine's, on a network of the operators' own.</summary>
    public string MetricsAddress { get; set; } = "127.0.0.1";

    /// <summary>Meters that are shown and sent beside those of Grid, .NET, ASP.NET Core and Npgsql, such as <c>Microsoft.Orleans</c>. Null: none.</summary>
    public List<string>? Meters { get; set; }

    /// <summary>Throws <see cref="ArgumentException"/>, which names the setting, unless the options make sense.</summary>
    public void Validate()
    {
        if (OtlpEndpoint is not null && !(Uri.TryCreate(OtlpEndpoint, UriKind.Absolute, out var address) && address.Scheme is "http" or "https"))
            throw new ArgumentException($"Grid:Telemetry:OtlpEndpoint is \"{OtlpEndpoint}\": it is an http or https address.");
        if (!Enum.IsDefined(OtlpProtocol))
            throw new ArgumentException($"Grid:Telemetry:OtlpProtocol is {OtlpProtocol}: it is Grpc or Http.");
        if (ExportSeconds is < 1 or > 3600)
            throw new ArgumentException($"Grid:Telemetry:ExportSeconds is {ExportSeconds}: it goes from 1 to 3600.");
        if (!(TraceShare is >= 0 and <= 1))
            throw new ArgumentException($"Grid:Telemetry:TraceShare is {TraceShare}: it goes from 0 to 1.");
        if (string.IsNullOrWhiteSpace(ServiceName))
            throw new ArgumentException("Grid:Telemetry:ServiceName is empty: it names this grid.");
        if (MetricsPort is < 0 or > 65535)
            throw new ArgumentException($"Grid:Telemetry:MetricsPort is {MetricsPort}: it goes from 0 to 65535.");
        if (!IPAddress.TryParse(MetricsAddress, out _))
            throw new ArgumentException($"Grid:Telemetry:MetricsAddress is \"{MetricsAddress}\": it is an IP address of this machine, or 0.0.0.0 for all.");
    }
}

/// <summary>The forms of OTLP.</summary>
public enum OtlpForm
{
    /// <summary>OTLP/gRPC.</summary>
    Grpc,

    /// <summary>OTLP/HTTP with protocol buffers.</summary>
    Http,
}
