using Grid.Frontend.Downloads;
using Grid.Frontend.Ept;
using Grid.Frontend.Tiles3D;

namespace Grid.Frontend.Entrepot.Offerings;

/// <summary>Where else than among downloads the point clouds of a layer are served: as 3D Tiles, and as Entwine Point Tiles the files of whole blocks.</summary>
internal sealed class PublishedClouds(IReadOnlyDictionary<string, DownloadResource>? downloads, IReadOnlyDictionary<string, TilesetLayer>? tilesets)
{
    /// <summary>What is published now; nothing on a host that serves no downloads.</summary>
    public static async ValueTask<PublishedClouds> ReadAsync(HttpContext http)
    {
        var services = http.RequestServices;
        return new PublishedClouds(
            services.GetService<DownloadCatalogue>() is { } downloads ? await downloads.ReadAsync(http.RequestAborted) : null,
            services.GetService<TilesetCatalogue>() is { } tilesets ? await tilesets.ReadAsync(http.RequestAborted) : null);
    }

    public IEnumerable<(string Type, string Path)> AddressesOf(string layer)
    {
        if (tilesets?.ContainsKey(layer) is true)
            yield return ("3DTILES", $"/3dtiles/{Uri.EscapeDataString(layer)}/tileset.json");
        if (downloads?.GetValueOrDefault(layer) is not { } resource)
            yield break;
        foreach (var (part, file) in EptEndpoints.FilesOf(resource).Where(found => found.File.IsBlock))
            yield return ("EPT", "/" + EptEndpoints.PathOf(resource, part, file));
    }
}
