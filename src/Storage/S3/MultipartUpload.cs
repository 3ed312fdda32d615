using System.Buffers;
using Amazon.S3;
using Amazon.S3.Model;

namespace Grid.Storage.S3;

/// <summary>
/// One object sent in parts, some at once. Memory is bounded by parts in flight times part bytes. Parts grow with their number, so that the protocol's
/// 10,000 parts hold any object that S3 can (5 TiB).
/// </summary>
internal sealed class MultipartUpload(AmazonS3Client client, S3Options options, string key)
{
    /// <summary>Parts double in size after each this many.</summary>
    private const int PartsOfOneSize = 1000;

    private const int LargestPartBytes = 1 << 30;

    private readonly List<PartETag> _sent = [];

    /// <summary>Sends the object. Takes over <paramref name="first"/>, a pooled array.</summary>
    public async Task<ObjectInfo> SendAsync(byte[] first, int firstBytes, Stream rest, CancellationToken cancellation)
    {
        var pooled = first;
        string? upload = null;
        var flying = new List<Task>();
        try
        {
            upload = (await Told(() => client.InitiateMultipartUploadAsync(
                new InitiateMultipartUploadRequest { BucketName = options.Bucket, Key = key }, cancellation), cancellation)).UploadId;
            var length = 0L;
            var bytes = firstBytes;
            for (var number = 1; bytes > 0; number++)
            {
                var (part, partBytes, partNumber) = (pooled, bytes, number);
                pooled = null;
                length += partBytes;
                flying.Add(SendPartAsync(upload, partNumber, part, partBytes, cancellation));
                if (flying.Count >= options.PartsInFlight)
                {
                    var done = await Task.WhenAny(flying);
                    flying.Remove(done);
                    await done;
                }

                var next = PartBytes(number + 1);
                pooled = ArrayPool<byte>.Shared.Rent(next);
                bytes = await rest.ReadAtLeastAsync(pooled.AsMemory(0, next), next, throwOnEndOfStream: false, cancellation);
            }

            await Task.WhenAll(flying);
            var answer = await Told(() => client.CompleteMultipartUploadAsync(
                new CompleteMultipartUploadRequest
                {
                    BucketName = options.Bucket,
                    Key = key,
                    UploadId = upload,
                    PartETags = [.. _sent.OrderBy(p => p.PartNumber)],
                },
                cancellation), cancellation);
            return new ObjectInfo(key, length, DateTimeOffset.UtcNow, answer.ETag);
        }
        catch
        {
            await AbandonAsync(upload, flying);
            throw;
        }
        finally
        {
            if (pooled is not null)
                ArrayPool<byte>.Shared.Return(pooled);
        }
    }

    private int PartBytes(int number) =>
        (int)Math.Min(Math.Max(LargestPartBytes, options.PartBytes), (long)options.PartBytes << ((number - 1) / PartsOfOneSize));

    private async Task SendPartAsync(string upload, int number, byte[] part, int bytes, CancellationToken cancellation)
    {
        try
        {
            using var body = new MemoryReadStream(part.AsMemory(0, bytes));
            var answer = await Told(() => client.UploadPartAsync(
                new UploadPartRequest
                {
                    BucketName = options.Bucket,
                    Key = key,
                    UploadId = upload,
                    PartNumber = number,
                    PartSize = bytes,
                    InputStream = body,
                    UseChunkEncoding = false,
                },
                cancellation), cancellation);
            lock (_sent)
                _sent.Add(new PartETag(number, answer.ETag));
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(part);
        }
    }

    /// <summary>Frees the parts already sent, which the service would keep and charge for.</summary>
    private async Task AbandonAsync(string? upload, List<Task> flying)
    {
        await Task.WhenAll(flying).ContinueWith(static _ => { }, TaskScheduler.Default);
        if (upload is null)
            return;
        try
        {
            using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(10));
            await client.AbortMultipartUploadAsync(
                new AbortMultipartUploadRequest { BucketName = options.Bucket, Key = key, UploadId = upload }, limit.Token);
        }
        catch (Exception e) when (S3Failures.IsOfStore(e, CancellationToken.None))
        {
            // The upload's own failure is what the caller must see.
        }
    }

    private async Task<T> Told<T>(Func<Task<T>> request, CancellationToken cancellation)
    {
        try
        {
            return await request();
        }
        catch (Exception e) when (S3Failures.IsOfStore(e, cancellation))
        {
            throw S3Failures.Of("write", key, options.Bucket!, e);
        }
    }
}
