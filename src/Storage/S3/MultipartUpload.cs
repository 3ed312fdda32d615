using System.Buffers;
using Amazon.S3;
using Amazon.S3.Model;

namespace Grid.Storage.S3;

/// <summary>
/// One object sent, or copied by the service, in parts, some at once. Memory is bounded by parts in flight times part bytes. Parts grow with their number, so that the protocol's
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
            upload = await BeginAsync(cancellation);
            var length = 0L;
            var bytes = firstBytes;
            for (var number = 1; bytes > 0; number++)
            {
                var (part, partBytes, partNumber) = (pooled, bytes, number);
                pooled = null;
                length += partBytes;
                await FlyAsync(flying, SendPartAsync(upload, partNumber, part, partBytes, cancellation));

                var next = PartBytes(number + 1);
                pooled = ArrayPool<byte>.Shared.Rent(next);
                bytes = await rest.ReadAtLeastAsync(pooled.AsMemory(0, next), next, throwOnEndOfStream: false, cancellation);
            }

            await Task.WhenAll(flying);
            return new ObjectInfo(key, length, DateTimeOffset.UtcNow, await EndAsync(upload, cancellation));
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

    /// <summary>Makes the object of another one of the bucket, whose bytes do not leave the service (UploadPartCopy of Amazon's API).</summary>
    /// <param name="etag">The source's: a source that changes meanwhile fails the copy.</param>
    public async Task CopyAsync(string from, long length, string etag, CancellationToken cancellation)
    {
        string? upload = null;
        var flying = new List<Task>();
        try
        {
            upload = await BeginAsync(cancellation);
            var offset = 0L;
            for (var number = 1; offset < length; number++)
            {
                var bytes = Math.Min(PartBytes(number), length - offset);
                await FlyAsync(flying, CopyPartAsync(upload, number, from, etag, offset, bytes, cancellation));
                offset += bytes;
            }

            await Task.WhenAll(flying);
            await EndAsync(upload, cancellation);
        }
        catch
        {
            await AbandonAsync(upload, flying);
            throw;
        }
    }

    private async Task<string> BeginAsync(CancellationToken cancellation) => (await Told(() => client.InitiateMultipartUploadAsync(
        new InitiateMultipartUploadRequest { BucketName = options.Bucket, Key = key }, cancellation), cancellation)).UploadId;

    private async Task<string> EndAsync(string upload, CancellationToken cancellation) => (await Told(() => client.CompleteMultipartUploadAsync(
        new CompleteMultipartUploadRequest { BucketName = options.Bucket, Key = key, UploadId = upload, PartETags = [.. _sent.OrderBy(p => p.PartNumber)] },
        cancellation), cancellation)).ETag;

    private async Task FlyAsync(List<Task> flying, Task part)
    {
        flying.Add(part);
        if (flying.Count < options.PartsInFlight)
            return;
        var done = await Task.WhenAny(flying);
        flying.Remove(done);
        await done;
    }

    private async Task CopyPartAsync(string upload, int number, string from, string etag, long offset, long bytes, CancellationToken cancellation)
    {
        var answer = await Told(() => client.CopyPartAsync(
            new CopyPartRequest
            {
                SourceBucket = options.Bucket,
                SourceKey = from,
                DestinationBucket = options.Bucket,
                DestinationKey = key,
                UploadId = upload,
                PartNumber = number,
                FirstByte = offset,
                LastByte = offset + bytes - 1,
                ETagToMatch = [etag],
            },
            cancellation), cancellation);
        lock (_sent)
            _sent.Add(new PartETag(number, answer.ETag));
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
