using System.Text;
using Grid.Imaging;
using Grid.Imaging.Codecs;
using Grid.Interfaces.Pyramids;
using Grid.Storage;
using Grid.Tiling;

namespace Grid.Grains.Pyramids;

/// <summary>Writes what makes a heap of slabs a pyramid: the list of slabs, then the descriptor (ROK4's pyramid specification).</summary>
internal static class PyramidFiles
{
    /// <summary>Writes both and says what the pyramid is. The list is made from what the store holds, so it is the same whoever built the slabs.</summary>
    public static async Task<PyramidSummary> WriteAsync(IObjectStore store, OpenLot lot)
    {
        var order = lot.Order;
        var size = await WriteListAsync(store, order);
        var descriptor = lot.Describe();
        var key = $"{order.StoragePrefix}/{order.PyramidName}.json";
        var json = PyramidDescriptorJson.Write(descriptor);
        await store.PutAsync(key, json);
        var slab = lot.Format.Slab;
        return new PyramidSummary
        {
            DescriptorKey = key,
            TileMatrixSet = descriptor.TileMatrixSet,
            Levels = [.. descriptor.Levels.Select(level => level.Id)],
            SampleFormat = slab.Pixels.Sample == SampleType.UInt8 ? "UINT8" : "FLOAT32",
            Channels = slab.Pixels.Channels,
            Compression = TileCompressions.NameOf(slab.Compression),
            Nodata = RasterSpecifications.WriteNodata(slab.Nodata),
            SizeBytes = size,
            Bounds = lot.Bounds,
            InputPixels = lot.InputPixels,
            Descriptor = Encoding.UTF8.GetString(json),
        };
    }

    // A list has one line a slab: a million slabs make 40 MB, which goes through a file and not through memory.
    private static async Task<long> WriteListAsync(IObjectStore store, PyramidBuildOrder order)
    {
        var root = $"{order.StoragePrefix}/{order.PyramidName}";
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
