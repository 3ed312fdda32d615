using System.Text;
using Grid.Interfaces.Pyramids;
using Grid.Storage;
using Grid.Tiling;

namespace Grid.Grains.Pyramids;

/// <summary>Writes what makes a heap of slabs a pyramid: the list of slabs and the descriptor (ROK4's pyramid specification).</summary>
internal static class PyramidFiles
{
    /// <summary>Writes both for a build. The list is made from what the store holds, so it is the same whoever built the slabs.</summary>
    public static Task<PyramidSummary> WriteAsync(IObjectStore store, OpenLot lot) =>
        WriteAsync(store, lot.Order.StoragePrefix, lot.Order.PyramidName, lot.Describe(), lot.Bounds, lot.InputPixels);

    /// <summary>Writes both and says what the pyramid is.</summary>
    /// <param name="descriptor">Its levels coarsest first.</param>
    /// <param name="bounds">West, south, east, north of the data in degrees.</param>
    public static async Task<PyramidSummary> WriteAsync(
        IObjectStore store, string storagePrefix, string name, PyramidDescriptor descriptor, IReadOnlyList<double> bounds, long inputPixels)
    {
        var key = $"{storagePrefix}/{name}.json";
        var json = PyramidDescriptorJson.Write(descriptor);
        var writing = store.PutAsync(key, json);
        var listing = WriteListAsync(store, $"{storagePrefix}/{name}");
        await Task.WhenAll(writing, listing);
        var size = await listing;
        return new PyramidSummary
        {
            DescriptorKey = key,
            TileMatrixSet = descriptor.TileMatrixSet,
            Levels = [.. descriptor.Levels.Select(level => level.Id)],
            SampleFormat = descriptor.Format.SampleFormat,
            Channels = descriptor.Raster!.Channels,
            Compression = descriptor.Format.Compression,
            Nodata = descriptor.Raster.Nodata,
            SizeBytes = size,
            Bounds = bounds,
            InputPixels = inputPixels,
            Descriptor = Encoding.UTF8.GetString(json),
        };
    }

    // A list has one line a slab: a million slabs make 40 MB, which goes through a file and not through memory.
    private static async Task<long> WriteListAsync(IObjectStore store, string root)
    {
        long size = 0;
        await using var file = new FileStream(
            Path.GetTempFileName(), FileMode.Open, FileAccess.ReadWrite, FileShare.None, 1 << 16, FileOptions.DeleteOnClose);
        await using (var text = new StreamWriter(file, leaveOpen: true) { NewLine = "\n" })
        {
            PyramidList.WriteHeader(text, new Dictionary<int, string> { [0] = root });
            await foreach (var slab in store.ListAsync(root + "/"))
            {
                size += slab.LengthBytes;
                PyramidList.Write(text, new PyramidListEntry(0, slab.Key[(root.Length + 1)..]));
            }
        }

        file.Position = 0;
        await store.PutAsync($"{root}.list", file);
        return size;
    }
}
