using System.Diagnostics;
using System.Text.Json.Nodes;

namespace Grid.Benchmarks.Maps;

/// <summary>MapServer 8 as Debian has it (cgi-mapserver): four FastCGI processes by spawn-fcgi behind nginx, over a Cloud Optimized GeoTIFF of the lot.</summary>
internal static class MapServer
{
    private const string Program = "/usr/lib/cgi-bin/mapserv";
    private const int Processes = 4;

    /// <summary>Starts it, has it measured, and stops it; says what is missing where it cannot run.</summary>
    public static async Task<JsonObject> RunAsync(BenchOptions options, string work, string layer, Func<Uri, int, Task<JsonObject>> measure)
    {
        if (!File.Exists(Program) || !MeasuredProcess.IsInstalled("spawn-fcgi") || !MeasuredProcess.IsInstalled("nginx"))
            return new JsonObject { ["missing"] = "MapServer behind nginx is not installed (Debian packages cgi-mapserver, spawn-fcgi, nginx-light)" };
        var root = Path.Combine(work, "mapserver");
        Directory.CreateDirectory(root);
        if (await PyramidAsync(options, work, root) is { } failure)
            return new JsonObject { ["failed"] = failure };
        var address = new Uri($"http://127.0.0.1:{FreePort.Next()}/wms");
        await ConfigureAsync(root, layer, address);
        using var shell = Process.Start(new ProcessStartInfo("sh") { ArgumentList = { Path.Combine(root, "run.sh") }, RedirectStandardError = true })!;
        try
        {
            await RunningServer.WaitAsync(new Uri(address + "?SERVICE=WMS&REQUEST=GetCapabilities"), shell, TimeSpan.FromSeconds(20));
            return await measure(address, shell.Id);
        }
        finally
        {
            shell.Kill(entireProcessTree: true);
            await shell.WaitForExitAsync();
        }
    }

    /// <summary>The lot in web mercator, JPEG 90 tiles of 256 pixels, averages above: what the pyramid of the layer is. Kept for the next run.</summary>
    private static async Task<string?> PyramidAsync(BenchOptions options, string work, string root)
    {
        var output = Path.Combine(root, "peer.tif");
        if (File.Exists(output))
            return null;
        var lot = options.Lot is "small" or "medium" ? Path.Combine(work, "grid", "lots", options.Lot) : options.Lot;
        var mosaic = Path.Combine(root, "peer.vrt");
        await MeasuredProcess.RunAsync("gdalbuildvrt", ["-q", "-overwrite", mosaic, .. Directory.EnumerateFiles(lot, "*.tif").Order(StringComparer.Ordinal)]);
        Console.Error.WriteLine("GDAL makes MapServer's pyramid");
        var run = await MeasuredProcess.RunAsync("gdal_translate",
        [
            "-q", "-of", "COG", "-co", "TILING_SCHEME=GoogleMapsCompatible", "-co", "COMPRESS=JPEG", "-co", "QUALITY=90", "-co", "ADD_ALPHA=NO", "-co", "BLOCKSIZE=256",
            "-co", "WARP_RESAMPLING=CUBIC", "-co", "OVERVIEW_RESAMPLING=AVERAGE", "-co", "NUM_THREADS=ALL_CPUS", "-co", "BIGTIFF=YES", mosaic, output,
        ]);
        return run.ExitCode == 0 ? null : run.Errors.Trim();
    }

    private static async Task ConfigureAsync(string root, string layer, Uri address)
    {
        // Not daemons (-n), so that all are children of one shell and end with it; -F means nothing then, hence one spawner a process. nginx drops to another
        // user when it is started as root, who must be able to reach the sockets.
        await File.WriteAllTextAsync(Path.Combine(root, "run.sh"), $$"""
            export MAPSERVER_CONFIG_FILE="{{root}}/mapserver.conf"
            for i in {{string.Join(' ', Enumerable.Range(0, Processes))}}; do
              rm -f "{{root}}/$i.sock"
              spawn-fcgi -n -M 0666 -s "{{root}}/$i.sock" -- {{Program}} &
            done
            /usr/sbin/nginx -p "{{root}}" -c "{{root}}/nginx.conf" -g "user {{Environment.UserName}};" &
            wait
            """);
        // With each request FastCGI puts its parameters in the environment's place, so that what holds for all stands in the file that is read at the start.
        await File.WriteAllTextAsync(Path.Combine(root, "mapserver.conf"), $"CONFIG\n  ENV\n    MS_MAPFILE \"{root}/peer.map\"\n    MS_MAP_PATTERN \".*\"\n  END\nEND\n");
        await File.WriteAllTextAsync(Path.Combine(root, "peer.map"), $$"""
            MAP
              NAME "peer"
              EXTENT -180 -90 180 90
              SIZE 512 512
              IMAGETYPE "jpeg"
              PROJECTION "init=epsg:4326" END
              OUTPUTFORMAT
                NAME "jpeg" DRIVER "AGG/JPEG" MIMETYPE "image/jpeg" IMAGEMODE RGB EXTENSION "jpg" FORMATOPTION "QUALITY=75"
              END
              WEB
                METADATA
                  "wms_title" "peer" "wms_onlineresource" "{{address}}" "wms_srs" "EPSG:4326 EPSG:3857" "wms_enable_request" "*"
                END
              END
              LAYER
                NAME "{{layer}}" TYPE RASTER STATUS ON DATA "{{root}}/peer.tif"
                PROJECTION "init=epsg:3857" END
                METADATA "wms_title" "{{layer}}" END
                PROCESSING "RESAMPLE=BILINEAR"
                PROCESSING "CLOSE_CONNECTION=DEFER"
              END
            END
            """);
        await File.WriteAllTextAsync(Path.Combine(root, "nginx.conf"), $$"""
            daemon off; worker_processes 2; pid {{root}}/nginx.pid; error_log {{root}}/error.log;
            events { worker_connections 1024; }
            http {
              access_log off; keepalive_requests 10000000; fastcgi_buffers 64 32k;
              client_body_temp_path {{root}}/t1; proxy_temp_path {{root}}/t2; fastcgi_temp_path {{root}}/t3; uwsgi_temp_path {{root}}/t4; scgi_temp_path {{root}}/t5;
              upstream maps { least_conn; {{string.Concat(Enumerable.Range(0, Processes).Select(i => $"server unix:{root}/{i}.sock; "))}} }
              server {
                listen {{address.Authority}};
                location /wms {
                  fastcgi_pass maps;
                  fastcgi_param QUERY_STRING $query_string; fastcgi_param REQUEST_METHOD $request_method; fastcgi_param CONTENT_TYPE $content_type;
                  fastcgi_param CONTENT_LENGTH $content_length; fastcgi_param SCRIPT_NAME $fastcgi_script_name; fastcgi_param SERVER_PROTOCOL $server_protocol;
                  fastcgi_param SERVER_NAME localhost; fastcgi_param SERVER_PORT $server_port;
                }
              }
            }
            """);
    }
}
