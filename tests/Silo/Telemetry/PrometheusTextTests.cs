using System.Diagnostics;
using System.Diagnostics.Metrics;
using Grid.Silo.Telemetry;

namespace Grid.Silo.Tests.Telemetry;

/// <summary>The text that Prometheus reads, by its exposition format 0.0.4; the judge is promtool, the format's own.</summary>
public sealed class PrometheusTextTests : IDisposable
{
    private readonly Meter _meter;
    private readonly MetricCollector _metrics;

    public PrometheusTextTests()
    {
        _meter = new Meter($"Tests.{Guid.NewGuid():N}");
        _metrics = new MetricCollector(meter => meter == _meter);
    }

    public void Dispose()
    {
        _metrics.Dispose();
        _meter.Dispose();
    }

    [Fact]
    public void Counters_end_in_total_and_have_their_unit()
    {
        var counter = _meter.CreateCounter<long>("grid.test.sent", "By", "Bytes sent.");
        counter.Add(40, new KeyValuePair<string, object?>("to", "a"));
        counter.Add(2, new KeyValuePair<string, object?>("to", "a"));
        counter.Add(1, new KeyValuePair<string, object?>("to", "b"));
        Assert.Equal(
            """
            # HELP grid_test_sent_bytes_total Bytes sent.
            # TYPE grid_test_sent_bytes_total counter
            grid_test_sent_bytes_total{to="a"} 42
            grid_test_sent_bytes_total{to="b"} 1

            """.Split('\n').Order(),
            Text().Split('\n').Order());
    }

    [Fact]
    public void Label_values_and_help_are_escaped_and_names_cleaned()
    {
        _meter.CreateUpDownCounter<int>("grid-test.9 lives", "{cat}", "A \\ and\na line.").Add(-3, new KeyValuePair<string, object?>("a.b", "say \"so\\\"\n"), new("9", true));
        var text = Text();
        Assert.Contains("# HELP grid_test_9_lives A \\\\ and\\na line.\n", text);
        Assert.Contains("# TYPE grid_test_9_lives gauge\n", text);
        Assert.Contains("grid_test_9_lives{a_b=\"say \\\"so\\\\\\\"\\n\",_9=\"True\"} -3\n", text);
    }

    [Fact]
    public void Histogram_buckets_are_cumulative_and_inclusive()
    {
        var histogram = _meter.CreateHistogram("grid.test.duration", "s", null, null, new InstrumentAdvice<double> { HistogramBucketBoundaries = [0.1, 1] });
        foreach (var value in (double[])[0.05, 0.1, 0.5, 7])
            histogram.Record(value, new KeyValuePair<string, object?>("result", "hit"));
        Assert.Equal(
            """
            # TYPE grid_test_duration_seconds histogram
            grid_test_duration_seconds_bucket{result="hit",le="0.1"} 2
            grid_test_duration_seconds_bucket{result="hit",le="1"} 3
            grid_test_duration_seconds_bucket{result="hit",le="+Inf"} 4
            grid_test_duration_seconds_sum{result="hit"} 7.65
            grid_test_duration_seconds_count{result="hit"} 4

            """,
            Text());
    }

    [Fact]
    public void What_an_observable_instrument_does_not_tell_of_any_more_is_gone()
    {
        List<Measurement<int>> told = [new(1, new KeyValuePair<string, object?>("type", "region")), new(2, new KeyValuePair<string, object?>("type", "upload"))];
        _meter.CreateObservableGauge("grid.test.grains", () => told);
        Assert.Contains("grid_test_grains{type=\"upload\"} 2\n", Text());
        told.RemoveAt(1);
        var text = Text();
        Assert.Contains("grid_test_grains{type=\"region\"} 1\n", text);
        Assert.DoesNotContain("upload", text);
    }

    [Fact]
    public void Numbers_beyond_the_finite_are_written_as_the_format_has_them()
    {
        var gauge = _meter.CreateGauge<double>("grid.test.number");
        foreach (var (value, text) in ((double, string)[])[(double.NaN, "NaN"), (double.PositiveInfinity, "+Inf"), (double.NegativeInfinity, "-Inf"), (1e-7, "1E-07")])
        {
            gauge.Record(value);
            Assert.Contains($"grid_test_number {text}\n", Text());
        }
    }

    [Fact]
    public void Tags_without_end_do_not_take_memory_without_end()
    {
        var counter = _meter.CreateCounter<long>("grid.test.asked");
        for (var i = 0; i < MostSeries + 500; i++)
            counter.Add(1, new KeyValuePair<string, object?>("who", i));
        Assert.Equal(MostSeries, Text().Split('\n').Count(line => line.StartsWith("grid_test_asked", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task Nothing_is_lost_when_threads_record_together()
    {
        var histogram = _meter.CreateHistogram<double>("grid.test.together", "s");
        await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Run(() =>
        {
            for (var i = 0; i < 100_000; i++)
                histogram.Record(0.5, new KeyValuePair<string, object?>("result", "hit"));
        })));
        var counts = _metrics.Histogram("grid.test.together")!;
        Assert.Equal(400_000, counts.Count);
        Assert.Equal(200_000, counts.Sum);
    }

    [Fact]
    public void Recording_with_tags_seen_before_takes_no_memory()
    {
        var histogram = _meter.CreateHistogram<double>("grid.test.lean", "s");
        var tag = new KeyValuePair<string, object?>("result", "hit");
        histogram.Record(0.5, tag);
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 1000; i++)
            histogram.Record(0.5, tag);
        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
    }

    [Theory]
    [InlineData(0.5, 1.0)]
    [InlineData(0.25, 0.5)]
    [InlineData(1.0, 4.0)]
    public void Quantiles_lie_between_the_bounds_by_proportion(double share, double expected) =>
        Assert.Equal(expected, new HistogramCounts([1, 2, 4], [10, 5, 5, 0], 0).Quantile(share));

    [PromtoolFact]
    public async Task Promtool_finds_nothing_to_say()
    {
        Counters_end_in_total_and_have_their_unit();
        Label_values_and_help_are_escaped_and_names_cleaned();
        _meter.CreateHistogram<long>("grid.test.size", "By", "Sizes.").Record(3, new KeyValuePair<string, object?>("le", "mine"));
        _meter.CreateObservableCounter("grid.test.seen", () => 7L, null, "Seen.");
        using var promtool = Process.Start(new ProcessStartInfo(PromtoolFactAttribute.Program, ["check", "metrics"]) { RedirectStandardInput = true, RedirectStandardError = true, RedirectStandardOutput = true })!;
        await promtool.StandardInput.WriteAsync(Text());
        promtool.StandardInput.Close();
        var said = await promtool.StandardOutput.ReadToEndAsync() + await promtool.StandardError.ReadToEndAsync();
        await promtool.WaitForExitAsync();
        Assert.Equal(("", 0), (said, promtool.ExitCode));
    }

    private const int MostSeries = 2000;

    private string Text() => PrometheusText.Write(_metrics);
}

/// <summary>A fact that needs Debian's package prometheus: skipped at a desk that lacks it, run (and so failed) where <c>CI</c> is set.</summary>
public sealed class PromtoolFactAttribute : FactAttribute
{
    public const string Program = "/usr/bin/promtool";

    public PromtoolFactAttribute()
    {
        if (!File.Exists(Program) && Environment.GetEnvironmentVariable("CI") is null)
            Skip = "needs Debian's package prometheus";
    }
}
