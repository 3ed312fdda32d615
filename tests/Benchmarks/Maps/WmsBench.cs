using System.Globalization;
using System.Text.Json.Nodes;
using System.Xml.Linq;
using Grid.Benchmarks.Serving;

namespace Grid.Benchmarks.Maps;

/// <summary>
/// Maps of 512 × 512 pixels in EPSG:4326, JPEG 75, linear, at the scales of zooms 16 to 19, drawn from a JPEG 90 pyramid in web mercator and asked for by
/// wrk (2 threads, 32 connections) on the cores that the server has too; and the same requests to MapServer over the same lot as a Cloud Optimized GeoTIFF
/// with the same tiles and levels, four processes behind nginx.
/// </summary>
internal static class WmsBench
{
    private const int Maps = 1000;
    private const int Seconds = 10;

    public static async Task<int> RunAsync(BenchOptions options)
    {
        var line = new JsonObject { ["bench"] = "wms", ["lot"] = options.Lot };
        if (!MeasuredProcess.IsInstalled("wrk"))
        {
            line["missing"] = "wrk is not installed (Debian package wrk)";
            Console.WriteLine(line.ToJsonString());
            return 1;
        }

        var work = Path.Combine(options.Data, "wms");
        Directory.CreateDirectory(work);
        JsonObject ours, theirs;
        string layer;
        IReadOnlyList<string> queries;
        await using (var server = await RunningServer.StartAsync(options with { Interpolation = "linear" }, Path.Combine(work, "grid")))
        {
            using var http = new HttpClient { BaseAddress = server.Address };
            (layer, var bounds) = await LayerAsync(http);
            queries = Queries(layer, bounds);
            ours = await MeasureAsync(work, new Uri(server.Address, "/wms-r"), server.ProcessId, queries);
        }

        // One after the other: each has the machine to itself.
        theirs = await MapServer.RunAsync(options, work, layer, (address, process) => MeasureAsync(work, address, process, queries));
        line["maps"] = Maps;
        line["ours"] = ours;
        line["peers"] = new JsonObject { ["mapserver"] = theirs };
        line["ratios"] = new JsonObject { ["mapserver"] = theirs["rps"] is { } rate ? Math.Round((double)ours["rps"]! / (double)rate, 2) : null };
        Console.WriteLine(line.ToJsonString());
        return 0;
    }

    private static async Task<JsonObject> MeasureAsync(string work, Uri service, int process, IReadOnlyList<string> queries)
    {
        // A map of each kind is looked at before any is counted.
        using var http = new HttpClient();
        long bytes = 0;
        foreach (var query in queries.Take(20))
        {
            using var answer = await http.GetAsync(service + query);
            var body = await answer.Content.ReadAsByteArrayAsync();
            if (answer.Content.Headers.ContentType?.MediaType != "image/jpeg")
                throw new InvalidOperationException($"{service}{query} answered {(int)answer.StatusCode}: {System.Text.Encoding.UTF8.GetString(body)}");
            bytes += body.Length;
        }

        // The first play of the list fills the caches of both.
        var load = new Load(Path.Combine(work, "load"), queries.Select(query => service.AbsolutePath + query));
        var host = new Uri(service.GetLeftPart(UriPartial.Authority));
        await load.RunAsync(host, process, Seconds);
        var measured = (await load.RunAsync(host, process, Seconds)).ToJson();
        measured["mean_map_bytes"] = bytes / 20;
        return measured;
    }

    /// <summary>The first layer of the capabilities, and where it is: west, south, east, north in degrees.</summary>
    private static async Task<(string Name, double[] Bounds)> LayerAsync(HttpClient http)
    {
        XNamespace wms = "http://www.opengis.net/wms";
        var layer = XDocument.Parse(await http.GetStringAsync("/wms-r?SERVICE=WMS&REQUEST=GetCapabilities"))
            .Descendants(wms + "Layer").First(one => one.Element(wms + "Name") is not null);
        var box = layer.Element(wms + "EX_GeographicBoundingBox")!;
        string[] sides = ["westBoundLongitude", "southBoundLatitude", "eastBoundLongitude", "northBoundLatitude"];
        return ((string)layer.Element(wms + "Name")!, [.. sides.Select(side => (double)box.Element(wms + side)!)]);
    }

    private static List<string> Queries(string layer, double[] bounds)
    {
        var random = new Random(7);
        var queries = new List<string>();
        for (var i = 0; i < Maps; i++)
        {
            // The scale of a zoom: as many metres a pixel, counted along the equator.
            var cell = 156543.033928041 / (1 << (16 + (i % 4))) / 111319.49079327358;
            var half = 256 * cell;
            var x = bounds[0] + ((bounds[2] - bounds[0]) * random.NextDouble());
            var y = bounds[1] + ((bounds[3] - bounds[1]) * random.NextDouble());
            queries.Add(string.Create(
                CultureInfo.InvariantCulture,
                $"?SERVICE=WMS&VERSION=1.3.0&REQUEST=GetMap&LAYERS={Uri.EscapeDataString(layer)}&STYLES=&CRS=EPSG:4326&BBOX={y - half:F9},{x - half:F9},{y + half:F9},{x + half:F9}&WIDTH=512&HEIGHT=512&FORMAT=image/jpeg"));
        }

        return queries;
    }
}
