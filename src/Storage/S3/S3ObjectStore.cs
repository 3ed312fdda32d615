using System.Buffers;
using System.Net;
using System.Runtime.CompilerServices;
using Amazon.S3;
using Amazon.S3.Model;

namespace Grid.Storage.S3;

/// <summary>
/// Objects in one bucket of an S3 service. A put is one request, or a multipart upload when the stream is longer than a part: either shows the object
/// whole or not at all. Requests have a time limit and bounded retries.
/// </summary>
public sealed class S3ObjectStore : IObjectStore, IDisposable
{
    private const int CopiesInFlight = 16;

    // As many as the protocol allows (DeleteObjects, Amazon S3 API reference).
    private const int KeysARequest = 1000;
    private const int DeletionsInFlight = 4;
    private const int SingleDeletionsInFlight = 64;

    private readonly S3Options _options;
    private readonly AmazonS3Client _client;

    /// <summary>Prepares the store; no request is made.</summary>
    /// <exception cref="StorageOptionsException">A setting is missing or impossible.</exception>
    public S3ObjectStore(S3Options options)
    {
        options.Validate();
        _options = options;
        _client = S3Clients.Open(options);
        GdalOptions = S3Clients.GdalOptions(options);
    }

    private string Bucket => _options.Bucket!;

    public IReadOnlyDictionary<string, string> GdalOptions { get; }

    /// <summary>Asks for one key of the bucket.</summary>
    /// <exception cref="StorageException">The service cannot be reached, refuses the keys, or has no such bucket.</exception>
    public async Task CheckAsync(CancellationToken cancellation = default)
    {
        try
        {
            await _client.ListObjectsV2Async(new ListObjectsV2Request { BucketName = Bucket, MaxKeys = 1 }, cancellation);
        }
        catch (Exception e) when (S3Failures.IsOfStore(e, cancellation))
        {
            throw S3Failures.Of("list", "", Bucket, e);
        }
    }

    public async Task<ObjectInfo?> FindAsync(string key, CancellationToken cancellation = default)
    {
        ObjectKey.Checked(key);
        try
        {
            var answer = await _client.GetObjectMetadataAsync(new GetObjectMetadataRequest { BucketName = Bucket, Key = key }, cancellation);
            return new ObjectInfo(key, answer.ContentLength, TimeOf(answer.LastModified), answer.ETag);
        }
        catch (AmazonS3Exception e) when (S3Failures.IsNoSuchKey(e))
        {
            return null;
        }
        catch (Exception e) when (S3Failures.IsOfStore(e, cancellation))
        {
            throw S3Failures.Of("read", key, Bucket, e);
        }
    }

