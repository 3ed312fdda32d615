using System.Globalization;
using System.Text;

namespace Grid.Silo.Telemetry;

/// <summary>
/// Metrics in Prometheus' text exposition format 0.0.4. Names and units follow OpenTelemetry's mapping ("Prometheus and OpenMetrics Compatibility"):
/// <c>grid.tiles.duration</c> in <c>s</c> becomes <c>grid_tiles_duration_seconds</c>, and counters end in <c>_total</c>.
/// </summary>
public static class PrometheusText
{
    public const string ContentType = "text/plain; version=0.0.4; charset=utf-8";

    private static readonly Dictionary<string, string> s_units = new()
    {
        ["s"] = "seconds", ["ms"] = "milliseconds", ["us"] = "microseconds", ["ns"] = "nanoseconds", ["By"] = "bytes", ["KiBy"] = "kibibytes", ["MiBy"] = "mebibytes", ["%"] = "percent",
    };

    /// <summary>All that a collector has, at this moment.</summary>
    public static string Write(MetricCollector metrics)
    {
        var text = new StringBuilder();
        // Instruments of one name in several meters, as of several hosts in one process, are one family; of another kind, they would break the format.
        foreach (var same in metrics.Collect().GroupBy(NameOf, StringComparer.Ordinal))
        {
            var first = same.First();
            if (first.Instrument.Description is { Length: > 0 } description)
                text.Append("# HELP ").Append(same.Key).Append(' ').Append(description.Replace("\\", "\\\\").Replace("\n", "\\n")).Append('\n');
            text.Append("# TYPE ").Append(same.Key).Append(' ').Append(first.Kind switch { MetricKind.Counter => "counter", MetricKind.Histogram => "histogram", _ => "gauge" }).Append('\n');
            var written = new HashSet<string>(StringComparer.Ordinal);
            foreach (var series in same.Where(family => family.Kind == first.Kind).SelectMany(family => family.Series))
            {
                var labels = Labels(series.Tags);
                if (written.Add(labels))
                    Write(text, same.Key, labels, series);
            }
        }

        return text.ToString();
    }

    /// <summary>The name of an instrument's family.</summary>
    internal static string NameOf(MetricFamily family)
    {
        var name = new StringBuilder(Clean(family.Instrument.Name, colons: true));
        if (family.Instrument.Unit is { Length: > 0 } unit && s_units.TryGetValue(unit, out var word) && !EndsWith(name, word))
            name.Append('_').Append(word);
        if (family.Kind == MetricKind.Counter && !EndsWith(name, "total"))
            name.Append("_total");
        return name.ToString();
    }

    private static bool EndsWith(StringBuilder name, string word) => name.ToString().EndsWith("_" + word, StringComparison.Ordinal);

    private static void Write(StringBuilder text, string name, string labels, MetricSeries series)
    {
        switch (series)
        {
            case HistogramSeries histogram:
                var counts = histogram.Read();
                var below = 0L;
                for (var i = 0; i < counts.Counts.Length; i++)
                {
                    below += counts.Counts[i];
                    var bound = i < counts.Bounds.Length ? Number(counts.Bounds[i]) : "+Inf";
                    Line(text, name + "_bucket", labels.Length == 0 ? $"le=\"{bound}\"" : $"{labels},le=\"{bound}\"", below);
                }

                Line(text, name + "_sum", labels, counts.Sum);
                Line(text, name + "_count", labels, below);
                break;
            case SumSeries sum:
                Line(text, name, labels, sum.Value);
                break;
            case LastSeries last:
                Line(text, name, labels, last.Value);
                break;
        }
    }

    private static void Line(StringBuilder text, string name, string labels, double value)
    {
        text.Append(name);
        if (labels.Length > 0)
            text.Append('{').Append(labels).Append('}');
        text.Append(' ').Append(Number(value)).Append('\n');
    }

    private static string Labels(KeyValuePair<string, object?>[] tags)
    {
        if (tags.Length == 0)
            return "";
        var labels = new StringBuilder();
        var names = new HashSet<string>(StringComparer.Ordinal);
        foreach (var (key, value) in tags)
        {
            var name = Clean(key, colons: false);
            // A label may be there but once, and "le" is a histogram's own.
            while (name == "le" || !names.Add(name))
                name += "_";
            if (labels.Length > 0)
                labels.Append(',');
            labels.Append(name).Append("=\"").Append(Escape(Convert.ToString(value, CultureInfo.InvariantCulture) ?? "")).Append('"');
        }

        return labels.ToString();
    }

    private static string Escape(string value) => value.Replace("\\", "\\\\").Replace("\"", "\\\"").Replace("\n", "\\n");

    /// <summary>Letters, digits and underscores, no digit first; colons in names of metrics only.</summary>
    private static string Clean(string name, bool colons)
    {
        var clean = new StringBuilder(name.Length + 1);
        foreach (var c in name)
        {
            if (char.IsAsciiLetterOrDigit(c) || (c == ':' && colons))
                clean.Append(c);
            else if (clean.Length == 0 || clean[^1] != '_')
                clean.Append('_');
        }

        return clean.Length > 0 && !char.IsAsciiDigit(clean[0]) ? clean.ToString() : "_" + clean;
    }

    private static string Number(double value) => double.IsPositiveInfinity(value) ? "+Inf" : double.IsNegativeInfinity(value) ? "-Inf"
        : double.IsNaN(value) ? "NaN" : value.ToString("R", CultureInfo.InvariantCulture);
}
