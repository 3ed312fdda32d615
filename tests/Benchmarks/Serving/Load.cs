using System.Text.Json.Nodes;

namespace Grid.Benchmarks.Serving;

/// <summary>What a server carried: answers of 200 a second, and of all others; times of all; its processor time an answer.</summary>
internal sealed record Carried(double Rps, double RefusedRps, double P50Ms, double P99Ms, double CpuMicros)
{
    public double AnsweredRps => Rps + RefusedRps;

    public JsonObject ToJson() => new()
    {
        ["rps"] = Math.Round(Rps),
        ["p50_ms"] = Math.Round(P50Ms, 3),
        ["p99_ms"] = Math.Round(P99Ms, 3),
        ["server_cpu_us"] = Math.Round(CpuMicros, 1),
        ["errors_per_s"] = Math.Round(RefusedRps),
    };

    /// <summary>Each figure's median over some runs.</summary>
    public static Carried Median(IReadOnlyCollection<Carried> runs)
    {
        return new Carried(Of(run => run.Rps), Of(run => run.RefusedRps), Of(run => run.P50Ms), Of(run => run.P99Ms), Of(run => run.CpuMicros));

        double Of(Func<Carried, double> figure) => runs.Select(figure).Order().ElementAt(runs.Count / 2);
    }
}

/// <summary>A list of addresses that wrk plays with two threads against a server on the same cores.</summary>
internal sealed class Load
{
    private const string Script = """
        local paths, at, count = {}, 0, 0
        local number = 0
        function setup(thread) number = number + 1; thread:set("start", number) end
        function init(args)
          for line in io.lines(args[1]) do count = count + 1; paths[count] = wrk.format("GET", line) end
          at = math.floor(count / 2) * (start - 1)
        end
        function request() at = at % count + 1; return paths[at] end
        function done(summary, latency, requests)
          local e = summary.errors
          io.write(string.format('{"requests":%d,"seconds":%f,"p50":%f,"p99":%f,"status":%d,"broken":%d}\n', summary.requests, summary.duration / 1e6,
            latency:percentile(50) / 1e3, latency:percentile(99) / 1e3, e.status, e.timeout + e.connect + e.read + e.write))
        end
        """;

    private readonly string _list;
    private readonly string _script;

    public Load(string folder, IEnumerable<string> addresses)
    {
        Directory.CreateDirectory(folder);
        _list = Path.Combine(folder, "tiles.txt");
        _script = Path.Combine(folder, "list.lua");
        File.WriteAllLines(_list, addresses);
        File.WriteAllText(_script, Script);
    }

    /// <summary>Plays the list; throws when a connection broke.</summary>
    /// <param name="process">The server's process; those that it has started count too.</param>
    public async Task<Carried> RunAsync(Uri address, int process, int seconds, int connections = 32)
    {
        var before = MeasuredProcess.TreeCpuSeconds(process);
        var run = await MeasuredProcess.RunAsync(
            "wrk", ["-t2", $"-c{connections}", $"-d{seconds}s", "--timeout", "10s", "-s", _script, address.ToString(), "--", _list]);
        var cpu = MeasuredProcess.TreeCpuSeconds(process) - before;
        var line = run.Output.Trim().Split('\n').LastOrDefault(text => text.StartsWith('{'))
            ?? throw new InvalidOperationException($"wrk printed no result: {run.Output}{run.Errors}");
        var result = JsonNode.Parse(line)!;
        double Number(string name) => (double)result[name]!;
        if (Number("broken") > 0)
            throw new InvalidOperationException($"{Number("broken")} of {Number("requests")} requests to {address} broke or timed out.");
        return new Carried(
            (Number("requests") - Number("status")) / Number("seconds"), Number("status") / Number("seconds"), Number("p50"), Number("p99"), cpu / Number("requests") * 1e6);
    }
}
