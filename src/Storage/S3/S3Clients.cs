using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using Amazon;
using Amazon.Runtime;
using Amazon.Runtime.Internal;
using Amazon.S3;
using Amazon.S3.Model;

namespace Grid.Storage.S3;

/// <summary>What the settings of a bucket mean for the SDK and for GDAL.</summary>
internal static class S3Clients
{
    public static AmazonS3Client Open(S3Options options)
    {
        var config = new AmazonS3Config
        {
            ForcePathStyle = options.PathStyle,
            AuthenticationRegion = options.Region,
            MaxErrorRetry = options.Retries,
            Timeout = TimeSpan.FromSeconds(options.TimeoutSeconds),
            // The SDK's own default is to add checksum trailers that most servers outside Amazon refuse.
            RequestChecksumCalculation = RequestChecksumCalculation.WHEN_REQUIRED,
            ResponseChecksumValidation = ResponseChecksumValidation.WHEN_REQUIRED,
        };
        if (options.Endpoint is not null)
            config.ServiceURL = options.Endpoint;
        else
            config.RegionEndpoint = RegionEndpoint.GetBySystemName(options.Region);
        AWSCredentials credentials = options.ResolvedSessionToken is { Length: > 0 } token
            ? new SessionAWSCredentials(options.ResolvedAccessKeyId, options.ResolvedSecretAccessKey, token)
            : new BasicAWSCredentials(options.ResolvedAccessKeyId, options.ResolvedSecretAccessKey);
        return new Client(credentials, config);
    }

    /// <summary>GDAL's own options of its <c>/vsis3/</c> file system (GDAL documentation, "Virtual File Systems", /vsis3/).</summary>
    public static IReadOnlyDictionary<string, string> GdalOptions(S3Options options)
    {
        var gdal = new Dictionary<string, string>
        {
            ["AWS_REGION"] = options.Region,
            ["AWS_VIRTUAL_HOSTING"] = options.PathStyle ? "FALSE" : "TRUE",
            ["AWS_ACCESS_KEY_ID"] = options.ResolvedAccessKeyId,
            ["AWS_SECRET_ACCESS_KEY"] = options.ResolvedSecretAccessKey,
        };
        if (options.ResolvedSessionToken is { Length: > 0 } token)
            gdal["AWS_SESSION_TOKEN"] = token;
        if (options.Endpoint is not null)
        {
            var uri = new Uri(options.Endpoint);
            gdal["AWS_S3_ENDPOINT"] = uri.Authority;
            gdal["AWS_HTTPS"] = uri.Scheme == "https" ? "YES" : "NO";
        }

        return gdal;
    }

    private sealed class Client(AWSCredentials credentials, AmazonS3Config config) : AmazonS3Client(credentials, config)
    {
        protected override void CustomizeRuntimePipeline(RuntimePipeline pipeline)
        {
            base.CustomizeRuntimePipeline(pipeline);
            pipeline.AddHandlerAfter<Marshaller>(new DigestOfDeletions());
        }
    }

    /// <summary>
    /// Adds the MD5 of a list of keys to delete, which the protocol asks for there and which servers outside Amazon require: the SDK sends a checksum of a
    /// newer kind alone.
    /// </summary>
    private sealed class DigestOfDeletions : PipelineHandler
    {
        public override void InvokeSync(IExecutionContext executionContext)
        {
            Add(executionContext.RequestContext);
            base.InvokeSync(executionContext);
        }

        public override Task<T> InvokeAsync<T>(IExecutionContext executionContext)
        {
            Add(executionContext.RequestContext);
            return base.InvokeAsync<T>(executionContext);
        }

        [SuppressMessage("Security", "CA5351", Justification = "A checksum that the protocol names, no protection.")]
        private static void Add(IRequestContext context)
        {
            if (context.OriginalRequest is not DeleteObjectsRequest || context.Request.ContentStream is not { CanSeek: true } list)
                return;
            var begin = list.Position;
            context.Request.Headers["Content-MD5"] = Convert.ToBase64String(MD5.HashData(list));
            list.Position = begin;
        }
    }
}
