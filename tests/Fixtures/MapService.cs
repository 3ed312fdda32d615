using System.Diagnostics;

namespace Grid.Fixtures;

/// <summary>A map service that we did not write: Debian's MapProxy, in a process of its own, showing the tiles of a WMTS layer as a WMS layer of that name.</summary>
public sealed class MapService : IAsyncDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("grid-maps-").FullName;
    private Process? _process;

    private string Configuration => Path.Combine(_folder, "mapproxy.yaml");

    /// <summary>Its address, without a query.</summary>
    public string Address { get; private set; } = "";

    /// <summary>Starts it; it answers once it has been told what to show.</summary>
    public static async Task<MapService> StartAsync()
    {
        var service = new MapService();
        service._process = Process.Start(new ProcessStartInfo(Programs.Python, [Path.Combine(AppContext.BaseDirectory, "mapproxy_wms.py"), service.Configuration])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        })!;
        service.Address = await service._process.StandardOutput.ReadLineAsync()
            ?? throw new InvalidOperationException("The map service ended at its start; it needs Debian's package python3-mapproxy.");
        return service;
    }

    /// <summary>Shows a layer of a grid in PNG tiles of PM; white where it has none.</summary>
    public void Show(Uri grid, string layer) => File.WriteAllText(Configuration, $$"""
        services:
          wms:
            srs: ['EPSG:3857']
            image_formats: ['image/png', 'image/jpeg']
            md: {title: maps}
        layers:
          - {name: {{layer}}, title: {{layer}}, sources: [tiles]}
        caches:
          tiles: {grids: [pm], sources: [wmts], disable_storage: true, format: image/png}
        sources:
          wmts:
            type: tile
            grid: pm
            url: {{grid}}wmts?SERVICE=WMTS&REQUEST=GetTile&VERSION=1.0.0&LAYER={{layer}}&STYLE=normal&FORMAT=image/png&TILEMATRIXSET=PM&TILEMATRIX=%(z)s&TILEROW=%(y)s&TILECOL=%(x)s
            on_error:
              404: {response: '#ffffff', cache: false}
        grids:
          pm: {base: GLOBAL_WEBMERCATOR, origin: nw}
        globals:
          cache: {base_dir: '{{_folder}}/cache', lock_dir: '{{_folder}}/locks'}
          image: {resampling_method: nearest, paletted: false}
        """);

    public async ValueTask DisposeAsync()
    {
        if (_process is { } process)
        {
            process.StandardInput.Close();
            await process.WaitForExitAsync();
            process.Dispose();
            _process = null;
        }

        if (Directory.Exists(_folder))
            Directory.Delete(_folder, recursive: true);
    }
}
