using System.Buffers;
using Grid.Imaging.Gdal;

namespace Grid.Imaging.Inspection;

public static partial class RasterInspector
{
    /// <summary>Decoded bytes that are asked of GDAL at once, unless one block is larger.</summary>
    private const int ChunkBytes = 8 << 20;

    /// <summary>
    /// Decodes every pixel of every band, and the mask, in bounded memory (one block row's part of about 8 MiB, or one block). Progress goes from 0
    /// to 1. What the decoders merely warn of (a damaged JPEG tile that libjpeg conceals) counts as damage.
    /// </summary>
    /// <exception cref="UnreadableRasterException">As <see cref="Inspect"/>; or a block cannot be read or decoded, and the reason names it.</exception>
    public static RasterInfo Verify(
        string gdalPath, string name, RasterLimits? limits = null, IProgress<double>? progress = null, CancellationToken cancellation = default)
    {
        using var dataset = RasterOpening.Open(gdalPath, name);
        var info = Describe(dataset, gdalPath);
        if ((limits ?? RasterLimits.Default).Violation(info) is { } violation)
            throw new UnreadableRasterException(name, violation);

        var bands = Enumerable.Range(1, info.Bands).ToArray();
        var (width, height) = ChunkOf(info);
        var buffer = ArrayPool<byte>.Shared.Rent(checked(width * height * info.Bands * DecodedSampleBytes(info)));
        try
        {
            long done = 0;
            for (var row = 0; row < info.Height; row += height)
            {
                for (var col = 0; col < info.Width; col += width)
                {
                    cancellation.ThrowIfCancellationRequested();
                    int cols = Math.Min(width, info.Width - col), rows = Math.Min(height, info.Height - row);
                    if (!Decodes(dataset, info, bands, col, row, cols, rows, buffer))
                        throw Damaged(dataset, info, bands, col, row, cols, rows, buffer);
                    done += (long)cols * rows;
                    progress?.Report((double)done / info.Pixels);
                }
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }

        return info;
    }

    /// <summary>A window of whole blocks, wide before high, of about <see cref="ChunkBytes"/>.</summary>
    private static (int Width, int Height) ChunkOf(RasterInfo info)
    {
        long pixelBytes = info.Bands * DecodedSampleBytes(info);
        var block = Math.Max(1, info.BlockWidth * info.BlockHeight * pixelBytes);
        var across = Math.Clamp(ChunkBytes / block, 1, (info.Width + info.BlockWidth - 1) / info.BlockWidth);
        var down = Math.Clamp(ChunkBytes / (block * across), 1, (info.Height + info.BlockHeight - 1) / info.BlockHeight);
        return ((int)Math.Min(info.Width, across * info.BlockWidth), (int)Math.Min(info.Height, down * info.BlockHeight));
    }

    private static int DecodedSampleBytes(RasterInfo info) => info.Sample == StoredSample.UInt8 ? 1 : 4;

    private static bool Decodes(GdalDataset dataset, RasterInfo info, int[] bands, int col, int row, int cols, int rows, byte[] buffer)
    {
        try
        {
            dataset.Read(col, row, cols, rows, bands, info.Sample == StoredSample.UInt8 ? GdalDataType.Byte : GdalDataType.Float32, buffer);
            if (GdalErrors.LastMessage is not null)
                return false;
            if (info.Mask == MaskKind.Band)
                dataset.ReadMask(col, row, cols, rows, buffer);
            return GdalErrors.LastMessage is null;
        }
        catch (GdalException)
        {
            return false;
        }
    }

    /// <summary>Finds the first block of a damaged window, and says what GDAL says of it.</summary>
    private static UnreadableRasterException Damaged(
        GdalDataset dataset, RasterInfo info, int[] bands, int col, int row, int cols, int rows, byte[] buffer)
    {
        var explanation = GdalErrors.LastMessage;
        dataset.DropBlocks();
        for (var top = row; top < row + rows; top += info.BlockHeight)
        {
            for (var left = col; left < col + cols; left += info.BlockWidth)
            {
                int width = Math.Min(info.BlockWidth, col + cols - left), height = Math.Min(info.BlockHeight, row + rows - top);
                if (Decodes(dataset, info, bands, left, top, width, height, buffer))
                    continue;
                var kind = info.BlockWidth >= info.Width ? "rows" : "tile";
                var place = kind == "rows"
                    ? $"rows {top} to {top + height - 1}"
                    : $"the tile of columns {left} to {left + width - 1} and rows {top} to {top + height - 1}";
                return new UnreadableRasterException(info.Name,
                    $"{place} cannot be decoded ({(GdalErrors.LastMessage ?? explanation ?? "no reason given").TrimEnd('.')}): "
                    + "the file is truncated or damaged; write and deliver it again.");
            }
        }

        return new UnreadableRasterException(info.Name,
            $"rows {row} to {row + rows - 1} cannot be decoded ({(explanation ?? "no reason given").TrimEnd('.')}): "
            + "the file is truncated or damaged; write and deliver it again.");
    }
}
