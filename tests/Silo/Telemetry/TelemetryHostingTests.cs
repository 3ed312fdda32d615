using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using System.Text;
using Grid.Fixtures;
using Grid.Grains.Operations;
using Grid.Grains.Pyramids;
using Grid.Silo.Health;
using Grid.Silo.Operations;
using Grid.Silo.Telemetry;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Grid.Silo.Tests.Telemetry;

public class TelemetryHostingTests
{
    [Fact]
    public async Task Metrics_and_traces_reach_a_collector()
    {
        var port = RunningGrid.FreePort();
        using var collector = new HttpListener { Prefixes = { $"http://127.0.0.1:{port}/" } };
        collector.Start();
        var sent = new ConcurrentDictionary<string, string>();
        var receiving = ReceiveAsync(collector, sent);
        using (var host = Host(("Grid:Telemetry:OtlpEndpoint", $"http://127.0.0.1:{port}"), ("Grid:Telemetry:OtlpProtocol", "Http")))
        {
            await host.StartAsync();
            using (PyramidInstruments.Traces.StartActivity("a span of the test"))
            {
            }

            // What is left is sent when the host stops.
            await host.StopAsync();
        }

        collector.Stop();
        await receiving;
        // Protocol buffers keep strings as they are.
        Assert.Contains("grid.work.waiting", sent["/v1/metrics"]);
        Assert.Contains("queue of the test", sent["/v1/metrics"]);
        Assert.Contains("a span of the test", sent["/v1/traces"]);
    }

    [Fact]
    public async Task Port_of_the_operators_tells_metrics_and_what_is_waited_for()
    {
        var port = RunningGrid.FreePort();
        using var host = Host(("Grid:Telemetry:MetricsPort", $"{port}"));
        await host.StartAsync();
        host.Services.GetRequiredService<ILogger<TelemetryHostingTests>>().LogWarning("A warning of the test");
        using var http = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{port}/") };
        var metrics = await http.GetStringAsync("metrics");
        Assert.Contains("grid_work_waiting{queue=\"queue of the test\"} 3\n", metrics);
        Assert.Contains("grid_cache_size_bytes{cache=\"cache of the test\"} 5\n", metrics);
        Assert.Contains("grid_log_entries_total{level=\"warning\"} 1\n", metrics);
        Assert.Contains("# TYPE grid_pyramids_pixels_total counter\n", metrics);
        Assert.Equal("""{"status":"live"}""", await http.GetStringAsync("health/live"));
        using var ready = await http.GetAsync("health/ready");
        Assert.Equal(HttpStatusCode.ServiceUnavailable, ready.StatusCode);
        Assert.Equal("""{"status":"waiting for the tide","checks":{"ground":true,"tide":false}}""", await ready.Content.ReadAsStringAsync());
        await host.StopAsync();
    }

    [Fact]
    public void Errors_that_repeat_themselves_are_kept_once_and_the_newest_is_first()
    {
        var errors = new RecentErrors(TimeProvider.System);
        var log = errors.CreateLogger("a source");
        log.LogWarning("one");
        for (var i = 0; i < 100; i++)
            log.LogError(new InvalidOperationException("because"), "again");
        log.LogInformation("not kept");
        Assert.Equal([("again: because", 100L), ("one", 1L)], errors.Latest.Select(error => (error.Message, error.Count)));
        Assert.Equal((1, 100), (errors.Warnings, errors.Failures));
    }

    [Fact]
    public void Parts_of_one_build_are_in_one_trace_on_whatever_silo()
    {
        using var listener = new ActivityListener { ShouldListenTo = source => source == PyramidInstruments.Traces, Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllData };
        ActivitySource.AddActivityListener(listener);
        var build = Guid.NewGuid().ToString();
        using var one = PyramidInstruments.Trace("slab", build);
        using var other = PyramidInstruments.Trace("slab", build);
        Assert.Equal(build.Replace("-", ""), one!.TraceId.ToString());
        Assert.Equal((one.TraceId, one.ParentSpanId), (other!.TraceId, other.ParentSpanId));
    }

    private static IHost Host(params (string Key, string Value)[] settings)
    {
        var builder = Microsoft.Extensions.Hosting.Host.CreateEmptyApplicationBuilder(null);
        builder.Configuration.AddInMemoryCollection(settings.Select(setting => KeyValuePair.Create(setting.Key, (string?)setting.Value)));
        builder.Services.AddSingleton(new WorkQueue("queue of the test", 4, () => 2, () => 3));
        builder.Services.AddSingleton(new ByteCache("cache of the test", 10, () => 5));
        builder.Services.AddSingleton(new ReadinessCheck("ground", "waiting for the ground", _ => Task.FromResult(true)));
        builder.Services.AddSingleton(new ReadinessCheck("tide", "waiting for the tide", _ => throw new TimeoutException("no moon")));
        builder.Services.AddSingleton<Readiness>();
        builder.AddTelemetry();
        return builder.Build();
    }

    private static async Task ReceiveAsync(HttpListener collector, ConcurrentDictionary<string, string> sent)
    {
        while (true)
        {
            HttpListenerContext context;
            try
            {
                context = await collector.GetContextAsync();
            }
            catch (Exception) when (!collector.IsListening)
            {
                return;
            }

            using var body = new MemoryStream();
            await context.Request.InputStream.CopyToAsync(body);
            sent.AddOrUpdate(context.Request.Url!.AbsolutePath, Encoding.UTF8.GetString(body.ToArray()), (_, before) => before + Encoding.UTF8.GetString(body.ToArray()));
            context.Response.Close();
        }
    }
}
