using System.Net;
using Amazon.Runtime;
using Amazon.S3;

namespace Grid.Storage.S3;

/// <summary>What the service's answers mean for a store.</summary>
internal static class S3Failures
{
    /// <summary>An answer to HEAD has no body, hence no code but the status; an absent bucket must not pass for an absent object where the code tells.</summary>
    public static bool IsNoSuchKey(AmazonS3Exception e) => e.StatusCode == HttpStatusCode.NotFound && e.ErrorCode != "NoSuchBucket";

    /// <summary>True for what the service, the network or the SDK did; false for the caller's own cancellation and for errors in the call.</summary>
    public static bool IsOfStore(Exception e, CancellationToken cancellation) => e switch
    {
        StorageException => false,
        OperationCanceledException => !cancellation.IsCancellationRequested,
        _ => e is AmazonClientException or AmazonServiceException or IOException or HttpRequestException or TimeoutException,
    };

    public static StorageException Of(string verb, string key, string bucket, Exception e)
    {
        var place = key.Length == 0 ? $"the bucket \"{bucket}\"" : $"\"{key}\" in the bucket \"{bucket}\"";
        if (e is AmazonS3Exception { ErrorCode: "NoSuchBucket" })
            return new StorageException($"Cannot {verb} {place}: there is no such bucket.", e);
        // 507 and these codes are what Ceph, MinIO and others answer; Amazon has no such error.
        if (e is AmazonS3Exception { StatusCode: HttpStatusCode.InsufficientStorage }
            or AmazonS3Exception { ErrorCode: "QuotaExceeded" or "XMinioStorageFull" or "InsufficientCapacity" or "XMinioAdminBucketQuotaExceeded" })
            return new StorageFullException($"The store is full: cannot {verb} {place}.", e);
        return new StorageException($"Cannot {verb} {place}: {e.Message}", e);
    }
}