    public async Task<int> ReadAsync(string key, long offset, Memory<byte> buffer, CancellationToken cancellation = default)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(offset);
        ObjectKey.Checked(key);
        if (buffer.Length == 0)
            return await FindAsync(key, cancellation) is null ? -1 : 0;
        var request = new GetObjectRequest { BucketName = Bucket, Key = key, ByteRange = new ByteRange(offset, offset + buffer.Length - 1) };
        // The SDK retries a request until its headers have come; a body cut short is asked for again here.
        for (var attempt = 0; ; attempt++)
        {
            try
            {
                using var answer = await _client.GetObjectAsync(request, cancellation);
                var expected = (int)Math.Min(buffer.Length, answer.ContentLength);
                await answer.ResponseStream.ReadExactlyAsync(buffer[..expected], cancellation);
                return expected;
            }
            catch (AmazonS3Exception e) when (S3Failures.IsNoSuchKey(e))
            {
                return -1;
            }
            catch (AmazonS3Exception e) when (e.StatusCode == HttpStatusCode.RequestedRangeNotSatisfiable)
            {
                return 0;
            }
            catch (IOException) when (attempt < _options.Retries && !cancellation.IsCancellationRequested)
            {
            }
            catch (Exception e) when (S3Failures.IsOfStore(e, cancellation))
            {
                throw S3Failures.Of("read", key, Bucket, e);
            }
        }
    }

    public async Task<Stream> OpenReadAsync(string key, CancellationToken cancellation = default)
    {
        ObjectKey.Checked(key);
        try
        {
            var answer = await _client.GetObjectAsync(new GetObjectRequest { BucketName = Bucket, Key = key }, cancellation);
            return new S3ReadStream(answer);
        }
        catch (AmazonS3Exception e) when (S3Failures.IsNoSuchKey(e))
        {
            throw new ObjectNotFoundException(key);
        }
        catch (Exception e) when (S3Failures.IsOfStore(e, cancellation))
        {
            throw S3Failures.Of("read", key, Bucket, e);
        }
    }

    public async Task<ObjectInfo> PutAsync(string key, ReadOnlyMemory<byte> content, CancellationToken cancellation = default)
    {
        ObjectKey.Checked(key);
        // A body of hundreds of megabytes in one request is lost whole by one broken connection.
        if (content.Length > 8L * _options.PartBytes)
            return await PutAsync(key, new MemoryReadStream(content), cancellation);
        return await PutWholeAsync(key, content, cancellation);
    }

    public async Task<ObjectInfo> PutAsync(string key, Stream content, CancellationToken cancellation = default)
    {
        ObjectKey.Checked(key);
        var buffer = ArrayPool<byte>.Shared.Rent(_options.PartBytes);
        int first;
        try
        {
            first = await content.ReadAtLeastAsync(buffer.AsMemory(0, _options.PartBytes), _options.PartBytes, throwOnEndOfStream: false, cancellation);
            if (first < _options.PartBytes)
            {
                var info = await PutWholeAsync(key, buffer.AsMemory(0, first), cancellation);
                ArrayPool<byte>.Shared.Return(buffer);
                return info;
            }
        }
        catch
        {
            ArrayPool<byte>.Shared.Return(buffer);
            throw;
        }

        return await new MultipartUpload(_client, _options, key).SendAsync(buffer, first, content, cancellation);
    }

    public Task LinkAsync(IReadOnlyList<ObjectLink> links, CancellationToken cancellation = default) =>
        Parallel.ForEachAsync(links, new ParallelOptions { MaxDegreeOfParallelism = CopiesInFlight, CancellationToken = cancellation }, async (link, stop) =>
        {
            ObjectKey.Checked(link.From);
            ObjectKey.Checked(link.To);
            try
            {
                await CopyAsync(link, stop);
            }
            catch (AmazonS3Exception e) when (S3Failures.IsNoSuchKey(e))
            {
                throw new ObjectNotFoundException(link.From);
            }
            catch (Exception e) when (S3Failures.IsOfStore(e, stop))
            {
                throw S3Failures.Of("copy", link.From, Bucket, e);
            }
        });

    public async Task DeleteAsync(string key, CancellationToken cancellation = default)
    {
        ObjectKey.Checked(key);
        try
        {
            await _client.DeleteObjectAsync(new DeleteObjectRequest { BucketName = Bucket, Key = key }, cancellation);
        }
        catch (AmazonS3Exception e) when (S3Failures.IsNoSuchKey(e))
        {
        }
        catch (Exception e) when (S3Failures.IsOfStore(e, cancellation))
        {
            throw S3Failures.Of("delete", key, Bucket, e);
        }
    }

    public Task DeleteAsync(IReadOnlyList<string> keys, CancellationToken cancellation = default)
    {
        foreach (var key in keys)
            ObjectKey.Checked(key);
        return Parallel.ForEachAsync(
            keys.Chunk(KeysARequest), new ParallelOptions { MaxDegreeOfParallelism = DeletionsInFlight, CancellationToken = cancellation },
            async (some, stop) => await DeleteSomeAsync(some, stop));
    }

    public async IAsyncEnumerable<ObjectInfo> ListAsync(string prefix, [EnumeratorCancellation] CancellationToken cancellation = default)
    {
        ObjectKey.CheckedPrefix(prefix);
        var request = new ListObjectsV2Request { BucketName = Bucket, Prefix = prefix };
        do
        {
            ListObjectsV2Response page;
            try
            {
                page = await _client.ListObjectsV2Async(request, cancellation);
            }
            catch (Exception e) when (S3Failures.IsOfStore(e, cancellation))
            {
                throw S3Failures.Of("list", prefix, Bucket, e);
            }

            foreach (var entry in page.S3Objects ?? [])
                yield return new ObjectInfo(entry.Key, entry.Size ?? 0, TimeOf(entry.LastModified), entry.ETag);
            request.ContinuationToken = page.IsTruncated == true ? page.NextContinuationToken : null;
        }
        while (request.ContinuationToken is not null);
    }

    public string GdalPath(string key) => $"/vsis3/{Bucket}/{ObjectKey.Checked(key)}";

    public void Dispose() => _client.Dispose();

    private async Task DeleteSomeAsync(string[] keys, CancellationToken cancellation)
    {
        try
        {
            await _client.DeleteObjectsAsync(
                new DeleteObjectsRequest { BucketName = Bucket, Quiet = true, Objects = [.. keys.Select(key => new KeyVersion { Key = key })] }, cancellation);
        }
        catch (DeleteObjectsException e)
        {
            if (e.Response?.DeleteErrors?.FirstOrDefault(error => error.Code != "NoSuchKey") is { } error)
                throw new StorageException($"Cannot delete \"{error.Key}\" in the bucket \"{Bucket}\": {error.Code} {error.Message}", e);
        }
        catch (AmazonS3Exception e) when (e.StatusCode is HttpStatusCode.NotImplemented or HttpStatusCode.MethodNotAllowed)
        {
            // Some services have no such request.
            await Parallel.ForEachAsync(
                keys, new ParallelOptions { MaxDegreeOfParallelism = SingleDeletionsInFlight, CancellationToken = cancellation },
                async (key, stop) => await DeleteAsync(key, stop));
        }
        catch (Exception e) when (S3Failures.IsOfStore(e, cancellation))
        {
            throw S3Failures.Of("delete", keys[0], Bucket, e);
        }
    }

    /// <summary>One request for what the service copies in one (5 GiB with Amazon), parts for what is larger.</summary>
    private async Task CopyAsync(ObjectLink link, CancellationToken cancellation)
    {
        try
        {
            await _client.CopyObjectAsync(
                new CopyObjectRequest { SourceBucket = Bucket, SourceKey = link.From, DestinationBucket = Bucket, DestinationKey = link.To }, cancellation);
        }
        catch (AmazonS3Exception tooLarge) when (tooLarge.StatusCode is HttpStatusCode.BadRequest or HttpStatusCode.RequestEntityTooLarge)
        {
            // Slabs are never so large, so their sizes are not asked for beforehand.
            var source = await _client.GetObjectMetadataAsync(new GetObjectMetadataRequest { BucketName = Bucket, Key = link.From }, cancellation);
            if (source.ContentLength <= _options.PartBytes)
                throw;
            await new MultipartUpload(_client, _options, link.To).CopyAsync(link.From, source.ContentLength, source.ETag, cancellation);
        }
    }

    private async Task<ObjectInfo> PutWholeAsync(string key, ReadOnlyMemory<byte> content, CancellationToken cancellation)
    {
        try
        {
            using var body = new MemoryReadStream(content);
            var answer = await _client.PutObjectAsync(
                new PutObjectRequest { BucketName = Bucket, Key = key, InputStream = body, AutoCloseStream = false, UseChunkEncoding = false }, cancellation);
            return new ObjectInfo(key, content.Length, DateTimeOffset.UtcNow, answer.ETag);
        }
        catch (Exception e) when (S3Failures.IsOfStore(e, cancellation))
        {
            throw S3Failures.Of("write", key, Bucket, e);
        }
    }

    private static DateTimeOffset TimeOf(DateTime? time) =>
        time is { } t ? new DateTimeOffset(t.Kind == DateTimeKind.Unspecified ? DateTime.SpecifyKind(t, DateTimeKind.Utc) : t.ToUniversalTime()) : default;
}
