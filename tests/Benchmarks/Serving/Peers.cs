using System.Diagnostics;
using System.Globalization;
using System.Text.Json.Nodes;

namespace Grid.Benchmarks.Serving;

/// <summary>The peers that are installed, each serving the tiles from files of its own.</summary>
internal static class Peers
{
    private const string MapcacheModule = "/usr/lib/apache2/modules/mod_mapcache.so";

    /// <summary>Adds those that are installed, started; says of the others what they lack.</summary>
    public static async Task StartAsync(string work, IReadOnlyList<SampledTile> tiles, List<Peer> peers, JsonObject missing)
    {
        if (MeasuredProcess.IsInstalled("nginx"))
            peers.Add(await NginxAsync(Path.Combine(work, "nginx"), tiles));
        else
            missing["nginx_static"] = "nginx is not installed (Debian package nginx-light)";
        if (!File.Exists(MapcacheModule))
            missing["apache_mapcache"] = "mod_mapcache is not installed (Debian package libapache2-mod-mapcache)";
        else if (tiles[0].Set.Split('_')[0] != "PM")
            missing["apache_mapcache"] = $"measured over the set PM only, this layer is in {tiles[0].Set}";
        else
            peers.Add(await MapcacheAsync(Path.Combine(work, "mapcache"), tiles));
        missing["rok4"] = "ROK4 is in no Debian package, and is not measured here";
    }

    private static async Task<Peer> NginxAsync(string root, IReadOnlyList<SampledTile> tiles)
    {
        Directory.CreateDirectory(Path.Combine(root, "tiles"));
        for (var i = 0; i < tiles.Count; i++)
            await File.WriteAllBytesAsync(Path.Combine(root, "tiles", $"{i}.jpg"), tiles[i].Body);
        var port = FreePort.Next();
        var configuration = Path.Combine(root, "nginx.conf");
        await File.WriteAllTextAsync(configuration, $$"""
            daemon off; worker_processes 2; pid {{root}}/nginx.pid; error_log {{root}}/error.log;
            events { worker_connections 1024; }
            http {
              access_log off; sendfile on; tcp_nopush on; keepalive_requests 10000000; default_type image/jpeg;
              open_file_cache max=10000 inactive=60s; open_file_cache_valid 60s;
              client_body_temp_path {{root}}/t1; proxy_temp_path {{root}}/t2; fastcgi_temp_path {{root}}/t3; uwsgi_temp_path {{root}}/t4; scgi_temp_path {{root}}/t5;
              server { listen 127.0.0.1:{{port}}; root {{root}}; }
            }
            """);
        // It drops to another user when it is started as root, who must be able to reach the files.
        var start = new ProcessStartInfo("/usr/sbin/nginx", ["-p", root, "-c", configuration, "-g", $"user {Environment.UserName};"]) { RedirectStandardError = true };
        return await Peer.StartAsync("nginx_static", start, new Uri($"http://127.0.0.1:{port}"), root, tiles, (_, i) => $"/tiles/{i}.jpg");
    }

    private static async Task<Peer> MapcacheAsync(string root, IReadOnlyList<SampledTile> tiles)
    {
        foreach (var tile in tiles)
        {
            var folder = Path.Combine(root, "tiles", tile.Level, tile.Col.ToString(CultureInfo.InvariantCulture));
            Directory.CreateDirectory(folder);
            await File.WriteAllBytesAsync(Path.Combine(folder, $"{tile.Row}.jpg"), tile.Body);
        }

        // The grid of EPSG:3857 whose level 0 is one tile; mapcache counts rows from the bottom, inv_y from the top.
        const double Half = 20037508.3427892480;
        var levels = tiles.Max(tile => int.Parse(tile.Level, CultureInfo.InvariantCulture)) + 1;
        var resolutions = string.Join(' ', Enumerable.Range(0, levels).Select(level => (2 * Half / 256 / Math.Pow(2, level)).ToString("F13", CultureInfo.InvariantCulture)));
        var extent = string.Create(CultureInfo.InvariantCulture, $"{-Half:F10} {-Half:F10} {Half:F10} {Half:F10}");
        await File.WriteAllTextAsync(Path.Combine(root, "mapcache.xml"), $$"""
            <mapcache>
              <grid name="PM"><srs>EPSG:3857</srs><units>m</units><size>256 256</size><extent>{{extent}}</extent><resolutions>{{resolutions}}</resolutions></grid>
              <cache name="disk" type="disk" layout="template"><template>{{root}}/tiles/{z}/{x}/{inv_y}.jpg</template></cache>
              <tileset name="ortho"><cache>disk</cache><grid>PM</grid><format>JPEG</format><read-only>true</read-only></tileset>
              <default_format>JPEG</default_format>
              <service type="wmts" enabled="true"/>
              <errors>report</errors>
            </mapcache>
            """);
        var port = FreePort.Next();
        var configuration = Path.Combine(root, "apache.conf");
        await File.WriteAllTextAsync(configuration, $"""
            ServerRoot "{root}"
            ServerName 127.0.0.1
            Listen 127.0.0.1:{port}
            PidFile "{root}/apache.pid"
            ErrorLog "{root}/error.log"
            LoadModule mpm_event_module /usr/lib/apache2/modules/mod_mpm_event.so
            LoadModule authz_core_module /usr/lib/apache2/modules/mod_authz_core.so
            LoadModule mapcache_module {MapcacheModule}
            {(Environment.UserName == "root" ? "User daemon\nGroup daemon" : "")}
            ServerLimit 2
            StartServers 2
            ThreadsPerChild 32
            MaxRequestWorkers 64
            KeepAlive On
            MaxKeepAliveRequests 0
            MapCacheAlias /mapcache "{root}/mapcache.xml"
            <Location />
              Require all granted
            </Location>

            """);
        var start = new ProcessStartInfo("/usr/sbin/apache2", ["-f", configuration, "-DFOREGROUND"]) { RedirectStandardError = true };
        return await Peer.StartAsync(
            "apache_mapcache", start, new Uri($"http://127.0.0.1:{port}"), root, tiles,
            (tile, _) => "/mapcache/wmts?SERVICE=WMTS&REQUEST=GetTile&VERSION=1.0.0&LAYER=ortho&STYLE=default&FORMAT=image/jpeg"
                + $"&TILEMATRIXSET=PM&TILEMATRIX={tile.Level}&TILEROW={tile.Row}&TILECOL={tile.Col}");
    }
}
