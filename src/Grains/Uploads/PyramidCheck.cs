using System.Globalization;
using Grid.Grains.Catalogue;
using Grid.Imaging;
using Grid.Imaging.Codecs;
using Grid.Imaging.Slabs;
using Grid.Interfaces.Uploads;
using Grid.Storage;
using Grid.Tiling;

namespace Grid.Grains.Uploads;

/// <summary>
/// The check of a delivered ROK4 pyramid: step 0 judges the descriptor and the names, each further step one slab: its header, its index, and one of its
/// tiles, decoded.
/// </summary>
public sealed class PyramidCheck : LotCheck
{
    private readonly Guid _upload;
    private readonly IObjectStore _store;
    private readonly DeliveredPyramid? _pyramid;
    private readonly string _fault;
    private readonly HashSet<string> _paths;

    private PyramidCheck(Guid upload, IObjectStore store, ExecutionLog log, DeliveredPyramid? pyramid, string fault, HashSet<string> paths)
        : base(log) => (_upload, _store, _pyramid, _fault, _paths) = (upload, store, pyramid, fault, paths);

    public override int Steps => 1 + (_pyramid?.Slabs.Count ?? 0);

    public static async Task<PyramidCheck> PrepareAsync(Guid upload, UploadFiles uploadFiles, IObjectStore store, ExecutionLog log, CancellationToken cancellation)
    {
        var files = await uploadFiles.ListAsync(upload, FileKind.Data, cancellation);
        var paths = files.Select(file => file.Path).ToHashSet();
        try
        {
            return new PyramidCheck(upload, store, log, await DeliveredPyramid.ReadAsync(upload, files, store, cancellation), "", paths);
        }
        catch (InvalidPyramidException wrong)
        {
            return new PyramidCheck(upload, store, log, null, wrong.Message, paths);
        }
    }

    public override async Task<int> RunAsync(int step, CancellationToken cancellation)
    {
        if (step > 0)
            return await VerifyAsync(_pyramid!, _pyramid!.Slabs[step - 1], cancellation);
        if (_pyramid is null)
        {
            Log.Error(_fault);
            return 1;
        }

        Log.Info(string.Create(CultureInfo.InvariantCulture,
            $"{_pyramid.Path}: {_pyramid.Descriptor.Format} in {_pyramid.Set.Id}, {_pyramid.Descriptor.Levels.Count} level(s), {_pyramid.Slabs.Count} slab(s)."));
        if (_pyramid.Others.Count > 0)
            Log.Warning($"{_pyramid.Others.Count} file(s) are no slab of the pyramid and are left: {string.Join(", ", _pyramid.Others.Take(10))}{(_pyramid.Others.Count > 10 ? "…" : ".")}");
        foreach (var fault in _pyramid.Faults)
            Log.Error(fault);
        return _pyramid.Faults.Count;
    }

    private async Task<int> VerifyAsync(DeliveredPyramid pyramid, DeliveredSlab slab, CancellationToken cancellation)
    {
        try
        {
            var path = await pyramid.TargetOfAsync(slab, _upload, _paths, _store, cancellation);
            var tiles = await VerifyAsync(pyramid, slab, path, cancellation);
            Log.Info(string.Create(CultureInfo.InvariantCulture, $"{slab.Path}: {tiles} tile(s){(path == slab.Path ? "" : $", by a link to {path}")}."));
            return 0;
        }
        catch (Exception wrong) when (wrong is InvalidPyramidException or InvalidSlabException or TileCodecException)
        {
            Log.Error(wrong.Message.StartsWith(slab.Path, StringComparison.Ordinal) ? wrong.Message : $"{slab.Path}: {wrong.Message}");
            return 1;
        }
    }

    /// <summary>Returns the number of tiles.</summary>
    private async Task<int> VerifyAsync(DeliveredPyramid pyramid, DeliveredSlab slab, string path, CancellationToken cancellation)
    {
        var key = UploadPath.DataKey(_upload, path);
        var head = new byte[SlabTileIndex.ReadLength(slab.Level.Slabs.Tiles)];
        var got = Math.Max(0, await _store.ReadAsync(key, 0, head, cancellation));
        var header = SlabHeader.Read(head.AsSpan(0, got));
        var index = SlabTileIndex.Read(head.AsSpan(0, got), slab.Level.Slabs.Tiles);
        var format = FormatOf(pyramid.Descriptor, slab.Kind);
        var matrix = pyramid.Set.Find(slab.Level.Id)!;
        if (header.Tiles != slab.Level.Slabs.Tiles || header.TileWidth != matrix.TileWidth || header.TileHeight != matrix.TileHeight)
            throw new InvalidSlabException($"it packs {header.Tiles} tiles of {header.TileWidth} × {header.TileHeight} pixels, the pyramid {slab.Level.Slabs.Tiles} of {matrix.TileWidth} × {matrix.TileHeight}");
        if (header.Pixels != format.Pixels || header.TileCompression != HeaderFormOf(format.Compression))
            throw new InvalidSlabException($"it holds {header.Pixels?.Channels} channel(s) of {header.Pixels?.Sample}, compressed as {header.TileCompression}: the pyramid has {format.Pixels.Channels} of {format.Pixels.Sample}, {TileCompressions.NameOf(format.Compression)}");
        var size = (await _store.FindAsync(key, cancellation))?.LengthBytes ?? 0;
        var decoded = false;
        for (var tile = 0; tile < index.Tiles; tile++)
        {
            var (offset, length) = index[tile];
            if (length == 0)
                continue;
            if (offset + length > size)
                throw new InvalidSlabException($"tile {tile} has {length} bytes at {offset}, but the file ends at {size}: it was cut");
            if (decoded)
                continue;
            var bytes = new byte[length];
            if (await _store.ReadAsync(key, offset, bytes, cancellation) != length)
                throw new StorageException($"{path}: tile {tile} cannot be read.");
            var samples = new byte[matrix.TileWidth * matrix.TileHeight * format.Pixels.BytesPerPixel];
            TileDecoder.Decode(format.Compression, bytes, format.Pixels, matrix.TileWidth, matrix.TileHeight, samples);
            decoded = true;
        }

        return index.NonEmptyTiles;
    }

    private static (TileCompression Compression, PixelFormat Pixels) FormatOf(PyramidDescriptor descriptor, SlabKind kind) => kind == SlabKind.Mask
        ? (TileCompression.Zip, new PixelFormat(SampleType.UInt8, 1))
        : (TileCompressions.Find(descriptor.Format.Compression)!.Value,
            new PixelFormat(descriptor.Format.SampleFormat == "FLOAT32" ? SampleType.Float32 : SampleType.UInt8, descriptor.Raster!.Channels));

    /// <summary>What a slab's header can say of a compression: TIFF has one number for both JPEG qualities, and ROK4 writes PNG under that of deflate.</summary>
    private static TileCompression HeaderFormOf(TileCompression compression) => compression switch
    {
        TileCompression.Jpeg90 or TileCompression.JpegPng => TileCompression.Jpeg,
        TileCompression.Png => TileCompression.Zip,
        _ => compression,
    };
}
